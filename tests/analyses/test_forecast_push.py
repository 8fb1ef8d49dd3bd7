"""Business that is pushed to the last days of a quarter, seen from inside a month."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib import forecast_bookings
from salesops_lib.analyses.forecast import months
from salesops_lib.analyses.forecast.snapshots import Ints
from tests.analyses.forecast_company import clockwork, opened

NUMBERS = 2023 * 12 + pd.RangeIndex(36).to_numpy()


def _pushed() -> dict[str, pd.DataFrame]:
    """Clockwork, three wins of 100 a month: on the last day but one of months that end a quarter, on the
    10th of others."""
    tables = clockwork(32)
    deals = tables["deals"]
    closed = deals["close_date"].notna()
    month = deals.loc[closed, "close_date"].dt.to_period("M")
    late = month.dt.month % 3 == 0
    day = (month.dt.end_time.dt.normalize() - pd.Timedelta(days=1)).where(
        late, month.dt.start_time + pd.Timedelta(days=9)
    )
    return {**tables, "deals": deals.assign(close_date=day.reindex(deals.index))}


@pytest.mark.parametrize("only_won", [False, True])
@pytest.mark.parametrize(("day", "low", "high"), [("2026-09-24", 225, 350), ("2026-08-24", 0, 50)])
def test_the_rest_of_a_month_depends_on_whether_it_ends_a_quarter(
    only_won: bool, day: str, low: float, high: float
) -> None:
    """On the 24th, 300 are still to come in September and nothing in August. Both were forecast the share of
    all months, 87 to 115, by the pipeline and by past bookings; a hundred wins tell most of the push."""
    tables = _pushed()
    if only_won:
        deals = tables["deals"]
        tables["deals"] = deals[deals["status"] == "won"].drop(columns="created_date")
    made = forecast_bookings(opened(tables), as_of=day, horizon=3, draws=100, by=())
    assert ("pipeline" in made.methods) != only_won
    now = made.forecast.iloc[0]
    assert now["ds"] == pd.Timestamp(day[:8] + "01")
    assert low <= now["mean"] - now["so_far"] <= high


def _counts(share: float) -> tuple[Ints, pd.Series, pd.Series]:
    late = pd.Series(NUMBERS % 3 == 2)
    return NUMBERS, late.map({True: 100 * share, False: 100.0}), pd.Series(100.0, index=late.index)


def test_the_rest_of_months_beside_what_they_do_in_whole() -> None:
    """As many wins as expected in every month's rest are no push, three times as many in the last month of
    each quarter are: 3 against (3 + 1 + 1) / 3. What working days do is in the expected already."""
    number, observed, expected = _counts(1.0)
    even = months.beside(number, observed.to_numpy(), expected.to_numpy())
    assert even.at(number) == pytest.approx(1.0)
    number, observed, expected = _counts(3.0)
    pushed = months.beside(number, observed.to_numpy(), expected.to_numpy())
    assert pushed.pull == 0.0
    assert pushed.at(number[:3]) == pytest.approx([0.6, 0.6, 1.8], rel=0.02)
    assert (months.beside(number[:5], observed[:5], expected[:5]).factor == 1).all()
