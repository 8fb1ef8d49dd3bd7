"""Survival times with late entry, censoring and competing events.

Times are what a caller measures them in. `entry` is when a unit came under observation: it counts
as at risk from just after that time (left truncation), so that units seen only because they had
not failed yet do not lengthen the curve.

Units of one cluster (quotes of one rep) may end early or late together: their errors are summed
before they are squared, which is the infinitesimal jackknife over clusters.

Kaplan & Meier (1958); Brookmeyer & Crowley (1982) for quantile limits; Aalen & Johansen (1978); Ying
& Wei (1994) for curves of clustered times; Peto et al. (1977) for comparisons within strata.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from salesops_lib.errors import DataError, NotEnoughData

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A product-limit curve, one entry per time at which an event happened.

    Attributes
    ----------
    times
        Distinct event times, ascending.
    survival
        Share still without the event just after each time.
    at_risk, events
        Counts at each time (weighted where weights were given).
    hazard_sum
        Greenwood's sum Σ d / (n (n − d)) up to each time: the variance of log survival; between
        clusters where there are any.
    n
        Units behind the curve.
    last
        Latest time under observation; nothing is known after it.
    freedom
        Degrees of freedom of the limits: clusters that count less one, infinite without clusters.
    """

    times: Floats
    survival: Floats
    at_risk: Floats
    events: Floats
    hazard_sum: Floats
    n: int
    last: float
    freedom: float = math.inf

    @property
    def n_events(self) -> int:
        return round(float(self.events.sum()))

    def at(self, when: ArrayLike) -> Floats:
        """Survival at `when` (right-continuous)."""
        return self._step(self.survival, when, before=1.0)

    def interval(
        self, when: ArrayLike, *, confidence: float = 0.90, kind: str = "log-log"
    ) -> tuple[Floats, Floats]:
        """Pointwise limits of survival at `when`.

        `log-log` is the default of lifelines and SAS, `log` that of R. Where nobody is left
        without the event Greenwood's sum is infinite: the limits of the last finite step stand.
        """
        low, high = self._limits(confidence, kind)
        return self._step(low, when, before=1.0), self._step(high, when, before=1.0)

    def quantile(
        self, q: float = 0.5, *, confidence: float = 0.90, kind: str = "log-log"
    ) -> tuple[float, float, float]:
        """Time by which the share `q` has had the event, with limits; infinite where not reached.

        The limits are the times at which the pointwise limits of survival cross 1 − q.
        """
        low, high = self._limits(confidence, kind)
        return (
            self._crossing(self.survival, q),
            self._crossing(low, q),
            self._crossing(high, q),
        )

    def restricted_mean(self, horizon: float) -> tuple[float, float]:
        """Mean of min(T, horizon) with its own standard error.

        The error is that of the area under the curve (Greenwood), not the spread of min(T,
        horizon) over units, which is what lifelines' `return_variance` gives.
        """
        inside = self.times < horizon
        edges = np.concatenate([[0.0], self.times[inside], [horizon]])
        heights = np.concatenate([[1.0], self.survival[inside]])
        areas = heights * np.diff(edges)
        remaining = areas[::-1].cumsum()[::-1][1:]
        d, n = self.events[inside], self.at_risk[inside]
        step = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
        return float(areas.sum()), math.sqrt(float((remaining**2 * step).sum()))

    def _limits(self, confidence: float, kind: str) -> tuple[Floats, Floats]:
        z = stats.t.ppf(0.5 + confidence / 2, self.freedom)
        s = np.clip(self.survival, 1e-300, 1 - 1e-12)
        error = np.sqrt(self.hazard_sum)
        if kind == "log":
            low, high = s * np.exp(-z * error), np.minimum(1.0, s * np.exp(z * error))
        elif kind == "log-log":
            spread = z * error / np.abs(np.log(s))
            low, high = s ** np.exp(spread), s ** np.exp(-spread)
        else:
            raise DataError(f"kind == {kind!r}, must be log-log or log")
        dead = self.survival <= 0
        if dead.any():
            first = int(dead.argmax())
            low[first:] = 0.0
            high[first:] = high[first - 1] if first else 1.0
        return low, high

    def _step(self, heights: Floats, when: ArrayLike, *, before: float) -> Floats:
        place = np.searchsorted(self.times, np.asarray(when, dtype=float), side="right")
        return np.concatenate([[before], heights])[place]

    def _crossing(self, heights: Floats, q: float) -> float:
        # A tiny slack: 0.5 reached by products such as 0.9 × 5/9 must count as reached.
        reached = heights <= 1 - q + 1e-12
        return float(self.times[int(reached.argmax())]) if reached.any() else math.inf


