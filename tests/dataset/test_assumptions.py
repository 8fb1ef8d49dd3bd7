"""What somebody decided, with its unit and source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.assumptions import (
    DEFAULT_ACTIVITIES,
    DEFAULT_SOURCE,
    DEFAULTS,
    OWNERS,
    activity_kinds,
    read_toml,
    settle,
)
from salesops_lib.errors import DataError
from salesops_lib.estimate import UNITS


def test_every_default_says_that_it_is_one() -> None:
    for name, one in DEFAULTS.items():
        assert one.name == name
        assert one.unit in UNITS
        assert one.label
        assert one.source == DEFAULT_SOURCE


def test_a_bare_number_and_a_full_entry() -> None:
    settled = settle(
        {
            "gross_margin": 0.6,
            "hiring_cost": {"value": 5, "unit": "money", "source": "HR, 2026"},
            "my_rate": {"value": 0.1, "unit": "share"},
            "currency": "€",
            "data_through": "2026-09-30",
        }
    )
    chosen = settled.assumptions
    assert (chosen["gross_margin"].value, chosen["gross_margin"].source) == (0.6, "your settings")
    assert chosen["hiring_cost"].source == "HR, 2026"
    assert chosen["my_rate"].label == "My rate"
    assert chosen["vacancy_months"] == DEFAULTS["vacancy_months"]
    assert settled.currency == "€"
    assert settled.data_through == pd.Timestamp("2026-09-30")


@pytest.mark.parametrize(
    ("name", "text"),
    [("gross_margin", "70%"), ("hiring_cost", "€30K"), ("vacancy_months", "3.0 months")],
)
def test_text(name: str, text: str) -> None:
    assert DEFAULTS[name].text("€") == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("hires_per_year", 2.5, "2.5"),
        ("hires_per_year", 0.5, "0.50"),
        ("hires_per_year", 12.0, "12"),
        ("star_deals_year", 1.5, "1.5"),
        ("working_hours_week", 37.5, "37.5 hours"),
        ("working_hours_week", 40, "40 hours"),
    ],
)
def test_what_was_stated_is_not_rounded(name: str, value: float, text: str) -> None:
    """Sentences told of 2.5 hires, and the table of assumptions beside them of 2; 37.5 hours were 38."""
    assert replace(DEFAULTS[name], value=value).text() == text


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"gross_margin": "much"}, "not a number"),
        ({"gross_margin": True}, "not a number"),
        ({"gross_margin": float("nan")}, "not a number"),
        ({"gross_margin": 70}, "between 0 and 1"),
        ({"gross_margin": {"value": 0.7, "unit": "percent"}}, "unit 'percent'"),
        ({"gross_margin": {"valu": 0.7}}, "unknown entry 'valu'"),
        # A margin of 68, and a year's pay of 9,000, were taken as they stand.
        ({"gross_margin": {"value": 68, "unit": "count"}}, "is counted in share"),
        ({"annual_cost": {"value": 9000, "unit": "money/month"}}, "is counted in money/year"),
        ({"currency": 3}, "'currency'"),
        ({"data_through": "soon"}, "not a date"),
        ({"data_through": "9999-12-31"}, "not a date from 1940 to 2100"),
        # March 4th to pandas, and April 3rd to who wrote it.
        ({"data_through": "03/04/2026"}, "not a date"),
        ({"annual_cost": float("inf")}, "not a number"),
        ({"hires_per_year": -3}, "is -3, and cannot be below 0"),
        ({"vacancy_months": {"value": -0.5}}, "is -0.5, and cannot be below 0"),
    ],
)
def test_bad_assumptions_name_themselves(given: dict[str, object], problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        settle(given)
    assert next(iter(given)) in str(caught.value)
    assert caught.value.remedy


def test_a_misspelt_assumption_is_said() -> None:
    (notice,) = settle({"gross_margins": 0.5}).notices
    assert "'gross_margin'" in notice


def test_activities() -> None:
    kinds = activity_kinds(
        {"calls": {"selling": True, "owner": "sales"}, "travel": False, "demos": (True, "sales")}
    )
    assert kinds["calls"] == (True, "sales")
    assert kinds["travel"] == (False, "other")
    assert activity_kinds(None) == DEFAULT_ACTIVITIES
    assert {one.owner for one in DEFAULT_ACTIVITIES.values()} <= set(OWNERS)


@pytest.mark.parametrize(
    "body",
    [
        {"owner": "sales"},
        {"selling": "yes"},
        {"selling": True, "owner": "me"},
        {"selling": True, "ownr": "sales"},
    ],
)
def test_bad_activities_name_themselves(body: dict[str, object]) -> None:
    with pytest.raises(DataError, match="calls"):
        activity_kinds({"calls": body})


def test_one_activity_is_of_one_kind() -> None:
    """Of Calls that are selling and calls that are not the last won: a hundred selling hours were none."""
    with pytest.raises(DataError, match="'Calls' and 'calls' are one"):
        activity_kinds({"Calls": True, "calls": False})
    assert len(activity_kinds({"Calls": True, "calls": True})) == 2


def test_bad_toml_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "assumptions.toml"
    path.write_text("gross_margin = 70%\n")
    with pytest.raises(DataError, match=r"assumptions\.toml.*line 1"):
        read_toml(path)


def test_toml_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "assumptions.toml"
    path.write_bytes('currency = "£"\n'.encode("latin-1"))
    with pytest.raises(DataError, match=r"is not UTF-8\. Save it as UTF-8"):
        read_toml(path)


@pytest.mark.parametrize(("through", "said"), [("2026-11-30", False), ("2036-09-30", True)])
def test_a_mistyped_year_of_data_through_is_said(through: str, said: bool) -> None:
    deals = pd.DataFrame({"deal_id": ["d"], "rep_id": ["a"], "status": ["won"], "amount": [1]})
    deals["close_date"] = "2026-09-10"
    told = Dataset.from_frames({"deals": deals}, assumptions={"data_through": through})
    assert any("nothing in them is after 2026-09-10" in text for text in told.notices) is said


def test_settings_of_a_dataset() -> None:
    deals = pd.DataFrame(
        {
            "deal_id": ["d"],
            "rep_id": ["a"],
            "status": ["won"],
            "amount": [1],
            "close_date": ["2026-09-10"],
        }
    )
    plain = Dataset.from_frames({"deals": deals})
    assert plain.partial_month == pd.Timestamp("2026-09-01")
    assert any("known only to day 10" in text for text in plain.notices)
    told = Dataset.from_frames({"deals": deals}, assumptions={"data_through": "2026-09-30"})
    assert told.partial_month is None
    assert told.last_day == pd.Timestamp("2026-09-30")
    assert len(told.rep_months(trailing=1)) == 1
    assert len(plain.rep_months(trailing=1)) == 0
