"""From a CRM's export to reports, by the commands that a user types."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from salesops_lib import load_dataset
from tests.dataset import crm_exports
from tests.reporting.conftest import Running


def typed(folder: Path, *arguments: str) -> str:
    """What the command prints; it must succeed."""
    done = Running([*arguments], folder, {})
    assert done.wait(300) == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Path:
    """An export of the sample company, imported and run."""
    made = tmp_path_factory.mktemp("crm")
    export, data = str(made / "export"), str(made / "data")
    crm_exports.write(made / "export", **crm_exports.salesforce(load_dataset("sample")))
    printed = typed(made, "import", "salesforce", export, data)
    assert "deals: 16,018 rows of Opportunity.csv read, 15,993 written, 25 left out" in printed
    assert "  - deals: 25 left out, because deleted in Salesforce (IsDeleted)" in printed
    assert "ramp cannot be answered" in printed
    assert "0 set aside" in typed(made, "check", data)
    published = ("--data", data, "--out", str(made / "out"))
    typed(made, "run", "default", "--period", "2026-Q3", *published)
    return made


def findings(folder: Path, notebook: str) -> dict[str, str]:
    path = folder / "out" / "2026-Q3" / "default" / "company" / f"{notebook}.findings.json"
    return {one["name"]: one["sentence"] for one in json.loads(path.read_text())["findings"]}


def test_every_report_is_made(folder: Path, project: Path) -> None:
    packs = tomllib.loads((project / "reports" / "packs.toml").read_text())["packs"]
    record = json.loads((folder / "out/2026-Q3/default/company/run.json").read_text())
    made = [one["name"] for one in record["notebooks"]]
    assert made == packs["default"]["notebooks"] and len(made) >= 7
    assert {one["status"] for one in record["notebooks"]} == {"published"}


def test_what_the_crm_knows_is_answered_and_what_it_lacks_is_said(folder: Path) -> None:
    """The pipeline and the bookings are there; hire dates and hours are not, and no number of them."""
    forecast = findings(folder, "forecast")
    assert any("1,552 open deals" in one for one in forecast.values())
    assert any("quota of 2026-Q4" in one for one in forecast.values())
    company = folder / "out" / "2026-Q3" / "default" / "company"
    assert "there are no hire dates" in (company / "ramp_time_cost.html").read_text()
    ramp = json.loads((company / "ramp_time_cost.findings.json").read_text())["findings"]
    # The answer and the lever, each without a number and with the reason, for brief and index.
    assert {one["name"] for one in ramp} == {"training_case", "ramp_net_year"}
    for one in ramp:
        assert one["value"] is one["low"] is one["high"] is None
        assert one["sentence"].startswith("Cannot tell") and "no hire dates" in one["sentence"]
    hours = findings(folder, "selling_time")
    assert all(one.startswith("Cannot tell") for one in hours.values())


def test_reps_compared_without_hire_dates_are_not_said_to_be_at_equal_opportunity(
    folder: Path,
) -> None:
    """With hire dates the sample's reps lie closer together: months of ramp look like lack of skill."""
    company = folder / "out" / "2026-Q3" / "default" / "company"
    page = (company / "performance_curve.html").read_text()
    assert "market and months on the job where the data hold them" in page
    assert "likely less than it looks" in page
    brief = (company / "executive_brief.html").read_text()
    assert "who is new is compared with who is long on the job" in brief
