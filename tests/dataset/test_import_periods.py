"""Rows of an export that stand for several months become a row a month, and their money is divided."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.errors import DataError
from tests.dataset.mappings import QUARTERS
from tests.dataset.test_import_more_words import run

GOALS = """
[tables.quotas]
source = "q.csv"
lacking = ["end"]
[tables.quotas.columns]
rep_id = "rep"
month = { from = "start", until = "end" }
quota = { from = "money", split = true }
"""


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        # A month stays as it is, to the last digit.
        ("a,2026-02-01,2026-02-28,100.005", ["2026-02-01 100.005"]),
        # 100 ÷ 3 = 33.33, 33.33 and what is left, 33.34.
        (
            "a,01/01/2026,31/03/2026,100",
            ["2026-01-01 33.33", "2026-02-01 33.33", "2026-03-01 33.34"],
        ),
        # Midnight elsewhere: the quarter of January to March as a server in UTC writes it.
        (
            "a,2025-12-31T23:00:00Z,2026-03-30T22:00:00Z,3",
            ["2026-01-01 1.00", "2026-02-01 1.00", "2026-03-01 1.00"],
        ),
        # Three weeks are the shortest month, and a row of no period is passed on as it is.
        ("a,2026-02-08,2026-02-28,9", ["2026-02-01 9.0"]),
        ("a,,,9", [" 9.0"]),
        # Days come first in the one column, so they do in the other: it ends on the 5th of March.
        ("a,25/01/2026,05/03/2026,9", ["2026-02-01 9.0"]),
        # The ends say that months do, though by day and month all would begin on a fourth.
        (
            "a,04/01/2026,04/30/2026,1\nb,04/02/2026,04/30/2026,2",
            ["2026-04-01 1.0", "2026-04-01 2.0"],
        ),
        # Over the year's end, and one without money.
        ("a,2025-12-01,2026-01-31,", ["2025-12-01 ", "2026-01-01 "]),
    ],
)
def test_a_period_becomes_its_months(rows: str, wanted: list[str], tmp_path: Path) -> None:
    _, tables = run(tmp_path, GOALS, q=f"rep,start,end,money\n{rows}\n")
    made = tables["quotas"]
    assert (made["month"] + " " + made["quota"]).tolist() == wanted


@pytest.mark.parametrize(
    ("starts", "each"),
    [
        (["2026-01-01", "2026-02-01"], 1),
        (["2026-04-01", "2026-01-01"], 3),
        (["2026-02-01", "2026-09-01", "2026-01-01"], 1),
        (["2026-07-01", "2026-01-01"], 6),
        (["2025-02-01", "2026-02-01"], 12),
        # Days come first, for then all begin on the first of a month.
        (["01/01/2026", "01/02/2026", "01/03/2026"], 1),
    ],
)
def test_without_an_end_the_beginnings_tell_how_long(
    starts: list[str], each: int, tmp_path: Path
) -> None:
    rows = "".join(f"{rep},{day},9\n" for rep in "ab" for day in starts)
    report, tables = run(tmp_path, GOALS, q=f"rep,start,money\n{rows}")
    n = 2 * len(starts)
    assert len(tables["quotas"]) == n * each
    assert tables["quotas"]["quota"].astype(float).sum() == 9 * n
    each_is = "a month" if each == 1 else f"{each} months"
    said = f"{n} rows without the end of their period: taken to last {each_is}, the shortest time from one start"
    assert said in report.notes[0]
    longer = f"{n} rows of several months, written as a row a month"
    assert any(longer in one for one in report.notes) == (each > 1)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "a,2026-01-01,,9",
            "'start': whether these periods are months or quarters cannot be told: all are the same",
        ),
        ("a,2026-01-01,,9\na,2026-03-01,,9", "they are 2 months apart"),
        ("a,soon,,9", "'start': is not a day; rows soon"),
        ("a,2026-02-09,2026-02-28,9", "begins a period shorter than a month"),
        ("a,2026-01-01,2026-03-31,lots", "'money': is not a number; rows lots"),
    ],
)
def test_a_period_that_cannot_be_read_is_named(rows: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        run(tmp_path, GOALS, q=f"rep,start,end,money\n{rows}\n")
    assert not (tmp_path / "out").exists()


def test_a_file_of_periods_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    report, tables = run(tmp_path, GOALS, q="rep,start,end,money\n")
    assert tables["quotas"].empty
    assert list(tables["quotas"]) == ["rep_id", "month", "quota"]
    assert report.tables["rows_written"].tolist() == [0]


@pytest.mark.parametrize(
    "quarter", ["Q3 2026", "q3/2026", "Q3-2026", "2026 Q3", "2026/Q3", " Q32026 "]
)
def test_a_quarter_may_stand_before_its_year(quarter: str, tmp_path: Path) -> None:
    """As people write it in a spreadsheet; only 2026Q3 was known."""
    _, tables = run(tmp_path, QUARTERS, q=f"rep,quarter,quota\na,{quarter},9\n")
    assert tables["quotas"]["month"].tolist() == ["2026-07-01", "2026-08-01", "2026-09-01"]


@pytest.mark.parametrize("quarter", ["Q5 2026", "Q3 26", "3/2026", "Q3 2026 Q3"])
def test_what_is_no_quarter_is_not_guessed(quarter: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'quarter': is not a quarter"):
        run(tmp_path, QUARTERS, q=f"rep,quarter,quota\na,{quarter},9\n")


def test_rows_without_a_quarter_are_called_blank(tmp_path: Path) -> None:
    """A line with the total had none, and the fault read "rows , , .": what the remedy names takes it out."""
    rows = "rep,quarter,quota\na,2026Q3,9\nSum,,9\n"
    with pytest.raises(DataError) as fault:
        run(tmp_path, QUARTERS, q=rows)
    assert str(fault.value) == (
        "column 'quarter': is not a quarter; rows (blank). Write it as 2026Q3, or leave rows without it out: "
        'keep."quarter" = ["*"].'
    )
    kept = QUARTERS.replace(
        "[tables.quotas.columns]", 'keep."quarter" = ["*"]\n[tables.quotas.columns]'
    )
    _, tables = run(tmp_path, kept, q=rows)
    assert tables["quotas"]["rep_id"].tolist() == ["a", "a", "a"]
