"""How luck works in these data: on which scale it is close to normal, and how large it is.

Three models, chosen from the rep-months themselves and named in the result:

`log`       every month positive, and luck multiplies: log values with a normal noise of one size.
`means`     months without a sale, or heavy deals: each rep's mean, whose relative noise falls with
            the months behind it, and with the deals in them where these are counted.
`additive`  returns, or luck that adds: values as they are, with a normal noise of one size.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.persistence import left_within, persistence
from salesops_lib.analyses.performance_curve.seasons import (
    calendar_factors,
    seasonal,
    without_calendar,
)
from salesops_lib.analyses.performance_curve.variation import (
    deals_behind,
    idle_share,
    lognormal_months,
    squared_variation,
)
from salesops_lib.statistics.log_means import log_mean_moments, log_mean_shape
from salesops_lib.statistics.poisson_means import poisson_coefficients
from salesops_lib.statistics.shrinkage import NoiseNodes, ShrinkageDraws, mean_exponential
from salesops_lib.statistics.skewness import well_behaved
from salesops_lib.statistics.variance_components import (
    GroupSums,
    group_sums,
    restricted_likelihood,
)

Floats = NDArray[np.float64]

_NODES = 5
_ENOUGH_FOR_A_SPREAD = 4
# Standard errors of a rank correlation: one data set in a hundred passes by chance.
_CLEARLY = 2.33
_FEW_RETURNS = 0.03
# Months of 0 explain at most the rest of the noise.
_LEAST_FLAT = 0.2
# Stands for "says nothing" where a variance is needed.
_SAYS_NOTHING = 1e12


@dataclass(frozen=True)
class Noise:
    """Reps' means on the model's scale with what is known of their noise.

    Attributes
    ----------
    means
        One a rep, on the model's scale, at an average period and average covariates.
    nodes
        Noise variance of each mean at a few values of the noise scale.
    adjusted
        The same on the original scale, as observed.
    transform
        `log`, `identity` or `asinh`.
    offset
        Added (per node) before transforming back: half the noise variance of a month for `log`,
        where the mean of a month lies above its median, and the calendar.
    silent
        Reps whose mean is not above 0 where the model needs it to be.
    effective
        Months behind each mean.
    persistence
        Correlation of luck in neighbouring months; 0 where none is clear.
    contrasts, covariance
        How each rep's mean moves with the estimated adjustments, and their covariance; None where
        all reps move together.
    bend
        Of `asinh`: values are ``sinh(bend * scaled) / bend``.
    worked
        Months behind each mean, calendar and covariates in them, where all means together are held to
        what was sold in all; None where they need not be.
    """

    means: Floats
    nodes: NoiseNodes
    adjusted: Floats
    transform: str
    offset: Floats
    silent: NDArray[np.bool_]
    effective: Floats
    persistence: float
    contrasts: Floats | None
    covariance: Floats
    bend: float = 0.0
    worked: Floats | None = None

    def original(self, values: Floats, node: NDArray[np.int64]) -> Floats:
        """`values` (draws x anything) on the original scale."""
        if self.transform == "identity":
            return values
        if self.transform == "asinh":
            return np.sinh(self.bend * values) / self.bend
        return np.exp(values + self.offset[node][:, None])

    def population(self, drawn: ShrinkageDraws) -> Floats:
        """Expected value of a rep not yet seen, one a draw."""
        if self.transform == "identity":
            return drawn.level
        if self.transform == "asinh":
            up, down = (mean_exponential(drawn, sign * self.bend) for sign in (1, -1))
            return (up - down) / (2 * self.bend)
        return mean_exponential(drawn) * np.exp(self.offset[drawn.node])


def luck_unknown(panel: Panel) -> bool:
    """Whether too few reps have more than one period for luck to be seen at all."""
    repeated = int((panel.n_periods - 1).sum())
    return repeated < max(5, 2 * (1 + panel.covariates.shape[1]))


def choose_scale(panel: Panel) -> tuple[str, tuple[str, ...]]:
    """The model for these data, and notices about the choice."""
    size = panel.n_periods
    repeated = int((size - 1).sum())
    if luck_unknown(panel):
        return "observed", (
            f"Too few reps have more than one {panel.called}: luck cannot be told from skill, and values "
            "stand as observed, without intervals.",
        )
    rate = panel.value / panel.exposure
    raw, spread = _within_skewness(panel, rate)
    level = float(np.abs(panel.value).mean())
    if spread <= 1e-9 * max(level, 1e-300):
        return "observed", (
            f"Every rep sold the same each {panel.called}: there is no luck to remove.",
        )
    if (panel.value > 0).all():
        logged, log_sd = _within_skewness(panel, np.log(rate))
        sigma2 = log_sd**2 * len(panel.value) / repeated
        if (
            well_behaved(logged, repeated)
            and abs(logged) <= abs(raw)
            and lognormal_months(panel, without_calendar(panel, rate), sigma2)
        ):
            return "log", ()
    notices = _about_zeros(panel)
    if well_behaved(raw, repeated) and not _grows(panel, rate):
        return "additive", notices
    total = np.bincount(panel.rep, weights=panel.value, minlength=panel.n_reps)
    negative = (total < 0) | ((total <= 0) & (panel.value < 0).any())
    if not negative.any() and (total <= 0).mean() <= 0.2:
        return "means", notices
    return "additive", (
        *notices,
        "Several reps' totals are not above 0: intervals treat luck as adding the same amount to "
        "everyone, and are rough.",
    )


def _grows(panel: Panel, rate: Floats) -> bool:
    """Whether reps who sell more also vary more: then luck multiplies, whatever its shape."""
    left = left_within(panel, rate)
    many = panel.n_periods >= _ENOUGH_FOR_A_SPREAD
    # Where luck takes many months below 0, it adds: a multiplier cannot do that.
    below = float((panel.value < 0).mean()) > _FEW_RETURNS or (panel.observed < 0).any()
    if many.sum() < _ENOUGH_FOR_A_SPREAD or below:
        return False
    square = np.bincount(panel.rep, weights=left**2, minlength=panel.n_reps) / panel.n_periods
    varies, sold = square[many], panel.observed[many]
    if not (np.ptp(varies) > 0 and np.ptp(sold) > 0):
        return False  # all alike
    together = stats.spearmanr(varies, sold).statistic
    return bool(together * np.sqrt(many.sum() - 1) > _CLEARLY)


def _about_zeros(panel: Panel) -> tuple[str, ...]:
    said = []
    zeros, negative = int((panel.value == 0).sum()), int((panel.value < 0).sum())
    if zeros:
        times = "Once" if zeros == 1 else f"{zeros:,} times"
        said.append(
            f"{times} a rep sold nothing in a {panel.called}: "
            f"{'this counts' if zeros == 1 else 'these count'} as 0."
        )
    if negative:
        said.append(f"{wording.count(negative, 'row')} below 0 (returns) kept as they are.")
    return tuple(said)


def _within_skewness(panel: Panel, values: Floats) -> tuple[float, float]:
    """Skewness and sd of what is left after each rep's mean and each period's."""
    left = left_within(panel, values)
    left = left[panel.n_periods[panel.rep] > 1]
    sd = float(left.std())
    return (float(stats.skew(left)) if sd > 0 else 0.0), sd


def _quantile_nodes() -> Floats:
    return (np.arange(_NODES) + 0.5) / _NODES


def log_noise(panel: Panel) -> Noise:
    """Log of the value a full period, noise of one size."""
    return _linear(panel, np.log(panel.value / panel.exposure), "log")


def additive_noise(panel: Panel) -> Noise:
    """The value a full period as it is, noise of one size, and the growth of it by months of 0.

    A month of 0 takes a whole month's sales away, so the more a rep sells, the more such months
    vary: with a share z of them the variance at mean m is ``a + m^2 z / (1 - z)``. With one size of
    noise for all, stars would be shrunk too little and the bottom too much (gap to the stars 4% too
    large, to the bottom 6% too small at z = .1). On the scale of asinh, which levels a variance of
    that form (Huber et al. 2002), noise has one size again.
    """
    noise = _linear(panel, panel.value / panel.exposure, "identity")
    idle = float((panel.value == 0).mean())
    if idle == 0:
        return noise
    return _levelled(noise, idle / (1 - idle))


def _levelled(noise: Noise, growth: float) -> Noise:
    """`noise` on the scale where a variance of ``a + growth * mean^2`` is the same for all."""
    nodes = noise.nodes
    middle = len(nodes.scale) // 2
    scale = float(nodes.scale[middle])
    square = max(float((noise.means**2 - nodes.variance[middle]).mean()), 0.0)
    flat = max(scale - growth * square, _LEAST_FLAT * scale)
    bend = float(np.sqrt(growth / flat))
    slope = np.sqrt(1 + (bend * float(noise.means.mean())) ** 2)
    variance = nodes.variance * (flat / scale)
    # The mean of asinh lies below asinh of the mean, by half its curvature times the variance.
    shift = 0.5 * bend**2 * float(noise.means.mean()) / slope * variance
    return dataclasses.replace(
        noise,
        means=np.arcsinh(bend * noise.means) / bend,
        nodes=dataclasses.replace(nodes, variance=variance, shift=shift),
        transform="asinh",
        contrasts=None if noise.contrasts is None else noise.contrasts / slope,
        bend=bend,
    )


def _linear(panel: Panel, values: Floats, transform: str) -> Noise:
    calendar = seasonal(panel)
    n_periods = len(panel.periods)
    if calendar:
        dummies = np.zeros((len(values), n_periods))
        dummies[np.arange(len(values)), panel.period] = 1
        reference = np.full(n_periods, 1 / n_periods)
    else:
        dummies, reference = np.ones((len(values), 1)), np.ones(1)
    design = np.hstack([dummies, panel.covariates])
    reference = np.concatenate([reference, np.zeros(panel.covariates.shape[1])])
    sums = group_sums(values - values.mean(), design, panel.rep, panel.n_reps)
    sigma2, freedom = _within_noise(sums)
    beta, covariance = _fixed_effects(sums, sigma2)
    distance = sums.design_means - reference
    means = values.mean() + sums.means - distance @ beta
    contrasts = distance - distance.mean(0)
    lasting = persistence(panel, values)
    scale = freedom * sigma2 / stats.chi2.ppf(1 - _quantile_nodes(), freedom) * lasting.correction
    season = 0.0
    if transform == "log" and calendar:
        season = _season(beta[:n_periods], covariance[:n_periods, :n_periods])
    variance = scale[:, None] * lasting.inflation / sums.sizes
    adjusted = panel.observed
    if np.abs(contrasts).max() > 1e-9:
        shift = distance @ beta
        adjusted = adjusted * np.exp(-shift) if transform == "log" else adjusted - shift
    return Noise(
        means,
        NoiseNodes(scale, np.full(_NODES, 1 / _NODES), variance, np.zeros_like(variance)),
        adjusted,
        transform,
        scale / 2 + season if transform == "log" else np.zeros(_NODES),
        np.zeros(panel.n_reps, bool),
        sums.sizes,
        lasting.correlation,
        contrasts if np.abs(contrasts).max() > 1e-9 else None,
        covariance,
    )


def _season(effects: Floats, covariance: Floats) -> float:
    """log of the average period over the typical one. Errors of the estimated effects would raise
    it by half their variance, so that is taken off."""
    centring = np.eye(len(effects)) - 1 / len(effects)
    error = np.einsum("ij,jk,ik->i", centring, covariance, centring)
    return float(np.log(np.exp(effects - effects.mean() - error / 2).mean()))


def _within_noise(sums: GroupSums) -> tuple[float, float]:
    """Noise variance from the spread within reps alone, and its degrees of freedom."""
    inverse = np.linalg.pinv(sums.within_design, hermitian=True)
    rank = np.linalg.matrix_rank(sums.within_design, hermitian=True)
    left = sums.within_square - sums.within_cross @ inverse @ sums.within_cross
    freedom = max(sums.observations - len(sums.sizes) - rank, 1.0)
    return max(float(left), 1e-300) / freedom, float(freedom)


def _fixed_effects(sums: GroupSums, sigma2: float) -> tuple[Floats, Floats]:
    """Generalised least squares at the REML spread."""
    ratio = np.concatenate([[0.0], np.geomspace(0.01, 30, 60)])
    likelihood, beta, inverse, _, _ = restricted_likelihood(sums, ratio)
    best = int(np.argmax(likelihood))
    return beta[best], sigma2 * inverse[best]


def means_noise(panel: Panel) -> Noise:
    """Log of each rep's mean, with a relative noise that falls with the months behind it.

    The log of a mean has the first four moments of a mean of zeros and lognormal months. A period in which
    nobody sold anything is nobody's luck: where all is booked in the last month of a quarter, the others made a
    month look six times as lucky as it is.
    """
    sold = np.bincount(panel.period, weights=panel.value > 0, minlength=len(panel.periods)) > 0
    counts = sold[panel.period]
    # Who was there in no other period keeps what there is.
    counts |= (np.bincount(panel.rep, weights=counts) == 0)[panel.rep]
    if counts.all() or not sold.any() or luck_unknown(panel.rows(counts)):
        return _means_noise(panel)
    found, part = _means_noise(panel.rows(counts)), float(sold.mean())
    return dataclasses.replace(
        found,
        means=found.means + np.log(part),
        adjusted=found.adjusted * part,
        worked=None if found.worked is None else found.worked / part,
    )


def _means_noise(panel: Panel) -> Noise:
    calendar = seasonal(panel)
    factors, kept = calendar_factors(panel) if calendar else (np.ones(len(panel.periods)), 1.0)
    weight = panel.exposure * factors[panel.period]
    columns = panel.covariates.shape[1]
    beta, covariance = np.zeros(columns), np.zeros((columns, columns))
    if columns:
        beta, covariance = poisson_coefficients(
            np.maximum(panel.value, 0), np.log(weight), panel.covariates, panel.rep
        )
        weight = weight * np.exp(panel.covariates @ beta)
    total = np.bincount(panel.rep, weights=weight, minlength=panel.n_reps)
    # Of deals that are counted twice as many months of weight 1 stand behind a month of weight 2.
    effective = total.astype(np.float64)
    if panel.deals is None:
        effective = total**2 / np.bincount(panel.rep, weights=weight**2, minlength=panel.n_reps)
    adjusted = np.bincount(panel.rep, weights=panel.value, minlength=panel.n_reps) / total
    silent = adjusted <= 0
    level = np.where(silent, adjusted[~silent].mean(), adjusted)
    lasting = persistence(panel, panel.value / weight / level[panel.rep])
    # Without the calendar, market and ramp; the calendar as the other reps have it.
    bare = panel.value * factors[panel.period] / weight
    others = without_calendar(panel, bare, factors, kept if panel.deals is not None else 1.0)
    scale = squared_variation(panel, bare, others, adjusted, _quantile_nodes(), weight)
    scale = scale * lasting.correction
    effective = effective * deals_behind(panel, total.astype(np.float64)) / lasting.inflation
    zeros = idle_share(panel, weight)
    shift, variance = log_mean_moments(scale, zeros, effective)
    skewness, excess = log_mean_shape(float(scale[_NODES // 2]), zeros, effective)
    means = np.log(level)
    variance = np.where(silent, _SAYS_NOTHING, variance)
    contrasts = None
    if columns:
        average = np.column_stack(
            [
                np.bincount(panel.rep, weights=weight * column, minlength=panel.n_reps) / total
                for column in panel.covariates.T
            ]
        )
        contrasts = average - average.mean(0)
    return Noise(
        means,
        NoiseNodes(
            scale,
            np.full(_NODES, 1 / _NODES),
            variance,
            np.where(silent, 0.0, shift),
            np.where(silent, 0.0, skewness),
            np.where(silent, 0.0, excess),
        ),
        adjusted,
        "log",
        np.zeros(_NODES),
        silent,
        effective,
        lasting.correlation,
        contrasts,
        covariance,
        worked=None if panel.deals is None else total.astype(np.float64),
    )
