"""Slopes within units: regressions with an effect of every unit and of every period.

An effect for each unit takes out everything that sets units apart for good, an effect for each
period what moves all of them together; what is left of x and y within a unit decides the slope. Two
estimators share one linear form, so that both get the same few-cluster corrections of
`least_squares` (CR2 errors and the degrees of freedom of Bell and McCaffrey 2002, at most G − 1):

- `within_regression`: least squares on demeaned columns (Wooldridge 2010, chapter 10);
- `within_poisson`: Poisson pseudo-likelihood, whose y may be zero (Hausman, Hall & Griliches 1984;
  Santos Silva & Tenreyro 2006). Its unit effects are conditioned out, and with two-way effects and
  exogenous x its slope has no incidental-parameter bias (Fernández-Val & Weidner 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.cluster_moments import Array, cluster_moments
from salesops_lib.statistics.least_squares import fit

Codes = NDArray[np.int64]
# Below this share of its variance outside the effects, a column is taken to be made of them.
_NOTHING_LEFT = 1e-9


@dataclass(frozen=True)
class WithinFit:
    """Slopes within units.

    Attributes
    ----------
    coef, std_error, df
        (k,): slopes, CR2 cluster-robust standard errors, degrees of freedom of their t.
    units, rows
        Units and rows that decide the slopes.
    variance
        Of the first regressor, within units and periods and net of the other regressors, per degree
        of freedom: an error of variance v in it, independent over rows, adds v.
    covariance
        (k, k): of the slopes, CR2 cluster-robust.
    """

    coef: Array
    std_error: Array
    df: Array
    units: int
    rows: int
    variance: float
    covariance: Array
    _first: FirstRegressor

    def interval(self, confidence: float, column: int = 0) -> tuple[float, float]:
        """Two-sided t interval of a slope."""
        return t_interval(
            float(self.coef[column]), float(self.std_error[column]), float(self.df[column]),
            confidence,
        )  # fmt: skip

    def reliability(self, error_sd: float) -> float:
        """Share of the first regressor's variance within that is not error of that standard
        deviation; 0 where the error would be all of it."""
        return max(1.0 - error_sd**2 / self.variance, 0.0)

    def corrected(self, error_sd: float) -> tuple[float, float]:
        """The first slope, and its standard error, were the regressor measured without its error of
        standard deviation `error_sd`: the corrected score of errors in variables (Fuller 1987,
        section 2.2), clustered. NaN where the error would be all of the variance."""
        kept = self.reliability(error_sd)
        if kept <= 0:
            return float("nan"), float("nan")
        first = self._first
        slope, total = float(self.coef[0]) / kept, float(first.size.sum())
        # Each unit's score at the corrected slope, less what the error alone puts into it.
        score = first.product - slope * (first.size - error_sd**2 * first.error_mass)
        return slope, first.inflation * float(np.sqrt((score**2).sum())) / (kept * total)


@dataclass(frozen=True)
class FirstRegressor:
    """Sums over each unit's rows, once all else is taken out of the first regressor and of y.

    Attributes
    ----------
    product, size
        (units,): regressor times y, regressor squared.
    error_mass
        (units,): what an independent error of variance 1 in every row would leave of `size`.
    inflation
        What the few-cluster correction does to the plain clustered standard error.
    """

    product: Array
    size: Array
    error_mass: Array
    inflation: float


def t_interval(value: float, std_error: float, df: float, confidence: float) -> tuple[float, float]:
    """value ± t · std_error; infinite without degrees of freedom."""
    if not df > 0 or not np.isfinite(std_error):
        return -np.inf, np.inf
    reach = float(stats.t.ppf(0.5 + confidence / 2, df)) * std_error
    return value - reach, value + reach


def within_regression(y: Array, x: Array, units: Codes, periods: Codes | None = None) -> WithinFit:
    """Least squares of y on x with an effect of each unit and, where given, each period.

    Parameters
    ----------
    y
        (rows,).
    x
        (rows,) or (rows, k).
    units, periods
        (rows,): any integer codes; panels may be unbalanced. Errors are clustered by unit.

    Raises
    ------
    NotEnoughData
        If fewer than two units have two rows, or x does not vary within units and periods.
    """
    columns = _columns(x)
    row_unit, row_period, kept = _usable(units, periods, np.ones(len(y)))
    return _linear(y[kept], columns[kept], row_unit, row_period, np.ones(int(kept.sum())))


def within_poisson(
    y: Array,
    x: Array,
    units: Codes,
    periods: Codes | None = None,
    offset: Array | None = None,
    *,
    steps: int = 60,
) -> WithinFit:
    """Poisson pseudo-likelihood of ``E[y] = exp(offset + x'b + unit + period)``.

    y may be zero, and single rows may be negative. Units or periods that sum to nothing say nothing
    of the slope and are left out. Parameters and errors as in `within_regression`.
    """
    columns = _columns(x)
    row_unit, row_period, kept = _usable(units, periods, y)
    y, columns = y[kept], columns[kept]
    shift = np.zeros(len(y)) if offset is None else offset[kept]
    z = _design(columns, row_period)
    z = z[:, _independent(z, row_unit, np.ones(len(y)), columns.shape[1])]
    total = np.bincount(row_unit, weights=y)

    def mean(beta: Array) -> Array:
        index = shift + z @ beta
        index = index - _highest(index, row_unit)[row_unit]
        odds = np.exp(index)
        return np.maximum(odds * (total / np.bincount(row_unit, weights=odds))[row_unit], 1e-300)

    def likelihood(beta: Array) -> float:
        return float(y @ np.log(mean(beta)))

    beta, reached = np.zeros(z.shape[1]), -np.inf
    reached = likelihood(beta)
    for _ in range(steps):
        mu = mean(beta)
        apart = z - _unit_means(z, row_unit, mu)[row_unit]
        step = np.linalg.lstsq(apart.T @ (apart * mu[:, None]), apart.T @ (y - mu), rcond=None)[0]
        new = likelihood(beta + step)
        while not new >= reached - 1e-9 * abs(reached) and np.abs(step).max() > 1e-10:
            step = step / 2
            new = likelihood(beta + step)
        beta, reached = beta + step, new
        if np.abs(step).max() < 1e-9:
            break
    mu = mean(beta)
    working = z @ beta + (y - mu) / mu
    return _linear(working, columns, row_unit, row_period, mu)


def _columns(x: Array) -> Array:
    return np.asarray(x, dtype=np.float64).reshape(len(x), -1)


def _usable(
    units: Codes, periods: Codes | None, y: Array
) -> tuple[Codes, Codes | None, NDArray[np.bool_]]:
    """Codes 0 … of the rows that say something: in units of two rows or more and in periods that do
    not sum to nothing; leaving out one may empty another."""
    kept = np.ones(len(units), bool)
    while True:
        before = int(kept.sum())
        for codes, fewest in ((units, 2), (periods, 1)):
            if codes is None:
                continue
            _, place = np.unique(codes, return_inverse=True)
            rows = np.bincount(place, weights=kept)
            sums = np.bincount(place, weights=np.where(kept, y, 0.0))
            kept &= ((rows >= fewest) & (sums > 0))[place]
        if int(kept.sum()) == before:
            break
    row_unit = np.unique(units[kept], return_inverse=True)[1]
    if kept.sum() == 0 or row_unit.max() < 1:
        raise NotEnoughData(
            "fewer than two units have two periods each",
            remedy="A slope within units needs more months or more people.",
        )
    return (
        row_unit,
        None if periods is None else np.unique(periods[kept], return_inverse=True)[1],
        kept,
    )


def _design(columns: Array, periods: Codes | None) -> Array:
    """The regressors and a column for each period but the first."""
    if periods is None or periods.max() == 0:
        return columns
    return np.column_stack([columns, periods[:, None] == np.arange(1, periods.max() + 1)])


def _unit_means(z: Array, units: Codes, weights: Array) -> Array:
    mass = np.bincount(units, weights=weights)
    sums = np.stack([np.bincount(units, weights=weights * column) for column in z.T], axis=1)
    return np.asarray(sums / mass[:, None], dtype=np.float64)


def _highest(values: Array, units: Codes) -> Array:
    top = np.full(int(units.max()) + 1, -np.inf)
    np.maximum.at(top, units, values)
    return top


def _independent(z: Array, units: Codes, weights: Array, regressors: int) -> NDArray[np.int64]:
    """Which columns can be told apart within units: all of the regressors, or NotEnoughData, and as
    many periods as the panel connects."""
    apart = (z - _unit_means(z, units, weights)[units]) * np.sqrt(weights)[:, None]
    order = [*range(regressors, z.shape[1]), *range(regressors)]
    # Period columns first: a regressor counts by what they leave of it.
    size = np.sqrt((apart**2).sum(axis=0))
    spread = np.sqrt(((z - z.mean(axis=0)) ** 2 * weights[:, None]).sum(axis=0))
    chosen: list[int] = []
    basis = np.zeros((len(z), 0))
    for at in order:
        left = apart[:, at] - basis @ (basis.T @ apart[:, at])
        left = left - basis @ (basis.T @ left)
        length = float(np.sqrt(left @ left))
        if length > 1e-7 * max(float(size[at]), _NOTHING_LEFT * float(spread[at]), 1e-300) and (
            at >= regressors or length > np.sqrt(_NOTHING_LEFT) * max(float(spread[at]), 1e-300)
        ):
            chosen.append(at)
            basis = np.column_stack([basis, left / length])
        elif at < regressors:
            raise NotEnoughData(
                "the regressor does not vary within units and periods",
                remedy="A slope within units needs months that differ.",
            )
    return np.array(sorted(chosen), dtype=np.int64)


def _linear(
    y: Array, columns: Array, units: Codes, periods: Codes | None, weights: Array
) -> WithinFit:
    """Weighted least squares with unit and period effects, errors clustered by unit."""
    k = columns.shape[1]
    scale = weights.sum() / len(weights)
    weights = weights / scale
    z = _design(columns, periods)
    z = z[:, _independent(z, units, weights, k)]
    z = z - _unit_means(z, units, weights)[units]
    response = y - _unit_means(y[:, None], units, weights)[units, 0]
    group = np.ones(int(units.max()) + 1, bool)
    moments = cluster_moments(np.column_stack([z, response]), units, group, weights)
    at = list(range(1, z.shape[1] + 1))
    found = fit(moments, y=[z.shape[1] + 1], x=at)
    coef = found.coef[:, 0]
    share = found.influence[:, :, 0]
    error = np.sqrt((share**2).sum(axis=0))
    contrasts, one = np.eye(z.shape[1]), np.ones(1)
    most = float(units.max())
    df = np.array([min(found.df(contrasts[i], one), most) for i in range(k)])
    first = _first_regressor(
        z, response - z @ coef, float(coef[0]), float(error[0]), units, weights
    )
    variance = float(first.size.sum() / max(first.error_mass.sum(), 1e-300))
    covariance = share[:, :k].T @ share[:, :k]
    return WithinFit(
        coef[:k], error[:k], df, int(units.max()) + 1, len(y), variance, covariance, first
    )


def _first_regressor(
    z: Array, residual: Array, slope: float, error: float, units: Codes, weights: Array
) -> FirstRegressor:
    rest, others = z[:, 0], z[:, 1:]
    if others.shape[1]:
        root = np.sqrt(weights)
        rest = rest - others @ linalg.lstsq(others * root[:, None], rest * root)[0]
    size = np.bincount(units, weights=weights * rest**2)
    product = np.bincount(units, weights=weights * rest * (residual + rest * slope))
    plain = float(np.sqrt(((product - slope * size) ** 2).sum()) / size.sum())
    inflation = error / plain if plain > 0 else 1.0
    mass = _error_mass(others, units, weights)
    return FirstRegressor(product.astype(float), size.astype(float), mass, inflation)


def _error_mass(others: Array, units: Codes, weights: Array) -> Array:
    """(units,): what an independent error of variance 1 in every row leaves of weighted squares
    once unit and period effects are out; with equal weights it sums to the residual degrees of
    freedom."""
    share = weights / np.bincount(units, weights=weights)[units]
    taken = share.copy()
    if others.shape[1]:
        inverse = np.linalg.inv(others.T @ (others * weights[:, None]))
        # The period columns are demeaned within units, so the two parts add.
        taken = taken + weights * ((others @ inverse) * others).sum(axis=1)
    left = weights * np.maximum(1 - taken, 0.0)
    return np.bincount(units, weights=left).astype(float)
