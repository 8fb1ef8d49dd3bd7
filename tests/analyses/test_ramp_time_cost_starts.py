"""Ramp of reps who begin on any day of a month, not on its first only."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time
from salesops_lib.analyses.ramp_time_cost.spells import Columns, read_spells
from tests.analyses.ramp_frames import smooth

RAMP = 4.0
SPEED = math.log(10) / RAMP
# The mean of the month k after the day of hire is 1 − 0.1^(k/4), as in every other test.
SIZE = SPEED / (math.exp(SPEED) - 1)


def sold(since: float, until: float) -> float:
    """Full months sold between two times after hiring, in months."""
    return until - since - SIZE * (math.exp(-SPEED * since) - math.exp(-SPEED * until)) / SPEED


def hired(late: list[float], *, months: int = 18, event: float = 2.2) -> pd.DataFrame:
    """One rep a share `late` of the first calendar month that was over on the day of hire; `there` in
    the month in which `event` months have passed."""
    rows = []
    for rep, share in enumerate(late):
        for month in range(1, months + 1):
            since, until = max(month - 1 - share, 0.0), month - share
            there = since <= event < until
            rows.append((rep, month, until - since, 1000 * sold(since, until), there))
    columns = ["rep_id", "tenure_months", "month_share", "bookings", "there"]
    return pd.DataFrame(rows, columns=columns)


EVERY_DAY = [day / 30 for day in range(30)]


@pytest.mark.parametrize("late", [[0.0] * 12, [0.5] * 12, [26 / 30] * 12, EVERY_DAY])
def test_the_day_of_hire_makes_no_ramp(late: list[float]) -> None:
    """By calendar months those hired on the 27th would take 6 months instead of 4."""
    ramp = ramp_time(hired(late), value="bookings")
    assert ramp.median_months.value == pytest.approx(RAMP, rel=0.02)
    lost = sum(0.1 ** (k / RAMP) for k in range(1, 25))
    assert ramp.restricted_mean_months.value == pytest.approx(lost, rel=0.03)
    assert ramp.mature_level.value == pytest.approx(1000, rel=0.01)


def test_what_was_seen_lies_on_the_curve() -> None:
    ramp = ramp_time(hired(EVERY_DAY), value="bookings")
    both = ramp.observed.merge(ramp.learning_curve, on="month")
    assert both["reps"].max() == len(EVERY_DAY)
    assert np.abs(both["share"] - both["expected"])[1:].max() < 0.02


def test_a_milestone_is_counted_from_the_day_of_hire() -> None:
    """Reached 2.2 months after hiring: known at the end of the month in which that is."""
    ramp = ramp_time(hired([0.5] * 12), value="bookings", definition="milestone", event="there")
    assert ramp.median_months.value == pytest.approx(2.5)


def test_limits_that_are_one_month_are_said_once() -> None:
    """It was "within 3 months (90% interval 3 to 3 months)": nine of ten got there in their third month."""
    frame = smooth(reps=40)
    frame["there"] = frame["tenure_months"] >= np.where(frame["rep_id"] % 10, 3, 4)
    ramp = ramp_time(frame, value="bookings", definition="milestone", event="there")
    months = ramp.median_months
    assert (months.low, months.value, months.high) == (3, 3, 3)
    assert "within 3 months (90% interval 3 months at both ends)" in ramp.findings[0].sentence


def test_who_begins_on_the_last_day_is_seen_starting() -> None:
    """The first month is too short to say anything, and is no sign of a hire before the data."""
    frame = hired([29.5 / 30] * 12, event=0.5)
    ramp = ramp_time(frame, value="bookings", definition="milestone", event="there")
    assert ramp.n_reps == 12
    assert not any("before the data" in one for one in ramp.notices)


def test_the_newest_began_as_late_as_their_first_month_says() -> None:
    """Of a rep hired on the 16th of the last month of the data half a month is seen: it lies around a
    quarter of a month after hiring, which is 1 − 0.5/2 on the scale of whole months, and not 1."""
    newest = hired([0.5, 0.0], months=1).assign(rep_id=lambda d: d["rep_id"] + 90)
    frame = pd.concat([hired(EVERY_DAY), newest], ignore_index=True)
    spells = read_spells(frame, Columns(value="bookings"))
    assert spells.reps.set_index("rep").loc[[90, 91], "begun"].tolist() == pytest.approx([0.5, 0])
    assert spells.rows.set_index("rep").loc[[90, 91], "time"].tolist() == pytest.approx([0.75, 1])


def test_working_half_the_week_is_no_late_start() -> None:
    frame = hired([0.0] * 12)
    half = frame.assign(month_share=0.5, bookings=frame["bookings"] / 2)
    assert ramp_time(half, value="bookings").median_months.value == pytest.approx(RAMP, rel=0.01)
