"""Reps who move within the company are not new, and have not left."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time
from salesops_lib.dataset import Dataset
from salesops_lib.dataset.rep_months import moving


def company(back: str, *, reps: int = 6) -> Dataset:
    """`reps` begin in 2024 in one channel, leave it on 31 March 2025, and go on in another on the day
    `back`; all win one deal a day."""
    spells, deals = [], []
    days = pd.date_range("2024-01-01", "2025-12-31")
    for k in range(reps):
        rep = f"r{k}"
        hired, left, again = pd.Timestamp(2024, 1 + k, 1), "2025-03-31", pd.Timestamp(back)
        spells.append((rep, "old", hired, pd.Timestamp(left)))
        spells.append((rep, "new", again, pd.NaT))
        on = days[(days >= hired) & ((days <= left) | (days >= again))]
        deals += [(rep, "won", 100.0, day, day) for day in on]
    frame = pd.DataFrame(
        deals, columns=["rep_id", "status", "amount", "created_date", "close_date"]
    )
    frame.insert(0, "deal_id", [str(n) for n in range(len(frame))])
    names = ["rep_id", "channel", "hire_date", "end_date"]
    return Dataset.from_frames({"reps": pd.DataFrame(spells, columns=names), "deals": frame})


def first_new(dataset: Dataset) -> pd.DataFrame:
    months = dataset.rep_months()
    return months[months["channel"] == "new"].groupby("rep_id").first()


@pytest.mark.parametrize("back", ["2025-04-01", "2025-04-15", "2025-05-01"])
def test_tenure_goes_on_over_a_move(back: str) -> None:
    made = company(back)
    month = pd.Timestamp(back).month
    # r0 was hired in January of the year before, r1 in February, …
    assert first_new(made)["tenure_months"].tolist() == [12 + month - k for k in range(6)]
    assert any("6 reps moved within the company" in one for one in made.notices)
    assert not any("came back" in one for one in made.notices)


def test_the_day_on_which_a_row_ends_and_the_next_begins_is_the_laters() -> None:
    """Rows valid until the day from which the next is: each rep's second row was set aside, and their
    bookings since were in no rep's month. Of a rep's row of one day nothing would be left: it overlaps."""
    made, usual = company("2025-03-31"), company("2025-04-01")
    pd.testing.assert_series_equal(
        made.rep_months()["tenure_months"], usual.rep_months()["tenure_months"]
    )
    assert (made.rep_months()["month_share"] == 1).all()
    assert first_new(made)["month"].tolist() == [pd.Timestamp("2025-03-01")] * 6
    assert (made.reps()["end_date"].dropna() == "2025-03-30").all()
    assert made.quality.tables.set_index("table").loc["reps", "notes"] == (
        "end_date of 6 rows is the day on which the rep's next begins: read as the day before"
    )
    assert not any("outside the rep's months" in one for one in made.notices)
    rows = [("a", "2025-01-01", "2025-03-31"), ("b", "2025-03-31", None),
            ("c", "2025-03-31", "2025-03-31"), ("c", "2025-03-31", None)]  # fmt: skip
    reps = pd.DataFrame(rows, columns=["rep_id", "hire_date", "end_date"])
    one_day = Dataset.from_frames({"reps": reps, "deals": usual.deals()})
    assert one_day.reps()["end_date"].dropna().tolist() == [pd.Timestamp("2025-03-31")] * 2
    assert one_day.quality.tables.set_index("table").loc["reps", "rows_quarantined"] == 1


def test_tenure_begins_again_after_a_longer_break() -> None:
    made = company("2025-05-02")
    assert first_new(made)["tenure_months"].tolist() == [1] * 6
    assert any("6 reps came back" in one for one in made.notices)


def test_a_move_is_no_leaving() -> None:
    """All six were counted as having left, and the nine months after as those of nobody."""
    ramp = ramp_time(company("2025-04-01").rep_months(), value="bookings")
    assert not any("came back" in one for one in ramp.notices)
    assert (ramp.leavers["leavers"] == 0).all()
    assert ramp.basis.spells.rows["tenure"].max() == 24


def test_who_moves_has_not_left_by_the_end_date_of_the_first_row() -> None:
    """On 31 March nobody knows of the row that begins on 1 April, nor that the first one ends."""
    made = company("2025-04-01")
    assert made.rep_months()["end_date"].isna().all()
    assert made.as_of("2025-03-31").rep_months()["end_date"].isna().all()
    assert made.as_of("2025-03-31").reps()["end_date"].isna().all()
    assert company("2025-05-01").rep_months()["end_date"].isna().all()
    # Who comes back after a longer break had left.
    back = company("2025-06-01")
    gone = back.rep_months()
    gone = gone[gone["month"] == pd.Timestamp("2025-03-01")]
    assert (gone["end_date"] == "2025-03-31").all()
    assert (back.as_of("2025-03-31").reps()["end_date"] == "2025-03-31").all()


def test_who_is_on_the_move_on_a_day() -> None:
    """a goes on 31 days later, b 32 days later, c not at all, d ended the day before; e's row, which has
    no end, is of somebody who began that day."""
    rows = [
        ("a", "2024-01-01", "2025-03-31"), ("a", "2025-05-01", None),
        ("b", "2024-01-01", "2025-03-31"), ("b", "2025-05-02", None),
        ("c", "2024-01-01", "2025-03-31"),
        ("d", "2024-01-01", "2025-03-30"), ("d", "2025-04-01", None),
        ("e", "2025-03-31", None),
    ]  # fmt: skip
    reps = pd.DataFrame(rows, columns=["rep_id", "hire_date", "end_date"])
    reps[["hire_date", "end_date"]] = reps[["hire_date", "end_date"]].apply(pd.to_datetime)
    assert moving(reps, pd.Timestamp("2025-03-31")).tolist() == [True] + 7 * [False]


def test_of_who_moved_and_has_no_hire_date_tenure_is_known_from_the_next_row_on() -> None:
    reps = pd.DataFrame(
        [("a", None, "2025-02-20"), ("a", "2025-03-01", None)],
        columns=["rep_id", "hire_date", "end_date"],
    )
    day = pd.to_datetime(["2025-01-10", "2025-04-30"])
    deals = pd.DataFrame({"deal_id": ["1", "2"], "rep_id": "a", "status": "won", "amount": 1.0})
    made = Dataset.from_frames({"reps": reps, "deals": deals.assign(close_date=day)})
    tenure = made.rep_months()["tenure_months"]
    assert tenure.isna().tolist() == [True, True, False, False]
    assert tenure.iloc[2:].tolist() == [1, 2]


def test_who_moved_and_has_no_hire_date_did_not_come_back_and_was_hired_nobody_knows_when() -> None:
    """a and b go on the next day, in another team: the notice said that both came back, and that their tenure
    starts again; c did come back, after half a year. Of the last year's hires only d is one: 1 in 12 months."""
    reps = pd.DataFrame(
        [("a", None, "2025-02-28"), ("a", "2025-03-01", None), ("b", None, "2025-02-28"),
         ("b", "2025-03-01", None), ("c", None, "2024-12-31"), ("c", "2025-07-01", None),
         ("d", "2025-06-01", None)],
        columns=["rep_id", "hire_date", "end_date"],
    )  # fmt: skip
    days = pd.date_range("2024-08-04", "2025-09-30", freq="W")
    deals = pd.DataFrame({"rep_id": [*"abcd"] * (len(days) // 4), "status": "won", "amount": 1.0})
    deals = deals.assign(close_date=days[: len(deals)], deal_id=deals.index.astype(str))
    made = Dataset.from_frames({"reps": reps, "deals": deals})
    assert any("2 reps moved within the company" in one for one in made.notices)
    assert any("1 rep came back" in one for one in made.notices)
    assert made.assumptions["hires_per_year"].value == 1
