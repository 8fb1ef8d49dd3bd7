"""Numbers that a frame holds as objects: Decimals of a database, None beside numbers, text."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from tests.analyses.own_frames import ASKED, gap, months, ramp, said

NUMBERS = ("bookings", "market_size", "quota", "month_share")


@pytest.mark.parametrize("name", ASKED)
def test_decimals_are_the_numbers_that_they_are(name: str) -> None:
    frame = months()
    exact = frame.assign(**{
        one: frame[one].map(lambda cell: Decimal(repr(float(cell)))).astype(object) for one in NUMBERS
    })  # fmt: skip
    before = exact.copy(deep=True)
    assert said(ASKED[name](exact)) == said(ASKED[name](frame))
    pd.testing.assert_frame_equal(exact, before)


@pytest.mark.parametrize("name", ["curve", "gap", "parts", "ramp"])
def test_none_beside_numbers_is_a_blank_number(name: str) -> None:
    """As a group of its own for every row, market size took the ramp of this company away."""
    frame = months()
    frame.loc[3, "market_size"] = np.nan
    held = frame.assign(
        market_size=frame["market_size"].astype(object).where(frame.index != 3, None)
    )
    assert said(ASKED[name](held)) == said(ASKED[name](frame))


@pytest.mark.parametrize("name", ["curve", "gap", "parts", "ramp"])
def test_numbers_written_as_words_are_no_groups(name: str) -> None:
    frame = months()
    with pytest.raises(so.DataError, match=r"market_size.*words, not numbers.*to_numeric"):
        ASKED[name](frame.assign(market_size=frame["market_size"].astype(str)))
    beside = frame["market_size"].astype(object).where(frame.index != 3, "n/a")
    with pytest.raises(so.DataError, match=r"words beside numbers; rows 3\. Turn"):
        ASKED[name](frame.assign(market_size=beside))


def test_words_of_which_there_are_few_stay_groups() -> None:
    frame = months()
    coded = frame["rep_id"].str[-1].map(lambda digit: str(int(digit) % 3))
    named = coded.map({"0": "north", "1": "south", "2": "west"})
    assert said(gap(frame.assign(market_size=coded))) == said(gap(frame.assign(market_size=named)))


@pytest.mark.parametrize("name", ["curve", "milestone"])
def test_a_quota_that_is_no_number_is_named(name: str) -> None:
    frame = months()
    quota = frame["quota"].astype(object)
    with pytest.raises(so.DataError, match=r"quota.*not numbers; rows 3\."):
        ASKED[name](frame.assign(quota=quota.where(frame.index != 3, "soon")))
    with pytest.raises(so.DataError, match=r"quota.*not numbers; rows 3\."):
        ASKED[name](frame.assign(quota=frame["quota"].where(frame.index != 3, np.inf)))


@pytest.mark.parametrize("name", ["curve", "milestone"])
def test_a_blank_quota_beside_numbers_is_blank(name: str) -> None:
    frame = months()
    held = frame.assign(quota=frame["quota"].astype(object).where(frame.index != 3, None))
    assert said(ASKED[name](held)) == said(
        ASKED[name](frame.assign(quota=frame["quota"].where(frame.index != 3)))
    )


@pytest.mark.parametrize("column", ["bookings", "tenure_months", "market_size", "month_share"])
def test_an_infinite_cell_is_named_before_a_ramp_is_fitted(column: str) -> None:
    frame = months()
    frame[column] = frame[column].astype(float).where(frame.index != 3, np.inf)
    with pytest.raises(so.DataError, match=rf"{column}.*; rows 3\. Correct"):
        ramp(frame)


def test_a_month_share_is_known_in_all_rows_or_in_none() -> None:
    frame = months()
    with pytest.raises(so.DataError, match=r"month_share.*missing; rows 3\. Give"):
        ramp(frame.assign(month_share=frame["month_share"].where(frame.index != 3)))
    assert said(ramp(frame.assign(month_share=np.nan))) == said(ramp(frame))


@pytest.mark.parametrize("name", ["curve", "gap", "parts", "ramp", "milestone"])
def test_a_column_that_is_there_twice_is_named(name: str) -> None:
    frame = months()
    twice = pd.concat([frame, frame[["bookings"]]], axis=1)
    with pytest.raises(so.DataError, match="'bookings': is there more than once"):
        ASKED[name](twice)
