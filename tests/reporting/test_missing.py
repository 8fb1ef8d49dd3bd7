"""What is said of periods that were due and could not be made."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from salesops_lib.reporting import missing, places
from salesops_lib.reporting.journal import now
from salesops_lib.reporting.packs import Pack


def pack(name: str) -> Pack:
    return Pack(name, f"All of {name}", ("forecast",), ("company",))


def aged(path: Path | None, days: float) -> None:
    """The note as if it had been written so many days ago."""
    assert path is not None
    body = json.loads(path.read_text(encoding="utf-8"))
    then = datetime.datetime.fromisoformat(now()) - datetime.timedelta(days=days)
    path.write_text(json.dumps({**body, "at": then.isoformat()}), encoding="utf-8")


def test_a_note_says_what_and_why(tmp_path: Path) -> None:
    before = now()
    missing.note(tmp_path, pack("monthly"), "2026-09", "the data end in August")
    (found,) = missing.noted(tmp_path, [])
    assert before <= found.pop("at") <= now()
    assert found == {
        "period": "2026-09",
        "pack": "monthly",
        "title": "All of monthly",
        "reason": "the data end in August",
    }


def test_tried_again_it_is_one_note_with_the_latest_reason(tmp_path: Path) -> None:
    for reason in ("no data", "no key"):
        missing.note(tmp_path, pack("monthly"), "2026-09", reason)
    assert [one["reason"] for one in missing.noted(tmp_path, [])] == ["no key"]


def test_the_newest_period_stands_first(tmp_path: Path) -> None:
    """By their last days: September and its quarter end alike, week 39 before them; a name that is no
    period stands last."""
    for name, period in (("b", "2026-09"), ("a", "2026-Q3"), ("c", "2026-W39"), ("d", "soon")):
        missing.note(tmp_path, pack(name), period, "x")
    found = [one["period"] for one in missing.noted(tmp_path, [])]
    assert set(found[:2]) == {"2026-09", "2026-Q3"}
    assert found[2:] == ["2026-W39", "soon"]


def test_what_has_come_since_is_not_missing(tmp_path: Path) -> None:
    """A run of the same pack and period; one of another pack, or of another period, is none of it."""
    missing.note(tmp_path, pack("monthly"), "2026-09", "x")
    others = [{"period": "2026-09", "pack": "weekly"}, {"period": "2026-08", "pack": "monthly"}, {}]
    assert len(missing.noted(tmp_path, others)) == 1
    assert missing.noted(tmp_path, [*others, {"period": "2026-09", "pack": "monthly"}]) == []


@pytest.mark.parametrize(("days", "told"), [(30.9, 1), (31.1, 0)])
def test_a_note_of_last_month_is_not_made_up_any_more(
    tmp_path: Path, days: float, told: int
) -> None:
    aged(missing.note(tmp_path, pack("monthly"), "2026-09", "x"), days)
    assert len(missing.noted(tmp_path, [])) == told


def test_what_is_no_note_is_passed_over(tmp_path: Path) -> None:
    missing.note(tmp_path, pack("monthly"), "2026-09", "x")
    folder = places.state(tmp_path) / "missing"
    for at, text in enumerate(("{", "[]", "{}", '{"period": 1, "pack": [2]}', "null", '"x"')):
        (folder / f"{at}.json").write_text(text, encoding="utf-8")
    assert [one["period"] for one in missing.noted(tmp_path, [])] == ["2026-09"]


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """The folder of notes is a file."""
    places.state(tmp_path).mkdir(parents=True)
    (places.state(tmp_path) / "missing").write_text("", encoding="utf-8")
    assert missing.note(tmp_path, pack("monthly"), "2026-09", "x") is None
