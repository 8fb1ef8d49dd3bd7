"""Company → region → team → rep: forecasts at every level that add up at every horizon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import series
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.panel import Panel, panel_of
from salesops_lib.analyses.options import check_rng
from salesops_lib.errors import DataError
from salesops_lib.statistics import reconciliation

Array = NDArray[np.float64]
# Fewer errors than this say nothing about how the errors of series hang together.
_LEAST_ERRORS = 8


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which series add up to which.

    Attributes
    ----------
    nodes
        unique_id, level (total, then the key columns' names), parent (empty for the total), and
        the keys; parents before children, the parts last.
    summing
        (nodes, parts) 1 where a part belongs to a node.
    """

    nodes: pd.DataFrame
    summing: Array


def path_of(names: Iterable[str]) -> str:
    """A node's `unique_id`: the names from the whole down to it, joined by slashes.

    A slash inside a name is written `~1` and a tilde `~0` (JSON pointers, RFC 6901), so that two
    nodes never share a path: region "A/B" with team "C" is not region "A" with team "B/C".

    Examples
    --------
    >>> path_of(["company", "A/B", "C"])
    'company/A~1B/C'
    """
    return "/".join(str(name).replace("~", "~0").replace("/", "~1") for name in names)


def names_of(path: str) -> tuple[str, ...]:
    """The names that `path_of` joined.

    Examples
    --------
    >>> names_of("company/A~1B/C")
    ('company', 'A/B', 'C')
    """
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/"))


def hierarchy_of(frame: pd.DataFrame, by: Sequence[str], *, total: str = "company") -> Hierarchy:
    """The tree that the key columns `by`, widest first, make of the rows of `frame`.

    A node is named by its path, `company/West/T01`, so a team that moves region is two nodes;
    see `path_of` for names that hold a slash.

    Raises
    ------
    DataError
        A key column is missing or has empty cells.
    """
    lost = [name for name in by if name not in frame.columns]
    if lost:
        raise DataError(f"no column {', '.join(lost)}", remedy="Name the columns to group by.")
    for name in by:
        empty = frame[name].isna()
        if empty.any():
            raise DataError(
                "empty cells in a column that bookings are summed by",
                column=name,
                rows=list(frame.index[empty.to_numpy()]),
                remedy="Fill them, with 'unassigned' if need be.",
            )
    leaves = frame[list(by)].astype(str).drop_duplicates().sort_values(list(by), ignore_index=True)
    blocks, columns = [], []
    for depth in range(len(by) + 1):
        keys = list(by[:depth])
        code, table = _codes(leaves, keys)
        rows = [tuple(row) for row in table[keys].itertuples(index=False)] if keys else [()]
        block = table.assign(
            unique_id=[path_of([total, *row]) for row in rows],
            level=keys[-1] if keys else "total",
            parent=[path_of([total, *row[:-1]]) if row else "" for row in rows],
        )
        blocks.append(block)
        columns.append((code[None, :] == np.arange(len(table))[:, None]).astype(float))
    nodes = pd.concat(blocks, ignore_index=True)[["unique_id", "level", "parent", *by]]
    return Hierarchy(nodes, np.vstack(columns))


