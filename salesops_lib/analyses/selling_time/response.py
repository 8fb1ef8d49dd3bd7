"""How bookings answer to selling hours: within reps, with the error of reported hours, and together
with what has been published."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.selling_time import notices as say
from salesops_lib.analyses.selling_time.hours import within_months
from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.informed import Evidence, Informed, informed
from salesops_lib.statistics.poisson_means import poisson_coefficients
from salesops_lib.statistics.two_way_effects import (
    WithinFit,
    t_interval,
    within_poisson,
    within_regression,
)

Array = NDArray[np.float64]
ESTIMATORS = ("ppml", "log")
# Fewer reps or degrees of freedom than this decide nothing about the response.
FEWEST_REPS, FEWEST_DF = 3, 1.0
# Errors that would leave less than this of the differences between months are no measurement at all.
LEAST_RELIABLE = 0.2
# How many beliefs stand for "between none and all of the swings are error".
_BELIEFS = 9
_ERRORS = (0.0, 0.05, 0.10, 0.15, 0.20)


@dataclass(frozen=True)
class Panel:
    """Rep-months that enter the response.

    Attributes
    ----------
    bookings
        (rows,): on a scale where the mean is 1.
    log_hours
        (rows,): log of selling hours a week.
    share
        (rows,): of the month that was worked.
    reps, months
        (rows,): codes.
    controls
        (rows, c): what else differs between a rep's months.
    week_error
        Standard deviation of a month's log hours, were all of a rep's week-to-week swings error;
        NaN where weeks are not known.
    """

    bookings: Array
    log_hours: Array
    share: Array
    reps: NDArray[np.int64]
    months: NDArray[np.int64]
    controls: Array
    week_error: float


@dataclass(frozen=True)
class Response:
    """Elasticities, each (value, low, high)."""

    reported: tuple[float, float, float]
    alone: tuple[float, float, float]
    together: tuple[float, float, float]
    pooled: tuple[float, float, float]
    posterior: Informed
    sensitivity: pd.DataFrame
    error_sd: float
    reps: int
    notices: tuple[str, ...]


def respond(
    panel: Panel | None,
    *,
    estimator: str,
    prior: tuple[float, float],
    error_sd: float | None,
    confidence: float,
) -> Response:
    """The elasticity under each reading; where the panel says nothing, the prior alone."""
    fit, why = _fitted(panel, estimator)
    notices: list[str] = []
    nothing = (math.nan, -math.inf, math.inf)
    if fit is None or panel is None:
        posterior = informed(Evidence(np.zeros(0), np.zeros(0), 1.0), *prior)
        return Response(
            nothing, nothing, _of(posterior, confidence), nothing, posterior,
            _sensitivity(None, [], confidence), math.nan, 0, (say.no_response(why),),
        )  # fmt: skip
    errors, largest, said = _errors(fit, panel, error_sd)
    notices += said
    evidence = _evidence(fit, errors)
    tail = (1 - confidence) / 2
    posterior = informed(evidence, *prior)
    value = float(fit.coef[0])
    return Response(
        (value, *fit.interval(confidence)),
        (evidence.quantile(0.5), evidence.quantile(tail), evidence.quantile(1 - tail)),
        _of(posterior, confidence),
        _pooled(panel, estimator, confidence),
        posterior,
        _sensitivity(fit, [*_ERRORS, largest], confidence),
        largest,
        fit.units,
        tuple(notices),
    )


def _fitted(panel: Panel | None, estimator: str) -> tuple[WithinFit | None, str]:
    """The fit within reps, or why there is none."""
    if panel is None or len(panel.bookings) == 0:
        return None, "no rep-month has both bookings and selling hours"
    x = np.column_stack([panel.log_hours, panel.controls])
    try:
        if estimator == "log":
            sold = panel.bookings > 0
            fit = within_regression(
                np.log(panel.bookings[sold] / panel.share[sold]), x[sold], panel.reps[sold],
                panel.months[sold],
            )  # fmt: skip
        else:
            offset = np.log(panel.share)
            fit = within_poisson(panel.bookings, x, panel.reps, panel.months, offset)
    except NotEnoughData as missing:
        return None, missing.problem
    if fit.units < FEWEST_REPS or not fit.df[0] >= FEWEST_DF or not fit.std_error[0] > 0:
        return None, "too few reps have months that differ"
    return fit, ""


def _errors(fit: WithinFit, panel: Panel, given: float | None) -> tuple[Array, float, list[str]]:
    """The errors of reported hours that are held possible, the largest, and what to say of it."""
    if given is not None:
        if fit.reliability(given) < LEAST_RELIABLE:
            return np.zeros(0), given, [say.error_swamps(given)]
        return np.array([given]), given, []
    if math.isnan(panel.week_error):
        return np.zeros(1), 0.0, [say.error_taken_as_none()]
    every = panel.week_error * np.sqrt(np.linspace(0, 1, _BELIEFS))
    possible = every[[fit.reliability(one) >= LEAST_RELIABLE for one in every]]
    largest = float(possible[-1])
    if len(possible) < len(every):
        return possible, largest, [say.error_swamps(panel.week_error)]
    return possible, largest, [say.error_from_weeks(largest, fit.reliability(largest))]


def _evidence(fit: WithinFit, errors: Array) -> Evidence:
    pairs = np.array([fit.corrected(float(one)) for one in errors]).reshape(-1, 2)
    return Evidence(pairs[:, 0], pairs[:, 1], float(fit.df[0]))


def _of(posterior: Informed, confidence: float) -> tuple[float, float, float]:
    tail = (1 - confidence) / 2
    low, high = posterior.quantile(np.array([tail, 1 - tail]))
    return posterior.mean, float(low), float(high)


def _pooled(panel: Panel, estimator: str, confidence: float) -> tuple[float, float, float]:
    """Month effects only: what a regression says that takes reps for alike."""
    # A month in which nobody sold says nothing, and its effect has no end.
    alive = np.bincount(panel.months, weights=panel.bookings)[panel.months] > 0
    sold = panel.bookings > 0 if estimator == "log" else alive
    months = np.unique(panel.months[sold], return_inverse=True)[1]
    dummies = months[:, None] == np.arange(1, int(months.max()) + 1)
    x = np.column_stack([panel.log_hours[sold], dummies])
    groups = np.unique(panel.reps[sold], return_inverse=True)[1]
    count = int(groups.max()) + 1
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) <= x.shape[1]:
        return math.nan, -math.inf, math.inf
    if estimator == "log":
        return _pooled_log(panel, sold, x, groups, confidence)
    offset = np.log(panel.share[sold])
    beta, covariance = poisson_coefficients(panel.bookings[sold], offset, x, groups)
    # G / (G − k) loses its sense where there are about as many months as reps: G / (G − 1).
    factor = count / max(count - 1, 1) / (count / max(count - x.shape[1] - 1, 1))
    error = float(np.sqrt(max(covariance[0, 0], 0.0) * factor))
    return float(beta[0]), *t_interval(float(beta[0]), error, count - 1, confidence)


def _pooled_log(
    panel: Panel, sold: NDArray[np.bool_], x: Array, groups: NDArray[np.int64], confidence: float
) -> tuple[float, float, float]:
    full = np.column_stack([np.ones(len(x)), x])
    y = np.log(panel.bookings[sold] / panel.share[sold])
    beta = np.linalg.lstsq(full, y, rcond=None)[0]
    residual = y - full @ beta
    count = int(groups.max()) + 1
    scores = np.stack([np.bincount(groups, weights=one * residual) for one in full.T], axis=1)
    bread = np.linalg.inv(full.T @ full)
    covariance = count / max(count - 1, 1) * bread @ (scores.T @ scores) @ bread
    return float(beta[1]), *t_interval(
        float(beta[1]), float(np.sqrt(covariance[1, 1])), count - 1, confidence
    )


def _sensitivity(fit: WithinFit | None, errors: list[float], confidence: float) -> pd.DataFrame:
    """What the data alone would say, were reported hours off by so much."""
    rows: list[tuple[float, float, float, float, float]] = []
    for error in sorted(set(errors)):
        assert fit is not None
        kept = fit.reliability(error)
        if rows and rows[-1][1] < LEAST_RELIABLE:
            break  # The first error that is too large says it for all larger ones.
        value, spread = fit.corrected(error) if kept >= LEAST_RELIABLE else (math.nan, math.nan)
        low, high = t_interval(value, spread, float(fit.df[0]), confidence)
        rows.append((error, kept, value, low, high))
    return pd.DataFrame(rows, columns=["error_sd", "reliability", "value", "low", "high"])


def week_error(weekly: pd.DataFrame) -> float:
    """Standard deviation that a month's log hours would have from week-to-week swings alone.

    Parameters
    ----------
    weekly
        rep, month, selling_hours: one row a rep and week.
    """
    seen = weekly[weekly["selling_hours"] > 0]
    of_week = within_months(seen, np.log(seen["selling_hours"].to_numpy(float)))
    if math.isnan(of_week):
        return math.nan
    count = seen.groupby(["rep", "month"]).size().to_numpy()
    return math.sqrt(of_week * float((1 / count).mean()))


def prior_interval(prior: tuple[float, float], confidence: float) -> tuple[float, float, float]:
    """Published experience as (value, low, high)."""
    reach = float(stats.norm.ppf(0.5 + confidence / 2)) * prior[1]
    return prior[0], prior[0] - reach, prior[0] + reach
