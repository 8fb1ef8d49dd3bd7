"""What a cell leaves behind, captured from a real IPython shell: text, HTML, images, findings."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from salesops_lib import executive_brief, story, wording
from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.assumptions import Assumption, whose
from salesops_lib.dataset.small_groups import withheld
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.figures import style
from salesops_lib.registry import ANALYSES, Analysis, Lever
from salesops_lib.reporting.html import report


@dataclass(frozen=True)
class Toy(Result):
    findings: tuple[Finding, ...]


GAIN = Finding("gain", Estimate(2e6, 1e6, 3e6, unit="money/year", n=9), "Worth <2M> & more.")
TOY = Toy((GAIN,))


@pytest.fixture(autouse=True)
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(call: Any, *args: Any, **options: Any) -> list[Any]:
    with capture_output() as captured:
        call(*args, **options)
    return captured.outputs


def only(call: Any, *args: Any, **options: Any) -> dict[str, Any]:
    (output,) = shown(call, *args, **options)
    return output.data


def test_a_headline_is_escaped_and_first_is_large() -> None:
    data = only(story.headline, TOY, "gain")
    within = re.fullmatch(r"<section[^>]+>(.*)</section>", data["text/html"])
    assert within is not None
    assert within[1] == '<p class="so-lead">Worth &lt;2M&gt; &amp; more.</p>'
    assert data["text/plain"] == "Worth <2M> & more."


@pytest.mark.parametrize(
    ("scope", "names", "told"),
    [("company", "full", True), ("company", "pseudonym", False), ("region=N", "full", False)],
)
def test_why_rows_were_set_aside_and_examples_for_whom(
    tmp_path: Path, scope: str, names: str, told: bool
) -> None:
    """Examples hold ids and amounts: not for a page under pseudonyms or of a part."""
    (tmp_path / "reps.csv").write_text("rep_id,region,hire_date\nr,N,2020-01-01\n")
    (tmp_path / "deals.csv").write_text(
        "deal_id,owner,status,amount,close_date,mine\n1,r,won,5,2026-01-30,x\n"
        "2,r,won,many,2026-01-30,x\n"
    )
    run = story.begin(str(tmp_path), notebook="x", period="2026-Q1", scope=scope, names=names)
    first, second, *_ = (one.data["text/html"] for one in shown(story.data_quality, run))
    assert "columns recognised: owner as rep_id; columns of your own kept: mine" in first
    assert "is not a number" in second and "Write it as 1234.50" in second
    assert ("many" in second) is told


def test_people_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two reps called Ann were a star and at the bottom of one table; one who came back is one Ben."""
    (tmp_path / "reps.csv").write_text(
        "rep_id,name,hire_date,end_date\nR1,Ann,2025-01-01,\nR2,Ann,2025-01-01,\n"
        "R3,Ben,2024-01-01,2024-06-30\nR3,Ben,2025-01-01,\n"
    )
    (tmp_path / "deals.csv").write_text(
        "deal_id,rep_id,status,amount,close_date\nD1,R1,won,10,2026-01-05\nD2,R2,won,10,2026-03-31\n"
    )
    run = story.begin(str(tmp_path), notebook="x", period="2026-Q1")
    assert [run.label(one) for one in ("R1", "R2", "R3")] == ["Ann (R1)", "Ann (R2)", "Ben"]


def test_data_that_end_before_the_period_are_said_to(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "deal_id,owner,status,amount,close_date\n1,r,won,5,2026-01-30\n"
    )
    run = story.begin(str(tmp_path), notebook="x", period="2026-Q1")
    *_, last = (one.data["text/plain"] for one in shown(story.data_quality, run))
    assert "The data end on 2026-01-31, 2026-Q1 on 2026-03-31" in last
    with pytest.raises(NotEnoughData, match="before 2026-Q2 begins"):
        story.begin(str(tmp_path), notebook="x", period="2026-Q2")


def test_a_figure_is_shown_once_with_its_alt_text() -> None:
    ax = style.axes()
    ax.plot([0, 1])
    style.finish(ax, title="Up", alt="From 0 to 1.")
    (output,) = shown(story.figure, ax)
    assert output.data["image/svg+xml"].lstrip().startswith("<?xml")
    assert output.metadata["image/svg+xml"]["alt"] == "From 0 to 1."
    assert not plt.fignum_exists(ax.figure.number)


