"""Packs of the project's own notebooks, run for real: on a small company with six teams, on one in
which every text is an attack, and on the sample.

Each takes seconds, so it is made once for all tests, whichever module or worker asks first.
"""

from __future__ import annotations

import base64
import csv
import fcntl
import html
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from salesops_lib.dataset.schema import TABLES
from salesops_lib.dataset.simulation import simulate_company
from salesops_lib.registry import ANALYSES
from tests.reporting.conftest import Running
from tests.reporting.html.pages import INJECTIONS

# Every registered notebook, as TOML.
EVERY = json.dumps([one.name for one in ANALYSES])
PACKS = f"""[packs.managers]
title = "Team review"
notebooks = ["performance_curve", "ramp_time_cost"]
scopes = ["each manager"]
[packs.one_manager]
title = "Everything"
notebooks = {EVERY}
scopes = ["manager=M01"]
[packs.company]
title = "Sales review"
notebooks = {EVERY}
scopes = ["company"]
[packs.channels]
title = "Channels"
notebooks = ["channel_gap", "executive_brief"]
scopes = ["company"]
[packs.hostile]
title = "<script>window.hacked=1</script>"
notebooks = {EVERY}
scopes = ["company"]
[packs.hostile_scopes]
notebooks = ["performance_curve", "forecast"]
scopes = ["manager=</textarea><script>window.hacked=8</script>", "region=../../etc/passwd"]
"""
SMALL = 4
Tables = dict[str, pd.DataFrame]
# Every column that holds text, and with which attack its values begin, so that the few regions and
# channels get the long, the turned and the path-like ones.
TEXTS = dict.fromkeys(
    (
        column.name
        for table in TABLES.values()
        for column in table.columns
        if column.kind in {"id", "text"}
    ),
    0,
)
TEXTS |= {"region": 8, "manager_id": 8, "product": 12, "channel": 11, "stage": 10, "team": 16}
TEXTS |= {"segment": 13, "role": 18, "competitor": 20, "activity": 5, "kind": 13}


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


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder filled by `make`, by whoever needs it first; the other workers wait for it."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / name
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


def salesops(folder: Path, pack: str, *more: str, data: Path | str, out: Path, period: str) -> Path:
    """The folder of the pack, published by the command line in a process of its own."""
    arguments = ["run", pack, "--period", period, "--data", str(data), "--out", str(out), *more]
    done = Running(arguments, folder, {})
    assert done.wait(400) == 0, done.stderr
    return out / period / pack


@pytest.fixture(scope="session")
def reps(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Six teams of four; teams and regions are called what no other text holds. Four people are
    the channel Alliances, which sells so much more that a reader would be told of it first."""
    folder = once(tmp_path_factory, "audience", _audience)
    frame: pd.DataFrame = pd.read_pickle(folder / "reps.pickle")
    frame.attrs["factory"] = tmp_path_factory
    return frame


def _audience(folder: Path) -> None:
    made = simulate_company(reps=24, months=24, seed=5)
    frame: pd.DataFrame = made.tables["reps"]
    managers = [f"M{i % 6 + 1:02d}" for i in range(len(frame))]
    frame = frame.assign(manager_id=managers, team=[f"Squad {one}" for one in managers])
    frame = frame.assign(channel=frame["channel"].replace("US direct", "EU direct"))
    few = frame.index[frame["channel"].eq("EU direct") & frame["end_date"].isna()][:SMALL]
    frame.loc[few, "channel"] = "Alliances"
    whole = {**made.tables, "reps": frame}
    _write(folder / "data", _selling_more(whole, set(frame.loc[few, "rep_id"])))
    # The same company with nothing but a large channel and a small one.
    two = frame.assign(channel=["Alliances" if i in few else "Direct" for i in frame.index])
    _write(folder / "two", _selling_more({**whole, "reps": two}, set(two.loc[few, "rep_id"])))
    (folder / "packs.toml").write_text(PACKS)
    frame.to_pickle(folder / "reps.pickle")


def _selling_more(tables: Tables, who: set[str]) -> Tables:
    """All the money of `who` times three."""
    more = dict(tables)
    theirs = set(tables["deals"].loc[tables["deals"]["rep_id"].isin(who), "deal_id"])
    for name in ("deals", "stage_changes"):
        frame = more[name].copy()
        money = [one for one in ("amount", "list_amount") if one in frame]
        frame.loc[frame["deal_id"].isin(theirs), money] *= 3
        more[name] = frame
    return more


def _write(folder: Path, tables: Tables) -> None:
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")


def run(reps: pd.DataFrame, pack: str, *more: str, data: str = "data", out: str = "out") -> Path:
    """The folder of a pack, run on the company of `reps` once."""
    factory: pytest.TempPathFactory = reps.attrs["factory"]
    folder = once(factory, "audience", _audience)
    options = ["--packs", str(folder / "packs.toml"), *more]

    def make(place: Path) -> None:
        salesops(place, pack, *options, data=folder / data, out=place / "out", period="2026-Q3")

    return once(factory, f"audience-{out}-{pack}", make) / "out" / "2026-Q3" / pack


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
    return run(reps, "channels", data="two", out="two_out") / "company"


@pytest.fixture(scope="session")
def published(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the default pack, run on the sample for two quarters in a row."""

    def make(folder: Path) -> None:
        for period in ("2026-Q2", "2026-Q3"):
            salesops(folder, "default", data="sample", out=folder / "out", period=period)

    return once(tmp_path_factory, "published", make) / "out"


@pytest.fixture(scope="session")
def hostile(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on a company in which every text is an attack."""
    return once(tmp_path_factory, "hostile", _hostile)


def _hostile(folder: Path) -> None:
    made = simulate_company(reps=24, months=24, seed=5, leaving=0.0, informative_leavers=False)
    made.write(folder / "data")
    tables = {name: frame.copy() for name, frame in made.tables.items()}
    # The simulated company keeps no such column: what a rep called the deal, one in two.
    changes = tables["stage_changes"]
    changes["forecast_category"] = ["commit", "pipeline"] * (len(changes) // 2) + ["commit"] * (
        len(changes) % 2
    )
    for column, begin in TEXTS.items():
        every = {str(v) for t in tables.values() if column in t for v in t[column].dropna()}
        attack = {
            value: INJECTIONS[(i + begin) % len(INJECTIONS)]
            + (f" {i}" if i >= len(INJECTIONS) else "")
            for i, value in enumerate(sorted(every))
        }
        for table in tables.values():
            if column in table:
                table[column] = table[column].map(attack)
    # Rows that the door sets aside, to be exported with their reasons.
    bad = tables["deals"].iloc[: len(INJECTIONS)].assign(status=INJECTIONS)
    bad["deal_id"] = [f"{one} set aside" for one in INJECTIONS]
    tables["deals"] = pd.concat([tables["deals"], bad], ignore_index=True)
    for name, table in tables.items():
        # Quoted, for a name with a carriage return in it would end the line.
        table.to_csv(
            folder / "data" / f"{name}.csv.gz",
            index=False,
            date_format="%Y-%m-%d",
            quoting=csv.QUOTE_NONNUMERIC,
        )
    (folder / "packs.toml").write_text(PACKS)
    for pack in ("hostile", "hostile_scopes"):
        more = ("--packs", str(folder / "packs.toml"))
        salesops(folder, pack, *more, data=folder / "data", out=folder / "out", period="2026-Q3")
