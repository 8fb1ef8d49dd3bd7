"""Who sees what: every manager's report, run for real, holds nobody of any other team.

Figures are drawn as paths, but matplotlib leaves each text beside its paths as a comment, so the
search covers them too, once what is encoded in a page is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from salesops_lib.registry import ANALYSES
from tests.reporting.planted import found, readable, run

PERSONAL = ["name", "rep_id", "manager_id", "team"]


def files(folders: dict[str, list[Path]]) -> Iterator[tuple[str, Path]]:
    for manager, places in folders.items():
        for place in places:
            for path in sorted(place.iterdir()):
                yield manager, path


def test_no_file_of_a_manager_names_another_team(
    reps: pd.DataFrame, folders: dict[str, list[Path]]
) -> None:
    seen = 0
    for manager, path in files(folders):
        mine = reps["manager_id"] == manager
        text = readable(path)
        for column in PERSONAL:
            others = set(reps.loc[~mine, column]) - set(reps.loc[mine, column])
            assert found(others, text) == [], (manager, path.name, column)
        seen += 1
    # Two notebooks for each of six managers, every notebook for one; three files each and a record.
    assert seen == 6 * (2 * 3 + 1) + (len(ANALYSES) * 3 + 1)


def test_a_manager_sees_the_own_team(reps: pd.DataFrame, folders: dict[str, list[Path]]) -> None:
    """So that the search above would have found a name, in table and figure both."""
    for manager, (place, *_) in folders.items():
        gone = reps["end_date"] < "2025-10-01"
        mine = set(reps.loc[(reps["manager_id"] == manager) & ~gone, "name"])
        page = readable(place / "performance_curve.html")
        seen = found(mine, page)
        assert len(seen) >= len(mine) - 1 > 1
        assert all(page.count(f"<!-- {one} -->") >= 1 for one in seen)


def test_pseudonyms_name_nobody(reps: pd.DataFrame, warm: None) -> None:
    place = run(reps, "company", "-p", "names=pseudonym", out="pseudonyms") / "company"
    codes = set()
    for path in sorted(place.iterdir()):
        text = readable(path)
        assert found(set(reps["name"]) | set(reps["rep_id"]), text) == [], path.name
        codes |= set(re.findall(r"Rep [0-9A-F]{6}", text))
    assert 15 <= len(codes) <= len(reps)


def small(reps: pd.DataFrame, *columns: str) -> set[str]:
    return {
        str(value)
        for column in columns
        for value, people in reps.groupby(column).size().items()
        if people < 5
    }


def test_small_groups_are_not_in_the_companys_reports(reps: pd.DataFrame, company: Path) -> None:
    """Regions, teams and managers have three or four people each, a channel that outsells all
    others has four: none of them is named in any file, nor is an average that is theirs alone."""
    few = small(reps, "region", "team", "manager_id", "channel")
    assert len(few) == 8 + 6 + 6 + 1 and "Alliances" in few
    pages = {path.name: readable(path) for path in sorted(company.iterdir())}
    assert len(pages) == len(ANALYSES) * 3 + 1
    for name, text in pages.items():
        assert found(few, text) == [], name
    large = {str(v) for v, people in reps.groupby("channel").size().items() if people >= 5}
    assert found(large, pages["channel_gap.html"]) == sorted(large)


def test_a_small_channel_is_not_compared_by_name(reps: pd.DataFrame, two_channels: Path) -> None:
    """With one large channel and one of four people, no other pair is left to choose: in the report
    that compares channels, and in the brief that repeats it."""
    few = small(reps, "region", "team", "manager_id") | {"Alliances"}
    pages = {path.name: readable(path) for path in sorted(two_channels.iterdir())}
    assert len(pages) == 2 * 3 + 1
    for name, text in pages.items():
        assert found(few, text) == [], name


def test_figures_of_these_runs_can_be_searched(company: Path, two_channels: Path) -> None:
    """A figure as pixels would hide a name from the searches above."""
    for folder in (company, two_channels):
        pages = list(folder.glob("*.html"))
        assert pages
        for path in pages:
            assert "data:image/png" not in path.read_text(encoding="utf-8"), path.name