def test_a_figure_of_thousands_of_marks_becomes_pixels() -> None:
    ax = style.axes()
    ax.plot(range(5_000), [i % 7 for i in range(5_000)], "o")
    style.finish(ax, title="Many", alt="5,000 points.")
    data = only(story.figure, ax)
    assert "image/svg+xml" not in data
    assert "image/png" in data


def test_the_same_figure_is_the_same_bytes() -> None:
    def draw() -> str:
        ax = style.axes()
        ax.plot([0, 1])
        style.finish(ax, title="Up", alt="From 0 to 1.")
        return only(story.figure, ax)["image/svg+xml"]

    assert draw() == draw()


def test_an_empty_or_mute_figure_is_a_failure() -> None:
    empty = style.finish(style.axes(), title="", alt="Nothing.")
    with pytest.raises(ValueError, match="empty figure"):
        story.figure(empty)
    mute = style.axes()
    mute.plot([0, 1])
    with pytest.raises(ValueError, match="alt text"):
        story.figure(mute)
    plt.close("all")


def test_a_table_escapes_sorts_and_formats() -> None:
    frame = pd.DataFrame({"rep": ["<b>Ann</b>", None], "gain": [1234.5, math.nan], "n": [1, 2]})
    data = only(
        story.table, frame, {"rep": "Rep", "gain": "Gain"}, formats={"gain": "money"}, currency="€"
    )
    assert "&lt;b&gt;Ann&lt;/b&gt;" in data["text/html"]
    assert 'data-value="1234.5"' in data["text/html"]
    assert "€1.2K" in data["text/html"]
    assert data["text/plain"].splitlines() == ["Rep\tGain", "<b>Ann</b>\t€1.2K", "–\t–"]


def test_amounts_that_are_to_be_told_apart_take_the_digits_they_need() -> None:
    frame = pd.DataFrame(
        {"low": [2.20e9, 1e6, math.nan], "high": [2.24e9, 3e6, math.nan], "sum": [1e9, 1e6, 1e6]}
    )
    money = dict.fromkeys(frame.columns, "money")
    data = only(story.table, frame, formats=money, apart=("low", "high"))
    assert data["text/plain"].splitlines()[1:] == [
        "$2.20B\t$2.24B\t$1.0B", "$1.0M\t$3.0M\t$1.0M", "–\t–\t$1.0M"
    ]  # fmt: skip


def test_limits_beside_their_value_are_on_its_scale() -> None:
    """A table said "at least $728K" of what the sentence above it had from $0.73M to $2.4M."""
    frame = pd.DataFrame({"net": [1.46e6], "low": [728e3], "high": [2.4e6]})
    money = dict.fromkeys(frame.columns, "money")
    data = only(story.table, frame, formats=money, apart=("net", "low", "high"))
    assert data["text/plain"].splitlines()[1:] == ["$1.5M\t$0.73M\t$2.4M"]
    assert wording.with_limits(1.46e6, 728e3, 2.4e6) == ("$1.5M", "$0.73M", "$2.4M")


@pytest.mark.parametrize(
    ("ends", "listed", "said"),
    [
        (False, "r0 r1 r2 r3", "By rank. The first 4 of 1,000; "),
        (True, "r0 r1 r998 r999", "By rank. The first 2 and the last 2 of 1,000; "),
    ],
)
def test_a_long_table_shows_its_ends_and_says_where_the_rest_is(
    ends: bool, listed: str, said: str
) -> None:
    """Two thousand reps in full are seventy screens of a phone that nobody reads."""
    frame = pd.DataFrame({"rep": [f"r{i}" for i in range(1000)], "rank": range(1000)})
    ready = [f"{i}." for i in range(1000)]
    data = only(story.table, frame, formats={"rank": ready}, caption="By rank.", most=4, ends=ends)
    caption, _, *rows = data["text/plain"].split("\n")
    assert caption == f"{said}the notebook beside this page computes all of them."
    assert " ".join(row.split("\t")[0] for row in rows) == listed
    # Texts that were ready stay with their rows.
    assert rows[-1] in ("r3\t3.", "r999\t999.")
    assert data["text/html"].count("<tr>") == 1 + 4


def test_a_table_that_is_short_enough_is_shown_whole() -> None:
    data = only(story.table, pd.DataFrame({"rep": ["a", "b"]}), most=2)
    assert data["text/plain"] == "Rep\na\nb"


