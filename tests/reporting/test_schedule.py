"""What is due, when, once."""

from __future__ import annotations

import datetime
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salesops_lib.dataset.period import Period
from salesops_lib.dataset.period_names import Span, read, span_of
from salesops_lib.errors import ParameterError
from salesops_lib.reporting import missing, publication, schedule
from salesops_lib.reporting.packs import Pack, Packs
from tests.reporting.conftest import Bench, eventually, forks, notebook

Day = datetime.date


@pytest.mark.parametrize(
    ("every", "day", "start", "name", "first", "last"),
    [
        ("week", Day(2026, 9, 27), 1, "2026-W39", Day(2026, 9, 21), Day(2026, 9, 27)),
        ("week", Day(2027, 1, 1), 1, "2026-W53", Day(2026, 12, 28), Day(2027, 1, 3)),
        ("month", Day(2028, 2, 10), 1, "2028-02", Day(2028, 2, 1), Day(2028, 2, 29)),
        ("quarter", Day(2026, 9, 30), 1, "2026-Q3", Day(2026, 7, 1), Day(2026, 9, 30)),
        # A fiscal year from April: its quarters are calendar quarters.
        ("quarter", Day(2026, 9, 30), 4, "2026-Q3", Day(2026, 7, 1), Day(2026, 9, 30)),
        # From February: they are not.
        ("quarter", Day(2026, 9, 30), 2, "2026-08-to-2026-10", Day(2026, 8, 1), Day(2026, 10, 31)),
        ("quarter", Day(2026, 1, 5), 2, "2025-11-to-2026-01", Day(2025, 11, 1), Day(2026, 1, 31)),
        ("year", Day(2026, 1, 5), 1, "2026", Day(2026, 1, 1), Day(2026, 12, 31)),
        ("year", Day(2026, 1, 5), 2, "2025-02-to-2026-01", Day(2025, 2, 1), Day(2026, 1, 31)),
    ],
)
def test_spans(every: str, day: Day, start: int, name: str, first: Day, last: Day) -> None:
    span = span_of(every, day, start)
    assert (span.name, span.start, span.end) == (name, first, last)
    # The rest of the library reads the name the same way.
    period = Period.parse(name)
    assert (period.start.date(), period.end.date(), period.name) == (first, last, name)


def test_spans_tile_the_calendar() -> None:
    """Going back day by day never skips or repeats one, for every kind and fiscal year."""
    for every in ("week", "month", "quarter", "year"):
        for start in range(1, 13):
            span = span_of(every, Day(2026, 9, 30), start)
            for _ in range(60):
                before = span_of(every, span.start - datetime.timedelta(days=1), start)
                assert before.end + datetime.timedelta(days=1) == span.start
                assert span_of(every, before.start, start) == before
                span = before


def packs(**options: object) -> Packs:
    pack = Pack("weekly", "Weekly", ("one",), every="week", **options)  # type: ignore[arg-type]
    return Packs(packs={"weekly": pack}, catch_up=4)


def names(found: list[Span]) -> list[str]:
    return [one.name for one in found]


def publish(out: Path, period: str) -> None:
    (out / period / "weekly").mkdir(parents=True)
    schedule.mark_published(out, period, "weekly", 1)


def test_due_after_the_end_once_and_after_a_missed_week(tmp_path: Path) -> None:
    every = packs()
    pack = every.pack("weekly")
    # Never published: only the last week, not years of history. On its Sunday it has not ended.
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 9, 27))) == ["2026-W38"]
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 9, 28))) == ["2026-W39"]
    publish(tmp_path, "2026-W39")
    assert schedule.due(pack, every, tmp_path, Day(2026, 10, 4)) == []
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5))) == ["2026-W40"]
    # Two Mondays missed: both are made up, the older first.
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 10, 14))) == ["2026-W40", "2026-W41"]
    late = packs(delay_days=3)
    assert schedule.due(late.pack("weekly"), late, tmp_path, Day(2026, 10, 7)) == []
    assert names(schedule.due(late.pack("weekly"), late, tmp_path, Day(2026, 10, 8))) == [
        "2026-W40"
    ]


