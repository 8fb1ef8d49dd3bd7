"""Cross-products of a few columns, cluster by cluster: all that least squares ever needs.

A regression of any of the columns on any others, its cluster-robust influences, a delete-one
jackknife and a thousand bootstrap replicates all follow from these small matrices, without going
back to the rows. That is what makes the cluster bootstrap cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ClusterMoments:
    """Weighted cross-products of columns z within each cluster.

    Attributes
    ----------
    cross
        (clusters, columns, columns): the sum over the cluster's rows of w z z'. The first column
        is the constant 1, so `cross[:, 0, :]` holds the weighted sums.
    rows
        (clusters,): how many rows each cluster has.
    in_a
        (clusters,): whether the cluster belongs to the first of the two groups.
    units
        (clusters,): codes 0 … U−1 of the independent unit each cluster is part of, where one unit
        has a cluster in either group; None where every cluster is a unit.
    """

    cross: Array
    rows: NDArray[np.int64]
    in_a: NDArray[np.bool_]
    units: NDArray[np.int64] | None = None

    def by_unit(self, influence: Array) -> Array:
        """Influences of clusters, the first axis, summed over each independent unit."""
        if self.units is None:
            return influence
        out = np.zeros((int(self.units.max()) + 1, *influence.shape[1:]))
        np.add.at(out, self.units, influence)
        return out

    def most_df(self) -> float:
        """No variance has more degrees of freedom than there are units but one, where units span
        the groups."""
        return np.inf if self.units is None else float(self.units.max())

    @property
    def weight(self) -> Array:
        """(clusters,): sum of the row weights."""
        return self.cross[:, 0, 0]

    def sizes(self) -> tuple[int, int]:
        """Clusters in the first and in the second group."""
        return int(self.in_a.sum()), int((~self.in_a).sum())

    def mapped(self, matrix: Array) -> ClusterMoments:
        """Moments of the columns z @ matrix, whose first must again be the constant."""
        return ClusterMoments(matrix.T @ self.cross @ matrix, self.rows, self.in_a, self.units)


def cluster_moments(
    columns: Array,
    clusters: NDArray[np.int64],
    in_a: NDArray[np.bool_],
    weights: Array,
    units: NDArray[np.int64] | None = None,
) -> ClusterMoments:
    """Moments of `columns` (rows × columns, without the constant, which is put first).

    Parameters
    ----------
    clusters
        (rows,): cluster codes 0 … G−1, each present, each within one group.
    in_a
        (clusters,): whether each cluster is in the first group.
    weights
        (rows,): positive row weights.
    units
        See `ClusterMoments`.
    """
    order = np.argsort(clusters, kind="stable")
    z = np.column_stack([np.ones(len(clusters)), columns])[order]
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    weighted = z * weights[order, None]
    if len(starts) == len(z):  # a row is a cluster: no sums to take
        cross = weighted[:, :, None] * z[:, None, :]
    else:
        ends = np.append(starts[1:], len(z))
        cross = np.stack([weighted[i:j].T @ z[i:j] for i, j in zip(starts, ends, strict=True)])
    return ClusterMoments(cross, np.bincount(clusters), in_a, units)
