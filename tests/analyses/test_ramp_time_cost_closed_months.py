"""Companies that are closed for months of the year: their ramp and level, by identities."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_time
from salesops_lib.analyses.ramp_time_cost.closed_months import without_closed_months
from salesops_lib.analyses.ramp_time_cost.spells import Columns, Spells, read_spells
from tests.analyses.ramp_frames import dated, noisy


def company(*closed: int, months: int = 30) -> pd.DataFrame:
    frame = dated(noisy(3, reps=24, months=months), apart=1)
    frame = frame[frame["month"] < "2026-07-01"].reset_index(drop=True)
    return frame.assign(bookings=frame["bookings"].mask(frame["month"].dt.month.isin(closed), 0.0))


def read(frame: pd.DataFrame) -> Spells:
    return read_spells(frame, Columns("bookings"))


def found(frame: pd.DataFrame) -> RampTime:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ramp_time(frame, value="bookings")


@pytest.mark.parametrize("closed", [(8,), (7, 8), (1, 4, 7, 8, 12)])
def test_a_closed_month_is_no_month_of_the_climb(closed: tuple[int, ...]) -> None:
    """The level over the year is that of the months left times their share of it, with limits as near: with
    August in the regression the lower one was next to nothing."""
    ramp, open_ = found(company(*closed)), company()
    rest = found(open_[~open_["month"].dt.month.isin(closed)])
    level, share = ramp.mature_level, 1 - len(closed) / 12
    for one in ("value", "low", "high"):
        assert getattr(level, one) == pytest.approx(
            share * getattr(rest.mature_level, one), rel=1e-6
        )
        assert getattr(ramp.median_months, one) == pytest.approx(getattr(rest.median_months, one))
    assert level.low > 0.6 * level.value


def test_a_month_without_sales_in_one_year_is_luck() -> None:
    """Of three Augusts one is dead: it stays, and so does a dead month where the history is short."""
    frame = company()
    once = frame.assign(bookings=frame["bookings"].mask(frame["month"] == "2025-08-01", 0.0))
    spells = read(once)
    assert without_closed_months(spells) == (spells, 1.0)
    short = company(8)
    short = read(short[short["month"] < "2025-06-01"])
    assert short.rows["period"].nunique() == 17
    assert without_closed_months(short) == (short, 1.0)
    longer = company(8)
    longer = read(longer[longer["month"] < "2025-07-01"])
    kept, share = without_closed_months(longer)
    assert share == pytest.approx(11 / 12)
    assert set(kept.rows["period"].dt.month) == set(range(1, 13)) - {8}
    nothing = read(company(*range(1, 13)))
    assert without_closed_months(nothing) == (nothing, 1.0)


def test_returns_alone_keep_a_month() -> None:
    frame = company(8)
    back = frame.index[frame["month"] == "2025-08-01"][0]
    frame.loc[back, "bookings"] = -10.0
    spells = read(frame)
    assert without_closed_months(spells) == (spells, 1.0)
    assert np.isfinite(found(company(8)).mature_level.high)
