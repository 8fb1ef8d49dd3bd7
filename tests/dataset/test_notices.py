"""What `salesops check` says of tables that do not belong together."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset

DEALS = pd.DataFrame(
    {
        "deal_id": ["1", "2"],
        "rep_id": "a",
        "status": "won",
        "amount": 1.0,
        "created_date": "2026-01-02",
        "close_date": ["2026-02-03", "2026-05-04"],
    }
)


def told(of: list[str]) -> list[str]:
    changes = pd.DataFrame({"deal_id": of, "changed_at": "2026-01-03", "stage": "Proposal"})
    made = Dataset.from_frames({"deals": DEALS, "stage_changes": changes})
    assert len(made.stage_changes()) == len(of)
    early = made.as_of("2026-03-31")
    assert [one for one in early.notices if "stage change" in one] == [
        one for one in made.notices if "stage change" in one
    ]
    return [one for one in made.notices if "stage change" in one]


def test_changes_of_deals_that_are_not_there_are_said() -> None:
    """Lost deals left out of one export and not of the other, or ids that differ between them: the
    history of a deal was missed without a word."""
    (said,) = told(["1", "8", "8", "9"])
    assert said.startswith("Of 4 stage changes, 3 are of 2 deals not in the deals table (8 and 9)")
    assert "export both tables with one filter and one id" in said


def test_changes_of_deals_that_are_there_need_no_word() -> None:
    assert told(["1", "2", "2"]) == []


def test_deals_closed_on_days_to_come_are_said() -> None:
    """A year mistyped: `--period latest` was a quarter that nobody had seen, with no word of it."""
    deals = pd.concat([DEALS] * 60, ignore_index=True)
    deals["deal_id"] = deals.index.astype(str)
    deals["created_date"] = pd.date_range("2026-01-01", periods=len(deals)).strftime("%Y-%m-%d")
    deals["close_date"] = "2026-05-10"
    assert Dataset.from_frames({"deals": deals}).quality.notices == ()
    deals.loc[[0, 1], "close_date"] = "2027-05-10"
    (said,) = [one for one in Dataset.from_frames({"deals": deals}).notices if "closed long" in one]
    assert said.startswith("2 closed deals up to 2027-05-10 closed long after 2026-04-30")
    # Of a past day nobody knew.
    then = Dataset.from_frames({"deals": deals}).as_of("2026-05-31")
    assert not any("closed long" in one for one in then.notices)
    few = Dataset.from_frames({"deals": deals.head(99)})
    assert not any("closed long" in one for one in few.notices)


def test_deals_won_for_nothing_are_said() -> None:
    """Placeholders of a renewal, say: they are wins in every rate, and make the mean deal smaller."""
    made = Dataset.from_frames({"deals": DEALS.assign(amount=[0.0, 5.0])})
    assert any(one.startswith("1 won deal with an amount of 0") for one in made.notices)
    plain = Dataset.from_frames({"deals": DEALS})
    assert not any("amount of 0" in one for one in plain.notices)


def test_open_deals_below_nothing_are_said() -> None:
    deals = DEALS.assign(status=["won", "open"], amount=[5.0, -2.0])
    assert any(one.startswith("1 open deal with a negative amount") for one in
               Dataset.from_frames({"deals": deals}).notices)  # fmt: skip


def idle(away: str | None, *, quotas: bool = True, ends: str | None = None) -> list[str]:
    """What is said of months without anything: rep a and b win a deal each month of 2026, b but for the
    three months from `away` on, and both have a quota then."""
    months = pd.date_range("2026-01-01", "2026-09-01", freq="MS")
    out = pd.date_range(away, periods=3, freq="MS") if away else pd.DatetimeIndex([])
    worked = [("a", m) for m in months] + [("b", m) for m in months if m not in out]
    deals = pd.DataFrame({
        "deal_id": [str(n) for n in range(len(worked))], "rep_id": [rep for rep, _ in worked],
        "status": "won", "amount": 10.0, "created_date": [m for _, m in worked],
        "close_date": [m + pd.Timedelta(days=29 if m.month > 8 else 20) for _, m in worked],
    })  # fmt: skip
    reps = pd.DataFrame({
        "rep_id": ["a", "b"], "hire_date": "2025-01-01", "end_date": [pd.NaT, pd.Timestamp(ends)],
    })  # fmt: skip
    given = {"deals": deals, "reps": reps}
    if quotas:
        given["quotas"] = pd.DataFrame(
            [(rep, m, 5.0) for rep, m in worked], columns=["rep_id", "month", "quota"]
        )
    made = Dataset.from_frames(given)
    return [one for one in made.notices if "months in a row" in one]


def test_a_rep_of_whom_nothing_is_known_for_months_is_said() -> None:
    """On leave, or gone without an end date: three of 30 reps away for four months made what reps do
    differ by more than chance in 18 to 26 of 100 companies where none does."""
    for away in ("2026-03-01", "2026-07-01"):
        (said,) = idle(away)
        assert said.startswith("1 rep with 3 months in a row or more without a new deal")
        assert "else as months without bookings" in said
        assert "while others had these (b): taken" in said


def test_months_in_which_something_is_known_need_no_word() -> None:
    assert idle(None) == []
    # Left, and said so; and without quotas and hours, three months without a deal are no leave.
    assert idle("2026-07-01", ends="2026-06-30") == []
    assert idle("2026-03-01", quotas=False) == []


def away(rep_a: list[int], rep_b: list[int], last: str = "2026-09-30") -> list[str]:
    """What is said where reps a and b have nothing in these months of 2026, else a quota in each and a
    deal on its first day; a third one sells on until the last day."""
    out = {"a": rep_a, "b": rep_b, "c": []}
    worked = [(rep, m) for rep in out for m in range(1, 10) if m not in out[rep]]
    days = [f"2026-{m:02}-01" for _, m in worked]
    deals = pd.DataFrame({"rep_id": [rep for rep, _ in worked], "close_date": days})
    deals.loc[len(deals)] = ["c", last]
    deals = deals.assign(
        deal_id=deals.index.astype(str), status="won", amount=1.0, created_date=deals["close_date"]
    )
    quotas = pd.DataFrame({"rep_id": [rep for rep, _ in worked], "month": days, "quota": 5.0})
    reps = pd.DataFrame({"rep_id": list(out), "hire_date": "2025-01-01"})
    made = Dataset.from_frames({"deals": deals, "quotas": quotas, "reps": reps})
    return [one[:6] for one in made.notices if "months in a row" in one]


@pytest.mark.parametrize(
    ("rep_a", "rep_b", "said"),
    [
        ([4, 5, 6], [], ["1 rep "]),
        ([4, 5, 6], [1, 2, 3], ["2 reps"]),
        ([2, 3, 4, 6, 7, 8], [], ["1 rep "]),
        # Two and two are no four, nor are one rep's last and the next one's first.
        ([2, 3, 5, 6], [], []),
        ([8, 9], [1, 2], []),
    ],
)
def test_months_without_anything_in_a_row(
    rep_a: list[int], rep_b: list[int], said: list[str]
) -> None:
    assert away(rep_a, rep_b) == said


def test_a_month_that_still_runs_is_not_one_without_anything() -> None:
    assert away([7, 8, 9], []) == ["1 rep "]
    assert away([7, 8, 9], [], last="2026-09-10") == []


def test_money_given_back_after_somebody_left_is_no_won_deal() -> None:
    """Of 70 booked by nobody at work 30 went back: one deal, not two."""
    deals = pd.DataFrame({
        "deal_id": ["1", "2", "3"], "rep_id": "a", "status": "won", "amount": [500.0, 100.0, -30.0],
        "close_date": ["2026-01-10", "2026-03-10", "2026-03-20"],
    })  # fmt: skip
    reps = pd.DataFrame({"rep_id": ["a"], "hire_date": ["2025-01-01"], "end_date": ["2026-01-31"]})
    (said,) = [
        one
        for one in Dataset.from_frames({"deals": deals, "reps": reps}).notices
        if "outside" in one
    ]
    assert said.startswith("1 won deal and 1 return worth $70 closed outside")


@pytest.mark.parametrize(
    ("first", "times", "begins"),
    [
        (10.0, 1, None),
        (16.4, 1, None),
        (34.0, 1, "Of 100 weeks of a rep, 1 holds more than 80 hours of activities, up to 170:"),
        (10.0, 2, "Of 100 weeks of a rep, 100 hold more than 80 hours of activities, up to 100:"),
    ],
    ids=["50 hours", "one hard week of 82", "one of more hours than a week has", "written twice"],
)
def test_weeks_that_nobody_works_are_said(first: float, times: int, begins: str | None) -> None:
    """Five activities a week of ten hours each, and of `first` hours in the first."""
    weeks = pd.date_range("2024-01-01", periods=100, freq="W-MON").repeat(5)
    rows = pd.DataFrame({"rep_id": "a", "week": weeks, "activity": list("vwxyz") * 100})
    rows["hours"] = [first] * 5 + [10.0] * 495
    given = {"deals": DEALS, "activities": pd.concat([rows] * times, ignore_index=True)}
    said = [one for one in Dataset.from_frames(given).notices if "weeks of a rep" in one]
    assert len(said) == (begins is not None) and all(one.startswith(str(begins)) for one in said)


@pytest.mark.parametrize(("step", "apart"), [(28, "4 weeks"), (14, "2 weeks"), (7, None)])
def test_hours_of_several_weeks_in_one_row_are_said(step: int, apart: str | None) -> None:
    """160 hours in every row: of a month, of two weeks, or of one."""
    weeks = pd.date_range("2024-01-01", periods=20, freq=f"{step}D")
    rows = pd.DataFrame({"week": weeks, "activity": "calls", "hours": 160.0}).merge(
        pd.DataFrame({"rep_id": ["a", "b"]}), how="cross"
    )
    given = Dataset.from_frames({"deals": DEALS, "activities": rows})
    (said,) = [one for one in given.notices if "weeks of a rep" in one]
    told = f"each rep's rows are {apart} apart, as if they held the hours of all of them"
    assert (told in said) == (apart is not None)
    assert ("rows that are there twice" in said) == (apart is None)


def test_deals_that_are_there_twice_are_said() -> None:
    """Five of forty are copies with an id of their own. The same price on the same day is none, nor is the same
    customer on another day, nor what one deal in a hundred has in common with another."""
    many = pd.concat([DEALS] * 20, ignore_index=True)
    many["deal_id"], many["account_id"] = many.index.astype(str), "A" + many.index.astype(str)
    copies = many.head(5).assign(deal_id=[f"copy{k}" for k in range(5)])

    def said(*more: pd.DataFrame) -> list[str]:
        deals = pd.concat([many, *more], ignore_index=True)
        return [one for one in Dataset.from_frames({"deals": deals}).notices if "another id" in one]

    (told,) = said(copies)
    assert told.startswith("Of 45 won deals, 5 worth $5.0 are another under another id")
    assert not said() and not said(copies.assign(close_date="2026-05-05"))
    assert not said(copies.assign(account_id=None)) and not said(copies.head(1))
    assert not said(copies.assign(status="lost")) and not said(copies.assign(amount=-1.0))
