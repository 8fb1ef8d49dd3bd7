"""Owners of deals who are no persons, worked by hand: where deals go that are nobody's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import performance_curve
from salesops_lib.analyses.people import selling_reps
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.analyses.performance_curve.people import outsized
from tests.analyses.curve_frames import steady

NAMES = {"rep": "rep_id", "period": "month", "value": "bookings"}


def team(people: int = 6, strangers: int = 1) -> pd.DataFrame:
    """Reps who sell 10 a month, of each of whom something is known, and strangers who sell 20."""
    frame = steady(
        {f"R{k}": 10.0 for k in range(people)} | {f"X{k}": 20.0 for k in range(strangers)}
    )
    stranger = frame["rep_id"].str.startswith("X")
    return frame.assign(
        region=frame["rep_id"].map({"R0": "North", "R1": "South"}),
        hire_date=pd.Timestamp("2024-01-01"),
        role=None,
        name=None,
        team=None,
        channel=None,
        manager_id=None,
    ).assign(hire_date=lambda one: one["hire_date"].mask(stranger))


def test_an_owner_of_whom_nothing_is_known_is_no_rep() -> None:
    """Six at 10 and one at 20: a quarter is the stranger's."""
    kept, said = selling_reps(team())
    assert set(kept["rep_id"]) == {f"R{k}" for k in range(6)}
    assert len(said) == 1
    assert said[0].startswith("1 owner of deals of whom the reps table says nothing, with 25% of")
    assert said[0].endswith("Give it a row of the reps table if it is a person.")
    assert "says nothing, with 40% of what was booked, are" in selling_reps(team(6, 2))[1][0]


def test_an_owner_without_a_hire_date_who_sells_more_than_anybody_can_is_no_rep() -> None:
    """The stranger has a name, and sells three times what each of six does: a third of all."""
    frame = team().assign(name="House")
    frame.loc[frame["rep_id"] == "X0", "bookings"] = 30.0
    kept, said = selling_reps(frame)
    assert set(kept["rep_id"]) == {f"R{k}" for k in range(6)}
    assert said[0].startswith(
        "1 owner of deals without a hire date who sells several times what any"
    )
    assert "with 33% of what was booked" in said[0]
    usual = frame.assign(bookings=frame["bookings"].clip(upper=29.0))
    assert selling_reps(usual)[1] == ()
    few = frame.assign(hire_date=frame["hire_date"].where(frame["rep_id"].isin(["R0", "R1"])))
    assert selling_reps(few)[1] == ()


def test_who_sells_no_more_may_have_left_and_is_a_rep() -> None:
    """The reps table holds those who are still there. Of two strangers X0 sold last in October."""
    frame = team(6, 2)
    frame = frame[(frame["rep_id"] != "X0") | (frame["month"] < "2025-11-01")]
    kept, said = selling_reps(frame)
    assert set(kept["rep_id"]) == {"X0", *(f"R{k}" for k in range(6))}
    assert said[0].startswith("1 owner of deals of whom the reps table says nothing")
    assert len(selling_reps(frame.drop(columns="month"))[0]["rep_id"].unique()) == 6


def test_a_rep_known_by_one_large_deal_is_a_rep() -> None:
    """Without a hire date a rep has the months from the first deal to the last: here one, of five times what
    others sell in it, and half of what they sell in all."""
    frame = team().assign(name="Rep")
    one = frame["rep_id"] == "X0"
    frame.loc[one, "bookings"] = 50.0
    frame = frame[~one | (frame["month"] == frame["month"].max())]
    assert selling_reps(frame)[1] == ()


@pytest.mark.parametrize("kind", ["one label for all rows", "categories"])
def test_owners_are_found_in_frames_of_any_kind(kind: str) -> None:
    """A stranger, a house account and a manager among six reps."""
    frame = team(7, 2).assign(manager_id="R6")
    frame.loc[frame["rep_id"].isin(["R6", "X0"]), "manager_id"] = None
    frame.loc[frame["rep_id"] == "X1", "bookings"] = 90.0
    kept = set(selling_reps(frame)[0]["rep_id"])
    assert kept == {f"R{k}" for k in range(6)}
    if kind == "categories":
        labels = [*frame["rep_id"].unique(), *(f"Gone{k}" for k in range(30))]
        frame = frame.assign(
            rep_id=pd.Categorical(frame["rep_id"], labels),
            manager_id=pd.Categorical(frame["manager_id"]),
        )
    else:
        frame.index = pd.Index([0] * len(frame))
    assert set(selling_reps(frame)[0]["rep_id"]) == kept


@pytest.mark.parametrize(("people", "strangers"), [(4, 4), (3, 1), (5, 6), (6, 0)])
def test_where_few_are_known_all_stay(people: int, strangers: int) -> None:
    """Half of them, or too few to compare: then the reps table says little of anybody."""
    frame = team(people, strangers)
    assert selling_reps(frame)[1] == ()
    assert len(selling_reps(frame)[0]) == len(frame)


def test_a_rep_known_in_some_month_is_known() -> None:
    frame = team()
    at = frame.index[(frame["rep_id"] == "X0")][-1]
    frame.loc[at, "role"] = "Account executive"
    assert selling_reps(frame)[1] == ()


def test_managers_and_owners_are_left_out_together() -> None:
    frame = team().assign(manager_id="R5")
    frame.loc[frame["rep_id"].isin(["R5", "X0"]), "manager_id"] = None
    kept, said = selling_reps(frame)
    assert set(kept["rep_id"]) == {f"R{k}" for k in range(5)}
    assert [one.split(" who")[0] for one in said[1:]] == ["1 manager"]


def test_one_who_sells_three_times_what_the_next_does_is_said() -> None:
    """Five at 10 and one at 30: three eighths of all are that one's."""
    for sells, told in ((30.0, True), (29.9, False)):
        panel = read_panel(steady({f"R{k}": 10.0 for k in range(5)} | {"H": sells}), **NAMES)
        assert bool(outsized(panel)) == told
    (said,) = outsized(read_panel(steady({**dict.fromkeys("ABCDE", 10.0), "H": 30.0}), **NAMES))
    assert said.startswith("One rep sells 3.00x what the next best does, 38% of all:")
    assert outsized(read_panel(steady({**dict.fromkeys("ABCDE", 0.0), "H": 30.0}), **NAMES)) == ()


def test_the_curve_says_that_it_leans_on_one() -> None:
    frame = steady({f"R{k}": 10.0 + k for k in range(8)} | {"H": 90.0})
    luck = np.random.default_rng(0).gamma(4.0, 0.25, len(frame))
    curve = performance_curve(frame.assign(bookings=frame["bookings"] * luck), value="bookings")
    assert curve.notices[0].startswith("One rep sells")
