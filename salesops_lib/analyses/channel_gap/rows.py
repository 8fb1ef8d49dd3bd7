"""From a frame to numbers: check the columns, pick the two channels, settle what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.channel_gap import notices as say
from salesops_lib.analyses.channel_gap.labels import MISSING_LEVEL
from salesops_lib.analyses.columns import check_columns, with_measures
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.design import is_categorical

# A covariate that so many of a channel's clusters never show cannot speak for the channel.
MOST_UNSEEN = 1 / 3
FEWEST_CLUSTERS = 2

SCALES = ("auto", "money", "log", "share")


@dataclass(frozen=True)
class Rows:
    """The usable rows of the two groups.

    Attributes
    ----------
    frame
        Covariate columns, without missing values.
    outcome
        (rows,): on the scale that is decomposed.
    amount
        (rows,): the outcome as it came (differs from `outcome` on the log scale).
    clusters
        (rows,): codes 0 … G−1, each within one group.
    in_a
        (clusters,): whether in the first group.
    labels
        (clusters,): what the cluster column calls them.
    units
        (clusters,): codes of the reps, where some have rows in both groups; None otherwise.
    weights
        (rows,).
    covariates
        Those that can be used, in the order given.
    left_out
        Covariates that are too rarely seen.
    notices
        What was done to the rows.
    """

    frame: pd.DataFrame
    outcome: Array
    amount: Array
    clusters: NDArray[np.int64]
    in_a: NDArray[np.bool_]
    labels: NDArray[np.object_]
    units: NDArray[np.int64] | None
    weights: Array
    scale: str
    covariates: tuple[str, ...]
    left_out: tuple[str, ...]
    notices: tuple[str, ...]

    def cluster_means(self, values: Array) -> Array:
        """(clusters,): mean over each cluster's rows."""
        total = np.bincount(self.clusters, weights=values)
        return total / np.bincount(self.clusters)

    def sides(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Row masks of the first and second group."""
        first = self.in_a[self.clusters]
        return first, ~first


def prepare(
    data: pd.DataFrame,
    *,
    outcome: str,
    group: str,
    a: object,
    b: object,
    covariates: Sequence[str],
    cluster: str | None,
    by_cluster: bool,
    scale: str = "auto",
) -> Rows:
    """The rows of groups `a` and `b`.

    Parameters
    ----------
    by_cluster
        Every cluster counts the same (its rows share the weight 1), or every row does.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If a group has fewer than two clusters.
    """
    check_columns(
        data,
        [outcome, group, *([] if cluster is None else [cluster]), *covariates],
        "a comparison of channels",
    )
    check_roles(outcome, group, cluster, covariates)
    check_groups(data, group, a, b)
    chosen = with_measures(data[data[group].isin([a, b])], [outcome], covariates)
    chosen, notices = _with_outcome(chosen, outcome)
    amount = chosen[outcome].to_numpy(float)
    settled = settle_scale(amount, scale, outcome, chosen.index)
    first = (chosen[group] == a).to_numpy()
    codes, in_a, labels, units, more = _clusters(chosen, cluster, first, group)
    notices += more
    for name, mask in ((a, in_a), (b, ~in_a)):
        if mask.sum() < FEWEST_CLUSTERS:
            raise NotEnoughData(
                say.too_few_reps(str(name), int(mask.sum())),
                column=group,
                remedy="Compare channels with at least two reps each, better ten.",
            )
    weights = np.ones(len(chosen))
    if by_cluster:
        weights = 1.0 / np.bincount(codes)[codes]
    filled, left_out, more = _filled(chosen, covariates, codes, weights, first, (str(a), str(b)))
    notices += more
    kept = tuple(name for name in covariates if name not in left_out)
    return Rows(
        filled, np.log(amount) if settled == "log" else amount, amount, codes, in_a, labels,
        units, weights, settled, kept, tuple(left_out), tuple(notices),
    )  # fmt: skip


def check_roles(outcome: str, group: str, cluster: str | None, covariates: Sequence[str]) -> None:
    """Raises ParameterError where one column is asked to play two parts."""
    for name in covariates:
        if name in (outcome, group, cluster):
            raise ParameterError(f"'{name}' cannot be both a covariate and the outcome, the "
                                 "channel or the rep; name it once.")  # fmt: skip
        if list(covariates).count(name) > 1:
            raise ParameterError(
                f"'{name}' is named twice; a covariate is either market or practice."
            )


def check_groups(data: pd.DataFrame, group: str, a: object, b: object) -> None:
    """Raises where a and b are no two values of the column."""
    if a == b:
        raise ParameterError(f"a and b are both {a!r}; name two different channels.")
    present = list(pd.unique(data[group].dropna()))
    for value in (a, b):
        if value not in present:
            shown = ", ".join(str(one) for one in present[:10])
            raise DataError(
                f"has no rows with '{value}'", column=group, remedy=f"There are: {shown}."
            )


def settle_scale(amount: Array, scale: str, outcome: str, index: pd.Index) -> str:
    """`money`, `log` or `share`."""
    if scale not in SCALES:
        raise ParameterError(f"scale == {scale!r}, must be one of {', '.join(SCALES)}.")
    if scale == "log" and (amount <= 0).any():
        raise DataError(
            "has values of zero or less, which have no logarithm",
            column=outcome,
            rows=index[amount <= 0],
            remedy="Use scale='money', or compare the rows with bookings only and say so.",
        )
    if scale == "auto":
        # Where nothing was booked at all, money would look like a no in every row.
        return "share" if np.isin(amount, (0.0, 1.0)).all() and amount.any() else "money"
    return scale


def _with_outcome(chosen: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, list[str]]:
    column = chosen[outcome]
    numeric = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
    if not numeric:
        bad = pd.to_numeric(column, errors="coerce").isna() & column.notna()
        raise DataError("is not a number", column=outcome,
                        rows=chosen.index[bad] if bad.any() else (),
                        remedy="Turn it into numbers first.")  # fmt: skip
    infinite = np.isinf(column.to_numpy(float, na_value=np.nan))
    if infinite.any():
        raise DataError("is infinite", column=outcome, rows=chosen.index[infinite],
                        remedy="Correct these rows or leave them out.")  # fmt: skip
    missing = column.isna()
    if not missing.any():
        return chosen, []
    return chosen[~missing], [say.rows_without_outcome(int(missing.sum()), len(chosen), outcome)]


def _clusters(
    chosen: pd.DataFrame, cluster: str | None, first: NDArray[np.bool_], group: str
) -> tuple[
    NDArray[np.int64],
    NDArray[np.bool_],
    NDArray[np.object_],
    NDArray[np.int64] | None,
    list[str],
]:
    """Codes of the clusters, which of them are in the first group, labels, units and notices."""
    if cluster is None:
        return np.arange(len(chosen)), first.copy(), chosen.index.to_numpy(object), None, []
    names = chosen[cluster]
    if names.isna().any():
        raise DataError("is missing", column=cluster, rows=chosen.index[names.isna()],
                        remedy="Every row must say whose it is.")  # fmt: skip
    # A rep with rows in both channels is a cluster in each, and still one independent unit.
    inner, labels = pd.factorize(names, sort=True)
    pairs, codes = np.unique(np.column_stack([inner, first]), axis=0, return_inverse=True)
    codes = codes.reshape(-1)
    moved = len(pairs) - len(labels)
    notices = [say.moved_between(moved, group)] if moved else []
    own = np.asarray(labels, dtype=object)[pairs[:, 0]]
    units = pairs[:, 0] if moved else None
    return codes, pairs[:, 1].astype(bool), own, units, notices


def _filled(
    chosen: pd.DataFrame,
    covariates: Sequence[str],
    codes: NDArray[np.int64],
    weights: Array,
    first: NDArray[np.bool_],
    names: tuple[str, str],
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Covariates without gaps: a rep's own mean stands in, then the channel's, in which each counts as
    it does in the comparison.

    Dropping these rows would select on the outcome: months without a win have no cycle, no
    discount, and no bookings. The rep's own mean leaves the rep's average and the slopes within
    reps as they are.
    """
    filled = chosen[list(covariates)].copy()
    left_out: list[str] = []
    notices: list[str] = []
    for name in covariates:
        column = filled[name]
        if not is_categorical(column):
            values = column.to_numpy(float, na_value=np.nan)
            # Not in place: what an Arrow column hands out may not be written to.
            filled[name] = np.where(np.isinf(values), np.nan, values)
            column = filled[name]
        missing = column.isna().to_numpy()
        if not missing.any():
            continue
        unseen = _share_unseen(missing, codes, first)
        if max(unseen) > MOST_UNSEEN:
            left_out.append(name)
            notices.append(say.too_rarely_seen(name, unseen, names))
            continue
        if is_categorical(column):
            filled[name] = column.astype(object).where(~missing, MISSING_LEVEL)
        else:
            own = column.groupby(codes).transform("mean")
            known = own.notna().to_numpy()
            means = [np.average(own[own_of], weights=weights[own_of])
                     for own_of in (known & first, known & ~first)]  # fmt: skip
            filled[name] = column.fillna(own).fillna(pd.Series(np.where(first, *means), own.index))
        if (filled[name] != filled[name].iloc[0]).any():
            notices.append(say.filled(name, int(missing.sum()), len(missing)))
    return filled.drop(columns=left_out), left_out, notices


def _share_unseen(
    missing: NDArray[np.bool_], codes: NDArray[np.int64], first: NDArray[np.bool_]
) -> tuple[float, float]:
    """Share of each group's clusters that never show the covariate."""
    seen = np.bincount(codes, weights=~missing) > 0
    group = np.zeros(len(seen), bool)
    group[codes] = first
    # Not one less the share seen: 1 - 2/3 is a last binary digit more than a third.
    return float((~seen)[group].mean()), float((~seen)[~group].mean())