def _codes(leaves: pd.DataFrame, keys: list[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
    if not keys:
        return np.zeros(len(leaves), dtype=np.int64), pd.DataFrame(index=[0])
    grouped = leaves.groupby(keys, sort=False)
    return np.asarray(grouped.ngroup()), leaves[keys].drop_duplicates(ignore_index=True)


def forecast_hierarchy(
    frame: pd.DataFrame,
    *,
    by: Sequence[str],
    horizon: int,
    season_length: int,
    ds: str = "ds",
    y: str = "y",
    levels: Iterable[float] = (80, 95),
    rng: int | np.random.Generator = 0,
    as_of: object = None,
    partial: Literal["auto", "keep", "drop"] = "auto",
    origins: int = 6,
    total: str = "company",
    method: reconciliation.Method = "mint_shrink",
) -> series.Forecast:
    """Forecast a total, its groups and their parts so that parts add up to their total.

    Every node is forecast on its own, then reconciled (MinT, shrunk covariance of the one-step
    errors known at each origin), at every past origin as well, so that the intervals and the
    accuracy are those of the numbers that are published.

    Parameters
    ----------
    frame
        One row a part and period, or several, which are summed: the key columns `by`, the period
        `ds` and the value `y`.
    by
        Key columns, widest first: ("region", "team", "rep_id").
    total
        Name of the node that holds everything.
    method
        `mint_shrink`, `wls_var`, `wls_struct`, `ols` or `bottom_up`.

    Returns
    -------
    Forecast
        `unique_id` is the path of a node, `company/West/T01` (`path_of`); `.nodes` says its level and parent.
        A part that stops early had zero since; a part that began late is zero in its total before.
    """
    check_rng(rng)
    shares = series.checked(horizon, season_length, levels, origins, partial)
    lost = [name for name in (ds, y) if name not in frame.columns]
    if lost:
        raise DataError(f"no column {', '.join(lost)}", remedy="Name the period and the value.")
    tree = hierarchy_of(frame, by, total=total)
    panel = _panel(frame, tree, by, ds, y, total, season_length)
    floor = bool(np.nanmin(panel.values) >= 0)

    def coherent(known: Panel, rolled: Origins) -> Origins:
        return reconciled(rolled, tree.summing[_rows_of(tree, known)], method, floor=floor)

    return series.assembled(
        panel,
        horizon,
        shares,
        rng=rng,
        as_of=as_of,
        unfinished=partial,
        origins=origins,
        pool=True,
        nodes=tree.nodes,
        adjust=coherent,
    )


def _rows_of(tree: Hierarchy, panel: Panel) -> NDArray[np.int64]:
    place = {name: at for at, name in enumerate(tree.nodes["unique_id"])}
    return np.array([place[one] for one in panel.ids], dtype=np.int64)


def _panel(
    frame: pd.DataFrame,
    tree: Hierarchy,
    by: Sequence[str],
    ds: str,
    y: str,
    total: str,
    season_length: int,
) -> Panel:
    parts = len(tree.summing[0])
    names = tree.nodes["unique_id"].tolist()
    long = pd.DataFrame(
        {"unique_id": _leaf_paths(frame, by, total), "ds": frame[ds], "y": frame[y]}
    )
    long = long.groupby(["unique_id", "ds"], as_index=False, sort=False)["y"].sum(min_count=1)
    bottom = panel_of(long, season_length, common_end=True)
    order = np.array([bottom.ids.index(one) for one in names[-parts:]])
    values = np.nan_to_num(bottom.values[order])
    starts = bottom.starts[order]
    member = tree.summing > 0
    first = np.where(member, starts[None, :], values.shape[1]).min(axis=1).astype(np.int64)
    summed = tree.summing @ values
    begun = np.arange(values.shape[1])[None, :] >= first[:, None]
    summed = np.where(begun, summed, np.nan)
    observed = begun.copy()
    observed[-parts:] = bottom.observed[order]
    return Panel(
        tuple(names),
        summed,
        observed,
        first,
        np.full(len(names), bottom.ends[0]),
        bottom.calendar,
        season_length,
        bottom.notices,
    )


def _leaf_paths(frame: pd.DataFrame, by: Sequence[str], total: str) -> Array:
    """The path of each row's part; every part's is put together once."""
    keys = frame[list(by)].astype(str)
    code = keys.groupby(list(by), sort=True).ngroup().to_numpy()
    parts = keys.drop_duplicates().sort_values(list(by))
    paths = [path_of([total, *row]) for row in parts.itertuples(index=False)]
    return np.array(paths, dtype=object)[code]


def reconciled(
    origins: Origins, summing: Array, method: reconciliation.Method, *, floor: bool
) -> Origins:
    """The origins with coherent forecasts, each made from the errors known at its own cut.

    A node that holds one part only is that part under a second name: it is reconciled once, or its
    forecast would count twice.
    """
    single, own = _once(summing)
    if len(single) < len(summing):
        some = reconciled(_of_nodes(origins, single), summing[single], method, floor=floor)
        return origins.with_forecast(some.mean[0][:, own])
    mean = origins.mean[0]
    out = np.full_like(mean, np.nan)
    # One-step errors: at cut c, the outcomes of cuts c + 1 and before are known.
    errors = origins.actual[:, :, 0] - mean[:, :, 0]
    structural = reconciliation.projection(summing, method="wls_struct")
    for cut in range(origins.cuts):
        base = mean[cut]
        known = errors[cut + 1 :]
        known = known[~np.isnan(known).all(axis=1)]
        weights = structural
        if method in {"ols", "bottom_up"}:
            weights = reconciliation.projection(summing, method=method)
        elif method != "wls_struct" and len(known) >= _LEAST_ERRORS:
            weights = reconciliation.projection(summing, method=method, errors=_even(known))
        there = ~np.isnan(base[:, 0])
        # Where a young part is forecast already and what it belongs to is not, nothing but the
        # parts speaks for the whole: a whole of zero would pull them down.
        parts = np.where(there[:, None], base, 0.0)[-summing.shape[1] :]
        made = reconciliation.reconcile(
            np.where(there[:, None], base, summing @ parts), summing, weights, floor=floor
        )
        out[cut] = np.where(there[:, None], made, np.nan)
    return origins.with_forecast(out)


def _once(summing: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the nodes that differ, of equal ones the last, and which of those each node is."""
    found = np.unique(summing, axis=0, return_inverse=True)
    code = np.asarray(found[1], dtype=np.int64).ravel()
    last = np.zeros(code.max() + 1, dtype=np.int64)
    last[code] = np.arange(len(code))
    kept = np.sort(last)
    return kept, np.searchsorted(kept, last[code])


def _of_nodes(origins: Origins, rows: NDArray[np.int64]) -> Origins:
    return Origins(
        origins.mean[:, :, rows],
        origins.actual[:, rows],
        origins.scale[:, rows],
        origins.spread[:, rows],
        origins.positive[:, rows],
        origins.never_below[:, rows],
    )


def _even(errors: Array) -> Array:
    """Errors with none missing: a short column is stretched so that its variance is its own."""
    known = ~np.isnan(errors)
    n = np.maximum(known.sum(axis=0), 1)
    return np.where(known, errors, 0.0) * np.sqrt(len(errors) / n)[None, :]
