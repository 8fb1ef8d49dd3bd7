"""selling_shares: share of selling time by team, region, channel or tenure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_columns
from salesops_lib.analyses.options import check_rng
from salesops_lib.analyses.selling_time import words
from salesops_lib.analyses.selling_time.result import SellingShares, SellingTime
from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.fractional_logit import group_share
from salesops_lib.statistics.means import holm
from salesops_lib.statistics.permutation import between_groups_p

TENURE = "tenure"
BY = ("channel", "region", "team", TENURE)
_BANDS = ((12.0, "first year"), (24.0, "second year"), (math.inf, "longer"))


def selling_shares(
    times: SellingTime,
    data: pd.DataFrame,
    *,
    by: Sequence[str] = BY,
    cluster: str = "rep_id",
    period: str = "month",
    confidence: float = 0.90,
    rng: int | np.random.Generator = 0,
) -> SellingShares:
    """Share of selling time of each group, by the fractional logit of each rep's share.

    Whether groups differ is told by permuting reps between them, which holds its level however few
    reps a group has; with several columns looked at, Holm's correction.

    Parameters
    ----------
    times
        From `selling_time`: each rep's hours of the whole period.
    data
        The same rep-months; a rep belongs to the group of the last month.
    by
        Columns; `tenure` makes groups of `tenure_months`. One that makes no two groups, or the same
        groups as one before it, is left out.

    Raises
    ------
    DataError
        If the rep or month is not there.
    NotEnoughData
        If no column makes two groups.
    """
    check_rng(rng)
    check_columns(data, [cluster, period], "a comparison of groups")
    last = data.sort_values(period, kind="stable").groupby(cluster, sort=True).tail(1)
    source = np.random.default_rng(rng)
    tables, tests, seen = [], [], set()
    for name in by:
        column = "tenure_months" if name == TENURE else name
        if column not in last:
            continue
        group = _tenure(last[column]) if name == TENURE else last[column]
        known = pd.DataFrame({cluster: last[cluster], "group": group}).dropna()
        reps = times.reps.merge(known, on=cluster)
        label = reps["group"].astype(str).to_numpy()
        partition = tuple(pd.factorize(label)[0])
        if len(set(partition)) < 2 or partition in seen:
            continue
        seen.add(partition)
        share = reps["selling_share"].to_numpy()
        weight = (reps["hours"] * reps["weeks"]).to_numpy()
        tables.append(_table(name, label, share, weight, confidence))
        p = between_groups_p(share, label, weight, rng=source)
        tests.append((name, len(set(partition)), p))
    if not tables:
        raise NotEnoughData(
            "the reps make no two groups", remedy="Add a channel, region or team to the reps table."
        )
    tested = pd.DataFrame(tests, columns=["by", "groups", "p"])
    known_p = tested["p"].notna()
    tested["p_holm"] = math.nan
    if known_p.any():
        tested.loc[known_p, "p_holm"] = holm(tested.loc[known_p, "p"].to_numpy())
    result = SellingShares(pd.concat(tables, ignore_index=True), tested, confidence)
    return replace(result, findings=words.share_findings(result))


def _table(
    by: str, label: np.ndarray, share: np.ndarray, weight: np.ndarray, confidence: float
) -> pd.DataFrame:
    rows = []
    for name in sorted(set(label)):
        own = label == name
        found = group_share(share[own], np.arange(own.sum()), weight[own], confidence)
        rows.append((by, name, int(own.sum()), *found))
    table = pd.DataFrame(rows, columns=["by", "group", "reps", "share", "low", "high"])
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _tenure(months: pd.Series) -> pd.Series:
    known = months.notna()
    out = pd.Series(index=months.index, dtype=object)
    for most, name in reversed(_BANDS):
        out[known & (months <= most)] = name
    return out
