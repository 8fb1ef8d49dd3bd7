"""Every notebook, cell by cell, on companies at their edges: each answers or says why it cannot, without a warning.

The kernel is left out, not the code: a dozen companies through seven real kernels would take minutes.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from salesops_lib.dataset.simulation import simulate_company
from tests.notebooks.test_notebooks import NAMES, code, read

matplotlib.use("Agg")
Tables = dict[str, pd.DataFrame]
# The brief reads what the others found.
ALONE = [name for name in NAMES if name != "executive_brief"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("company")
    simulate_company(reps=12, months=24, seed=7).write(folder)
    return {
        path.name.partition(".")[0]: pd.read_csv(path) for path in sorted(folder.glob("*.csv.gz"))
    }


def won(deals: pd.DataFrame) -> pd.Series:
    return deals["status"] == "won"


def no_win(tables: Tables) -> Tables:
    return {**tables, "deals": tables["deals"][~won(tables["deals"])]}


def dead_months(tables: Tables) -> Tables:
    """Nobody sells in eight months of the year, and half of what was sold comes back."""
    deals = tables["deals"]
    dead = pd.to_datetime(deals["close_date"]).dt.month.isin([1, 3, 5, 7, 8, 10, 11, 12])
    back = won(deals) & (np.arange(len(deals)) % 2 == 0)
    left = deals.assign(amount=deals["amount"].mask(back, -deals["amount"]))
    return {**tables, "deals": left[~(won(deals) & dead)]}


def one_month(tables: Tables) -> Tables:
    last = pd.to_datetime(tables["deals"]["close_date"]).max() - pd.DateOffset(months=1)
    dates = {"deals": "close_date", "quotas": "month", "activities": "week", "markets": "month"}
    return {
        name: frame[~(pd.to_datetime(frame[dates[name]]) < last)] if name in dates else frame
        for name, frame in tables.items()
        if name != "stage_changes"
    }


def given_away(tables: Tables) -> Tables:
    deals = tables["deals"]
    return {**tables, "deals": deals.assign(amount=deals["amount"].mask(won(deals), 0.0))}


def at_list(tables: Tables) -> Tables:
    deals = tables["deals"]
    same = deals.assign(amount=1000.0, list_amount=1000.0)
    return {**tables, "deals": same[same["status"] != "lost"]}


def a_few_deals_each(tables: Tables) -> Tables:
    few = tables["deals"].groupby("rep_id").head(3)
    return {"deals": few, "reps": tables["reps"].drop(columns=["manager_id", "annual_cost"])}


def a_channel_without_a_win(tables: Tables) -> Tables:
    reps = tables["reps"]
    half = np.where(np.arange(len(reps)) % 2, "one", "other")
    silent = reps.loc[half == "other", "rep_id"]
    deals = tables["deals"]
    kept = deals[~(won(deals) & deals["rep_id"].isin(silent))]
    return {**tables, "reps": reps.assign(channel=half), "deals": kept}


def one_rep(tables: Tables) -> Tables:
    rep = tables["reps"]["rep_id"].iloc[0]
    return {
        name: frame[frame["rep_id"] == rep] if "rep_id" in frame else frame
        for name, frame in tables.items()
        if name != "stage_changes"
    }


def nothing_varies(tables: Tables) -> Tables:
    markets, reps = tables["markets"].copy(), tables["reps"]
    markets[markets.columns[2:]] = 1.0
    return {
        **tables,
        "markets": markets,
        "activities": tables["activities"].assign(hours=8.0),
        "quotas": tables["quotas"].assign(quota=0.0),
        "reps": reps.assign(hire_date=reps["hire_date"].min()),
    }


EDGES: list[Callable[[Tables], Tables]] = [
    no_win, dead_months, one_month, given_away, at_list, a_few_deals_each, a_channel_without_a_win, one_rep,
    nothing_varies,
]  # fmt: skip


@pytest.mark.parametrize("edge", EDGES, ids=lambda one: one.__name__)
def test_every_notebook_comes_to_its_end(
    edge: Callable[[Tables], Tables], tables: Tables, tmp_path: Path
) -> None:
    for name, frame in edge(tables).items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    for name in ALONE:
        first, *cells = [cell.source for cell in code(read(name))]
        names: dict[str, Any] = {"display": lambda *_, **__: None}
        exec(first, names)
        names["data"] = str(tmp_path)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("error")
            for at, cell in enumerate(cells, 1):
                exec(compile(cell, f"{name}, cell {at}", "exec"), names)
        plt.close("all")
