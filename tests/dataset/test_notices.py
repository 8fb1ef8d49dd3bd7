"""What `salesops check` says of tables that do not belong together."""

from __future__ import annotations

import pandas as pd

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
    few = Dataset.from_frames({"deals": deals.head(99)})
    assert not any("closed long" in one for one in few.notices)


def test_deals_won_for_nothing_are_said() -> None:
    """Placeholders of a renewal, say: they are wins in every rate, and make the mean deal smaller."""
    made = Dataset.from_frames({"deals": DEALS.assign(amount=[0.0, 5.0])})
    assert any(one.startswith("1 won deal with an amount of 0") for one in made.notices)
    plain = Dataset.from_frames({"deals": DEALS})
    assert not any("amount of 0" in one for one in plain.notices)
