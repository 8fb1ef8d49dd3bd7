"""The month of a row is the one that was written down, and blank months are not counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from tests.analyses.own_frames import gap, months, ramp, said


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "America/New_York"])
def test_years_of_hire_do_not_move_with_the_time_zone(zone: str) -> None:
    """Midnight of the first of January in Berlin is still December in London."""
    frame = months()
    zoned = frame.assign(month=frame["month"].dt.tz_localize(zone))
    groups = [so.ramp_time(one, value="bookings", by="cohort").groups for one in (frame, zoned)]
    pd.testing.assert_frame_equal(*groups)


def test_a_month_that_is_no_date_beside_dates_is_named() -> None:
    frame = months()
    frame["month"] = frame["month"].astype(object).where(frame.index != 3, "soon")
    with pytest.raises(so.DataError, match=r"month.*not dates; rows 3\. Write"):
        ramp(frame)


def test_two_rows_of_a_month_on_the_job_are_named_by_the_callers_column() -> None:
    frame = months().rename(columns={"tenure_months": "since"})
    with pytest.raises(so.DataError, match="column 'since': more than one row"):
        so.ramp_time(pd.concat([frame, frame.iloc[[0]]]), value="bookings", tenure="since")


def test_blank_months_do_not_make_a_year_longer() -> None:
    """Eighteen rows a rep, of which no month is known, are a year and a half and not one month."""
    frame = months()
    blank, without = frame.assign(month=np.nan), frame.drop(columns="month")
    assert (
        gap(blank).correctable_year == gap(without).correctable_year == gap(frame).correctable_year
    )
    assert said(gap(blank))