def test_due_after_an_outage_longer_than_is_made_up(tmp_path: Path) -> None:
    """Three months off: the last four weeks are made, not the last one alone as for a new pack."""
    every = packs()
    pack = every.pack("weekly")
    publish(tmp_path, "2026-W27")
    last_four = ["2026-W37", "2026-W38", "2026-W39", "2026-W40"]
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5))) == last_four


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_due_with_more_to_make_up_or_to_wait_for_than_there_are_years(
    tmp_path: Path, every: str
) -> None:
    """Somebody's "all of it" in the packs file: the calendar ended, and the run with a traceback."""
    all_of_it = Packs(packs={}, catch_up=10**9)
    pack = Pack("weekly", "Weekly", ("one",), every=every)
    assert len(schedule.due(pack, all_of_it, tmp_path, Day(2026, 10, 5))) == 1
    for days in (10**8, 10**20):
        never = replace(pack, delay_days=days)
        assert schedule.due(never, all_of_it, tmp_path, Day(2026, 10, 5)) == []
    assert schedule.due(pack, all_of_it, tmp_path, schedule.parse_now("1900-01-01")) == []


@pytest.mark.parametrize("text", ["0001-01-01", "1600-01-01", "9999-12-31"])
def test_a_day_of_which_no_period_has_a_name_is_none(text: str) -> None:
    with pytest.raises(ParameterError, match="must be a date like"):
        schedule.parse_now(text)


def test_due_makes_up_what_failed_before_a_later_one_went_through(tmp_path: Path) -> None:
    every = packs()
    pack = every.pack("weekly")
    for period in ("2026-W38", "2026-W40"):
        publish(tmp_path, period)
    # Not W37: it ended before the first that was ever made.
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5))) == ["2026-W39"]
    # A failed one older than is made up is left.
    publish(tmp_path, "2026-W43")
    later = names(schedule.due(pack, every, tmp_path, Day(2026, 10, 26)))
    assert later == ["2026-W41", "2026-W42"]


def test_a_clock_that_went_back_makes_nothing_due(tmp_path: Path) -> None:
    every = packs()
    publish(tmp_path, "2026-W39")
    assert schedule.due(every.pack("weekly"), every, tmp_path, Day(2025, 3, 3)) == []


def test_a_pack_that_changes_its_rhythm_starts_with_the_last_period(tmp_path: Path) -> None:
    """Weeks that went through say nothing of months; nor do those of a pack whose name ends alike."""
    pack = Pack("weekly", "Weekly", ("one",), every="month")
    every = Packs(packs={"weekly": pack})
    publish(tmp_path, "2026-W20")
    (tmp_path / "2026-05" / "bi--weekly").mkdir(parents=True)
    schedule.mark_published(tmp_path, "2026-05", "bi--weekly", 1)
    assert names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5))) == ["2026-09"]
    # Nor do quarters of the calendar say anything of those of a fiscal year from February.
    pack = Pack("weekly", "Weekly", ("one",), every="quarter")
    every = Packs(packs={"weekly": pack}, fiscal_year_start=2)
    publish(tmp_path, "2025-Q1")
    later = names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5)))
    assert later == ["2026-05-to-2026-07"]
    publish(tmp_path, "2025-11-to-2026-01")
    later = names(schedule.due(pack, every, tmp_path, Day(2026, 10, 5)))
    assert later == ["2026-02-to-2026-04", "2026-05-to-2026-07"]


def test_now_must_be_a_date() -> None:
    assert schedule.parse_now("2026-10-05") == Day(2026, 10, 5)
    with pytest.raises(ParameterError, match="--now"):
        schedule.parse_now("tomorrow")


@pytest.fixture
def weekly(bench: Bench) -> Bench:
    bench.add("one", notebook("1"))
    bench.pack["every"] = "week"
    return bench


def test_due_publishes_once(weekly: Bench) -> None:
    done = weekly.run("--now", "2026-09-28", command="due")
    assert done.code == 0 and "1 made" in done.stderr, done.stderr
    assert (weekly.out / "2026-W39" / "default" / "company" / "one.html").exists()
    again = weekly.run("--now", "2026-09-29", command="due")
    assert again.code == 0 and "Nothing is due" in again.stderr
    assert weekly.run("--now", "soon", command="due").code == 2


def test_due_tries_again_what_failed(weekly: Bench, make_notebook: Callable[..., str]) -> None:
    weekly.add("one", make_notebook("1/0"))
    assert weekly.run("--now", "2026-09-28", command="due").code == 1
    weekly.add("one", make_notebook("1"))
    done = weekly.run("--now", "2026-09-28", command="due")
    assert done.code == 0 and "1 made" in done.stderr


def test_due_waits_for_data_of_the_period(weekly: Bench) -> None:
    """The export stopped with September: October is not published with its numbers, and is made up
    once they come."""
    weekly.pack["every"] = "month"
    assert weekly.run("--now", "2026-10-05", command="due").code == 0
    late = weekly.run("--now", "2026-11-05", command="due")
    assert late.code == 1 and "data end on 2026-09-30, before 2026-10 begins" in late.stderr
    assert not (weekly.out / "2026-10").exists()
    deals = weekly.root / "data" / "deals.csv"
    deals.write_text(deals.read_text() + "D4,R3,won,100,2026-10-02,2026-10-30\n")
    assert weekly.run("--now", "2026-11-06", command="due").code == 0
    assert (weekly.out / "2026-10" / "default" / "company" / "one.html").exists()


