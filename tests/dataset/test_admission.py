"""No row is lost, and each row set aside says why."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesops_lib.dataset.building import build, raw_tables
from salesops_lib.dataset.dataset import Dataset
from salesops_lib.dataset.loading import examine, load
from salesops_lib.dataset.quality import harmless, write_quarantine
from salesops_lib.dataset.reading import Source
from salesops_lib.errors import DataError

DEALS = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date"]


def deals(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=DEALS)


def reasons(table: str = "deals", **tables: pd.DataFrame) -> dict[int, str]:
    """Row → reason, of one table."""
    quality = build(Source(raw_tables(tables))).quality
    rows = quality.quarantine[table]
    return dict(zip(rows["row"], rows["reason"], strict=True))


def test_each_fault_has_its_reason() -> None:
    found = reasons(
        deals=deals(
            ("d1", "r", "won", 10, "2026-01-01", "2026-02-01"),
            ("d2", "r", "won", None, "2026-01-01", "2026-02-01"),
            ("d3", "r", "won", 10, "2026-01-01", None),
            ("d4", "r", "perhaps", 10, "2026-01-01", "2026-02-01"),
            ("d5", None, "won", 10, "2026-01-01", "2026-02-01"),
            ("d6", "r", "won", "ten", "2026-01-01", "2026-02-01"),
            ("d7", "r", "won", 10, "2026-01-01", "2026-02-30"),
            ("d1", "r", "won", 10, "2026-01-01", "2026-02-01"),
            ("d1", "r", "won", 11, "2026-01-01", "2026-02-01"),
        )
    )
    assert found == {
        2: "amount: is missing in a won deal",
        3: "close_date: is missing in a won deal",
        4: "status: 'perhaps' is none of open, won, lost",
        5: "rep_id: is missing",
        6: "amount: 'ten' is not a number",
        7: "close_date: '2026-02-30' is not a date of the calendar",
        8: "deal_id: 'd1' repeats row 1",
        9: "deal_id: 'd1' has the same key, with other values, as row 1",
    }


def test_one_row_may_have_two_reasons() -> None:
    found = reasons(deals=deals(("d", "r", "bad", "ten", None, None)))
    assert found[1].count(";") == 1


def test_a_fault_does_not_hide_another_behind_it() -> None:
    """Rows are validated although other rows did not parse."""
    found = reasons(
        deals=deals(("d1", "r", "won", "x", None, "2026-01-01"), ("d2", "r", "won", 1, None, None))
    )
    assert list(found) == [1, 2]


@pytest.mark.parametrize(
    ("table", "frame", "row", "reason"),
    [
        (
            "reps",
            {"rep_id": ["a"], "hire_date": ["2026-02-01"], "end_date": ["2026-01-01"]},
            1,
            "end_date: is before hire_date",
        ),
        (
            "reps",
            {"rep_id": ["a", "a"], "hire_date": ["2026-01-01", "2026-03-01"]},
            2,
            "rep_id: 'a' has employment that overlaps another row of the rep",
        ),
        ("reps", {"rep_id": ["a"], "annual_cost": [-1]}, 1, "annual_cost: '-1' is below 0"),
        (
            "quotas",
            {"rep_id": ["a", "a"], "month": ["2026-01", "2026-01-15"], "quota": [1, 2]},
            2,
            "rep_id, month: 'a, 2026-01-01' has the same key, with other values, as row 1",
        ),
        (
            "quotas",
            {"rep_id": ["a"], "month": ["2026-01"], "quota": [None]},
            1,
            "quota: is missing",
        ),
        (
            "activities",
            {"rep_id": ["a"], "week": ["2026-01-05"], "activity": ["calls"], "hours": [169]},
            1,
            "hours: '169' is above 168",
        ),
    ],
)
def test_other_tables(table: str, frame: dict[str, list[object]], row: int, reason: str) -> None:
    assert reasons(table, **{table: pd.DataFrame(frame)}) == {row: reason}


def test_a_rep_who_came_back_is_two_rows() -> None:
    reps = pd.DataFrame(
        {
            "rep_id": ["a", "a"],
            "hire_date": ["2026-03-01", "2025-01-01"],
            "end_date": [None, "2025-06-30"],
        }
    )
    dataset = Dataset.from_frames({"reps": reps})
    assert len(dataset.reps()) == 2
    assert any("came back" in text for text in dataset.notices)


def test_returns_and_late_entries_are_kept_and_said() -> None:
    dataset = Dataset.from_frames(
        {
            "deals": deals(
                ("d1", "r", "won", -10, "2026-01-01", "2026-02-01"),
                ("d2", "r", "won", 10, "2026-03-01", "2026-02-01"),
            )
        }
    )
    assert dataset.deals()["amount"].sum() == 0
    assert any("returns" in text for text in dataset.notices)
    assert any("closed before being created" in text for text in dataset.notices)


def test_a_return_is_subtracted_whatever_its_list_amount() -> None:
    """Booked back with a list amount below zero, as many CRMs do: the returns were set aside, and the
    bookings stood 7% too high. A list amount below zero elsewhere is still a fault."""
    frame = deals(
        ("d1", "r", "won", 100, "2026-01-01", "2026-02-01"),
        ("d2", "r", "won", -40, "2026-01-01", "2026-02-03"),
        ("d3", "r", "won", 50, "2026-01-01", "2026-02-05"),
    ).assign(list_amount=[120, -50, -60])
    dataset = Dataset.from_frames({"deals": frame})
    assert dataset.deals().set_index("deal_id")["amount"].to_dict() == {"d1": 100, "d2": -40}
    assert dataset.deals()["list_amount"].isna().tolist() == [False, True]
    assert reasons(deals=frame) == {3: "list_amount: '-60' is below 0"}


def test_money_in_a_second_currency_is_set_aside() -> None:
    table = deals(
        ("d1", "r", "won", "$10", None, "2026-02-01"),
        ("d2", "r", "won", "USD 10", None, "2026-02-01"),
        ("d3", "r", "won", "€10", None, "2026-02-01"),
    )
    assert reasons(deals=table) == {
        3: "amount: '€' is money in a second currency: the rest is in $"
    }
    dataset = Dataset.from_frames({"deals": table.iloc[2:]})
    assert dataset.currency == "€"


def test_a_date_decades_ahead_is_set_aside() -> None:
    rows = [(f"d{i}", "r", "won", 1, None, f"2026-01-{i:02d}") for i in range(1, 29)]
    found = reasons(deals=deals(*rows, ("late", "r", "won", 1, None, "2062-01-01")))
    assert list(found) == [29]


def test_reps_known_only_from_deals_stay() -> None:
    tables = {
        "deals": deals(("d1", "ghost", "won", 10, None, "2026-02-01")),
        "reps": pd.DataFrame({"rep_id": ["a"], "name": ["Ann"]}),
    }
    dataset = Dataset.from_frames(tables)
    assert dataset.reps()["rep_id"].tolist() == ["a", "ghost"]
    assert any("ghost" in text for text in dataset.notices)
    counts = dataset.quality.tables.set_index("table").loc["reps"]
    assert counts["rows_read"] == counts["rows_accepted"] == 1


def test_the_expected_close_of_an_open_deal_is_no_close_date() -> None:
    dataset = Dataset.from_frames(
        {"deals": deals(("d1", "r", "open", 10, "2026-01-01", "2026-12-01"))}
    )
    (row,) = dataset.deals().to_dict(orient="records")
    assert pd.isna(row["close_date"])
    assert row["expected_close_date"] == pd.Timestamp("2026-12-01")
    assert dataset.last_day == pd.Timestamp("2026-01-01")


def test_aliases_are_recognised_and_reported() -> None:
    table = pd.DataFrame(
        {
            "Opportunity ID": ["007"],
            "OwnerId": ["r"],
            "Status": ["Closed Won"],
            "Amount": [1],
            "CloseDate": ["2026-01-01"],
            "my own": ["kept"],
        }
    )
    dataset = Dataset.from_frames({"deals": table})
    row = dataset.deals().iloc[0]
    assert (row["deal_id"], row["rep_id"], row["status"], row["my own"]) == (
        "007",
        "r",
        "won",
        "kept",
    )
    notes = dataset.quality.tables["notes"].iloc[0]
    assert "OwnerId as rep_id" in notes
    assert "my own" in notes


def test_the_canonical_name_wins_over_an_alias() -> None:
    table = deals(("d", "right", "won", 1, None, "2026-01-01")).assign(owner="wrong")
    dataset = Dataset.from_frames({"deals": table})
    assert dataset.deals()["rep_id"].tolist() == ["right"]
    assert dataset.deals()["owner"].tolist() == ["wrong"]


def test_the_name_as_written_here_wins_over_another_spelling() -> None:
    reps = pd.DataFrame({"rep_id": ["a"], "HireDate": ["2010-01-01"], "hire_date": ["2020-01-01"]})
    dataset = Dataset.from_frames({"reps": reps})
    assert dataset.reps()["hire_date"].tolist() == [pd.Timestamp("2020-01-01")]
    assert dataset.reps()["HireDate"].tolist() == ["2010-01-01"]


@pytest.mark.parametrize("column", ["deal_id", "rep_id", "status"])
def test_a_missing_column_names_itself_and_the_remedy(column: str) -> None:
    table = deals(("d", "r", "won", 1, None, "2026-01-01")).drop(columns=column)
    with pytest.raises(DataError) as caught:
        Dataset.from_frames({"deals": table})
    assert caught.value.column == column
    assert caught.value.remedy


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(DataError, match="no table 'dals'"):
        Dataset.from_frames({"dals": pd.DataFrame()})


CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "won", "lost", "open", "2026-01-05", "05/06/2026", "12", "1,5", "NA", "x"]
    ),
    st.text(max_size=8),
    st.floats(),
    st.integers(-(10**6), 10**6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[CELL] * len(DEALS)), max_size=12))
def test_rows_read_are_rows_accepted_and_quarantined(rows: list[tuple[object, ...]]) -> None:
    built = build(Source(raw_tables({"deals": pd.DataFrame(rows, columns=DEALS, dtype=object)})))
    (counts,) = built.quality.tables.to_dict(orient="records")
    assert counts["rows_read"] == len(rows)
    assert counts["rows_read"] == counts["rows_accepted"] + counts["rows_quarantined"]
    assert len(built.frames["deals"]) == counts["rows_accepted"]
    assert all(built.quality.quarantine["deals"]["reason"])


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab1,;"\n\r\t .-=', max_size=200))
def test_no_text_makes_a_file_lose_rows(body: str) -> None:
    from salesops_lib.dataset.reading import read_text

    try:
        raw = read_text(("deal_id,rep_id,status\n" + body).encode(), "deals.csv")
    except DataError:
        return
    built = build(Source({"deals": raw}))
    counts = built.quality.tables.iloc[0]
    assert counts["rows_read"] == counts["rows_accepted"] + counts["rows_quarantined"]
    numbers = sorted(built.quality.quarantine["deals"]["row"])
    assert len(set(numbers)) == len(numbers)


def test_the_quarantine_file_runs_in_no_spreadsheet(tmp_path: Path) -> None:
    table = deals(
        ("=HYPERLINK(1)", "@r", "bad", "-5", "+cmd", "\tx"),
        ("ok", "r", "bad", "-5", "-x", None),
    )
    quality = build(Source(raw_tables({"deals": table}))).quality
    (path,) = write_quarantine(quality, tmp_path / "quarantine")
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["row", "reason", *DEALS]
    assert rows[1][2:] == ["'=HYPERLINK(1)", "'@r", "bad", "-5", "'+cmd", "'\tx"]
    assert rows[2][2:] == ["ok", "r", "bad", "-5", "'-x", ""]


def test_numbers_keep_their_sign_in_quarantine() -> None:
    assert harmless(-5.0) == "-5.0"
    assert harmless("-5") == "-5"
    assert harmless("-5+3") == "'-5+3"
    assert harmless(None) == ""


def test_a_plain_load_writes_nothing_beside_the_data(tmp_path: Path) -> None:
    deals(("d", "r", "bad", 1, None, None), ("e", "r", "won", 1, None, "2026-01-01")).to_csv(
        tmp_path / "deals.csv", index=False
    )
    load(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["deals.csv"]


def test_examining_tells_faults_without_raising(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("deal_id,status\na,won\n")
    (tmp_path / "reps.csv").write_text("rep_id\na\n")
    report = examine(tmp_path)
    assert report.faults
    assert report.faults[0].column == "rep_id"
    assert report.tables["table"].tolist() == ["reps"]
