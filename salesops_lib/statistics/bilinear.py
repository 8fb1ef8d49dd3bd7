"""Products of two estimated vectors, with standard errors and degrees of freedom fit for few
clusters.

A part of a decomposition is Σ mₖ βₖ, a difference of means times a coefficient, and both factors
are estimated. By the delta method its variance is m'V(β)m + β'V(m)β and twice their covariance.
Plugging in estimates overstates each of the first two by tr V(m)V(β), while the product of the
errors adds it once: the unbiased estimate subtracts the trace once. R's ddecompose adds it instead
(`trace="add"`), which is too wide with few clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy import special

from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.product_limits import Factors

Trace = Literal["subtract", "ignore", "add"]
DegreesOfFreedom = Callable[[Array], float]


@dataclass(frozen=True)
class Quantity:
    """An estimated vector.

    Attributes
    ----------
    value
        (k,).
    influence
        (clusters, k): each cluster's share of the estimation error, so that influence'influence is
        the covariance.
    df
        The degrees of freedom of that variance in a direction (k,).
    """

    value: Array
    influence: Array
    df: DegreesOfFreedom

    def mapped(self, matrix: Array) -> Quantity:
        """matrix @ self, for a (j, k) matrix."""
        return Quantity(
            matrix @ self.value, self.influence @ matrix.T, lambda way: self.df(matrix.T @ way)
        )

    def plus(self, other: Quantity, own: float = 1.0, others: float = 1.0) -> Quantity:
        """own · self + others · other, the two of equal length."""

        def df(way: Array) -> float:
            pieces = [
                (float((one.influence @ way) @ (one.influence @ way)) * weight**2, one.df(way))
                for one, weight in ((self, own), (other, others))
            ]
            return _satterthwaite(pieces)

        return Quantity(
            own * self.value + others * other.value,
            own * self.influence + others * other.influence,
            df,
        )

    def part(self, way: Array) -> Part:
        """The scalar way'self."""
        share = self.influence @ way
        return Part(float(self.value @ way), share, 0.0, ((float(share @ share), self.df(way)),))


