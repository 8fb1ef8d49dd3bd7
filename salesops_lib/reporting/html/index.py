"""The index of every published report: newest first, searchable, honest about what failed."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from salesops_lib import wording
from salesops_lib.dataset.period_names import Span, read
from salesops_lib.registry import LEADING
from salesops_lib.reporting.html import page
from salesops_lib.reporting.html.marks import sparkline
from salesops_lib.reporting.html.report import of_the_company, scope_label, spoken
from salesops_lib.story.published import read_finding

# The newest periods of a pack and scope, which are shown with their answers, and the periods in a course.
# Of a few years of weeks and teams there are some ten thousand reports: with all that is told of each, the
# page would be of 30 MB.
_COURSE = 26


def render_index(
    runs: list[dict[str, Any]],
    *,
    missing: Sequence[Mapping[str, str]] = (),
    unread: Sequence[str] = (),
) -> str:
    """The index page as text; links are relative, so it works from a file share.

    Parameters
    ----------
    runs
        One dict a published folder, in any order: `period`, `pack`, `scope`, `path` (of the folder,
        relative to the index, with forward slashes), `finished` (ISO), `notebooks`: a list of dicts
        with `name`, `title`, `status` (published, stale or failed), `reason` (plain words where not
        published), `headline` (the finding dict that answers the question, or None). `currency`
        is the sign of its money, by default $.
    missing
        Periods that were due and of which nothing could be made: `period`, `title` of the pack,
        `reason`.
    unread
        Folders, as `path`, whose run.json is not whole.
    """
    ordered = sorted(runs, key=_newest_first, reverse=True)
    history = _history(ordered)
    recent, earlier = _by_age(ordered)
    groups = [
        {
            "label": _label(run),
            "pack": str(run["pack"]),
            "meta": f"Pack {run['pack']}, finished {spoken(run.get('finished') or 'at an unknown time')}",
            "cards": [_card(run, one, history) for one in _leading_first(run)],
        }
        for run in recent
    ]
    lacking = [f"{one['period']}, {one['title']}: not made: {one['reason']}" for one in missing]
    damaged = [
        f"{path}: not listed below, as its run.json is damaged. Its files are still there; a new run for that "
        "period writes it anew."
        for path in unread
    ]
    troubles = [*lacking, *damaged, *_troubles(ordered)]
    return page.rendered("index.html.j2", groups=groups, years=_years(earlier), troubles=troubles)


def _by_age(
    ordered: Sequence[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The runs of the newest periods of their pack, scope and length, and those of earlier ones."""
    recent: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    newer: Counter[tuple[str, ...]] = Counter()
    for run in ordered:
        course = _course_of(run)
        newer[course] += 1
        (recent if newer[course] <= _COURSE else earlier).append(run)
    return recent, earlier


def _years(runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Earlier runs, newest first, by the year in which their period ends: a line each, with its reports."""
    return [
        {
            "label": str(year),
            "groups": [
                {
                    "label": _label(run),
                    "pack": str(run["pack"]),
                    "links": [_link(run, one) for one in _leading_first(run)],
                }
                for run in of_a_year
            ],
        }
        for year, of_a_year in groupby(runs, key=lambda run: _span(run).end.year)
    ]


def _label(run: dict[str, Any]) -> str:
    return f"{run['period']} · {scope_label(str(run['scope']))}"


def _link(run: dict[str, Any], one: dict[str, Any]) -> dict[str, str]:
    """What every report is listed with: its question, its page (none where it failed) and its state."""
    name, status = str(one["name"]), str(one.get("status", "published"))
    return {
        "title": str(one.get("title") or name),
        "href": f"{quote(str(run['path']))}/{quote(name)}.html" if status != "failed" else "",
        "status": status,
    }


def _newest_first(run: dict[str, Any]) -> tuple[datetime.date, int, str, str, bool]:
    # By the day a period ends, not by its name: weeks, months and quarters stand in one list. The
    # company's report leads the regions' and teams' of the same period.
    span = _span(run)
    return (span.end, span.months, span.name, str(run["pack"]), run["scope"] == "company")


def _leading_first(run: dict[str, Any]) -> list[dict[str, Any]]:
    # The brief is made last, of all the others, and read first.
    return sorted(run.get("notebooks", []), key=lambda one: one["name"] != LEADING)


def _card(
    run: dict[str, Any], one: dict[str, Any], history: dict[tuple[str, ...], list[dict[str, Any]]]
) -> dict[str, Any]:
    link = _link(run, one)
    headline = one.get("headline") or {}
    sentence = str(headline.get("sentence") or "")
    if not sentence and link["status"] == "published":
        sentence = "The data cannot answer this; the report says why."
    note = str(one.get("reason") or "")
    currency = str(run.get("currency") or "$")
    course = history[_line(run, one)]
    until = bisect_right(course, _span(run).end, key=_ends)
    upto = course[max(until - _COURSE, 0) : until]
    label = (
        f"The headline figure over {wording.count(len(upto), 'period')}, with its interval: "
        f"{_said(upto[0], currency)} in {upto[0]['period']}, "
        f"{_said(upto[-1], currency)} in {upto[-1]['period']}"
        if upto
        else ""
    )
    company = bool(headline) and of_the_company(str(one["name"]), str(run["scope"]))
    return {
        **link,
        "sentence": sentence,
        "whose": "Numbers of the whole company." if company else "",
        "note": note,
        "figure": _said(headline, currency) if headline.get("value") is not None else "",
        "unsure": _undecided(headline),
        "spark": sparkline(upto, label),
    }


def _history(runs: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Pack, scope, length of the period and notebook → the headline finding of each period, oldest
    first."""
    lines: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for run in runs:
        for one in run.get("notebooks", []):
            headline = one.get("headline") or {}
            lines.setdefault(_line(run, one), []).append({**headline, "period": str(run["period"])})
    for course in lines.values():
        course.sort(key=_ends)
    return lines


def _ends(point: dict[str, Any]) -> datetime.date:
    return _span(point).end


def _span(run: dict[str, Any]) -> Span:
    """The period of a run or of its headline; the first day there is where its name is none."""
    name = str(run["period"])
    return read(name) or Span(datetime.date.min, datetime.date.min, name, -1)


def _undecided(finding: dict[str, Any]) -> bool:
    """Whether an amount may as well be nothing: its sentence says so, the figure must not shout."""
    low, high = finding.get("low"), finding.get("high")
    return low is not None and high is not None and low <= 0 <= high and low < high


def _said(finding: dict[str, Any], currency: str) -> str:
    if finding.get("value") is None:
        return "not known"
    return wording.alone(read_finding(finding).estimate, currency)


def _line(run: dict[str, Any], one: dict[str, Any]) -> tuple[str, ...]:
    return (*_course_of(run), str(one["name"]))


def _course_of(run: dict[str, Any]) -> tuple[str, ...]:
    # A month's figure is no point on the line of quarters.
    return (str(run["pack"]), str(run["scope"]), str(_span(run).months))


def _troubles(runs: Iterable[dict[str, Any]]) -> list[str]:
    return [
        f"{run['period']}, {scope_label(str(run['scope']))}: {one.get('title') or one['name']} "
        f"{'failed' if one.get('status') == 'failed' else 'is out of date'}"
        + (f": {one['reason']}" if one.get("reason") else ".")
        for run in runs
        for one in run.get("notebooks", [])
        if one.get("status", "published") != "published"
    ]
