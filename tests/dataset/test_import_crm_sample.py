"""The sample company through each CRM and back: deals by status, every cent, owners, days, stage changes
and quotas are those of the original (identity)."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset
from salesops_lib.dataset.importing import ImportReport, import_dataset
from tests.dataset import crm_exports as exports

Shape = Callable[[Dataset], dict[str, pd.DataFrame]]
SHAPES: dict[str, tuple[str, Shape]] = {
    "salesforce objects": ("salesforce", exports.salesforce),
    "salesforce tables": ("salesforce", exports.salesforce_tables),
    "hubspot tables": ("hubspot", exports.hubspot),
    "hubspot view": ("hubspot", exports.hubspot_view),
    "dynamics tables": ("dynamics", exports.dynamics),
    "dynamics views": ("dynamics", exports.dynamics_view),
}
Imported = tuple[str, ImportReport, Dataset]


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return load_dataset("sample")


@pytest.fixture(scope="module", params=list(SHAPES))
def imported(
    request: pytest.FixtureRequest, sample: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Imported:
    kind, shape = SHAPES[request.param]
    folder = tmp_path_factory.mktemp("crm")
    exports.write(folder / "export", **shape(sample))
    report = import_dataset(kind, folder / "export", folder / "made")
    return request.param, report, load_dataset(folder / "made")


def same(ours: pd.DataFrame, theirs: pd.DataFrame, by: list[str], columns: list[str]) -> None:
    """The columns are equal, row by row, in the order of `by`."""
    pd.testing.assert_frame_equal(
        ours.sort_values(by, ignore_index=True)[columns],
        theirs.sort_values(by, ignore_index=True)[columns],
        check_dtype=False,
    )


def test_every_deal_cent_owner_and_day_is_back(imported: Imported, sample: Dataset) -> None:
    shape, _, made = imported
    theirs, ours = sample.deals(), made.deals()
    theirs["expected_close_date"] = exports.closing(theirs).where(theirs["status"] == "open")
    if shape == "hubspot view":
        theirs["rep_id"] = theirs["rep_id"].map(sample.reps().set_index("rep_id")["name"])
        theirs["stage"] += " (Sales Pipeline)"
    columns = [
        "deal_id", "rep_id", "status", "amount", "created_date", "close_date",
        "expected_close_date", "stage", "account_id",
    ]  # fmt: skip
    same(ours, theirs, ["deal_id"], columns)
    assert ours["status"].value_counts().to_dict() == {"lost": 10438, "won": 4003, "open": 1552}
    assert made.quality.set_aside.empty


def test_rows_are_read_or_left_out(imported: Imported) -> None:
    """Read = written + left out in every table, each with its reason."""
    _, report, made = imported
    tables = report.tables
    assert (tables["rows_read"] == tables["rows_written"] + tables["rows_left_out"]).all()
    assert report.left_out["rows"].sum() == tables["rows_left_out"].sum()
    accepted = made.quality.tables.set_index("table")["rows_accepted"]
    for one in tables.itertuples(index=False):
        assert accepted[one.table] == one.rows_written


def test_stage_changes_are_back(imported: Imported, sample: Dataset) -> None:
    shape, report, made = imported
    theirs, ours = sample.stage_changes(), made.stage_changes()
    if not shape.startswith("salesforce"):
        assert any("what a deal was worth on a past day" in one or "stages and amounts of that day" in one for one in report.notes)  # fmt: skip
    if shape in {"hubspot view", "dynamics tables", "dynamics views"}:
        assert ours.empty
        return
    columns = ["deal_id", "changed_at", "stage"]
    if shape.startswith("salesforce"):
        columns += ["amount", "expected_close_date"]
    same(ours, theirs, ["deal_id", "changed_at", "stage"], columns)


def test_quotas_are_back(imported: Imported, sample: Dataset) -> None:
    shape, report, made = imported
    if shape == "hubspot view":
        assert made.quotas().empty
        assert any("attainment and the chance of reaching quota are not given" in one for one in report.notes)  # fmt: skip
        return
    same(made.quotas(), sample.quotas(), ["rep_id", "month"], ["rep_id", "month", "quota"])


def test_people_are_back_as_far_as_the_crm_knows_them(imported: Imported, sample: Dataset) -> None:
    shape, report, made = imported
    known = {
        "salesforce": ["rep_id", "name", "team", "region", "manager_id", "role"],
        "dynamics": ["rep_id", "name", "team", "region", "manager_id", "role"],
        "hubspot tables": ["rep_id", "name"],
    }
    if shape != "hubspot view":
        columns = known.get(shape, known.get(shape.partition(" ")[0], []))
        same(made.reps(), sample.reps(), ["rep_id"], columns)
        assert any("ramp cannot be answered" in one for one in report.notes)
    assert made.reps()["hire_date"].isna().all()
    assert made.currency == "$"


def test_what_was_deleted_or_merged_is_counted(imported: Imported) -> None:
    shape, report, _ = imported
    left = {(one.table, one.reason): one.rows for one in report.left_out.itertuples(index=False)}
    if shape.startswith("salesforce"):
        assert left == {
            ("reps", "a user who cannot own deals (UserType)"): 1,
            ("deals", "deleted in Salesforce (IsDeleted)"): 25,
        }
    elif shape == "hubspot tables":
        assert left == {("deals", "merged into another deal, which is taken (merged_deal)"): 2}
    else:
        assert left == {}
