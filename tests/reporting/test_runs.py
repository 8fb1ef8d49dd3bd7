"""Packs run from the command line: what is published, what is skipped, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from salesops_lib.reporting import planning
from salesops_lib.reporting.data_facts import DataFacts
from tests.reporting.conftest import FIGURE, PARAMETERS, Bench, forks

BRIEF = """import json, pathlib
for path in sorted(pathlib.Path(findings_dir).glob("*.findings.json")):
    print(path.stem, json.loads(path.read_text())["findings"][0]["value"])
"""


def test_a_pack_is_published_in_the_fixed_layout(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    bench.add("one", make_notebook(FIGURE, figures=1))
    # Listed first, but it reads the findings of the others, so it runs last.
    bench.pack["notebooks"] = ["brief", "one"]
    bench.add("brief", make_notebook(BRIEF, parameters=PARAMETERS + 'findings_dir = ""\n'))
    before = len(forks())

    done = bench.run()

    assert done.code == 0, done.stderr
    assert done.stdout.strip() == str(bench.out / "index.html")
    assert sorted(path.name for path in bench.company.iterdir()) == [
        "brief.findings.json",
        "brief.html",
        "brief.ipynb",
        "one.findings.json",
        "one.html",
        "one.ipynb",
        "run.json",
    ]
    record = bench.record()
    assert [one["status"] for one in record["notebooks"]] == ["published", "published"]
    assert (
        record["data_fingerprint"] and record["library_version"] and record["period"] == "2026-Q3"
    )
    for one in record["notebooks"]:
        assert one["kernel"] == "forked"
        assert one["seconds"]["total"] > 0 and one["peak_memory_mb"] > 10
        assert one["parameters"]["period"] == "2026-Q3"
    brief = json.loads((bench.company / "brief.ipynb").read_text())
    outputs = [one for cell in brief["cells"] for one in cell.get("outputs", [])]
    printed = "".join("".join(one.get("text", "")) for one in outputs)
    assert "one.findings 2.0" in printed
    findings = json.loads((bench.company / "one.findings.json").read_text())
    assert findings["notebook"] == "one" and findings["scope"] == "company"
    assert findings["findings"][0]["sentence"] == "The answer is 2 (1 to 3)."
    assert "The answer is 2 (1 to 3)." in (bench.company / "one.html").read_text()
    assert not bench.partial_files()
    assert len(forks()) == before


def test_a_second_run_does_only_what_is_missing_or_changed(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    bench.add("one", make_notebook("1"))
    bench.add("two", make_notebook("2"))
    assert bench.run().code == 0
    first = {name: (bench.company / f"{name}.html").stat().st_ino for name in ("one", "two")}

    again = bench.run()
    assert again.code == 0 and "0 made, 2 up to date" in again.stderr
    bench.add("two", make_notebook("3"))
    assert "1 made, 1 up to date" in bench.run().stderr
    second = {name: (bench.company / f"{name}.html").stat().st_ino for name in ("one", "two")}
    assert second["one"] == first["one"] and second["two"] != first["two"]

    (bench.company / "one.html").unlink()
    assert "1 made, 1 up to date" in bench.run().stderr
    with (bench.root / "data" / "deals.csv").open("a") as file:
        file.write("D4,R1,won,500,2026-01-05,2026-02-01\n")
    assert "2 made, 0 up to date" in bench.run().stderr
    assert "2 made, 0 up to date" in bench.run("--force").stderr


def test_a_month_is_published_once_under_whatever_name_it_is_asked_for(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    """`2026-08-to-2026-08` stood beside `2026-08`, each with its own index line and forecasts."""
    bench.add("one", make_notebook())
    for name in ("2026-08", "2026-08-to-2026-08"):
        done = bench.run("--period", name)
        assert done.code == 0, done.stderr
    assert [one.name for one in bench.out.glob("2026*")] == ["2026-08"]
    assert bench.record(bench.out / "2026-08" / "default" / "company")["period"] == "2026-08"
    assert "2026-08-to-2026-08" not in (bench.out / "index.html").read_text()


def test_scopes_are_spelled_out_and_safe(bench: Bench, make_notebook: Callable[..., str]) -> None:
    reps = bench.root / "data" / "reps.csv"
    reps.write_text(reps.read_text().replace("South", "../../x"))
    bench.add("one", make_notebook("scope"))
    bench.pack["scopes"] = ["company", "each region", "manager=M1"]
    done = bench.run()
    assert done.code == 0, done.stderr
    pack = bench.out / "2026-Q3" / "default"
    assert sorted(path.name for path in pack.iterdir()) == [
        "company",
        "manager=M1",
        "region=..%2F..%2Fx",
        "region=North",
    ]
    assert {path.name for path in bench.root.iterdir()} >= {"out", "data", "notebooks"}
    assert bench.record(pack / "region=..%2F..%2Fx")["scope"] == "region=../../x"
    assert not (bench.root.parent / "x").exists()


def test_wrong_use_is_refused_before_anything_runs(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    ran = bench.root / "ran"
    bench.add(
        "one", make_notebook(f"open({str(ran)!r}, 'w')", parameters=PARAMETERS + "lift = 0.05\n")
    )
    cases = {
        ("-p", "lfit=0.1"): "no parameter 'lfit'",
        ("-p", "lift=much"): "lift == 'much', must be a number",
        ("-p", "seed=0.5"): "seed == 0.5, must be a whole number",
        ("-p", "names=initials"): "names == 'initials', must be one of full, pseudonym",
        ("-p", "lift"): "must be NAME=VALUE",
        ("-p", "period=2026-Q2"): "'period' is set by the run. Give --period",
        ("-p", "scope=region=North"): "'scope' is set by the run. Give the pack's scopes",
        ("-p", "interactive=true"): "'interactive' is set by the run",
        ("-p", "data=elsewhere"): "'data' is set by the run. Give --data",
        ("--period", "2026-Q5"): "period == '2026-Q5'",
        ("--out", ""): "--out is empty",
        ("--data", "postgresql://me:secret@host/db"): "holds a password",
    }
    for arguments, said in cases.items():
        done = bench.run(*arguments)
        assert done.code == 2, (arguments, done.stderr)
        assert said in done.stderr and "Traceback" not in done.stderr
        assert "secret" not in done.stderr
    for table in ("[packs.default.parameters]", "[packs.default.parameters.one]"):
        bench.sections = f'{table}\nperiod = "2026-Q2"\n'
        done = bench.run()
        assert done.code == 2 and "'period' is set by the run" in done.stderr
    bench.sections = ""
    bench.pack["scopes"] = ["region=Nowhere"]
    done = bench.run()
    assert done.code == 2 and "no such region" in done.stderr
    assert not ran.exists() and not bench.company.exists()
    assert bench.run("--packs", "nowhere.toml").code == 2


def test_other_parameters_are_another_report(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    bench.add("one", make_notebook("print(lift)", parameters=PARAMETERS + "lift = 0.05\n"))
    bench.add("two", make_notebook("2"))
    assert bench.run().code == 0
    # Only the notebook that takes the parameter is made again, and only once.
    assert "1 made, 1 up to date" in bench.run("-p", "lift=0.1").stderr
    assert "0.1" in (bench.company / "one.ipynb").read_text()
    assert bench.entry("one")["parameters"]["lift"] == 0.1
    assert "0 made, 2 up to date" in bench.run("-p", "lift=0.1").stderr
    assert "1 made, 1 up to date" in bench.run().stderr


def test_everything_that_decides_a_report_is_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(
        source: str = "{}", lift: float = 0.05, data: str = "abc", code: str = "1", other: str = "k"
    ) -> str:
        monkeypatch.setattr(planning, "code_hash", lambda: code)
        facts = DataFacts("2026-Q3", data, "2026-09-30", (), ())
        values = {"lift": lift, "data": "anywhere"}
        notebook = planning.Notebook("one", source, "One", {}, values)
        return planning.key(notebook, values, facts, [other])

    different = [
        key(),
        key(source="{ }"),
        key(lift=0.1),
        key(data="abd"),
        key(code="2"),
        key(other="l"),
    ]
    assert len(set(different)) == len(different)
    assert key() == different[0]


@pytest.mark.parametrize("wins", [True, False])
def test_data_that_cannot_answer_are_said_to_and_nothing_fails(
    bench: Bench, project: Path, wins: bool
) -> None:
    """Three reps show no spread, and a company that has won nothing yet no bookings: each run of
    theirs failed, and was due again every day."""
    for name in ("performance_curve", "forecast"):
        bench.add(name, (project / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    if not wins:
        deals = bench.root / "data" / "deals.csv"
        deals.write_text(deals.read_text().replace("won", "open"))
    done = bench.run()
    assert done.code == 0, done.stderr
    page = (bench.company / "performance_curve.html").read_text(encoding="utf-8")
    assert "cannot be answered, because 3 reps cannot show a spread. At least 4" in page
    assert ("what will be booked: cannot be answered" in page.lower()) is False
    page = (bench.company / "forecast.html").read_text(encoding="utf-8")
    assert ("What will be booked: cannot be answered, because no deal was won" in page) is not wins


def test_where_the_stars_have_left_the_levers_are_not_known_and_nothing_fails(
    bench: Bench, project: Path
) -> None:
    """Ten reps, one deal a month each, and whoever sold most left in June: no star is left, whom a
    lever could act on."""
    name = "performance_curve"
    bench.add(name, (project / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    reps, deals = ["rep_id,hire_date,end_date"], ["deal_id,rep_id,status,amount,close_date"]
    for rep in range(10):
        gone = rep >= 5
        reps.append(f"R{rep},2024-01-01,{'2026-06-30' if gone else ''}")
        for at in range(9 if gone else 12):
            month = f"{2025 + (at + 9) // 12}-{(at + 9) % 12 + 1:02}"
            amount = 1000 * (1 + rep) + 300 * ((7 * rep + 5 * at) % 11)
            deals.append(f"D{rep}-{at},R{rep},won,{amount},{month}-15")
    for table, lines in (("reps", reps), ("deals", [*deals, "L,R0,lost,100,2026-09-30"])):
        (bench.root / "data" / f"{table}.csv").write_text("\n".join(lines) + "\n")
    done = bench.run()
    assert done.code == 0, done.stderr
    page = (bench.company / f"{name}.html").read_text(encoding="utf-8")
    assert "which lever pays most: cannot be answered, because no rep is left in the stars" in page
    assert "of the spread between reps is repeatable skill" in page


def test_reports_of_a_renamed_region_are_not_left_looking_current(
    bench: Bench, make_notebook: Callable[..., str]
) -> None:
    """The period is made again after the CRM gave North another name."""
    bench.add("one", make_notebook("scope"))
    bench.pack["scopes"] = ["company", "each region"]
    assert bench.run().code == 0
    reps = bench.root / "data" / "reps.csv"
    reps.write_text(reps.read_text().replace("North", "Nord"))
    for _ in range(2):
        assert bench.run().code == 0
        pack = bench.out / "2026-Q3" / "default"
        states = {path.parent.name: bench.record(path.parent) for path in pack.glob("*/run.json")}
        assert {name: one["notebooks"][0]["status"] for name, one in states.items()} == {
            "company": "published",
            "region=Nord": "published",
            "region=North": "stale",
            "region=South": "published",
        }
        assert (pack / "region=North" / "one.html").exists()
        said = "Region North: What is the answer? is out of date: The data or the pack no longer"
        assert said in (bench.out / "index.html").read_text()