def test_two_crons_at_once(weekly: Bench, make_notebook: Callable[..., str]) -> None:
    log = weekly.root / "log"
    weekly.add(
        "one", make_notebook(f"import time; open({str(log)!r}, 'a').write('x'); time.sleep(1)")
    )
    started = [weekly.start("--now", "2026-09-28", command="due") for _ in range(3)]
    assert [one.wait() for one in started] == [0, 0, 0]
    assert log.read_text() == "x"


def test_missed_weeks_are_made_up(weekly: Bench) -> None:
    """The machine was off on two Mondays."""
    assert weekly.run("--now", "2026-09-14", command="due").code == 0
    done = weekly.run("--now", "2026-09-28", command="due")
    assert done.code == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if "1 made" in line]
    assert [line.split()[0] for line in said] == ["2026-W38", "2026-W39"]
    # Which of them is being made is said before, and so does the log.
    assert "Test, 2026-W38: 1 report, " in done.stderr
    starts = [event for event in log(weekly) if event["event"] == "start"]
    assert [one["period"] for one in starts] == ["2026-W37", "2026-W38", "2026-W39"]
    assert starts[0]["data"] == str(weekly.root / "data")
    published = sorted(path.name for path in weekly.out.glob("2026-W*"))
    assert published == ["2026-W37", "2026-W38", "2026-W39"]
    assert "Nothing is due" in weekly.run("--now", "2026-09-28", command="due").stderr


def log(bench: Bench) -> list[dict[str, object]]:
    files = sorted((bench.out / ".salesops" / "log").iterdir(), key=lambda one: one.stat().st_mtime)
    return [json.loads(line) for one in files for line in one.read_text().splitlines()]


def test_the_log_says_that_the_data_could_not_be_read(weekly: Bench) -> None:
    """Who mends it in the morning finds no other trace of the night: nothing was published."""
    (weekly.root / "data" / "deals.csv").write_bytes(b"")
    assert weekly.run("--now", "2026-09-28", command="due").code == 1
    (event,) = log(weekly)
    assert (event["event"], event["period"]) == ("no data", "2026-W39")
    assert "deals.csv is empty" in str(event["reason"])


def test_the_index_says_that_a_period_is_missing(weekly: Bench) -> None:
    """Readers of the index found last week's report and no word that this week's was due. A period that
    somebody asks for and that the data lack is not due."""
    deals = weekly.root / "data" / "deals.csv"
    index, whole = weekly.out / "index.html", deals.read_bytes()
    deals.write_bytes(b"")
    assert weekly.run("--period", "2026-W38").code == 1
    assert not index.exists()
    assert weekly.run("--now", "2026-09-28", command="due").code == 1
    said = "2026-W39, Test: not made: deals.csv is empty."
    assert said in index.read_text()
    assert not (weekly.out / "2026-W39").exists()
    deals.write_bytes(whole)
    assert weekly.run("--now", "2026-09-29", command="due").code == 0
    assert "not made" not in index.read_text()


def test_what_is_not_made_up_any_more_is_not_said_for_ever(tmp_path: Path) -> None:
    pack = packs().pack("weekly")
    for period in ("2026-W38", "2026-W39"):
        assert missing.note(tmp_path, pack, period, "No disk.")
    assert [one["period"] for one in missing.noted(tmp_path, [])] == ["2026-W39", "2026-W38"]
    published = {"period": "2026-W38", "pack": "weekly"}
    assert [one["period"] for one in missing.noted(tmp_path, [published])] == ["2026-W39"]
    (old, other) = sorted((tmp_path / ".salesops" / "missing").iterdir())
    old.write_text(json.dumps({**json.loads(old.read_text()), "at": "2020-01-01T00:00:00+00:00"}))
    other.write_text("[]")
    assert missing.noted(tmp_path, []) == []