@dataclass(frozen=True)
class Part:
    """An estimated number.

    Attributes
    ----------
    influence
        (clusters,): each cluster's share of its error.
    trace
        What products of errors add to its variance.
    pieces
        The variances that make it up, each with its degrees of freedom.
    factors
        What it is a sum of products of; None where it is no such sum.
    """

    value: float
    influence: Array
    trace: float = 0.0
    pieces: tuple[tuple[float, float], ...] = field(default=())
    factors: Factors | None = None

    def variance(self, trace: Trace = "subtract") -> float:
        """Sampling variance; the default is unbiased."""
        raw = float(self.influence @ self.influence)
        if trace == "ignore":
            return raw
        if trace == "add":
            return raw + self.trace
        # With both factors near nothing the difference may come out tiny or negative, so it is held
        # near what the larger factor's error alone brings. That piece is itself overstated by part
        # of the trace: a quarter of it, and never more than half the piece, is what holds coverage
        # from one covariate to many (benchmarks/calibration).
        largest = max((piece for piece, _ in self.pieces), default=0.0)
        floor = max(largest - self.trace / 4, largest / 2)
        return max(raw - self.trace, floor)

    def std_error(self, trace: Trace = "subtract") -> float:
        return float(np.sqrt(self.variance(trace)))

    @property
    def df(self) -> float:
        """Of the variance. The pieces are summed cluster by cluster before squaring, so two of d
        degrees each still have d together, not 2d.

        With wᵢ the clusters' shares of piece i and 1/dᵢ = Σ wᵢ², the square of a sum spreads by
        Σᵢⱼ vᵢ vⱼ Σ wᵢ wⱼ. Where the piece of more degrees is spread evenly over the clusters, as
        differences of means are, Σ wᵢ wⱼ is one over its degrees, wherever the other piece lies.
        """
        pieces = [(variance, df) for variance, df in self.pieces if variance > 0]
        total = sum(variance for variance, _ in pieces)
        if total <= 0:
            return 1.0
        spread = sum(v * w / max(d, e) for v, d in pieces for w, e in pieces)
        return float(total**2 / spread)

    def interval(self, confidence: float, trace: Trace = "subtract") -> tuple[float, float]:
        """Two-sided t interval: `limits`, or, with the trace of a published figure, so many of its standard
        errors either way."""
        if trace == "subtract":
            return self.limits(t_quantile(confidence, self.df))
        half = t_quantile(confidence, self.df) * self.std_error(trace)
        return self.value - half, self.value + half

    def limits(self, errors: float) -> tuple[float, float]:
        """So many standard errors either way: of a sum of products by the profile of its factors."""
        if self.factors is None:
            half = errors * self.std_error()
            return self.value - half, self.value + half
        low, high = self.factors.limits(errors)
        off = self.value - float(self.factors.left @ self.factors.right)
        return low + off, high + off

    def covariance(self, other: Part) -> float:
        return float(self.influence @ other.influence)

    def plus(self, other: Part, own: float = 1.0, others: float = 1.0) -> Part:
        """own · self + others · other."""
        pieces = tuple((v * own**2, d) for v, d in self.pieces) + tuple(
            (v * others**2, d) for v, d in other.pieces
        )
        both = None
        if self.factors is not None and other.factors is not None:
            both = self.factors.scaled(own).beside(other.factors.scaled(others))
        return Part(
            own * self.value + others * other.value,
            own * self.influence + others * other.influence,
            own**2 * self.trace + others**2 * other.trace,
            pieces,
            both,
        )

    def scaled(self, factor: float) -> Part:
        """The same in another unit."""
        return Part(
            factor * self.value,
            factor * self.influence,
            factor**2 * self.trace,
            tuple((factor**2 * v, d) for v, d in self.pieces),
            None if self.factors is None else self.factors.scaled(factor),
        )

    def as_product(self) -> Part:
        """The same as a product with 1, so that in a sum with products it has its place in their profile.

        Raises
        ------
        ValueError
            Where it has products of errors in it that are not known.
        """
        if self.factors is not None:
            return self
        if self.trace:
            raise ValueError("the factors of this part are not known")
        own = self.influence[:, None]
        one = Factors(np.array([self.value]), np.ones(1), own, np.zeros_like(own))
        return replace(self, factors=one)

    def at(self, value: float) -> Part:
        """The same error around another value (to close a sum to the last bit)."""
        return replace(self, value=value)


def product(left: Quantity, right: Quantity, pick: Sequence[int] | None = None) -> Part:
    """Σ leftₖ rightₖ over the entries `pick` (default all)."""
    chosen = np.zeros(len(left.value))
    chosen[list(pick) if pick is not None else slice(None)] = 1.0
    by_left, by_right = chosen * right.value, chosen * left.value
    through_left = left.influence @ by_left
    through_right = right.influence @ by_right
    pieces = []
    for share, way, one in ((through_left, by_left, left), (through_right, by_right, right)):
        variance = float(share @ share)
        if variance > 0:
            pieces.append((variance, one.df(way)))
    at = chosen > 0
    own, other = left.influence[:, at], right.influence[:, at]
    return Part(
        float(left.value @ by_left),
        through_left + through_right,
        float(((own.T @ own) * (other.T @ other)).sum()),
        tuple(pieces),
        Factors(left.value[at], right.value[at], own, other),
    )


def t_quantile(confidence: float, df: float) -> float:
    """Of Student's t, two-sided."""
    return float(special.stdtrit(max(df, 1.0), 0.5 + confidence / 2))


def _satterthwaite(pieces: Sequence[tuple[float, float]]) -> float:
    total = sum(variance for variance, _ in pieces)
    if total <= 0:
        return 1.0
    return float(total**2 / sum(variance**2 / df for variance, df in pieces if variance > 0))
