"""What the READMEs show for cron, systemd, containers, Airflow and Dask is what the program takes."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path

import pytest
import typer

from salesops_lib.cli import app


@pytest.fixture(scope="module")
def text() -> str:
    """The short one and the one beside the packs, one after the other."""
    project = Path(__file__).parents[2]
    both = (project / "README.md", project / "reports" / "README.md")
    return "\n".join(one.read_text(encoding="utf-8") for one in both)


def takes(words: list[str]) -> bool:
    """Parse as the program would, without running anything; a wrong option raises."""
    group = typer.main.get_command(app)
    command = group.commands[words[0]]  # type: ignore[attr-defined]
    return bool(command.make_context(words[0], words[1:]))


def test_every_command_line_is_one_the_program_takes(text: str) -> None:
    lines = re.findall(r"(?:^    |`|&& |ExecStart=)(?:\S*/bin/)?salesops (\S[^`\n#]*)", text, re.M)
    assert {line.split()[0] for line in lines} >= {"run", "due", "check", "import"}
    assert any("--scheduler" in line for line in lines)
    for line in lines:
        assert takes(shlex.split(line)), line


def test_cron(text: str) -> None:
    found = re.search(r"^    ((?:\S+ ){5}) *cd \S+ && \S*salesops due", text, re.M)
    assert found is not None
    minute, hour, *rest = found.group(1).split()
    assert 0 <= int(minute) < 60 and 0 <= int(hour) < 24 and rest == ["*", "*", "*"]


def test_systemd_makes_up_a_missed_run(text: str) -> None:
    units = configparser.ConfigParser(strict=False)
    units.optionxform = str  # type: ignore[method-assign, assignment]
    lines = text[text.index("    [Service]") :].partition("\n#")[0].splitlines()
    units.read_string("\n".join(line.strip() for line in lines))
    assert units["Timer"]["Persistent"] == "true" and units["Timer"]["OnCalendar"]
    assert units["Service"]["Type"] == "oneshot"
    assert takes(shlex.split(units["Service"]["ExecStart"])[1:])


def test_container_job(text: str) -> None:
    command = json.loads(re.search(r"command: (\[.*\])", text).group(1))  # type: ignore[union-attr]
    assert command[0] == "salesops" and takes(command[1:])
    assert "concurrencyPolicy: Forbid" in text
