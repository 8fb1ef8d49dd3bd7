"""How what is begun and what is decided spreads over the months: by their working days, by the month of
the quarter (quarter-end pushes) and by the month of the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from salesops_lib.analyses.forecast.snapshots import Floats, Ints
from salesops_lib.statistics.shrunken_ratios import prior_of, shrunk_ratio

# Mondays to Fridays in an average month.
_USUAL_DAYS = 365.2425 * 5 / 7 / 12
# Business that is done evenly every day follows the working days in full, one that is pushed to a date
# not at all. Without evidence it stands half-way, give or take (a standard deviation).
_HALF_WAY, _EITHER_WAY = 0.5, 0.5
_QUARTERS, _YEARS = 6, 24


@dataclass(frozen=True)
class Months:
    """Factors of calendar months on a count.

    Attributes
    ----------
    factor
        (12,) factor of each month of the year, January at 0.
    doubt
        (12,) its relative standard error.
    pull, pull_error
        Elasticity of the count in the month's working days, and its standard error.
    """

    factor: Floats = field(default_factory=lambda: np.ones(12))
    doubt: Floats = field(default_factory=lambda: np.zeros(12))
    pull: float = 0.0
    pull_error: float = 0.0

    def at(self, month: Ints) -> Floats:
        """Factor of each of the months with these numbers."""
        return np.asarray(self.factor[month % 12] * np.exp(self.pull * over_usual(month)))

    def doubt_at(self, month: Ints) -> Floats:
        """Relative standard error of `at`."""
        days = self.pull_error * over_usual(month)
        return np.asarray(np.sqrt(self.doubt[month % 12] ** 2 + days**2))


def together(calendar: Sequence[Months], month: Ints) -> Floats:
    """(cause, …) factors of the months with these numbers on each of the chances."""
    return np.stack([one.at(month) for one in calendar])


def over_usual(month: Ints) -> Floats:
    """Log of each month's working days over an average month's; months are counted from year 0."""
    first = (np.asarray(month) - 1970 * 12).astype("datetime64[M]")
    days = np.busday_count(first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]"))
    return np.asarray(np.log(days / _USUAL_DAYS))


def of_counts(month: Ints, observed: Floats, expected: Floats) -> Months:
    """What the months do to counts, from how many were `observed` and `expected` in each `month`.

    Working days first, from as many months as there are; then the month of the quarter, from six months
    of data on; then the month of the year, from two years on. Each is drawn towards none, the working
    days towards half of them.
    """
    pull, error = _pull(month, observed, expected)
    expected = expected * np.exp(pull * over_usual(month))
    factor, doubt = _positions(month, observed, expected)
    return Months(factor, doubt, pull, error)


def beside(month: Ints, observed: Floats, expected: Floats) -> Months:
    """As `of_counts`, of counts whose working days are in the `expected` already."""
    return Months(*_positions(month, observed, expected))


def _positions(month: Ints, observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """(12,) factors by the months of the quarter and of the year, and their relative standard errors."""
    factor, variance = np.ones(12), np.zeros(12)
    if len(month) >= _QUARTERS:
        quarter, doubt = _by_position(month % 3, observed, expected, 3)
        factor, variance = quarter[np.arange(12) % 3], doubt[np.arange(12) % 3]
    if len(month) >= _YEARS:
        year, doubt = _by_position(month % 12, observed, expected * factor[month % 12], 12)
        factor, variance = factor * year, variance + doubt
    return factor, np.sqrt(variance)


def _pull(month: Ints, observed: Floats, expected: Floats) -> tuple[float, float]:
    """Elasticity in working days, and its error: penalized quasi-Poisson regression.

    What seasons do is counted as noise here, so that a December of 23 days with many wins is no proof.
    """
    pull, error = _HALF_WAY, _EITHER_WAY
    if len(month) < 3 or not (observed.sum() > 0 and expected.sum() > 0):
        return pull, error
    x = over_usual(month)
    for _ in range(4):
        fitted = expected * np.exp(pull * x)
        fitted = np.maximum(fitted * (observed.sum() / fitted.sum()), 1e-9)
        noise = max(float(((observed - fitted) ** 2 / fitted).sum()) / (len(x) - 2), 1.0)
        away = x - np.average(x, weights=fitted)
        precision = float((fitted * away**2).sum()) / noise + _EITHER_WAY**-2
        slope = float(((observed - fitted) * away).sum()) / noise
        pull += (slope - (pull - _HALF_WAY) / _EITHER_WAY**2) / precision
        error = precision**-0.5
    return float(np.clip(pull, -0.5, 1.5)), float(error)


def _by_position(place: Ints, observed: Floats, expected: Floats, n: int) -> tuple[Floats, Floats]:
    """Ratio of each position, and its relative variance under the gamma prior."""
    o = np.bincount(place, weights=observed, minlength=n)
    e = np.bincount(place, weights=expected, minlength=n)
    if o.sum() <= 0 or e.sum() <= 0:
        return np.ones(n), np.zeros(n)
    # Level is the base's business: compare the months with each other only.
    level = o.sum() / e.sum()
    e = e * level
    # What the same month scatters from year to year is no season.
    fitted = np.maximum(expected * level * (o / np.maximum(e, 1e-9))[place], 1e-9)
    freedom = max(len(place) - n, 1)
    noise = max(float(((observed - fitted) ** 2 / fitted).sum()) / freedom, 1.0)
    prior = prior_of(o / noise, e / noise)
    # A gamma prior worth so many events leaves a relative variance of one over all events.
    return shrunk_ratio(o / noise, e / noise, prior_events=prior), 1.0 / (o / noise + prior)
