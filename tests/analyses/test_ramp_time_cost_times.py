"""Milestones on a handful of reps: the bar of each month, entries and times, by hand and by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import milestone
from salesops_lib.analyses.ramp_time_cost.spells import (
    Columns,
    Spells,
    read_spells,
    sold_before_hire,
)
from salesops_lib.statistics.survival import log_rank

MONTHS = pd.period_range("2022-01", periods=40, freq="M").to_timestamp()


def growing() -> Spells:
    """Six reps of forty months, four of whom are away in most of the second year, and a newcomer in
    whose channel nobody is mature."""
    rng = np.random.default_rng(9)
    rows = [
        (
            rep,
            month + 10.0,
            100.0 * 1.03**month * share * rng.lognormal(0, 0.3),
            share,
            month,
            "old",
        )
        for rep in range(6)
        for month in range(40)
        if rep < 2 or not 8 <= month < 28
        for share in ([0.5] if rep == 1 else [1.0])
    ]
    rows += [(9, month - 29.0, 150.0, 1.0, month, "new") for month in range(30, 40)]
    names = ["rep_id", "tenure_months", "bookings", "month_share", "month", "channel"]
    frame = pd.DataFrame(rows, columns=names)
    return read_spells(frame.assign(month=MONTHS[frame["month"]]), Columns("bookings"))


def test_what_a_month_was_worth_by_a_plain_loop() -> None:
    """Sold by mature reps in the year around it over their own channel's mean of all years, half a month
    for half; a year in which fewer than five are seen is as the month before it."""
    spells = growing()
    rows = spells.rows
    month = rows["period"].dt.year * 12 + rows["period"].dt.month
    mature = rows[rows["tenure"] > 12]
    rates = mature.groupby("rep").apply(
        lambda one: one["value"].sum() / one["exposure"].sum(), include_groups=False
    )
    level, last, known = rates.mean(), None, {}
    for one in sorted(month.unique()):
        centre = min(max(one, month.min() + 6), month.max() - 5)
        near = mature[(month[mature.index] >= centre - 6) & (month[mature.index] <= centre + 5)]
        if near["rep"].nunique() >= 5:
            last = near["value"].sum() / (near["exposure"] * level).sum()
        known[one] = last
    empty = [one for one in known if known[one] is None]
    assert not empty, "the first year tells"
    values = list(known.values())
    assert sum(a == b for a, b in zip(values[8:], values[7:], strict=False)) > 5
    expected = month.map(known).to_numpy(dtype=float)
    assert milestone.drift(spells) == pytest.approx(expected)
    # The bar: that of the channel, or the mean of the others', for the part of the month worked.
    met, _, notices = milestone.hits(spells, target=0.8, quota=None, event=None)
    bar = 0.8 * level * rows["exposure"] * expected
    assert met.tolist() == (rows["value"] >= bar).tolist()
    assert 0.2 < met.mean() < 0.9 and any("Nobody in" in one for one in notices)


def test_entries_and_times_count_from_the_day_of_hire() -> None:
    """A began in the middle of the first month and is there in month 4: 3.5 months. B, first seen in month
    4, is taken to have begun as late: under observation from 2.5 months on, there in month 7 after 6.5.
    C is there in the first month seen, and when it came is unknown; D leaves without."""
    rows = [("A", k, 0.5 if k == 1 else 1.0, k - 1) for k in range(1, 9)]
    rows += [("B", k, 1.0, k - 4) for k in range(4, 10)]
    rows += [("C", k, 1.0, k - 4) for k in range(4, 12)]
    rows += [("D", k, 0.5 if k == 1 else 1.0, k - 1) for k in range(1, 4)]
    frame = pd.DataFrame(rows, columns=["rep_id", "tenure_months", "month_share", "at"])
    frame = frame.assign(bookings=1.0, month=MONTHS[frame["at"]])
    spells = read_spells(frame, Columns("bookings"))
    there = {"A": 4, "B": 7, "C": 4}
    met = (spells.rows["tenure"] >= spells.rows["rep"].map(there).fillna(99)).to_numpy()
    found = milestone.times_to(spells, met, sustained=1)
    table = found.frame.set_index("rep")
    assert table["entry"].to_dict() == {"A": 0.0, "B": 2.5, "D": 0.0}
    assert table["months"].to_dict() == {"A": 3.5, "B": 6.5, "D": 2.5}
    assert table["reached"].to_dict() == {"A": True, "B": True, "D": False}
    assert table["left"].to_dict() == {"A": False, "B": False, "D": True}
    assert found.naive_median == 3.5, "of those seen from the start"
    # Two in a row: the second month that C is seen still leaves open when it came.
    twice = milestone.times_to(spells, met, sustained=2)
    assert twice.frame["rep"].tolist() == ["A", "B", "D"]
    assert twice.frame["months"].tolist() == [4.5, 7.5, 2.5]
    at_risk = milestone.curve_table(found, horizon=7, confidence=0.9)["at_risk"].tolist()
    # Just after month m: those who entered by then and whose time is not up.
    assert at_risk == [2, 2, 2, 2, 1, 1, 1, 0]
    shares = milestone.outcome_table(found, horizon=7)
    # Of A and D one leaves, and of A and B, with half still without, one is there in month 4.
    assert shares.iloc[-1].tolist() == [6, 0.25, 0.5, 0.25]


def test_a_mean_goes_on_flat_only_where_that_adds_next_to_nothing() -> None:
    """Half of forty are there by month 10, the others are followed to month 12: half of one month more is
    less than a standard error, of eight months it is not."""
    done = np.linspace(1, 10, 20).round()
    curve = milestone.kaplan_meier([*done, *[12.0] * 20], [True] * 20 + [False] * 20)
    assert curve.restricted_mean(13.0)[1] > 0.5
    assert curve.restricted_mean(20.0)[1] < 4
    assert [milestone.reach(curve, wanted) for wanted in (13, 20, 8)] == [13, 12, 8]


def test_a_mean_needs_two_events_within_its_horizon() -> None:
    """Events at 2, 4 and 6 of four reps: within 5 months there are two, and t has one degree of freedom."""
    curve = milestone.kaplan_meier([2, 4, 6, 9], [True, True, True, False])
    mean, error = curve.restricted_mean(5.0)
    found = milestone.estimates(curve, horizon=5, confidence=0.9)[1]
    t = 6.313751514675041
    assert (found.value, found.low, found.high) == pytest.approx(
        (mean, max(mean - t * error, 0), min(mean + t * error, 5))
    )
    one = milestone.estimates(curve, horizon=4, confidence=0.9)[1]
    assert one.value == pytest.approx(3.5) and math.isnan(one.low)


def test_a_run_ends_with_a_miss_a_gap_and_another_rep() -> None:
    rep = np.array(["a"] * 6 + ["b"] * 2)
    tenure = np.array([1, 2, 3, 5, 6, 7, 8, 9.0])
    met = np.array([True, True, True, True, False, True, True, True])
    assert milestone._run_lengths(rep, tenure, met).tolist() == [1, 2, 3, 1, 0, 1, 1, 2]


def test_who_sold_in_a_month_before_the_first_hire() -> None:
    """A on the first of the month of hire, B on the last day of the one before, C between two hires."""
    days = {"A": "2026-03-01", "B": "2026-02-28", "C": "2025-05-05", "D": "2026-02-01"}
    deals = pd.DataFrame({"rep_id": list(days), "close_date": pd.to_datetime(list(days.values()))})
    deals["status"] = ["won", "won", "won", "lost"]
    hired = [("A", "2026-03-15"), ("B", "2026-03-15"), ("C", "2024-01-10"), ("C", "2026-01-10")]
    hired.append(("D", "2026-03-15"))
    reps = pd.DataFrame(hired, columns=["rep_id", "hire_date"])
    reps["hire_date"] = pd.to_datetime(reps["hire_date"])
    assert sold_before_hire(deals, reps) == ("B",)


def test_cohorts_are_years_of_hire_and_recent_is_twelve_months() -> None:
    """In their second month in January 2023 the first were hired in December 2022; of fourteen months the
    last twelve are recent."""
    rows = [("A", k + 2, k) for k in range(14)] + [("B", k + 1, k) for k in range(14)]
    frame = pd.DataFrame(rows, columns=["rep_id", "tenure_months", "at"])
    months = pd.period_range("2023-01", periods=14, freq="M").to_timestamp()
    frame = frame.assign(bookings=1.0, month=months[frame["at"]])
    spells = read_spells(frame, Columns("bookings"))
    assert spells.reps.set_index("rep")["cohort"].to_dict() == {"A": "2022", "B": "2023"}
    assert spells.recent.sum() == 2 * 12
    assert spells.reps["left"].tolist() == [False, False]


def test_one_rep_with_months_before_the_hire_is_left_out_and_no_error() -> None:
    frame = pd.DataFrame(
        [(rep, float(k)) for rep in "ABCD" for k in range(rep != "A", 6)],
        columns=["rep_id", "tenure_months"],
    ).assign(bookings=1.0)
    frame.loc[(frame["rep_id"] == "A") & (frame["tenure_months"] == 0), "bookings"] = 5.0
    spells = read_spells(frame, Columns("bookings"))
    assert spells.reps["rep"].tolist() == ["B", "C", "D"]
    assert any("1 rep sold before the hire date" in one for one in spells.notices)


def test_groups_too_small_for_a_curve_are_not_in_the_test_of_all_alike() -> None:
    """Six fast and six slow, and two of a third group who would make three."""
    rows = [
        (f"{group}{k}", 3.0 + late + k, group)
        for group, late in (("f", 0), ("s", 5))
        for k in range(6)
    ]
    rows += [("t0", 1.0, "t"), ("t1", 30.0, "t")]
    frame = pd.DataFrame(rows, columns=["rep", "months", "group"]).assign(
        entry=0.0, reached=True, left=False
    )
    groups = frame.set_index("rep")["group"]
    times = milestone.Times(frame, math.nan, (), growing())
    table, curves, p = milestone.by_group(times, groups, horizon=24, confidence=0.9)
    both = frame[frame["group"] != "t"]
    assert p == pytest.approx(log_rank(both["months"], both["reached"], both["group"])[2])
    assert table["reps"].tolist() == [6, 6, 2] and np.isnan(table["median_months"].iloc[2])
    assert set(curves["group"]) == {"f", "s"}
