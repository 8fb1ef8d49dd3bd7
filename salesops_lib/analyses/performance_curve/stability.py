"""Does a ranking last? One half of the history against the other, and the quota ratchet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.columns import number, time_labels, under_its_name
from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.skill import estimate_skill
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.fieller import fieller

Floats = NDArray[np.float64]

# The point prediction needs no fine intervals.
_DRAWS = 400
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
    shrunken = skill.expected[at_first]
    truth = second.observed[at_second]
    weight = second.n_periods[at_second].astype(float)
    frame = pd.DataFrame(
        {
            "rep": shared.to_numpy(dtype=object),
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
    with np.errstate(invalid="ignore"):  # A half in which nobody sold anything says nothing.
        kept = _slope(raw / raw.mean(), truth / truth.mean(), confidence)
    return Halves(
        under_its_name(frame, panel.rep_column),
        kept,
        _error_ratio(frame, weight, confidence),
    )


def _on_level(prediction: Floats, truth: Floats, weight: Floats) -> Floats:
    level = np.average(prediction, weights=weight)
    if not level > 0:
        return prediction + np.average(truth - prediction, weights=weight)
    return prediction * np.average(truth, weights=weight) / level


def _slope(x: Floats, y: Floats, confidence: float) -> Estimate:
    """Least squares with the errors of MacKinnon & White (1985), J. Econometrics 29, 305-325 (HC3):
    where luck multiplies, the second half of those who were far ahead varies most, and the usual
    errors hold 85% instead of 90%."""
    n, away = len(x), x - x.mean()
    square = float((away**2).sum())
    slope = float(away @ y) / square if square > 0 else math.nan
    left = y - y.mean() - slope * away
    leverage = np.minimum(1 / n + away**2 / max(square, 1e-300), 1 - 1e-9)
    error = math.sqrt(float((away**2 * (left / (1 - leverage)) ** 2).sum())) / max(square, 1e-300)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 2)) * error
    return Estimate(
        slope, slope - half, slope + half, confidence, "share", n, "regression, HC3 t interval"
    )


def _error_ratio(frame: pd.DataFrame, weight: Floats, confidence: float) -> Estimate:
    """Root of the ratio of two mean squared errors, paired by rep: which reps happen to be here is what
    is uncertain. A ratio of means has Fieller's limits; quantiles of a bootstrap of two dozen reps, whose
    squared errors are skewed, hold 81 to 83% instead of 90%."""
    truth = frame["second"].to_numpy()
    ours, raw = (
        weight * (frame[name].to_numpy() - truth) ** 2 for name in ("predicted", "raw_predicted")
    )
    n = len(frame)
    if raw.sum() <= 0:
        return Estimate(math.nan, confidence=confidence, unit="ratio", n=n)
    spread = np.cov(ours, raw) / n
    found = fieller(
        float(ours.mean()), float(raw.mean()), float(spread[0, 0]), float(spread[1, 1]),
        float(spread[0, 1]), float(stats.t.ppf(0.5 + confidence / 2, n - 1)),
    )  # fmt: skip
    value, low, high = (math.sqrt(max(x, 0.0)) for x in (found.value, found.low, found.high))
    return Estimate(
        value, low, high, confidence, "ratio", n, "ratio of mean squares, Fieller limits"
    )


@dataclass(frozen=True)
class Ratchet:
    """Whether quotas are set from last year's sales.

    Attributes
    ----------
    table
        rep, year (0 the last), value, quota, attainment, and value_before, quota_before.
    follow
        Elasticity of a quota to what luck did to the value of the year before, as much luck as the
        next year did not repeat: 1 is a full ratchet. Unbounded where luck is too small to tell.
    persistence
        Correlation of attainment with attainment the year before: negative under a ratchet.
    detected
        None where fewer than two years are there, or `follow` is unbounded.
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
    before = years.assign(year=years["year"] - 1)[["rep", "year", "value", "quota", "attainment"]]
    pairs = years.merge(before, on=["rep", "year"], suffixes=("", "_before"))
    usable = (pairs[["value", "quota", "value_before", "quota_before"]] > 0).all(axis=1)
    pairs = pairs[usable].reset_index(drop=True)
    unknown = Estimate(math.nan, confidence=confidence, unit="ratio", n=len(pairs))
    table = under_its_name(pairs, rep)
    if pairs["rep"].nunique() < _FEWEST_REPS:
        return Ratchet(table, unknown, unknown, None)
    follow = _response_to_luck(pairs, pairs["rep"].to_numpy(), confidence)
    persistence = _correlation(
        pairs["attainment_before"].to_numpy(), pairs["attainment"].to_numpy(), confidence
    )
    detected = bool(follow.value >= _RATCHET and follow.low > 0)
    return Ratchet(table, follow, persistence, detected if math.isfinite(follow.low) else None)


def _years(
    data: pd.DataFrame, rep: str, period: str, value: str, quota: str, per_year: float
) -> pd.DataFrame:
    # In order of time: by the alphabet, the last year would be that of the months that begin with N to S.
    codes, labels = pd.factorize(time_labels(data[period], period), sort=True)
    back = (len(labels) - 1 - codes) // max(int(np.rint(per_year)), 1)
    rows = pd.DataFrame({
        "rep": data[rep].to_numpy(), "year": back, "value": number(data, value).to_numpy(),
        "quota": number(data, quota).to_numpy(),
    }).dropna()  # fmt: skip
    grouped = rows.groupby(["rep", "year"], sort=False, observed=True)
    years = grouped[["value", "quota"]].mean()
    years["periods"] = grouped.size()
    years = years[years["periods"] >= per_year / 2].reset_index()
    years["attainment"] = years["value"] / years["quota"].where(years["quota"] > 0)
    return years


def _response_to_luck(
    pairs: pd.DataFrame, reps: NDArray[np.object_], confidence: float
) -> Estimate:
    """Elasticity of the quota to last year's value, by instrument, clustered by rep.

    Planners who know their reps set quotas that go with last year's sales because both go with skill:
    a regression on sales finds a "ratchet" of .11 in most companies where none is. What next year's
    quota cannot know but through last year's sales is last year's luck, and what last year had and this
    year has not is luck, where skill stays: so the change from last year to this one is the instrument.
    Year effects and the quota of the year before are partialled out. Limits are Fieller's, which hold
    also where luck is small (Anderson & Rubin 1949, Ann. Math. Stat. 20, 46-63) and are then
    unbounded.
    """
    quota, before, now, old = np.log(
        pairs[["quota", "value_before", "value", "quota_before"]].to_numpy(dtype=float)
    ).T
    years = pd.get_dummies(pairs["year"], dtype=float).to_numpy()
    controls = np.column_stack([years, old]) if np.ptp(old) > 0 else years
    columns = np.column_stack([quota, before, before - now])
    fit, *_ = np.linalg.lstsq(controls, columns, rcond=None)
    left = columns - controls @ fit
    codes, labels = pd.factorize(reps)
    n = len(labels)
    above, under = (np.bincount(codes, weights=left[:, k] * left[:, 2]) for k in (0, 1))
    spread = np.cov(above, under, ddof=1) * n * n / max(n - controls.shape[1], 1)
    found = fieller(
        float(above.sum()), float(under.sum()), float(spread[0, 0]), float(spread[1, 1]),
        float(spread[0, 1]), float(stats.t.ppf(0.5 + confidence / 2, n - 1)),
    )  # fmt: skip
    return Estimate(
        found.value, found.low, found.high, confidence, "ratio", n,
        "instrumental variable, Fieller limits, clustered by rep",
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