def test_what_a_crashed_cron_held_is_free_for_the_next_two(
    weekly: Bench, make_notebook: Callable[..., str]
) -> None:
    """A run killed in the middle leaves its lock file; of the two jobs after it one publishes."""
    note, log = weekly.root / "waits", weekly.root / "log"
    weekly.add(
        "one", make_notebook(f"import time; open({str(note)!r}, 'w').close(); time.sleep(300)")
    )
    crashed = weekly.start("--now", "2026-09-28", command="due")
    assert eventually(note.exists), crashed.stderr
    os.kill(crashed.process.pid, signal.SIGKILL)
    crashed.wait(30)
    assert list((weekly.out / ".salesops" / "locks").iterdir())
    weekly.add("one", make_notebook(f"open({str(log)!r}, 'a').write('x')"))
    started = [weekly.start("--now", "2026-09-28", command="due") for _ in range(2)]
    assert [one.wait() for one in started] == [0, 0], [one.stderr for one in started]
    assert log.read_text() == "x"
    assert eventually(lambda: not forks()), forks()


def test_the_latest_quarter_is_the_fiscal_one(bench: Bench) -> None:
    """The sample ends with September: of years that begin in February, the last whole quarter is the
    one to July, with `salesops run` as with `salesops due`."""
    bench.add("one", notebook("1"))
    bench.sections = "[settings]\nfiscal_year_start = 2\n"
    done = bench.run("--period", "latest")
    assert done.code == 0, done.stderr
    (found,) = bench.out.glob("*/*/company")
    assert found.parents[1].name == "2026-05-to-2026-07"
    assert publication.last_quarter(bench.out, "default") == "2026-05-to-2026-07"


def test_months_quarters_and_a_fiscal_year(bench: Bench) -> None:
    """Three packs under one cron job, in a fiscal year that begins in February."""
    bench.add("one", notebook("1"))
    bench.pack["every"] = "month"
    more = [("quarterly", "quarter", 0), ("yearly", "year", 0), ("late", "month", 20)]
    bench.sections = "[settings]\nfiscal_year_start = 2\n" + "".join(
        f'[packs.{name}]\nnotebooks = ["one"]\nevery = "{every}"\ndelay_days = {days}\n'
        for name, every, days in more
    )
    done = bench.run("--now", "2026-08-03", command="due")
    assert done.code == 0, done.stderr
    found = {path.parent.name: path.parents[1].name for path in bench.out.glob("*/*/company")}
    assert found == {
        "default": "2026-07",
        "quarterly": "2026-05-to-2026-07",
        "yearly": "2025-02-to-2026-01",
        "late": "2026-06",
    }


def test_a_pack_with_a_scope_that_is_gone_keeps_no_other_back(weekly: Bench) -> None:
    """A region was renamed in the CRM: its pack is refused, with its name, and the next is published."""
    weekly.pack["scopes"] = ["region=Nord"]
    weekly.sections = (
        '[packs.other]\ntitle = "Other"\nnotebooks = ["one"]\nscopes = ["region=North"]\n'
        'every = "week"\n'
    )
    done = weekly.run("--now", "2026-09-28", command="due")
    assert done.code == 2 and "Traceback" not in done.stderr
    assert "default 2026-W39: scope region=Nord: no such region" in done.stderr, done.stderr
    assert (weekly.out / "2026-W39" / "other" / "region=North" / "one.html").exists()


def test_a_scope_that_is_gone_keeps_no_other_of_its_pack_back(weekly: Bench) -> None:
    """It fails each time until the packs file is put right; then the period is done with."""
    weekly.pack["scopes"] = ["company", "region=Nord"]
    for _ in range(2):
        done = weekly.run("--now", "2026-09-28", command="due")
        assert done.code == 1 and "Traceback" not in done.stderr
        said = (
            "all reports for region=Nord: scope region=Nord: no such region in the data; there are "
        )
        assert f"{said}North, South." in done.stderr, done.stderr
    assert "0 made, 1 up to date" in done.stderr
    assert (weekly.out / "2026-W39" / "default" / "company" / "one.html").exists()
    weekly.pack["scopes"] = ["company", "region=North"]
    assert weekly.run("--now", "2026-09-28", command="due").code == 0
    assert "Nothing is due" in weekly.run("--now", "2026-09-28", command="due").stderr


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2026-Q3", "2027-Q1", True),
        ("2026-Q3", "2026-08-to-2026-10", False),
        ("2026-08-to-2026-10", "2025-05-to-2025-07", True),
        ("2026", "2025", True),
        ("2026", "2026-04-to-2027-03", False),
        ("2026-09", "2024-02", True),
        ("2026-W39", "2025-W01", True),
        ("2026-09", "2026-Q3", False),
        ("2026-W39", "2026-09", False),
    ],
)
def test_periods_of_one_rhythm(one: str, other: str, alike: bool) -> None:
    first, second = read(one), read(other)
    assert first is not None and second is not None
    assert schedule._same_rhythm(first, second) is alike
    assert schedule._same_rhythm(second, first) is alike