def test_an_empty_table_says_so() -> None:
    data = only(story.table, pd.DataFrame({"rep": []}))
    assert data["text/plain"] == "Nothing to list."
    assert "<table" not in data["text/html"]


def test_what_cannot_be_answered_is_counted() -> None:
    data = only(
        story.cannot_answer, "How fast reps ramp", because="there are no hire dates", figures=2
    )
    assert data["text/plain"] == (
        "How fast reps ramp: cannot be answered, because there are no hire dates."
    )
    assert data[story.UNANSWERED_MIME]["figures"] == 2


def test_findings_travel_as_json() -> None:
    data = only(story.findings, TOY)
    assert data[story.FINDINGS_MIME]["findings"] == [GAIN.to_dict()]
    back = story.read_finding(data[story.FINDINGS_MIME]["findings"][0])
    assert (back.name, back.sentence, back.estimate.low) == ("gain", GAIN.sentence, 1e6)


def test_what_a_number_supposes_travels_with_it() -> None:
    """The brief reads from the file what may be ranked, and what hangs on a condition."""
    told = Finding("hire", GAIN.estimate, "x", "the East", "stars can be hired")
    assert story.read_finding(json.loads(json.dumps(told.to_dict()))) == dataclasses.replace(
        told, estimate=dataclasses.replace(told.estimate, method="")
    )
    assert "condition" not in GAIN.to_dict()


def test_two_findings_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="gain"):
        story.findings(TOY, TOY)


def test_no_notice_shows_nothing() -> None:
    assert shown(story.notices, ()) == []
    assert "<li>a &amp; b</li>" in only(story.notices, ["a & b"])["text/html"]


def test_an_open_limit_survives_the_way_through_json() -> None:
    body = Finding("ramp", Estimate(5.0, 3.0, math.inf, unit="months"), "x").to_dict()
    assert body["high"] is None
    assert story.read_finding(body).estimate.high == math.inf
    unknown = Finding("ramp", Estimate(math.nan, unit="months"), "x").to_dict()
    assert math.isnan(story.read_finding(unknown).estimate.high)


def test_published_findings_of_a_folder(tmp_path) -> None:
    assert story.published_findings("") == {}
    assert story.published_findings(str(tmp_path)) == {}
    (tmp_path / "a.findings.json").write_text('{"notebook": "a", "findings": []}')
    assert story.published_findings(str(tmp_path)) == {"a": ()}
    (tmp_path / "b.findings.json").write_text("{broken")
    with pytest.raises(Exception, match=r"b\.findings\.json is not a findings file"):
        story.published_findings(str(tmp_path))


def test_a_small_group_cannot_be_had_by_subtraction() -> None:
    """Total less the rows shown would be the one left out, or two that hold four people."""
    assert withheld(pd.Series({"a": 20, "b": 9, "c": 6, "d": 3})) == {"d", "c"}
    assert withheld(pd.Series({"a": 20, "b": 9, "c": 3, "d": 1})) == {"d", "c", "b"}
    assert withheld(pd.Series({"a": 20, "c": 3, "d": 2})) == {"d", "c"}
    assert withheld(pd.Series({"a": 20, "d": 2})) == {"a", "d"}
    assert withheld(pd.Series({"a": 20, "b": 5})) == set()


def test_whose_an_assumption_is() -> None:
    own = Assumption("m", "Margin", 0.7, "share", "the CFO")
    ours = [Assumption("a", "Hiring cost", 1.0, "money"), Assumption("b", "Pay", 1.0, "money")]
    assert whose([own]) == []
    assert whose([own, *ours])[0].startswith("Hiring cost and pay are defaults of this workbench")
    assert whose(ours)[0].startswith("All of these are defaults")
    assert whose(ours[:1])[0].startswith("This is a default of this workbench, not your own: money")


