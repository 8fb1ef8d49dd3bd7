"""What reps said: dates and commits of open deals, held against what came beside the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from tests.analyses.forecast_company import AS_OF, opened, planted

DAY = pd.Timestamp("2026-03-31")
LAST = pd.Timestamp("2026-06-30")
CALLS = ("Pipeline", "Best Case", "Commit", "FORECAST", "committed ", None)


def said_by_reps(seed: int = 4) -> dict[str, pd.DataFrame]:
    """A planted company whose reps give dates and categories, and change their minds."""
    world = planted(seed, months=32, deals_a_month=30)
    rng = np.random.default_rng(seed)
    changes = world.tables["stage_changes"]
    n = len(changes)
    late = pd.to_timedelta(rng.integers(5, 120, n), unit="D")
    dates = (changes["changed_at"] + late).dt.normalize()
    changes = changes.assign(
        expected_close_date=dates.where(rng.random(n) < 0.9),
        forecast_category=rng.choice(np.array(CALLS, dtype=object), n),
    )
    return {**world.tables, "stage_changes": changes}


def by_plain_loop(tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
    """Amounts of the deals open on `DAY` that should close in the quarter after, and of the commits,
    by what was last said of each up to that day."""
    deals = tables["deals"].set_index("deal_id")
    dated = committed = 0.0
    changes = tables["stage_changes"].sort_values("changed_at", kind="stable")
    for deal, said in changes[changes["changed_at"] <= DAY].groupby("deal_id"):
        if not deals.loc[deal, "created_date"] <= DAY < deals.loc[deal, "close_date"]:
            continue
        when, what = said["expected_close_date"].dropna(), said["forecast_category"].dropna()
        amount = said["amount"].dropna()
        if when.empty or amount.empty or not DAY < when.iloc[-1] <= LAST:
            continue
        dated += amount.iloc[-1]
        if len(what) and what.iloc[-1].strip().lower() in {"commit", "committed", "forecast"}:
            committed += amount.iloc[-1]
    return dated, committed


def forecast(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)


def row(made: BookingsForecast) -> pd.Series:
    table = made.backtest[made.backtest["unique_id"] == "company"]
    return table.set_index("cutoff").loc[DAY]


def test_dates_and_commits_are_those_of_a_plain_loop() -> None:
    tables = said_by_reps()
    mine = row(forecast(tables))
    dated, committed = by_plain_loop(tables)
    assert 0 < committed < dated
    assert mine["rep_dates"] == pytest.approx(dated)
    assert mine["rep_commits"] == pytest.approx(committed)


def test_what_a_rep_says_later_changes_no_past_commit() -> None:
    tables = said_by_reps()
    changes = tables["stage_changes"].copy()
    changes.loc[changes["changed_at"] > DAY, "forecast_category"] = "Commit"
    after = forecast({**tables, "stage_changes": changes})
    assert row(after)["rep_commits"] == pytest.approx(row(forecast(tables))["rep_commits"])


def test_commits_are_scored_where_the_crm_holds_them() -> None:
    tables = said_by_reps()
    table = forecast(tables).accuracy.set_index(["level", "method"])
    commits, dates = (table.loc[("total", f"reps' {one}")] for one in ("commits", "closing dates"))
    assert commits["n"] == table.loc[("total", "forecast"), "n"] > 0
    # A part of the deals that should close.
    assert commits["bias"] < dates["bias"]
    less = tables["stage_changes"].drop(columns="forecast_category")
    without = forecast({**tables, "stage_changes": less}).accuracy["method"]
    assert "reps' commits" not in set(without) and "reps' closing dates" in set(without)
