"""What the calibrations share: companies in blocks over processes, and a row a quantity."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import numpy as np
import pandas as pd

from salesops_lib.estimate import Estimate

Key = TypeVar("Key", bound=Hashable)
# Points that coverage may be off, on top of two binomial errors of the replicates.
TOLERANCE = 0.02
COLUMNS = [
    "analysis", "setting", "quantity", "nominal", "replicates", "coverage", "value", "truth",
    "bias", "bias_error", "width", "seed", "ok", "asked",
]  # fmt: skip


def in_blocks(
    block: Callable[[Key, int, int, int], pd.DataFrame],
    keys: Sequence[Key],
    counts: Callable[[Key], Sequence[int]],
    seed: int,
) -> Iterator[tuple[Key, pd.DataFrame]]:
    """The rows of all blocks of each setting.

    Parameters
    ----------
    block
        (setting, number, count, seed) → rows of `count` companies. Blocks have streams of their own, so
        the processes that share them change nothing.
    counts
        Setting → companies of each of its blocks.
    """
    with ProcessPoolExecutor(2) as pool:
        tasks = [
            (key, [pool.submit(block, key, k, n, seed) for k, n in enumerate(counts(key))])
            for key in keys
        ]
        for key, parts in tasks:
            yield key, pd.concat([part.result() for part in parts], ignore_index=True)


def planted(name: str, found: tuple[float, ...], truth: float) -> dict[str, object]:
    """A row of one company: value, low and high of `found` against what is planted."""
    value, low, high = found
    return {
        "quantity": name, "covered": float(low <= truth <= high), "value": value, "truth": truth,
        "width": high - low, "asked": True,
    }  # fmt: skip


def row(name: str, found: Estimate, truth: float) -> dict[str, object]:
    """As `planted`, of an estimate."""
    return planted(name, (found.value, found.low, found.high), truth)


def slack(nominal: float, replicates: pd.Series) -> pd.Series:
    """How far coverage may be off."""
    return TOLERANCE + 2 * np.sqrt(nominal * (1 - nominal) / replicates)


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a quantity (the index): replicates, coverage, value, truth, width, asked, and the bias
    relative to the truth with what the replicates leave to chance in it.

    Parameters
    ----------
    rows
        quantity, covered, value, truth, width and asked, one row a company and quantity.
    """
    grouped = rows.astype({"covered": float}).groupby("quantity", sort=False)
    table = grouped.agg(
        replicates=("covered", "size"), coverage=("covered", "mean"), value=("value", "mean"),
        truth=("truth", "mean"), width=("width", "median"), asked=("asked", "first"),
    )  # fmt: skip
    spread = (rows["value"] - rows["truth"]).groupby(rows["quantity"], sort=False).std()
    size = table["truth"].abs().where(table["truth"].abs() > 0)
    table["bias"] = (table["value"] - table["truth"]) / size
    table["bias_error"] = spread / np.sqrt(table["replicates"]) / size
    return table


def laid_out(
    table: pd.DataFrame, *, analysis: str, setting: str, nominal: float | None, seed: int
) -> pd.DataFrame:
    """The table as it is kept; `nominal` None where it has its own."""
    table = table.reset_index().assign(analysis=analysis, setting=setting, seed=seed)
    return (table if nominal is None else table.assign(nominal=nominal))[COLUMNS]
