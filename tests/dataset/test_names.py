"""Names as anyone types them into a CRM, at the door: short enough to be said, nothing hidden."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib import wording
from salesops_lib.dataset import Dataset, Scope, parsing

LONG = "Northern and western enterprise accounts " * 250


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("North", "North"),
        ("  North \t East\r\n", "North East"),
        ("Nor\u200bth", "North"),
        ("Nor\u200cth", "North"),
        ("\ufeffNorth\u00ad", "North"),
        ("\u202eN9.1$\u202c", "N9.1$"),
        ("a\x00b\x1b[31m", "a b [31m"),
        # Joiners that do something stay.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("\u05e6\u05e4\u05d5\u05df", "\u05e6\u05e4\u05d5\u05df"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(typed: str, shown: str) -> None:
    assert wording.named(typed) == shown


def test_a_long_name_is_cut_and_stays_itself() -> None:
    one, other = wording.named(LONG + "A"), wording.named(LONG + "B")
    assert len(one) == len(other) == wording.LONGEST_NAME
    assert one != other and one == wording.named(LONG + "A ") == wording.named(one)
    # A figure's label is shorter still.
    assert wording.short(one, 32) != wording.short(other, 32)
    assert len(wording.short(one, 32)) <= 32
    whole = "x" * wording.LONGEST_NAME
    assert wording.named(whole) == whole


def test_a_column_of_names_says_what_was_done() -> None:
    read = parsing.as_name(
        pd.Series([LONG, LONG + "!", "b\u200b", "b", " c ", None, "\u200b", 7.0])
    )
    long, longer, hidden, plain, blanks, *rest = read.values
    assert long != longer and hidden == plain == "b" and blanks == "c"
    assert rest == [None, None, "7"]
    assert read.notes == [
        "2 names are longer than 60 characters and cut",
        "characters that cannot be seen taken out of 2 names",
    ]
    assert parsing.as_name(pd.Series(["a", " b"])).notes == []


def test_tables_still_meet_and_ids_are_kept() -> None:
    """The same name in two tables is cut alike; ids are nobody's to shorten."""
    rep = "r" * 100
    reps = pd.DataFrame(
        {"rep_id": [rep], "region": [LONG], "channel": ["Dir\u200bect"], "manager_id": [LONG]}
    )
    reps["hire_date"] = "2026-01-01"
    months = pd.date_range("2026-01-01", "2026-03-01", freq="MS")
    markets = pd.DataFrame({"region": LONG, "month": months, "market_size": [1.0, 2.0, 3.0]})
    deals = pd.DataFrame(
        {
            "deal_id": ["d"],
            "rep_id": [rep],
            "status": ["won"],
            "amount": [5.0],
            "close_date": ["2026-03-31"],
            "product": [LONG],
        }
    )
    data = Dataset.from_frames({"reps": reps, "deals": deals, "markets": markets})
    month = data.rep_months().iloc[-1]
    assert month["rep_id"] == rep and month["market_size"] == 3.0 and month["channel"] == "Direct"
    assert len(month["region"]) == len(data.deals()["product"].iloc[0]) == wording.LONGEST_NAME
    for scope in (f"region={LONG}", f"region={month['region']}", f"manager={LONG}"):
        assert Scope.parse(scope).reps(data.reps()) == [rep]
    notes = data.quality.tables.set_index("table")["notes"]
    assert "region: 1 name is longer than 60 characters and cut" in notes["reps"]
    assert "channel: characters that cannot be seen taken out of 1 name" in notes["reps"]
