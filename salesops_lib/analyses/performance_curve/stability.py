"""Does a ranking last? One half of the history against the other, and the quota ratchet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.skill import estimate_skill
from salesops_lib.estimate import Estimate

Floats = NDArray[np.float64]

# The point prediction needs no fine intervals.
_DRAWS = 400
# Reps x bootstrap samples.
_RESAMPLED = 2_000_000
_FEWEST_REPS = 6


@dataclass(frozen=True)
class Halves:
    """What one half says about the other.

    Attributes
    ----------
    table
        rep, first, second (observed means, the second on the first's scale of an average rep),
        predicted, tier.
    kept
        Share of a rep's distance from the average that is left (slope of second on first).
    error_ratio
        Root mean squared error of the shrunken prediction ÷ that of the raw one.
    """

    table: pd.DataFrame
    kept: Estimate
    error_ratio: Estimate


def compare_halves(
    panel: Panel, *, stars: float, confidence: float, rng: np.random.Generator
) -> Halves | None:
    """None with fewer than four periods, or fewer than six reps in both halves.

    Both predictions are put on the second half's level by one factor (the calendar is not what is
    tested), so the comparison is between rankings and distances only.
    """
    n = len(panel.periods)
    if n < 4:
        return None
    cut = n // 2
    early, late = panel.period < cut, panel.period >= cut
    first, second = panel.rows(early), panel.rows(late)
    shared = pd.Index(first.reps).intersection(second.reps, sort=False)
    if len(shared) < _FEWEST_REPS:
        return None
    skill = estimate_skill(first, rng, draws=_DRAWS)
    at_first = pd.Index(first.reps).get_indexer(shared)
    at_second = pd.Index(second.reps).get_indexer(shared)
    raw = first.observed[at_first]
    shrunken = skill.draws.mean(0)[at_first]
    truth = second.observed[at_second]
    weight = second.n_periods[at_second].astype(float)
    frame = pd.DataFrame(
        {
            panel.rep_column: shared.to_numpy(dtype=object),
            "first": raw,
            "second": truth,
            "predicted": _on_level(shrunken, truth, weight),
            "raw_predicted": _on_level(raw, truth, weight),
        }
    )
    top = max(int(np.rint(stars * len(frame))), 1)
    order = np.argsort(-raw, kind="stable")
    frame["tier"] = "other"
    frame.loc[frame.index[order[:top]], "tier"] = "star"
    kept = _slope(raw / raw.mean(), truth / truth.mean(), confidence)
    return Halves(
        frame,
        kept,
        _error_ratio(frame, weight, confidence, rng),
    )


def _on_level(prediction: Floats, truth: Floats, weight: Floats) -> Floats:
    level = np.average(prediction, weights=weight)
    if not level > 0:
        return prediction + np.average(truth - prediction, weights=weight)
    return prediction * np.average(truth, weights=weight) / level


def _slope(x: Floats, y: Floats, confidence: float) -> Estimate:
    fit = stats.linregress(x, y)
    half = float(stats.t.ppf(0.5 + confidence / 2, len(x) - 2)) * float(fit.stderr)
    slope = float(fit.slope)
    return Estimate(
        slope, slope - half, slope + half, confidence, "share", len(x), "regression, t interval"
    )


def _error_ratio(
    frame: pd.DataFrame, weight: Floats, confidence: float, rng: np.random.Generator
) -> Estimate:
    truth = frame["second"].to_numpy()
    ours, raw = (
        weight * (frame[name].to_numpy() - truth) ** 2 for name in ("predicted", "raw_predicted")
    )
    if raw.sum() <= 0:
        return Estimate(math.nan, confidence=confidence, unit="ratio", n=len(frame))
    # Which reps happen to be here is what is uncertain: resample them.
    n = len(frame)
    samples = int(np.clip(_RESAMPLED // n, 199, 999))
    counts = rng.multinomial(n, np.full(n, 1 / n), size=samples)
    drawn = np.sqrt((counts @ ours) / np.maximum(counts @ raw, 1e-300))
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(
        float(np.sqrt(ours.sum() / raw.sum())), float(low), float(high), confidence, "ratio",
        len(frame), "bootstrap of reps",
    )  # fmt: skip


@dataclass(frozen=True)
class Ratchet:
    """Whether quotas are set from last year's sales.

    Attributes
    ----------
    table
        rep, year (0 the last), value, quota, attainment, and value_before, quota_before.
    follow
        Elasticity of a quota to the value of the year before, its own level of that year held
        fixed: 1 is a full ratchet.
    persistence
        Correlation of attainment with attainment the year before: negative under a ratchet.
    detected
        None where fewer than two years are there.
    sentence
        What a reader needs to know before ranking on attainment.
    """

    table: pd.DataFrame
    follow: Estimate
    persistence: Estimate
    detected: bool | None

    @property
    def sentence(self) -> str:
        return words.ratchet(self.detected, self.follow)


_NO_TABLE = ("year", "value", "quota", "attainment", "value_before", "quota_before")
# From half a percent of quota for each percent of sales, attainment says more about change.
_RATCHET = 0.5


def quota_ratchet(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    period: str = "month",
    value: str = "bookings",
    quota: str = "quota",
    confidence: float = 0.90,
    periods_per_year: float = 12.0,
) -> Ratchet:
    """Compare each rep's yearly quota with the year before.

    Parameters
    ----------
    data
        One row a rep and period, with value and quota; years are counted back from the last period,
        and a rep enters with the years in which at least half the periods have a quota.

    Returns
    -------
    Ratchet
        `detected` is True where the elasticity is at least a half and its interval excludes 0.
    """
    years = _years(data, rep, period, value, quota, periods_per_year)
    before = years.assign(year=years["year"] - 1)[[rep, "year", "value", "quota", "attainment"]]
    pairs = years.merge(before, on=[rep, "year"], suffixes=("", "_before"))
    usable = (pairs[["value", "quota", "value_before", "quota_before"]] > 0).all(axis=1)
    pairs = pairs[usable].reset_index(drop=True)
    unknown = Estimate(math.nan, confidence=confidence, unit="ratio", n=len(pairs))
    if pairs[rep].nunique() < _FEWEST_REPS:
        return Ratchet(pairs, unknown, unknown, None)
    logs = np.log(pairs[["quota", "value_before", "quota_before"]].to_numpy())
    follow = _partial_slope(logs, pairs[rep].to_numpy(), confidence)
    persistence = _correlation(
        pairs["attainment_before"].to_numpy(), pairs["attainment"].to_numpy(), confidence
    )
    detected = follow.value >= _RATCHET and follow.low > 0
    return Ratchet(pairs, follow, persistence, bool(detected))


def _years(
    data: pd.DataFrame, rep: str, period: str, value: str, quota: str, per_year: float
) -> pd.DataFrame:
    codes, labels = pd.factorize(data[period], sort=True)
    back = (len(labels) - 1 - codes) // max(int(np.rint(per_year)), 1)
    rows = data.assign(year=back)[[rep, "year", value, quota]].dropna()
    grouped = rows.groupby([rep, "year"], sort=False, observed=True)
    years = grouped[[value, quota]].mean()
    years.columns = ["value", "quota"]
    years["periods"] = grouped.size()
    years = years[years["periods"] >= per_year / 2].reset_index()
    years["attainment"] = years["value"] / years["quota"].where(years["quota"] > 0)
    return years


def _partial_slope(logs: Floats, reps: NDArray[np.object_], confidence: float) -> Estimate:
    """Coefficient of last year's value, last year's quota held fixed, clustered by rep."""
    y = logs[:, 0]
    design = np.column_stack([np.ones(len(y)), logs[:, 1:]])
    # Where quota a year ago was itself a copy, the two columns are one: leave it out.
    if np.linalg.matrix_rank(design - design.mean(0)) < 2 or np.ptp(logs[:, 2]) == 0:
        design = design[:, :2]
    beta, *_ = np.linalg.lstsq(design, y, rcond=None)
    left = y - design @ beta
    codes, labels = pd.factorize(reps)
    scores = np.column_stack([np.bincount(codes, weights=column * left) for column in design.T])
    bread = np.linalg.pinv(design.T @ design)
    n = len(labels)
    covariance = bread @ (scores.T @ scores) @ bread * n / max(n - design.shape[1], 1)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * math.sqrt(max(covariance[1, 1], 0))
    return Estimate(
        float(beta[1]), float(beta[1]) - half, float(beta[1]) + half, confidence, "ratio", n,
        "regression, clustered by rep",
    )  # fmt: skip


def _correlation(x: Floats, y: Floats, confidence: float) -> Estimate:
    if len(x) < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Estimate(math.nan, confidence=confidence, unit="ratio", n=len(x))
    r = float(np.corrcoef(x, y)[0, 1])
    half = float(stats.norm.ppf(0.5 + confidence / 2)) / math.sqrt(len(x) - 3)
    middle = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12))
    return Estimate(
        r, math.tanh(middle - half), math.tanh(middle + half), confidence, "ratio", len(x),
        "Fisher transformation",
    )  # fmt: skip
