"""Packs of the project's own notebooks, run for real on a small company with six teams."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from salesops_lib.dataset.simulation import simulate_company
from tests.reporting.conftest import Running
from tests.reporting.html.pages import INJECTIONS

PACKS = """[packs.managers]
title = "Team review"
notebooks = ["performance_curve", "ramp_time_cost"]
scopes = ["each manager"]
[packs.one_manager]
title = "Everything"
notebooks = ["performance_curve", "channel_gap", "ramp_time_cost", "forecast", "executive_brief"]
scopes = ["manager=M01"]
[packs.company]
title = "Sales review"
notebooks = ["performance_curve", "channel_gap", "ramp_time_cost", "forecast", "executive_brief"]
scopes = ["company"]
[packs.hostile]
title = "<script>window.hacked=1</script>"
notebooks = ["performance_curve", "channel_gap", "ramp_time_cost", "forecast", "executive_brief"]
scopes = ["company", "region=../../etc/passwd"]
"""
SMALL = 4
Tables = dict[str, pd.DataFrame]
TEXTS = ("rep_id", "name", "team", "region", "channel", "manager_id", "role", "product", "segment")
TEXTS += ("stage", "source", "competitor")


def readable(path: Path) -> str:
    """All that a person could get out of a published file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".ipynb", ".json"}:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    hidden = re.findall(r"base64,([A-Za-z0-9+/=]+)", text)
    parts = [text, *(base64.b64decode(one).decode("utf-8", "ignore") for one in hidden)]
    return html.unescape(unquote("\n".join(parts)))


def found(words: set[str], text: str) -> list[str]:
    there = (w for w in words if w in text)
    return sorted(w for w in there if re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text))


@pytest.fixture(scope="session")
def reps(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Six teams of four; teams and regions are called what no other text holds. Four people are
    the channel Alliances, which sells so much more that a reader would be told of it first."""
    folder = tmp_path_factory.mktemp("audience")
    made = simulate_company(reps=24, months=24, seed=5)
    frame: pd.DataFrame = made.tables["reps"]
    managers = [f"M{i % 6 + 1:02d}" for i in range(len(frame))]
    frame = frame.assign(manager_id=managers, team=[f"Squad {one}" for one in managers])
    frame = frame.assign(channel=frame["channel"].replace("US direct", "EU direct"))
    few = frame.index[frame["channel"].eq("EU direct") & frame["end_date"].isna()][:SMALL]
    frame.loc[few, "channel"] = "Alliances"
    whole = {**made.tables, "reps": frame}
    _write(folder / "data", _selling_more(whole, set(frame.loc[few, "rep_id"])))
    # The same company with nothing but a large channel and a small one, and no regions to turn to.
    two = frame.assign(channel=["Alliances" if i in few else "Direct" for i in frame.index])
    _write(folder / "two", _selling_more({**whole, "reps": two}, set(two.loc[few, "rep_id"])))
    (folder / "packs.toml").write_text(PACKS)
    frame.attrs["folder"] = str(folder)
    return frame


def _selling_more(tables: Tables, who: set[str]) -> Tables:
    """All the money of `who` times three."""
    more = dict(tables)
    for name in ("deals", "stage_changes"):
        frame = more[name].copy()
        theirs = frame["deal_id"].isin(
            set(tables["deals"].loc[tables["deals"]["rep_id"].isin(who), "deal_id"])
        )
        money = [one for one in ("amount", "list_amount") if one in frame]
        frame.loc[theirs, money] *= 3
        more[name] = frame
    return more


def _write(folder: Path, tables: Tables) -> None:
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")


def run(reps: pd.DataFrame, pack: str, *more: str, data: str = "data", out: str = "out") -> Path:
    folder = Path(reps.attrs["folder"])
    arguments = ["run", pack, "--period", "2026-Q3", "--data", str(folder / data)]
    arguments += ["--out", str(folder / out), "--packs", str(folder / "packs.toml"), *more]
    done = Running(arguments, folder, {})
    assert done.wait(400) == 0, done.stderr
    return folder / out / "2026-Q3" / pack


@pytest.fixture(scope="session")
def folders(warm: None, reps: pd.DataFrame) -> dict[str, list[Path]]:
    """Every manager → the folders published for them."""
    every = run(reps, "managers")
    whole = run(reps, "one_manager")
    made: dict[str, list[Path]] = {one: [every / f"manager={one}"] for one in set(reps.manager_id)}
    made["M01"].append(whole / "manager=M01")
    return made


@pytest.fixture(scope="session")
def company(warm: None, reps: pd.DataFrame) -> Path:
    return run(reps, "company") / "company"


@pytest.fixture(scope="session")
def two_channels(warm: None, reps: pd.DataFrame) -> Path:
    """The company's reports where one of the only two channels has four people."""
    return run(reps, "company", data="two", out="two_out") / "company"


@pytest.fixture(scope="session")
def hostile(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on a company in which every text is an attack."""
    folder = tmp_path_factory.mktemp("hostile")
    made = simulate_company(
        reps=24, months=24, seed=5, leaving=0.0, informative_leavers=False, activities=False
    )
    made.write(folder / "data")
    tables = {name: frame.copy() for name, frame in made.tables.items()}
    # Eight regions begin with the ninth attack, so that all sixteen are somewhere.
    begin = {"region": 8, "manager_id": 8, "product": 12, "channel": 11, "stage": 10}
    for column in TEXTS:
        every = {str(v) for t in tables.values() if column in t for v in t[column].dropna()}
        attack = {
            value: INJECTIONS[(i + begin.get(column, 0)) % len(INJECTIONS)]
            + (f" {i}" if i >= len(INJECTIONS) else "")
            for i, value in enumerate(sorted(every))
        }
        for table in tables.values():
            if column in table:
                table[column] = table[column].map(attack)
    for name, table in tables.items():
        table.to_csv(folder / "data" / f"{name}.csv.gz", index=False, date_format="%Y-%m-%d")
    (folder / "packs.toml").write_text(PACKS)
    arguments = ["run", "hostile", "--period", "2026-Q3", "--data", str(folder / "data")]
    arguments += ["--out", str(folder / "out"), "--packs", str(folder / "packs.toml")]
    done = Running(arguments, folder, {})
    assert done.wait(400) == 0, done.stderr
    return folder
