"""Managers who also sell are no reps, in every analysis that compares reps: worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import channel_gap, selling_time
from salesops_lib.analyses.channel_gap import comparable
from salesops_lib.analyses.people import without_managers
from salesops_lib.analyses.ramp_time_cost import ramp_time
from tests.analyses.curve_frames import steady

SAID = "1 manager who also sells is left out: reps are compared with reps."


def team() -> pd.DataFrame:
    """Five reps of 10 a month and M, who leads them and sells 2."""
    frame = steady({f"R{k}": 10.0 for k in range(5)} | {"M": 2.0})
    return frame.assign(manager_id=np.where(frame["rep_id"] == "M", "CEO", "M"))


def test_who_leads_a_rep_is_a_manager_by_id_or_by_name() -> None:
    kept, said = without_managers(team())
    assert set(kept["rep_id"]) == {f"R{k}" for k in range(5)} and said == (SAID,)
    named = team().replace({"manager_id": {"M": "Mia"}})
    named["name"] = named["rep_id"].replace({"M": "Mia"})
    assert without_managers(named)[1] == (SAID,)
    assert without_managers(team().drop(columns="manager_id"))[1] == ()
    own = team().assign(manager_id=team()["rep_id"])
    assert without_managers(own)[1] == ()


def test_who_became_a_manager_had_begun_as_a_rep() -> None:
    """M leads from July on: by the year a manager, by the first month seen a rep."""
    frame = team()
    late = frame["month"] >= "2025-07-01"
    frame["manager_id"] = frame["manager_id"].where(late, "CEO")
    assert without_managers(frame)[1] == (SAID,)
    assert without_managers(frame, since="month")[1] == ()
    assert without_managers(team(), since="month")[1] == (SAID,)
    # Without months, as with whole years of them.
    assert without_managers(team().drop(columns="month"), since="month")[1] == (SAID,)


def company(*, managers: bool) -> pd.DataFrame:
    """Two channels of six reps, the half of them hired in the data, and a manager of b who sells a twentieth."""
    rng = np.random.default_rng(4)
    people = [(f"{channel}{k}", channel) for channel in "ab" for k in range(6)]
    people += [("M", "b")] if managers else []
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    rows = []
    for at, (rep, channel) in enumerate(people):
        begins = 12 if at % 2 and rep != "M" else 0
        for month in range(begins, 24):
            tenure = month - begins + (1 if begins else 31)
            level = 5.0 if rep == "M" else 100.0 * (1 - 0.1 ** (tenure / 4))
            hours = (10.0 if rep == "M" else 60.0) * np.exp(0.1 * rng.standard_normal())
            sold = level * np.exp(0.3 * rng.standard_normal())
            rows.append((rep, channel, months[month], tenure, sold, hours, 1.0))
    names = [
        "rep_id",
        "channel",
        "month",
        "tenure_months",
        "bookings",
        "selling_hours",
        "month_share",
    ]
    frame = pd.DataFrame(rows, columns=names).assign(hours=160.0)
    return frame.assign(
        manager_id=np.where(frame["channel"].eq("b") & frame["rep_id"].ne("M"), "M", "X")
    )


def test_a_house_account_is_in_no_channel() -> None:
    """It stands in channel a, without a hire date, and sells ten times what anybody does."""
    frame = company(managers=False)
    house = frame[frame["rep_id"] == "a0"].assign(rep_id="H", bookings=1000.0)
    both = pd.concat([frame, house], ignore_index=True)
    both = both.assign(
        name="x", team="x", region="x", role="x", hire_date=pd.Timestamp("2024-01-01")
    )
    both["hire_date"] = both["hire_date"].mask(both["rep_id"] == "H")
    no_deals = pd.DataFrame(columns=["deal_id", "rep_id", "status"])
    asked = comparable(both, no_deals, fewest=5)
    assert set(asked.months["rep_id"]) == set(frame["rep_id"])
    assert asked.notices[0].startswith("1 owner of deals without a hire date")


def test_every_analysis_compares_reps_with_reps() -> None:
    """The random numbers of M come last: without the rows of M all are the same."""
    with_m, without_m = company(managers=True), company(managers=False)
    no_deals = pd.DataFrame(columns=["deal_id", "rep_id", "status"])
    pair = {"outcome": "bookings", "a": "a", "b": "b", "permutations": 0}
    gaps = [
        channel_gap(comparable(one, no_deals, fewest=5).months, **pair).difference.value
        for one in (with_m, without_m)
    ]
    assert gaps[0] == gaps[1]
    assert SAID in comparable(with_m, no_deals, fewest=5).notices
    ramps = [ramp_time(one, value="bookings") for one in (with_m, without_m)]
    assert ramps[0].mature_level.value == ramps[1].mature_level.value
    assert ramps[0].median_months.value == pytest.approx(ramps[1].median_months.value)
    assert SAID in ramps[0].notices and SAID not in ramps[1].notices
    times = [selling_time(one) for one in (with_m, without_m)]
    assert times[0].selling_share.value == times[1].selling_share.value
    assert SAID in times[0].notices