def kaplan_meier(
    duration: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> SurvivalCurve:
    """Product-limit curve of times to one event.

    Parameters
    ----------
    duration
        Time of the event or of the end of observation, per unit.
    event
        Whether the event was seen.
    entry
        When observation began (0 where left out); the unit is at risk on (entry, duration].
    weights
        Counts per unit, for grouped data.
    clusters
        What each unit belongs to, where units of one cluster are alike: limits are then between
        clusters, with t. A few large clusters count as fewer than they are, n² / Σ n_g² (Carter,
        Schnepel & Steigerwald 2017). Of one cluster nothing can be told, and units count as
        independent.

    Raises
    ------
    DataError
        If lengths differ or a unit leaves before it enters.
    NotEnoughData
        If there is no unit.
    """
    time, happened, start, weight = _checked(duration, event, entry, weights)
    times = np.unique(time[happened])
    d = np.array([weight[happened & (time == t)].sum() for t in times])
    n = _at_risk(times, time, start, weight)
    ratio = np.divide(d, n, out=np.zeros_like(n), where=n > 0)
    survival = np.cumprod(1 - ratio)
    with np.errstate(divide="ignore"):
        step = np.where(n > d, d / (n * np.where(n > d, n - d, 1)), np.inf)
    variance, freedom = np.cumsum(step), math.inf
    codes = _coded(clusters, len(time))
    if codes.max() > 0:
        own_d, own_n = _by_cluster(times, time, happened, start, weight, codes)
        left = np.where(n > d, n - d, 1.0)
        off = np.cumsum((own_d - own_n * (d / n)) / left, axis=1)
        sizes = np.bincount(codes, weights=weight)
        count = float(sizes.sum() ** 2 / (sizes**2).sum())
        variance = np.where(n > d, count / (count - 1) * (off**2).sum(axis=0), np.inf)
        freedom = count - 1
    return SurvivalCurve(times, survival, n, d, variance, len(time), float(time.max()), freedom)


def cumulative_incidence(
    duration: ArrayLike,
    cause: ArrayLike,
    *,
    of: object = 1,
    entry: ArrayLike | None = None,
) -> pd.DataFrame:
    """Aalen–Johansen share that has had the event `of` when others compete with it.

    Parameters
    ----------
    cause
        0 for censored, any other value names the event that ended the unit's time.

    Returns
    -------
    Frame with time, incidence, std_error (the delta-method variance of Marubini & Valsecchi,
    eq. 10.12), one row per time of any event. Ties stay ties; nothing is jittered.
    """
    causes = np.asarray(cause)
    happened = causes != 0
    time, _, start, weight = _checked(duration, happened, entry, None)
    times = np.unique(time[happened])
    n = _at_risk(times, time, start, weight)
    d_all = np.array([(happened & (time == t)).sum() for t in times], dtype=float)
    d_one = np.array([((causes == of) & (time == t)).sum() for t in times], dtype=float)
    before = np.concatenate([[1.0], np.cumprod(1 - d_all / n)[:-1]])
    incidence = np.cumsum(before * d_one / n)
    return pd.DataFrame(
        {
            "time": times,
            "incidence": incidence,
            "std_error": np.sqrt(_incidence_variance(incidence, before, n, d_all, d_one)),
        }
    )


def log_rank(
    duration: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
) -> tuple[float, int, float]:
    """Log-rank test that the groups share one curve: chi-square, degrees of freedom, p."""
    time, happened, start, weight = _checked(duration, event, entry, None)
    labels, code = np.unique(np.asarray(group), return_inverse=True)
    k = len(labels)
    if k < 2:
        raise NotEnoughData("a comparison needs at least two groups")
    times = np.unique(time[happened])
    n = np.stack([_at_risk(times, time, start, weight * (code == g)) for g in range(k)], axis=1)
    d = np.array(
        [[(happened & (time == t) & (code == g)).sum() for g in range(k)] for t in times],
        dtype=float,
    ).reshape(len(times), k)
    total, deaths = n.sum(axis=1), d.sum(axis=1)
    expected = n * (deaths / total)[:, None]
    tie = np.divide(deaths * (total - deaths), total - 1, out=np.zeros_like(total), where=total > 1)
    share = n / total[:, None]
    covariance = np.diag((share * tie[:, None]).sum(axis=0)) - np.einsum(
        "t,ti,tj->ij", tie, share, share
    )
    gap = (d - expected).sum(axis=0)
    chi2 = float(gap @ np.linalg.pinv(covariance) @ gap)
    df = int(np.linalg.matrix_rank(covariance))
    return chi2, df, float(stats.chi2.sf(chi2, df)) if df else math.nan


def stratified_log_rank(
    duration: ArrayLike, event: ArrayLike, second: ArrayLike, strata: ArrayLike
) -> tuple[float, float]:
    """Log-rank test that two groups share one curve within each stratum: what sets strata apart (a
    rep who is slow with every customer) is no difference between the groups.

    Parameters
    ----------
    second
        Whether each unit is of the second group.

    Returns
    -------
    Events of the second group less those expected (below 0: it is slower), and p; NaN where no
    stratum holds both groups.
    """
    time, happened, start, weight = _checked(duration, event, None, None)
    inside = np.asarray(second, dtype=bool)
    codes = _coded(strata, len(time))
    times = np.unique(time[happened])
    d, n = _by_cluster(times, time, happened, start, weight, codes)
    d_in, n_in = _by_cluster(times, time, happened, start, weight * inside, codes)
    share = np.divide(n_in, n, out=np.zeros_like(n), where=n > 0)
    spread = np.divide(d * (n - d), n - 1, out=np.zeros_like(n), where=n > 1) * share * (1 - share)
    gap, variance = float((d_in - d * share).sum()), float(spread.sum())
    if not variance > 0:
        return gap, math.nan
    return gap, float(stats.chi2.sf(gap**2 / variance, 1))


def _coded(clusters: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """(units,): codes of the clusters; all in one where there are none."""
    if clusters is None:
        return np.zeros(count, dtype=np.int64)
    labels = np.asarray(clusters)
    if len(labels) != count:
        raise DataError("duration, event, entry and weights must have one value a unit each")
    return np.unique(labels.astype(str), return_inverse=True)[1].astype(np.int64)


def _by_cluster(
    times: Floats, time: Floats, happened: NDArray[np.bool_], start: Floats, weight: Floats,
    codes: NDArray[np.int64],
) -> tuple[Floats, Floats]:  # fmt: skip
    """(clusters, times): events and units at risk of each cluster."""
    size = int(codes.max()) + 1
    events = np.zeros((size, len(times)))
    place = np.searchsorted(times, time[happened])
    np.add.at(events, (codes[happened], place), weight[happened])
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    risk = np.stack([_at_risk(times, time[one], start[one], weight[one]) for one in parts])
    return events, risk


def _checked(
    duration: ArrayLike, event: ArrayLike, entry: ArrayLike | None, weights: ArrayLike | None
) -> tuple[Floats, NDArray[np.bool_], Floats, Floats]:
    time = np.asarray(duration, dtype=float)
    happened = np.asarray(event, dtype=bool)
    start = np.zeros_like(time) if entry is None else np.asarray(entry, dtype=float)
    weight = np.ones_like(time) if weights is None else np.asarray(weights, dtype=float)
    if not len(time) == len(happened) == len(start) == len(weight):
        raise DataError("duration, event, entry and weights must have one value a unit each")
    if len(time) == 0:
        raise NotEnoughData("no unit to follow")
    wrong = ~(time > start)
    if wrong.any():
        raise DataError(
            "a unit's time ends before it enters", rows=np.flatnonzero(wrong), column="duration"
        )
    return time, happened, start, weight


def _at_risk(times: Floats, time: Floats, start: Floats, weight: Floats) -> Floats:
    """Weight of units with start < t <= time, by two sorted sums instead of a table."""

    def cumulated(values: Floats, when: Floats) -> Floats:
        order = np.argsort(values, kind="stable")
        sums = np.concatenate([[0.0], np.cumsum(weight[order])])
        return sums[np.searchsorted(values[order], when, side="left")]

    return cumulated(start, times) - cumulated(time, times)


def _incidence_variance(
    incidence: Floats, before: Floats, n: Floats, d_all: Floats, d_one: Floats
) -> Floats:
    """Delta-method variance of the incidence at each time, by running sums."""
    a = np.divide(d_all, n * (n - d_all), out=np.zeros_like(n), where=n > d_all)
    b = before**2 * (n - d_one) * d_one / n**3
    c = before * d_one / n**2
    gap0, gap1, gap2 = a.cumsum(), (a * incidence).cumsum(), (a * incidence**2).cumsum()
    first = incidence**2 * gap0 - 2 * incidence * gap1 + gap2
    third = incidence * c.cumsum() - (c * incidence).cumsum()
    return np.maximum(first + b.cumsum() - 2 * third, 0.0)