def test_a_brief_opened_by_hand_finds_the_last_reports_about_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = story.begin("sample", notebook="executive_brief", interactive=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert story.published_findings("", run) == {}
    folder = tmp_path / "reports/published/2026-Q3/default/company"
    folder.mkdir(parents=True)
    file = folder / "toy.findings.json"

    def publish(fingerprint: str, scope: str = "company") -> None:
        body = {"notebook": "toy", "period": run.period.name, "scope": scope}
        body |= {"findings": [GAIN.to_dict()], "provenance": {"data fingerprint": fingerprint}}
        file.write_text(json.dumps(body))

    mine = load_dataset("sample").fingerprint
    publish("of another company")
    assert story.published_findings("", run) == {}
    publish(mine, "region=East")
    assert story.published_findings("", run) == {}
    publish(mine)
    assert story.published_findings("", run) == {"toy": (GAIN,)}
    (folder / "own.findings.json").write_text(
        file.read_text().replace('"toy"', '"executive_brief"')
    )
    assert story.published_findings("", run) == {"toy": (GAIN,)}
    # A scheduled run is handed its findings, and looks nowhere else.
    quiet = dataclasses.replace(run, interactive=False)
    assert story.published_findings("", quiet) == {}


def test_the_brief_says_an_unanswered_lever_once() -> None:
    """Under what is not ranked and again under what else the reports found."""
    lever = Lever("hours", "Free hours")
    asked = (Analysis("selling_time", "Where do hours go?", "hours", (lever,)),)
    unknown = Finding("hours", Estimate(math.nan, unit="money/year"), "Cannot tell: no hours.")
    brief = executive_brief({"selling_time": (unknown,)}, analyses=asked)
    assert brief.not_ranked["reason"].tolist() == ["Cannot tell: no hours."]
    data = only(story.answers, {"selling_time": (unknown,)}, analyses=asked, beside=brief)
    assert data["text/plain"] == "Nothing to list."


def test_a_brief_without_levers_has_no_empty_table() -> None:
    """ "Nothing to list." stood alone under the words that said so."""
    assert shown(story.lever_table, executive_brief({}, analyses=ANALYSES)) == []


def test_amounts_in_the_lab_are_no_formula() -> None:
    """JupyterLab typesets what stands between two dollar signs: "$0.47M a year (90% … $1.4M", also
    where it was not started by `make lab`, and where an executed notebook is opened."""
    fence = '<section class="mathjax_ignore'
    assert only(story.headline, TOY)["text/html"].startswith(fence)
    assert only(story.findings, TOY)["text/html"].startswith(fence)
    assert only(story.table, pd.DataFrame({"a": ["$1 to $2"]}))["text/html"].startswith(fence)
    assert only(story.cannot_answer, "Q", because="$1")["text/html"].startswith(fence)


def test_a_person_without_controls_is_told_where_they_are() -> None:
    """Opened in a Jupyter of one's own, a section `Try it` was empty."""
    run = story.begin("sample", notebook="x", interactive=False)
    assert "under make lab" in only(story.without_controls, run)["text/plain"]
    assert shown(story.without_controls, dataclasses.replace(run, interactive=True)) == []


def test_a_table_is_set_for_the_lab_and_the_page_keeps_its_own_style() -> None:
    """A minus sign on a line of its own, and text against the right edge."""
    data = only(story.table, pd.DataFrame({"a": ["x"]}))
    assert "<style>.jp-OutputArea .so-table" in data["text/html"]
    assert report._clean(data["text/html"]).startswith('<table class="so-table"><thead>')


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"scope": None}, "scope == None"), ({"data": None}, "data == None")],
    ids=["scope", "data"],
)
def test_a_parameter_that_is_no_text_is_named(wrong: dict[str, Any], said: str) -> None:
    """'NoneType' object has no attribute 'partition'."""
    with pytest.raises(ParameterError, match=f"{said}, must be text"):
        story.begin(**{"data": "sample", **wrong}, notebook="x")


def test_interactive_in_words_turns_no_controls_on() -> None:
    assert not story.begin("sample", notebook="x", interactive="no").interactive  # type: ignore[arg-type]


def test_a_mistake_in_a_cell_is_told_in_three_lines(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty lines of the library's own code stood above what was wrong."""
    shell.run_cell("from salesops_lib import story\nperiod = '2026-Q9'")
    shell.run_cell("x = 1\nrun = story.begin('sample', notebook='x', period=period)")
    first, where, way = capsys.readouterr().out.strip().splitlines()
    assert first.startswith("ParameterError: period == '2026-Q9', must be a week")
    assert where == "line 2 of the cell: run = story.begin('sample', notebook='x', period=period)"
    assert way.startswith("by way of begin (opening.py:") and "parse (period.py:" in way
