"""Business booked at the quarter's end: sums of quarters in equal parts, by hand, and ramps planted in it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time
from salesops_lib.analyses.ramp_time_cost.quarter_ends import over_quarters
from salesops_lib.analyses.ramp_time_cost.spells import Columns, Spells, read_spells
from tests.analyses.ramp_frames import dated, noisy, smooth


def at_quarter_ends(frame: pd.DataFrame, last: int = 2) -> pd.DataFrame:
    """The same months with all that a rep sold in a quarter booked in its last month, at place `last` (0 to 2)
    of the calendar's quarters; what is sold in a quarter that is not over is not booked yet."""
    month = frame["month"].dt.year * 12 + frame["month"].dt.month - 1
    sums = frame.groupby(["rep_id", (month - last - 1) // 3])["bookings"].transform("sum")
    return frame.assign(bookings=sums.where((month - last) % 3 == 0, 0.0))


def read(frame: pd.DataFrame) -> Spells:
    return read_spells(frame, Columns("bookings"))


@pytest.mark.parametrize("last", [0, 1, 2])
def test_each_month_has_a_third_of_its_quarter(last: int) -> None:
    """Reps who sell 1 in their first month, 2 in the second and so on, hired a month apart."""
    frame = dated(noisy(reps=4, months=18), apart=1)
    frame["bookings"] = frame["tenure_months"]
    booked = at_quarter_ends(frame, last)
    found = over_quarters(read(booked))
    assert any("is booked in the last month of quarters" in one for one in found.notices)
    month = booked["month"].dt.year * 12 + booked["month"].dt.month - 1
    quarter = (month - last - 1) // 3
    expected = {}
    for (rep, _), rows in booked.groupby(["rep_id", quarter]):
        ends = rows[(rows["month"].dt.month - 1 - last) % 3 == 0]
        if len(ends):  # else the quarter is not over, or the rep has left
            for one in rows.itertuples():
                expected[rep, one.tenure_months] = ends["bookings"].sum() / len(rows)
    got = {(row.rep, row.tenure): row.value for row in found.rows.itertuples()}
    assert got == pytest.approx(expected)


def test_a_part_month_has_its_part() -> None:
    frame = dated(noisy(reps=3, months=12), apart=0)
    booked = at_quarter_ends(frame).assign(month_share=1.0)
    booked.loc[booked["tenure_months"] == 1, "month_share"] = 0.5
    rows = over_quarters(read(booked)).rows
    first = rows[rows["tenure"] <= 3].groupby("rep")
    total = booked[booked["tenure_months"] == 3].set_index("rep_id")["bookings"]
    for rep, part in first:
        assert part["value"].tolist() == pytest.approx(
            (total[rep] * np.array([1, 2, 2]) / 5).tolist()
        )


@pytest.mark.parametrize("since", ["2025-02-01", "2025-03-01"])
def test_a_quarter_that_began_before_the_records_is_left_out(since: str) -> None:
    """March has what three months made. Who began in March has what March made, and is kept."""
    frame = dated(noisy(reps=4, months=40), apart=5)
    new = dated(smooth(reps=2, months=24), start="2025-03").assign(
        rep_id=lambda one: 10 + one["rep_id"]
    )
    booked = at_quarter_ends(pd.concat([frame, new], ignore_index=True))
    seen = booked[booked["month"].between(since, "2026-12-31")]
    rows = over_quarters(read(seen)).rows
    begun = rows.groupby("rep")["period"].min()
    # The fourth is hired in April.
    assert begun.to_dict() == {
        **dict.fromkeys(range(4), pd.Timestamp("2025-04-01")), **dict.fromkeys((10, 11), pd.Timestamp("2025-03-01"))
    }  # fmt: skip
    whole = over_quarters(read(booked[booked["month"] <= "2026-12-31"])).rows
    both = rows.merge(whole, on=["rep", "tenure"])
    assert len(both) == len(rows) and both["value_x"].tolist() == pytest.approx(both["value_y"])


def test_who_leaves_before_the_quarter_ends_has_not_sold_nothing_in_it() -> None:
    """Gone on the 20th of March, when the quarter's deals were not booked yet; who stays to the end keeps it."""
    frame = dated(noisy(reps=4, months=27))
    booked = at_quarter_ends(frame).assign(month_share=1.0)
    last = booked["month"] == "2026-03-01"
    early = last & (booked["rep_id"] == 0)
    booked.loc[early, ["month_share", "bookings"]] = [0.65, 0.0]
    rows = over_quarters(read(booked)).rows
    until = rows.groupby("rep")["period"].max().dt.strftime("%Y-%m").to_dict()
    assert until == {0: "2025-12", 1: "2026-03", 2: "2026-03", 3: "2026-03"}


def test_where_months_are_booked_nothing_changes() -> None:
    """With three quarters of all in one month of three it is the quarter's end; with less, or in a year of
    records, months are months."""
    frame = dated(noisy(reps=6, months=24), apart=1)
    plain = read(frame)
    assert over_quarters(plain) is plain
    ends = frame["month"].dt.month % 3 == 0
    for share, so in ((0.74, False), (0.76, True)):
        some = frame.assign(bookings=np.where(ends, share, (1 - share) / 2))
        whole = some[some["month"].between("2024-07-01", "2025-12-01")]
        said = over_quarters(read(whole)).notices
        assert any("last month of quarters" in one for one in said) == so
    short = at_quarter_ends(frame[frame["month"] < "2024-12-01"])
    assert not any("quarters" in one for one in over_quarters(read(short)).notices)
    undated = at_quarter_ends(frame).drop(columns="month")
    assert not read(undated).dated and not over_quarters(read(undated)).notices


@pytest.mark.parametrize("ramp", [0.0, 4.0])
def test_a_planted_ramp_is_found(ramp: float) -> None:
    """Read month by month, companies without a ramp were said to need 4.6 months, and one interval in twenty
    held the truth. Of 24 companies at 90%, 17 hold it in all but two of a thousand runs."""
    values, held = [], 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        frame = dated(noisy(seed, reps=30, months=30, ramp=ramp, noise=0.6))
        later = rng.integers(0, 18, 30)[frame["rep_id"]]
        frame["month"] = (frame["month"].dt.to_period("M") + later).dt.to_timestamp()
        frame = frame[frame["month"] < "2026-07-01"]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = ramp_time(at_quarter_ends(frame), value="bookings").median_months
        values.append(found.value)
        held += found.low <= ramp <= found.high
    assert held >= 17
    assert np.median(values) == pytest.approx(ramp, abs=1.0)
