"""Which of day and month comes first, where a column does not say so itself: hand-worked files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset.building import Built, build
from salesops_lib.dataset.day_order import evidence
from salesops_lib.dataset.reading import read_source

DOUBT = ["03/04/2026", "05/06/2026", "07/07/2026"]
# Which of these days can only be read one way: none, the first, the second.
DAY_FIRST, MONTH_FIRST = (
    ["03/02/2026", "31/05/2026", "01/07/2026"],
    [
        "02/03/2026",
        "05/31/2026",
        "07/01/2026",
    ],
)


def read(folder: Path, **columns: list[str]) -> Built:
    """A deals.csv of three won deals with these columns of dates."""
    frame = pd.DataFrame({"deal_id": ["1", "2", "3"], "rep_id": "r", "status": "won", "amount": 5})
    frame.assign(**columns).to_csv(folder / "deals.csv", index=False)
    return build(read_source(folder))


def days(built: Built, column: str = "close_date") -> list[str]:
    return built.frames["deals"][column].dt.strftime("%Y-%m-%d").tolist()


def notes(built: Built) -> str:
    return str(built.quality.tables["notes"].iloc[0])


@pytest.mark.parametrize(
    ("sibling", "expected", "word", "cell"),
    [
        (DAY_FIRST, ["2026-04-03", "2026-06-05", "2026-07-07"], "day first", "'31/05/2026'"),
        (MONTH_FIRST, ["2026-03-04", "2026-05-06", "2026-07-07"], "month first", "'05/31/2026'"),
    ],
)
def test_a_sibling_decides_and_the_report_says_on_what_it_rests(
    tmp_path: Path, sibling: list[str], expected: list[str], word: str, cell: str
) -> None:
    built = read(tmp_path, created_date=sibling, close_date=DOUBT)
    assert days(built) == expected
    assert f"close_date: dates read {word}" in notes(built)
    assert f"1 row of created_date can only be that, such as {cell}" in notes(built)


def test_contradicting_siblings_decide_nothing(tmp_path: Path) -> None:
    built = read(tmp_path, created_date=DAY_FIRST, quoted_date=MONTH_FIRST, close_date=DOUBT)
    assert days(built) == ["2026-07-07"]  # the same both ways
    assert "contradict each other" in notes(built)
    assert "created_date" in notes(built) and "quoted_date" in notes(built)
    (group,) = built.quality.set_aside.to_dict(orient="records")
    assert (group["column"], group["rows"]) == ("close_date", 2)
    assert "2026-09-30" in group["remedy"]


def test_without_evidence_they_are_set_aside(tmp_path: Path) -> None:
    built = read(tmp_path, created_date=DOUBT, close_date=DOUBT)
    assert days(built) == ["2026-07-07"]
    assert "read day first" not in notes(built) and "read month first" not in notes(built)


def test_a_column_that_contradicts_itself_is_helped_by_nobody(tmp_path: Path) -> None:
    both = ["13/04/2026", "04/13/2026", "03/04/2026"]
    built = read(tmp_path, created_date=DAY_FIRST, close_date=both)
    assert days(built) == ["2026-04-13", "2026-04-13"]


def test_a_column_decides_for_itself_whatever_its_siblings_say(tmp_path: Path) -> None:
    built = read(tmp_path, created_date=MONTH_FIRST, close_date=DAY_FIRST)
    assert days(built) == ["2026-02-03", "2026-05-31", "2026-07-01"]
    assert days(built, "created_date") == ["2026-02-03", "2026-05-31", "2026-07-01"]


def test_another_separator_is_another_format(tmp_path: Path) -> None:
    dashes = [one.replace("/", "-") for one in DAY_FIRST]
    assert days(read(tmp_path, created_date=dashes, close_date=DOUBT)) == ["2026-07-07"]


def test_a_date_column_of_your_own_is_a_sibling_too(tmp_path: Path) -> None:
    built = read(tmp_path, close_date=DOUBT, last_touched=DAY_FIRST)
    assert days(built) == ["2026-04-03", "2026-06-05", "2026-07-07"]
    assert "last_touched" in notes(built)


def test_a_column_that_only_looks_like_dates_in_places_is_none(tmp_path: Path) -> None:
    built = read(tmp_path, close_date=DOUBT, ratio=["31/05/2026", "not known", "1"])
    assert days(built) == ["2026-07-07"]


def test_another_file_decides_nothing(tmp_path: Path) -> None:
    (tmp_path / "reps.csv").write_text("rep_id,hire_date\nr,31/05/2020\n")
    assert days(read(tmp_path, close_date=DOUBT)) == ["2026-07-07"]


@pytest.mark.parametrize(
    "typo",
    [["31/02/2026", "99/01/2026"], ["02/31/2026", "01/99/2026"], ["32/01/2026", "12/32/2026"]],
)
def test_a_day_that_no_month_has_is_no_evidence(tmp_path: Path, typo: list[str]) -> None:
    typo = [*typo, "03/04/2026"]
    built = read(tmp_path, created_date=typo, close_date=DOUBT)
    assert days(built) == []  # the row that is the same both ways has a bad created_date
    assert "read day first" not in notes(built) and "read month first" not in notes(built)


def test_the_last_day_of_a_month_is_evidence_in_leap_years_too() -> None:
    for text, first in (("29/02/2028", True), ("02/29/2028", False), ("31/12/2026", True)):
        found = evidence([text, "03/04/2026", None], np.array([3, 1, 1]))
        assert (found.first, found.certain) == (first, {("/", first): (3, text)})
        assert found.doubt == {"/"} and found.dates_only and not found.undecided


def test_a_column_written_in_two_ways_is_decided_only_where_siblings_know_both(
    tmp_path: Path,
) -> None:
    mixed = ["03/04/2026", "05-06-2026", "07/07/2026"]
    dashes = [one.replace("/", "-") for one in DAY_FIRST]
    assert days(read(tmp_path, created_date=DAY_FIRST, close_date=mixed)) == ["2026-07-07"]
    both = read(tmp_path, created_date=DAY_FIRST, quoted_date=dashes, close_date=mixed)
    assert days(both) == ["2026-04-03", "2026-06-05", "2026-07-07"]


def test_months_and_moments_follow_their_siblings(tmp_path: Path) -> None:
    (tmp_path / "stage_changes.csv").write_text(
        "deal_id,changed_at,stage,expected_close_date\n"
        "1,03/04/2026 10:30,new,31/05/2026\n1,05/06/2026 11:00,old,30/06/2026\n"
    )
    built = build(read_source(tmp_path))
    assert built.frames["stage_changes"]["changed_at"].tolist() == [
        pd.Timestamp("2026-04-03 10:30"),
        pd.Timestamp("2026-06-05 11:00"),
    ]
