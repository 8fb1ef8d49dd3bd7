"""Files as exporters really write them."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.building import build
from salesops_lib.dataset.reading import read_file, read_source, read_text
from salesops_lib.errors import DataError

PLAIN = "deal_id,rep_id\n007,Zoë\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-32"),
        PLAIN.encode("cp1252"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        b'"deal_id","rep_id"\n"007","Zo\xc3\xab"\n',
        b"deal_id,rep_id,\n007,Zo\xc3\xab,\n",
        b" deal_id , rep_id\n007,Zo\xc3\xab\n",
    ],
)
def test_every_dialect_reads_the_same(data: bytes) -> None:
    frame = read_text(data, "deals.csv").frame
    assert frame.to_dict(orient="list") == {"deal_id": ["007"], "rep_id": ["Zoë"]}


def test_cells_may_hold_separators_and_newlines() -> None:
    raw = read_text(b'deal_id,rep_id\n"a,1","line\nbreak"\nb,2\n', "deals.csv")
    assert raw.frame["deal_id"].tolist() == ["a,1", "b"]
    assert raw.frame["rep_id"].tolist() == ["line\nbreak", "2"]


def test_lines_that_are_no_rows_keep_their_numbers() -> None:
    raw = read_text(b"deal_id,rep_id\na,1\nb\nc,3\nd,4,5\ne,6\n", "deals.csv")
    assert raw.frame["deal_id"].tolist() == ["a", "c", "e"]
    assert raw.rows is not None
    assert raw.rows.tolist() == [1, 3, 5]
    assert [(row, line) for row, line, _ in raw.broken] == [(2, "b"), (4, "d,4,5")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b,a\n1,2,3\n", "heading 'a' 2 times"),
        (b"a,,b\n1,2,3\n", "without a heading"),
        (b"\x00\x01\x02\xff\xfe", "not a text file"),
        (b"PK\x03\x04\x14\x00\xff\xfe", "a workbook or an archive"),
        (b"<!DOCTYPE html><title>Log in</title>", "a web page or XML"),
        (b'[{"deal_id": 1}]', "JSON"),
        (PLAIN.encode("utf-16")[:-1], "damaged or cut off"),
        (b"\x00\x00\x00\n", "empty"),
        (b'a,b\n1,"2\n3,4\n', "cannot be read"),
    ],
)
def test_bad_files_say_what_is_wrong(data: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        read_text(data, "deals.csv")
    assert "deals.csv" in str(caught.value)
    assert caught.value.remedy


def test_headings_alone_are_an_empty_table() -> None:
    assert len(read_text(b"deal_id,rep_id\n", "deals.csv").frame) == 0
    assert len(read_text(b"deal_id,rep_id", "deals.csv").frame) == 0


@pytest.mark.parametrize(
    ("data", "column", "rows"),
    [
        (b"deal_id,rep_id\na,1\nb,x\x00y\n", "rep_id", (2,)),
        (b"deal_id,rep_id\na,1\nb,2\n" + b"\x00" * 40, None, (3,)),
        (b"\x00deal_id,rep_id\na,1\n", None, ()),
    ],
)
def test_a_file_with_holes_in_it_is_refused_and_says_where(
    data: bytes, column: str | None, rows: tuple[int, ...]
) -> None:
    with pytest.raises(DataError, match="characters of code zero") as caught:
        read_text(data, "deals.csv")
    assert (caught.value.column, caught.value.rows) == (column, rows)


def test_what_windows_cannot_read_either_is_counted() -> None:
    raw = read_text("deal_id,rep_id\na,Zo\x81\u00eb\n".encode("latin-1"), "deals.csv")
    assert raw.frame["rep_id"].tolist() == ["Zo\ufffdë"]
    assert any("1 character could not be read" in note for note in raw.notes)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_bytes(gzip.compress(PLAIN.encode()))
    assert read_file(tmp_path / "deals.csv").frame["rep_id"].tolist() == ["Zoë"]


def test_parquet_with_its_key_as_the_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"deal_id": ["a"], "rep_id": ["r"]}).set_index("deal_id")
    frame.to_parquet(tmp_path / "deals.parquet")
    assert read_file(tmp_path / "deals.parquet").frame.columns.tolist() == ["deal_id", "rep_id"]


def test_parquet_with_a_heading_twice_names_it(tmp_path: Path) -> None:
    table = pa.table([["1"], ["2"]], names=["deal_id", "deal_id"])
    pq.write_table(table, tmp_path / "deals.parquet")
    with pytest.raises(DataError, match="2 times") as caught:
        read_file(tmp_path / "deals.parquet")
    assert caught.value.column == "deal_id"


def test_a_damaged_file_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "deals.parquet").write_bytes(b"PAR1 nonsense")
    (tmp_path / "reps.csv.gz").write_bytes(b"not gzip")
    (tmp_path / "quotas.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-9])
    (tmp_path / "markets.csv.gz").write_bytes(gzip.compress(b"a,b\n")[:10] + b"\xff" * 90)
    faults = [str(one) for one in read_source(tmp_path).faults]
    assert len(faults) == 4
    assert all("cannot be read" in one for one in faults)


def test_parquet_and_gzip_read_as_csv_does(tmp_path: Path) -> None:
    frame = pd.DataFrame({"deal_id": ["007"], "rep_id": ["a"]})
    frame.to_parquet(tmp_path / "deals.parquet")
    frame.to_csv(tmp_path / "deals.csv.gz", index=False)
    left = read_file(tmp_path / "deals.parquet").frame
    pd.testing.assert_frame_equal(left, read_file(tmp_path / "deals.csv.gz").frame)


def test_two_files_of_one_table_are_a_fault(tmp_path: Path) -> None:
    for name in ("deals.csv", "Opportunities.csv"):
        (tmp_path / name).write_text(PLAIN)
    assert "both the table 'deals'" in str(read_source(tmp_path).faults[0])


def test_other_files_are_left_alone_and_named(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(PLAIN)
    (tmp_path / "weather.csv").write_text("a\n1\n")
    (tmp_path / "truth.json").write_text("{")
    source = read_source(tmp_path)
    assert list(source.tables) == ["deals"]
    said = "not read: weather.csv, which is none of the canonical tables"
    assert source.notes == [said] and said in build(source).quality.notices


@pytest.mark.parametrize("name", ["nowhere", "empty", "file.txt"])
def test_nothing_to_read_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(DataError):
        read_source(tmp_path / name)


@pytest.mark.parametrize(
    ("column", "cells", "read"),
    [
        ("deal_id", [1, 2], ["1", "2"]),
        ("deal_id", [b"a", b"b"], ["a", "b"]),
        ("deal_id", pd.Categorical(["a", "b"]), ["a", "b"]),
        ("deal_id", pd.array(["a", "b"], dtype="string[pyarrow]"), ["a", "b"]),
        ("amount", pd.array([1, 2], dtype="Int64"), [1.0, 2.0]),
        ("amount", [Decimal("1.5"), Decimal(2)], [1.5, 2.0]),
        ("amount", np.array([1, 2], dtype="float32"), [1.0, 2.0]),
        ("close_date", [date(2026, 1, 30), date(2026, 2, 27)], ["2026-01-30", "2026-02-27"]),
        (
            "close_date",
            pd.to_datetime(["2026-01-30 23:00", "2026-02-27 01:00"]).tz_localize(
                "America/New_York"
            ),
            ["2026-01-30", "2026-02-27"],
        ),
        ("own", [[1], [2, 3]], ["[1]", "[2 3]"]),
        ("own", [{"a": 1}, {"a": 2}], ["{'a': 1}", "{'a': 2}"]),
        ("own", pd.to_timedelta([1, 2], unit="D"), ["1 days 00:00:00", "2 days 00:00:00"]),
        ("own", [True, False], [1.0, 0.0]),
        ("till", ["x", "y"], ["x", "y"]),  # names that queries use inside
        ("place", [1, 2], [1.0, 2.0]),
        ("first_change", [1, 2], [1.0, 2.0]),
    ],
)
def test_parquet_types(tmp_path: Path, column: str, cells: object, read: list[object]) -> None:
    frame = pd.DataFrame(
        {
            "deal_id": ["a", "b"],
            "rep_id": "r",
            "status": "won",
            "amount": 1.0,
            "close_date": "2026-01-30",
        }
    )
    frame[column] = cells
    frame.to_parquet(tmp_path / "deals.parquet")
    for _ in range(2):  # read, and prepared
        dataset = load_dataset(tmp_path)
        got = dataset.as_of("2026-12-31").deals()[column]
        text = got.dt.strftime("%Y-%m-%d") if column == "close_date" else got
        assert text.tolist() == read
        assert len(dataset.rep_months()) >= 1
