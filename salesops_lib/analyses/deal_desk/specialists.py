"""Who can be compared on the same deal: reps who sell one product or segment only have no deals of the
others, and whether the product or its reps give more cannot be told from theirs.

Kinds are linked where reps sell both often enough. Between kinds that are not linked nothing is read
within reps: what those who sell a kind give on average is taken for the kind's, and each rep is compared
with the others who sell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from salesops_lib import wording
from salesops_lib.errors import NotEnoughData

Array = NDArray[np.float64]
# A rep's deals of two kinds tell as much of their difference as the harmonic sum of both. With less than
# this over all reps the few who sell both decide about everyone: a 90% interval of what held prices
# bring held it in 28% of companies with 1 such deal, in 78% with 5 and in 68% of large ones with 15. Where
# that is much of what there could be if all sold the same mix, there are few deals, but no specialists.
_LINKED, _MIXED = 30.0, 0.25
# A rep who is alone with a kind is its average, and compared with nobody.
_ALONE = 0.999


@dataclass(frozen=True)
class Apart:
    """Which kinds are not linked.

    Attributes
    ----------
    columns
        (deals, q): one for each group of linked kinds but the largest, centred on the average deal.
    kinds
        Which of product and segment fall apart.
    references
        The kinds, (kind, level), that the others of their group are compared with within reps.
    """

    columns: Array
    kinds: tuple[str, ...]
    references: frozenset[tuple[str, str]]


def kinds_apart(deals: pd.DataFrame, codes: NDArray[np.int64], kinds: Sequence[str]) -> Apart:
    """The groups of kinds between which no reps, or too few, have deals of both."""
    columns: list[Array] = []
    fallen: list[str] = []
    references: set[tuple[str, str]] = set()
    for kind in kinds:
        levels = deals[kind].value_counts().index
        level = levels.get_indexer(deals[kind])
        counts = np.zeros((int(codes.max()) + 1, len(levels)))
        np.add.at(counts, (codes, level), 1.0)
        group = _groups(counts)
        # Levels are in order of how often they are sold: the first of a group stands for it.
        _, first = np.unique(group, return_index=True)
        references |= {(kind, str(levels[at])) for at in first}
        others = [one for one in np.unique(group) if one != group[0]]
        columns += [(group[level] == one).astype(np.float64) for one in others]
        fallen += [kind] if others else []
    stacked = np.stack(columns, axis=1) if columns else np.zeros((len(deals), 0))
    return Apart(stacked - stacked.mean(axis=0), tuple(fallen), frozenset(references))


def _groups(counts: Array) -> NDArray[np.int64]:
    """(levels,): which levels are linked, from (reps, levels) numbers of deals."""
    sold = counts.sum(axis=0)
    linked = np.eye(len(sold), dtype=bool)
    for at in range(len(sold)):
        told = _harmonic(counts[:, at : at + 1], counts).sum(axis=0)
        linked[at] |= (told >= _LINKED) | (told >= _MIXED * _harmonic(sold[at : at + 1], sold))
    return connected_components(linked, directed=False)[1].astype(np.int64)


def _harmonic(a: Array, b: Array) -> Array:
    return np.asarray(a * b / np.maximum(a + b, 1.0), dtype=np.float64)


@dataclass(frozen=True)
class Peers:
    """Each rep against those who sell the same.

    Attributes
    ----------
    design
        (reps, 1 + q): a constant, and the rep's share of each group of kinds.
    projection
        (reps, reps): turns means of reps into what is expected of what they sell.
    leverage
        (reps,): the rep's own part in that.
    """

    design: Array
    projection: Array
    leverage: Array

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Whether others sell what the rep sells."""
        return np.asarray(self.leverage < _ALONE)

    @property
    def lost(self) -> int:
        """How many differences between reps cannot be told from what they sell."""
        return int(np.rint(self.leverage.sum()))

    def fit(self, means: Array) -> Array:
        """(1 + q,): level of the average deal, and what each group of kinds gets beyond it."""
        return np.asarray(np.linalg.pinv(self.design) @ means, dtype=np.float64)

    def stretched(self, means: Array) -> Array:
        """Distance of each mean (…, reps) from its peers', as large as it is from all other reps: with few
        peers a rep draws their average along."""
        left = means - means @ self.projection
        room = np.sqrt(np.maximum(1 - self.leverage, 1 - _ALONE))
        return np.asarray(np.where(self.compared, left / room, 0.0), dtype=np.float64)

    def back(self, draws: Array) -> Array:
        """Draws of stretched distances as distances from the peers, which average nothing."""
        left = draws - draws @ self.projection
        room = np.where(self.compared, np.sqrt(np.maximum(1 - self.leverage, 0.0)), 0.0)
        return np.asarray(left - (1 - room) * left.mean(axis=0), dtype=np.float64)


def peers(apart: Apart, codes: NDArray[np.int64]) -> Peers:
    """From the groups of kinds that each rep sells.

    Raises
    ------
    NotEnoughData
        If too few reps sell the same.
    """
    counts = np.bincount(codes)
    shares = [np.bincount(codes, weights=column) / counts for column in apart.columns.T]
    design = np.stack([np.ones(len(counts)), *shares], axis=1)
    projection = design @ np.linalg.pinv(design)
    found = Peers(design, projection, np.diag(projection).copy())
    if len(counts) - found.lost < 2:
        raise NotEnoughData(
            f"who sells one {wording.listed(apart.kinds, 'or')} sells no other, and too few reps sell "
            "the same",
            remedy="Three reps or more who sell the same are needed.",
        )
    return found
