"""The packs file: read strictly, so that a misspelt key cannot be ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.errors import ParameterError
from salesops_lib.reporting import packs

GOOD = """
[settings]
fiscal_year_start = 2
data = "env:SALES"

[notify]
maintainers = "keyring:salesops/maintainers"

[packs.teams]
title = "Team review"
notebooks = ["performance_curve", "forecast"]
scopes = ["company", "each manager", "region=North America"]
every = "week"
delay_days = 2
time_limit = 90
memory_limit = "1.5 GB"
retries = 1
names = "pseudonym"

[packs.teams.parameters]
seed = 3

[packs.teams.parameters.forecast]
horizon = 2
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "packs.toml"
    path.write_text(text)
    return path


def test_a_whole_file(tmp_path: Path) -> None:
    every = packs.load(write(tmp_path, GOOD))
    assert (every.fiscal_year_start, every.data, every.out) == (2, "env:SALES", "reports/published")
    pack = every.pack("teams")
    assert pack.notebooks == ("performance_curve", "forecast")
    assert pack.scopes == ("company", "each manager", "region=North America")
    assert (pack.every, pack.delay_days, pack.retries) == ("week", 2, 1)
    assert (pack.time_limit, pack.memory_limit, pack.names) == (90.0, 1_500_000_000, "pseudonym")
    assert pack.parameters_for("forecast") == ({"seed": 3}, {"horizon": 2})
    assert pack.parameters_for("performance_curve") == ({"seed": 3}, {})


def test_the_file_of_this_project(project: Path) -> None:
    every = packs.load(project / "reports" / "packs.toml")
    assert every.pack("default").scopes == ("company",)
    for pack in every.packs.values():
        for name in pack.notebooks:
            assert (project / "notebooks" / f"{name}.ipynb").is_file(), name


def test_a_file_of_an_editor_that_marks_the_first_byte(tmp_path: Path) -> None:
    assert packs.load(write(tmp_path, f"\ufeff{GOOD}")).fiscal_year_start == 2


def test_packs_that_are_no_sections(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="parameters must be a section"):
        packs.load(write(tmp_path, '[packs.a]\nnotebooks = ["one"]\nparameters = 5\n'))
    for text in ("packs = 3\n", "[packs]\n", "[settings]\n"):
        with pytest.raises(ParameterError, match="names no packs"):
            packs.load(write(tmp_path, text))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("every =", "evry =", r"\[packs.teams\]: unknown key 'evry'"),
        ('"week"', '"fortnight"', "every == 'fortnight', must be one of week, month"),
        ("[settings]", "[setings]", "unknown key 'setings'"),
        ("start = 2", "start = 13", "fiscal_year_start == 13, must be a month"),
        ("region=North America", "region", "scope == 'region'"),
        ("each manager", "all managers", "scope == 'all managers'"),
        ('"performance_curve", "forecast"', '"a", "a"', "listed twice"),
        ('["performance_curve", "forecast"]', "[]", "must be a list of texts"),
        ("1.5 GB", "plenty", "memory_limit == 'plenty'"),
        ("time_limit = 90", "time_limit = 0", "time_limit == 0, must be seconds above 0"),
        ("retries = 1", "retries = -1", "retries == -1"),
        ("keyring:salesops/maintainers", "mailto://me:pw@host", "does not belong into a file"),
        ("fiscal_year_start = 2", "fiscal_year_start = true", "fiscal_year_start == True, must be"),
        (
            "fiscal_year_start = 2",
            'catch_up = "4"',
            r"\[settings\] catch_up == '4', must be a whole",
        ),
        ('"env:SALES"', "5", r"\[settings\] data == 5, must be a text"),
        ('"env:SALES"', '""', r"\[settings\] data == '', must be a text"),
        ('"Team review"', "[1]", r"\[packs.teams\] title == \[1\], must be a text"),
        ('"pseudonym"', '"initials"', r"names == 'initials', must be full or pseudonym"),
        ("delay_days = 2", "delay_days = true", "delay_days == True"),
        ("time_limit = 90", "time_limit = nan", "time_limit == nan"),
        ("[packs.teams]", "[packs.'../x']", "a pack's name is small letters"),
        ('"Team review"', '"Team review', "is not valid TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(ParameterError, match=said) as caught:
        packs.load(write(tmp_path, GOOD.replace(before, after, 1)))
    assert "pw@host" not in str(caught.value)


def test_no_packs_no_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="names no packs"):
        packs.load(write(tmp_path, ""))
    with pytest.raises(ParameterError, match="No such file"):
        packs.load(tmp_path / "none.toml")
    with pytest.raises(ParameterError, match="no pack 'x'; there are: teams"):
        packs.load(write(tmp_path, GOOD)).pack("x")
