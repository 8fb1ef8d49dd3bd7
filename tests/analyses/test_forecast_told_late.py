"""A source that is put right while a deal goes on tells the end of past deals only: by hand, and in the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.analyses.forecast.history import NEVER
from salesops_lib.analyses.forecast.sources import told_late
from tests.analyses.forecast_company import opened, planted

MONTHS, STEP = 30, 30


def company(first: list[int], second: int = 40) -> pd.DataFrame:
    """Deals of two sources begun every thirty days, so many of each; of each ten five are decided within thirty
    days, three within sixty, and two within ninety."""
    rows = []
    for month, many in enumerate(first):
        for source, deals in ((1, many), (2, second)):
            for k in range(deals):
                after = 1 if k % 10 < 5 else 2 if k % 10 < 8 else 3
                close = (month + after) * STEP - 1
                rows.append(
                    (source, month * STEP, close if close <= (MONTHS - 1) * STEP else NEVER)
                )
    return pd.DataFrame(rows, columns=["source", "created", "close"])


def late(deals: pd.DataFrame) -> bool:
    columns = (deals[name].to_numpy(dtype=np.int64) for name in ("source", "created", "close"))
    return told_late(*columns, np.arange(MONTHS, dtype=np.int64) * STEP)


def moved(deals: pd.DataFrame, every: int) -> pd.DataFrame:
    """With one of `every` open deals of the first source still under the second."""
    own = (deals["source"] == 1) & (deals["close"] == NEVER)
    return deals.assign(source=deals["source"].mask(own & (own.cumsum() % every == 0), 2))


def test_open_deals_that_are_under_another_source_yet_are_missed() -> None:
    """Of each source 40, 20 and 8 are open of the last three months. Of 68 half are elsewhere; or a third, which chance
    could be, and of three times as many could not; or none."""
    even = [40] * MONTHS
    assert not late(company(even))
    assert late(moved(company(even), 2)) and not late(moved(company(even), 3))
    assert late(moved(company([120] * MONTHS, 120), 3))
    assert not late(company([120] * MONTHS, 120))


@pytest.mark.parametrize(
    "first",
    [
        [20] * (MONTHS - 4) + [80] * 4,
        [80] * (MONTHS - 4) + [20] * 4,
        [80 if month % 12 < 3 else 20 for month in range(MONTHS)],
        [0] * (MONTHS - 10) + [40] * 10,
    ],
)
def test_sources_that_grow_or_shrink_or_have_a_season_are_told_in_time(first: list[int]) -> None:
    assert not late(company(first))


def test_without_a_year_or_with_one_source_nothing_is_known() -> None:
    deals = company([40] * MONTHS)
    source, created, close = (deals[name].to_numpy(dtype=np.int64) for name in deals)
    few = np.arange(MONTHS - 3, MONTHS, dtype=np.int64) * STEP
    assert not told_late(source, created, close, few)
    assert not told_late(source * 0, created, close, np.arange(MONTHS, dtype=np.int64) * STEP)


def test_wins_are_not_missed_where_half_of_the_open_are_put_right_later() -> None:
    """Customers win three times as often; of those open half are under new business yet. Taken as it stands, that
    lost a sixth of the wins to come."""
    both = [
        planted(seed, months=MONTHS, win_rate=rate, days_to_win=45.0, deals_a_month=90.0)
        for seed, rate in ((1, 0.6), (2, 0.2))
    ]
    as_of, reps = both[0].as_of, both[0].tables["reps"]
    tables = {
        table: pd.concat(
            [
                world.tables[table].assign(source=name, deal_id=lambda one, name=name: name + one["deal_id"])
                for name, world in zip(("customer", "new"), both, strict=True)
            ],
            ignore_index=True,
        )
        for table in ("deals", "stage_changes")
    }  # fmt: skip
    deals, changes = tables["deals"], tables["stage_changes"].drop(columns="source")
    later = (deals["close_date"] > as_of) & (np.arange(len(deals)) % 2 == 0)
    wins = {}
    for how in ("known", "late", "blind"):
        given = deals.copy()
        if how == "late":
            given.loc[later, "source"] = "new"
        if how == "blind":
            given = given.drop(columns="source")
        data = opened({"reps": reps, "deals": given, "stage_changes": changes})
        made = forecast_bookings(data, as_of=as_of, horizon=3, draws=100, origins=3)
        wins[how] = made.pipeline.set_index("unique_id").loc["company", "expected_wins"]
    assert wins["late"] == pytest.approx(wins["blind"])
    assert wins["known"] != pytest.approx(wins["blind"])
