"""Identities: the order of rows and the unit of money are no facts about a company."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast import hazards
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.analyses.forecast.sales_data import changes_in_order
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas

MONEY = ("amount", "quota", "list_amount")
FRAMES = ("forecast", "totals", "pipeline", "backtest", "quota", "history", "waterfall", "nodes")
# What counts deals, months and chances, and no money.
BARE = ("probability", "probability_low", "probability_high", "coverage_now", "coverage_needed")
BARE = (
    *BARE,
    "weight",
    "begun",
    "open_deals",
    "promised",
    "expected_wins",
    "expected_new_wins",
    "reps",
)


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    """A planted one, some of whose stage changes fall on one day, as in exports that keep no hours."""
    tables = with_quotas(planted(3), 20_000.0)
    changes = tables["stage_changes"]
    soon = changes.groupby("deal_id")["changed_at"].diff() < pd.Timedelta(days=8)
    moved = changes["changed_at"].where(~soon, changes["changed_at"].shift())
    assert soon.sum() > 50
    return {**tables, "stage_changes": changes.assign(changed_at=moved)}


@pytest.fixture(scope="module")
def made(company: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast(company)


def forecast(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=400)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_no_digit(
    company: dict[str, pd.DataFrame], made: BookingsForecast, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shuffled = {name: one.iloc[rng.permutation(len(one))] for name, one in company.items()}
    other = forecast(shuffled)
    for name in FRAMES:
        pd.testing.assert_frame_equal(
            getattr(other, name), getattr(made, name), check_exact=True, obj=name
        )
    assert other.findings == made.findings
    assert other.notices == made.notices


@pytest.mark.parametrize("power", [-7, 3, 10])
def test_money_in_another_unit_is_the_same_forecast(
    company: dict[str, pd.DataFrame], made: BookingsForecast, power: int
) -> None:
    """Amounts × 2**k move no deal to another group of size and no draw: all money is × 2**k."""
    unit = 2.0**power
    other = forecast(
        {
            name: one.assign(**{key: one[key] * unit for key in MONEY if key in one})
            for name, one in company.items()
        }
    )
    for name in FRAMES:
        ours, theirs = getattr(made, name), getattr(other, name)
        for key in ours.select_dtypes("number"):
            times = 1.0 if key in BARE else unit
            expected = ours[key].to_numpy(dtype=np.float64)
            if name == "waterfall" and key != "value":
                continue
            assert theirs[key].to_numpy(dtype=np.float64) == pytest.approx(
                expected * times, rel=1e-9, abs=1e-9 * unit, nan_ok=True
            ), (name, key)


def test_the_sizes_known_at_an_origin_are_those_of_a_history_that_ends_there(
    company: dict[str, pd.DataFrame],
) -> None:
    """Deals ten thousand times as large from then on change no group of what was open before."""
    then = AS_OF - pd.DateOffset(months=6) + pd.offsets.MonthEnd(0)
    later = company["stage_changes"]["changed_at"] > then
    changes = company["stage_changes"].copy()
    changes.loc[later, "amount"] *= 10_000.0
    deals = company["deals"].copy()
    deals.loc[deals["created_date"] > then, "amount"] *= 10_000.0
    whole = read_history(opened({**company, "deals": deals, "stage_changes": changes}), as_of=AS_OF)
    short = read_history(opened(company).as_of(then), as_of=then)
    past = whole.rows.snap < len(short.snaps)

    def told(history: object, use: np.ndarray) -> np.ndarray:
        rows = history.rows  # type: ignore[attr-defined]
        key = np.column_stack([rows.snap, rows.amount, hazards.size_groups(rows)])[use]
        return key[np.lexsort(key.T)]

    before = told(short, short.rows.snap < len(short.snaps) - 1)
    since = told(whole, past & (whole.rows.snap < len(short.snaps) - 1))
    np.testing.assert_array_equal(since, before)
    assert len(np.unique(before[:, 2])) > 3


def test_groups_of_size_by_hand(company: dict[str, pd.DataFrame]) -> None:
    """The first snapshot that knows amounts knows 90, 100 and 400: about 100, groups end at
    100 × 2.5**±½ = 63 and 158, then at 395."""
    rows = read_history(opened(company), as_of=AS_OF).rows
    n = len(rows.amount)
    amount, snap = np.full(n, np.nan), np.full(n, 9)
    amount[:9] = [90, 100, 400, 62, 64, 157, 159, 394, 1e12]
    snap[:4] = [4, 4, 4, 5]
    groups = hazards.size_groups(type(rows)(**{**vars(rows), "amount": amount, "snap": snap}))
    usual = groups[1]
    assert (groups[:9] - usual).tolist() == [0, 0, 2, -1, 0, 0, 1, 1, 15]
    assert not groups[9:].any()


def test_of_two_changes_on_a_day_the_stage_that_deals_reach_later_is_last() -> None:
    """Three deals go from B2 to A1; d goes through both on one day, told newest first."""
    rows = [
        (deal, f"2026-0{month}-01", stage)
        for deal in "abc"
        for month, stage in [(1, "B2"), (2, "A1")]
    ]
    rows += [("d", "2026-03-01", "A1"), ("d", "2026-03-01", "B2")]
    changes = pd.DataFrame(rows, columns=["deal_id", "changed_at", "stage"])
    changes["changed_at"] = pd.to_datetime(changes["changed_at"])
    ordered = changes_in_order(changes)
    assert ordered["stage"].tolist()[-2:] == ["B2", "A1"]
    pd.testing.assert_frame_equal(changes_in_order(changes[::-1]), ordered)
