"""Stars, core and laggards: who is placed where, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.columns import under_its_name
from salesops_lib.analyses.performance_curve.noise import luck_unknown
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.skill import Skill
from salesops_lib.errors import ParameterError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIERS = ("star", "core", "laggard")
# A rep with fewer periods than this is placed by probability, not by rank.
FEWEST_PERIODS = 3


def check_tiers(tiers: Sequence[float]) -> tuple[float, float, float]:
    """Raises ParameterError unless `tiers` are three shares that sum to 1."""
    try:
        shares = tuple(float(share) for share in tiers)
    except (TypeError, ValueError):
        shares = ()
    # Not "or above": nothing is above what is no number.
    if len(shares) != 3 or not (min(shares) >= 0 and abs(sum(shares) - 1) <= 1e-9):
        raise ParameterError(
            f"tiers == {tiers!r}, must be the shares of stars, core and laggards, summing to 1."
        )
    return shares[0], shares[1], shares[2]


@dataclass(frozen=True)
class Placement:
    """Where each rep stands.

    Attributes
    ----------
    tier
        One of `TIERS` for each rep.
    rank, rank_low, rank_high
        1 is best; rank orders the shrunken values, the limits are posterior.
    probability
        Of each tier (reps x 3).
    """

    tier: NDArray[np.object_]
    rank: Ints
    rank_low: Floats
    rank_high: Floats
    probability: Floats


def place(
    panel: Panel, skill: Skill, tiers: tuple[float, float, float], confidence: float
) -> Placement:
    """Tiers by observed rank at comparable conditions, as every dashboard draws them; ranks and
    tier probabilities from the posterior."""
    n = panel.n_reps
    tail = (1 - confidence) / 2
    stars, laggards = sizes(n, tiers)
    probability = np.empty((n, 3))
    if skill.model == "observed":
        first, last = _tied(skill.adjusted)
        alike = last - first + 1
        probability[:, 0] = np.clip((stars + 1 - first) / alike, 0, 1)
        probability[:, 2] = np.clip((last - n + laggards) / alike, 0, 1)
        low, high = first, last
    else:
        ranks = ranks_of(skill.draws)
        probability[:, 0] = (ranks <= stars).mean(0)
        probability[:, 2] = (ranks > n - laggards).mean(0)
        low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="nearest")
    probability[:, 1] = 1 - probability[:, 0] - probability[:, 2]
    order = np.argsort(-skill.expected, kind="stable")
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(1, n + 1)
    if skill.model == "observed" and luck_unknown(panel):
        # All of what was seen may be luck: who is where cannot be told.
        probability[:] = np.nan
        low, high = np.full(n, 1), np.full(n, n)
    return Placement(
        _tier_of(panel, skill, tiers, probability),
        rank,
        low.astype(float),
        high.astype(float),
        probability,
    )


def _tied(values: Floats) -> tuple[Floats, Floats]:
    """The first and the last rank that a rep shares with those who sold the same: whoever stands first in
    the table is no star for it."""
    size = float(np.abs(values).max()) or 1.0
    rounded = -np.round(values / size, 12)
    return stats.rankdata(rounded, "min"), stats.rankdata(rounded, "max")


def ranks_of(draws: Floats) -> Ints:
    """Ranks within each draw, 1 for the largest (draws x reps)."""
    order = np.argsort(-draws, axis=1)
    ranks = np.empty(draws.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, draws.shape[1] + 1)[None], axis=1)
    return ranks


def sizes(n: int, tiers: tuple[float, float, float]) -> tuple[int, int]:
    """How many of n reps are stars and laggards; at least one each where the share is not 0."""
    stars, laggards = (
        min(max(int(np.rint(share * n)), 1 if share > 0 else 0), n)
        for share in (tiers[0], tiers[2])
    )
    return stars, laggards


def _tier_of(
    panel: Panel, skill: Skill, tiers: tuple[float, float, float], probability: Floats
) -> NDArray[np.object_]:
    enough = panel.n_periods >= min(FEWEST_PERIODS, int(np.median(panel.n_periods)))
    known = ~np.isnan(probability).any(1)
    tier = np.array(TIERS, dtype=object)[np.where(known, probability.argmax(1), 1)]
    ranked = np.flatnonzero(enough)
    order = ranked[np.argsort(-skill.adjusted[ranked], kind="stable")]
    stars, laggards = sizes(len(order), tiers)
    tier[order] = "core"
    tier[order[:stars]] = "star"
    if laggards:
        tier[order[-laggards:]] = "laggard"
    return tier


def rep_table(panel: Panel, skill: Skill, placement: Placement, confidence: float) -> pd.DataFrame:
    """The `.reps` frame of the result."""
    tail = (1 - confidence) / 2
    limits = np.quantile(skill.draws, [tail, 1 - tail], axis=0)
    if skill.model == "observed":
        limits = np.full_like(limits, np.nan)
    table = pd.DataFrame(
        {
            "rep": panel.reps,
            "n_periods": panel.n_periods,
            "sold": panel.sold,
            "observed": panel.observed,
            "adjusted": skill.adjusted,
            "shrunk": skill.expected,
            "shrunk_low": limits[0],
            "shrunk_high": limits[1],
            "rank": placement.rank,
            "rank_low": placement.rank_low.astype(np.int64),
            "rank_high": placement.rank_high.astype(np.int64),
            "tier": placement.tier,
            "p_star": placement.probability[:, 0],
            "p_core": placement.probability[:, 1],
            "p_laggard": placement.probability[:, 2],
            "present": ~panel.gone,
        }
    )
    return under_its_name(table, panel.rep_column)
