"""Why rows were set aside, by kind and column, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, faults
from salesops_lib.dataset.building import Built, build, raw_tables
from salesops_lib.dataset.loading import examine, load
from salesops_lib.dataset.reading import Source, read_source


def dirty(bad: int = 300) -> pd.DataFrame:
    """`bad` deals whose amounts are each another text, two of an unknown status, one good."""
    rows = [(f"d{i}", "r", "won", f"about {i}", "2026-01-05") for i in range(bad)]
    rows += [("e", "r", "dunno", "5", "2026-01-05"), ("f", "r", "dunno", "x", "2026-01-05")]
    rows += [("g", "r", "won", "5", "2026-01-05")]
    return pd.DataFrame(rows, columns=["deal_id", "rep_id", "status", "amount", "close_date"])


def built(frame: pd.DataFrame) -> Built:
    return build(Source(raw_tables({"deals": frame})))


def test_hundreds_of_cells_are_one_line_with_examples_and_a_remedy() -> None:
    """The row that has both faults is counted with both."""
    quality = built(dirty()).quality
    assert quality.set_aside.to_dict(orient="records") == [
        {
            "table": "deals",
            "column": "amount",
            "kind": "is not a number",
            "rows": 301,
            "examples": "row 1 'about 0', row 2 'about 1' and row 3 'about 2'",
            "remedy": faults.NOT_A_NUMBER.remedy,
        },
        {
            "table": "deals",
            "column": "status",
            "kind": "is none of open, won, lost",
            "rows": 2,
            "examples": "row 301 'dunno'",
            "remedy": faults.NO_STATUS.remedy,
        },
    ]
    assert len(quality.lines()) < 15
    told = quality.quarantine["deals"]["reason"]
    assert len(told) == 302
    assert told.iloc[17] == "amount: 'about 17' is not a number"


def test_every_row_set_aside_is_in_a_group_and_only_those() -> None:
    """Without rows of two faults the groups add up to the quarantine."""
    frame = dirty(40).drop(index=41)
    frame = pd.concat([frame, frame.iloc[[41]], frame.iloc[[41]].assign(amount="6")])
    frame.loc[3, ["amount", "close_date"]] = ["5", "2062-01-01"]
    quality = built(frame).quality
    assert quality.set_aside["rows"].sum() == len(quality.quarantine["deals"])
    assert set(quality.set_aside["kind"]) >= {
        faults.REPEATS.says,
        faults.SAME_KEY.says,
        faults.NO_STATUS.says,
    }
    assert quality.set_aside["remedy"].str.endswith(".").all()


def test_a_column_called_reason_keeps_its_cells(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "deal_id,rep_id,status,reason,row,line\na,r,lost,too dear,7,8\nb,r,dunno,late,9,10\nx\n"
    )
    quality = build(read_source(tmp_path)).quality
    rows = quality.quarantine["deals"]
    assert rows["reason"].tolist() == [
        "status: 'dunno' is none of open, won, lost",
        "the line has 1 field, the headings are 6",
    ]
    assert rows.loc[0, ["reason (own)", "row (own)", "line (own)"]].tolist() == ["late", "9", "10"]


def test_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    """A line that is no row counts as one: row 3 repeats row 1, not row 2."""
    (tmp_path / "deals.csv").write_text(
        "deal_id,rep_id,status\na,r,open\nbroken\na,r,open\na,r,lost\n"
    )
    quality = build(read_source(tmp_path)).quality
    told = quality.quarantine["deals"].set_index("row")["reason"]
    assert told[3] == "deal_id: 'a' repeats row 1"
    assert told[4] == "deal_id: 'a' has the same key, with other values, as row 1"
    groups = quality.set_aside.set_index("kind")
    assert groups.loc[faults.BROKEN_LINE.says, "column"] == "the whole line"
    assert groups.loc[faults.REPEATS.says, "examples"] == "row 3 'a'"


def test_empty_rows_of_a_spreadsheet_are_one_line(tmp_path: Path) -> None:
    """Not one for every column that a row cannot do without."""
    (tmp_path / "deals.csv").write_text("deal_id,rep_id,status\na,r,open\n" + ",,\n" * 50 + " ,,\n")
    quality = build(read_source(tmp_path)).quality
    (group,) = quality.set_aside.to_dict(orient="records")
    assert (group["kind"], group["rows"]) == ("holds nothing", 51)
    assert set(quality.quarantine["deals"]["reason"]) == {"holds nothing"}


def test_the_groups_are_kept_with_the_prepared_tables(tmp_path: Path) -> None:
    dirty(5).to_csv(tmp_path / "deals.csv", index=False)
    first, again = load(tmp_path).quality.set_aside, load(tmp_path).quality.set_aside
    assert len(first) == 2
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "holds no row, only headings"),
        ("a,r,won,x,2026-01-30\nb,r,won,x,2026-01-30\n", "all 2 rows of the table 'deals' are set"),
        ("a,r,won,x,2026-01-30\n", "the only row of the table 'deals' is set aside"),
        ("a,r,won,5,2026-01-30\n", None),
    ],
)
def test_a_dataset_without_a_single_deal_says_what_that_costs(
    tmp_path: Path, rows: str, words: str | None
) -> None:
    (tmp_path / "deals.csv").write_text("deal_id,rep_id,status,amount,close_date\n" + rows)
    told = examine(tmp_path).unanswerable
    if words is None:
        assert told is None
    else:
        assert words in str(told)
        assert "no analysis can answer anything without deals" in str(told)
        assert told is not None and told.remedy


def test_a_file_of_many_columns_does_not_fill_the_page() -> None:
    frame = dirty(0).assign(**{f"c{at}": "x" for at in range(90)})
    (notes,) = built(frame).quality.tables["notes"]
    assert "c19 and 70 more" in notes and len(notes) < 300


def test_headings_alone_are_said_of_every_table(tmp_path: Path) -> None:
    (tmp_path / "reps.csv").write_text("rep_id,name\n")
    (tmp_path / "deals.csv").write_text("deal_id,rep_id,status\na,r,open\n")
    notes = examine(tmp_path).tables.set_index("table")["notes"]
    assert "holds no row, only headings" in notes["reps"]
    assert "holds no row" not in notes["deals"]


def test_a_dataset_without_deals_says_so(tmp_path: Path) -> None:
    (tmp_path / "reps.csv").write_text("rep_id\na\n")
    assert "no table of deals" in str(examine(tmp_path).unanswerable)


def sold(**cells: list[object]) -> pd.DataFrame:
    """A hundred won deals of 10, and then those of the cells."""
    good = pd.DataFrame({
        "deal_id": [f"d{k}" for k in range(100)], "rep_id": "r", "status": "won", "amount": "10",
        "close_date": "2026-01-05", "currency": "USD",
    })  # fmt: skip
    more = pd.DataFrame(cells)
    more["deal_id"] = [f"x{k}" for k in range(len(more))]
    return pd.concat([good, more.reindex(columns=good.columns)], ignore_index=True)


def test_won_deals_that_cannot_be_used_are_said_in_money() -> None:
    """Two of 125 without an owner, and one of 50 on a day that is none: 300 of 1,300."""
    frame = sold(
        rep_id=[None, None, "r", None, "r"],
        status=["won", "Closed Won", "won", "lost", "won"],
        amount=["125", "125", "50", "900", "about 5"],
        close_date=["2026-01-05", "2026-01-06", "2026-02-30", "2026-01-05", "2026-01-05"],
        currency=["USD"] * 5,
    )
    (said,) = [one for one in built(frame).quality.notices if "set aside" in one]
    assert said.startswith(
        "3 won deals worth $300 are set aside, because their rows cannot be used"
    )
    assert "lack 23% of what was won" in said


def test_copies_totals_and_other_currencies_are_not_missed() -> None:
    """What an earlier row holds is booked, and yen are not added to dollars."""
    frame = sold(
        rep_id=["r", "Total"], status=["won"] * 2, amount=["900", "1000"],
        close_date=["2026-01-05"] * 2, currency=["JPY", "USD"],
    )  # fmt: skip
    frame.loc[frame["rep_id"] == "Total", "deal_id"] = "Total"
    copies = frame.iloc[:50]
    made = built(pd.concat([frame, copies, copies.assign(amount="11")]))
    assert len(made.quality.quarantine["deals"]) == 102
    assert not any("worth" in one for one in made.quality.notices)


@pytest.mark.parametrize(("amount", "told"), [("5", False), ("6", True)])
def test_less_than_half_a_percent_is_not_worth_a_sentence(amount: str, told: bool) -> None:
    frame = sold(
        rep_id=[None], status=["won"], amount=[amount], close_date=["2026-01-05"], currency=["USD"]
    )
    said = [one for one in built(frame).quality.notices if "set aside" in one]
    assert bool(said) == told
    assert all(
        one.startswith("1 won deal worth $6.0 is set aside, because its row") for one in said
    )


def test_amounts_set_aside_are_read_as_the_others_are() -> None:
    """1.260 is more than a thousand where other cells have a decimal comma."""
    frame = sold(
        rep_id=[None, "r"], status=["won"] * 2, amount=["1.260", "0,50"],
        close_date=["2026-01-05"] * 2, currency=["USD"] * 2,
    )  # fmt: skip
    (said,) = [one for one in built(frame).quality.notices if "set aside" in one]
    assert said.startswith("1 won deal worth $1.3K is set aside")


def test_what_to_do_with_a_deal_of_nobodys_is_told_and_works() -> None:
    """Four reps and a deal without an owner: with the word that the remedy names it counts for the company."""
    deals = pd.DataFrame({
        "deal_id": list("vwxyz"), "rep_id": ["a", "b", "c", "d", None], "status": "won", "amount": 10.0,
        "close_date": "2026-01-05",
    })  # fmt: skip
    (aside,) = built(deals).quality.set_aside.to_dict(orient="records")
    assert (aside["kind"], aside["column"]) == ("is missing", "rep_id")
    assert "write Unassigned" in aside["remedy"]
    data = Dataset.from_frames({"deals": deals.fillna({"rep_id": "Unassigned"})})
    assert data.deals()["amount"].sum() == 50.0
    assert set(data.rep_months()["rep_id"]) == set("abcd")
    quotas = pd.DataFrame({"rep_id": [None], "month": "2026-01-01", "quota": 1.0})
    made = Dataset.from_frames({"deals": deals.dropna(), "quotas": quotas})
    assert "Unassigned" not in made.quality.set_aside["remedy"].item()
