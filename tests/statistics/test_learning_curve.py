"""Learning curves: certified values, hand-worked values, twins, and calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.statistics.growth_score import Profile, _studentised
from salesops_lib.statistics.learning_curve import (
    NOISE_POWER,
    Repeated,
    fit_growth,
    fit_saturating,
    score_at,
    shortfall,
    time_to,
)
from tests.reference import ramp_time_cost as known


def planted(
    seed: int, *, units: int = 30, times: int = 12, u: float = 0.6, noise: float = 0.3
) -> Repeated:
    """Lognormal noise and asymptotes."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), times)
    time = np.tile(np.arange(1, times + 1), units)
    level = np.exp(0.3 * rng.standard_normal(units))[unit]
    value = level * (1 - u**time) * np.exp(noise * rng.standard_normal(len(time)))
    return Repeated.build(value, time, unit)


class TestCertified:
    def test_nist_boxbod(self) -> None:
        assert fit_saturating(known.BOXBOD_X, known.BOXBOD_Y) == pytest.approx(
            known.BOXBOD, rel=1e-8
        )

    def test_nist_misra1a(self) -> None:
        assert fit_saturating(known.MISRA1A_X, known.MISRA1A_Y) == pytest.approx(
            known.MISRA1A, rel=1e-7
        )


class TestByHand:
    def test_time_to_a_target(self) -> None:
        """1 − 0.5² = 0.75, reached at 2."""
        assert time_to(0.5, 0.75) == pytest.approx(2)
        assert time_to(0.0, 0.9) == 0
        assert time_to(1.0, 0.9) == math.inf

    def test_shortfall(self) -> None:
        """0.5 + 0.25 + 0.125."""
        assert shortfall(0.5, 3) == pytest.approx(0.875)
        assert shortfall(0.0, 3) == 0
        assert shortfall(1.0, 3) == 3

    def test_without_noise_the_curve_is_found(self) -> None:
        data = planted(1, noise=0.0)
        fit = fit_growth(data)
        assert fit.u == pytest.approx(0.6, abs=2e-3)
        assert fit.u_low <= fit.u <= fit.u_high


class TestTwins:
    def test_marginal_likelihood_against_the_full_normal_density(self) -> None:
        """The rank-one formulas against scipy's multivariate normal, unit by unit."""
        data = planted(2, units=6, times=5)
        at = Profile(data, "lognormal").state(0.6)
        log_value = np.log(data.value).reshape(6, 5) - np.log(1 - 0.6 ** np.arange(1, 6))
        covariance = at.dispersion * (np.eye(5) + at.ratio)
        dense = stats.multivariate_normal(np.full(5, at.beta[0]), covariance)
        density = dense.logpdf(log_value).sum() - np.log(data.value).sum()
        assert at.log_likelihood == pytest.approx(density, abs=1e-8)

    def test_variances_maximise_that_likelihood(self) -> None:
        data = planted(3, units=8, times=6)
        at = Profile(data, "lognormal").state(0.6)
        logs = np.log(data.value).reshape(8, 6) - np.log(1 - 0.6 ** np.arange(1, 7))

        def negative(parameters: np.ndarray) -> float:
            mean, within, between = parameters[0], *np.exp(parameters[1:])
            covariance = within * np.eye(6) + between
            return -float(
                stats.multivariate_normal(np.full(6, mean), covariance).logpdf(logs).sum()
            )

        best = optimize.minimize(negative, [0.0, -2.0, -2.0], method="Nelder-Mead", tol=1e-10)
        assert -at.log_likelihood - np.log(data.value).sum() == pytest.approx(best.fun, abs=2e-3)
        assert at.beta[0] == pytest.approx(best.x[0], abs=1e-3)

    def test_score_is_the_slope_of_the_profile_likelihood_where_variances_are_known(self) -> None:
        """Lognormal law: the root of the score is the maximum of the marginal likelihood."""
        data = planted(4)
        profile = Profile(data, "lognormal")
        grid = np.linspace(0.5, 0.7, 81)
        best = grid[int(np.argmax([profile.state(float(u)).log_likelihood for u in grid]))]
        assert fit_growth(data, noise="lognormal").u == pytest.approx(best, abs=6e-3)

    def test_efficient_score_against_dense_algebra(self) -> None:
        """Units seen for different times: alike ones would need no rank-one terms."""
        whole = planted(5, units=5, times=6, noise=0.1)
        unit = np.repeat(np.arange(5), 6)
        seen = whole.time <= 2 + unit
        data = Repeated.build(whole.value[seen], whole.time[seen], unit[seen])
        u, unit, t = 0.5, unit[seen], data.time
        at = Profile(data, "proportional").state(u)
        assert at.ratio > 1, "without a spread between units the rank-one terms are not tried"
        d = (-t * u ** (t - 1) / (1 - u**t)) * at.direction
        x = data.design * at.direction[:, None]
        same = (unit[:, None] == unit[None, :]) * np.outer(at.direction, at.direction)
        inverse = np.linalg.inv(np.eye(len(t)) + at.ratio * same)
        clean = d - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ d)
        scores = np.bincount(unit, clean * (inverse @ at.residual))
        information = np.bincount(unit, clean * (inverse @ clean))
        expected = _studentised(u, scores, information)
        found = score_at(data, "proportional", u)
        assert found.information == pytest.approx(expected.information, rel=1e-6)
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-3)

    @pytest.mark.parametrize(("times", "freedom"), [(8, 4), (6, 3)])
    def test_lack_of_fit_against_dense_algebra(self, times: int, freedom: int) -> None:
        """Scores of levels of their own at 1, 2, 3 and 4 to 6, net of level and speed, and the F of their
        sums. Without later times the fourth follows from the others: counted as one more that the curve
        might have missed, one in a hundred curves was called a poor fit where five should be."""
        whole = planted(5, units=14, times=times)
        unit = np.repeat(np.arange(14), times)
        seen = whole.time <= 3 + unit
        data, unit = Repeated.build(whole.value[seen], whole.time[seen], unit[seen]), unit[seen]
        u, t = 0.5, data.time
        profile = Profile(data, "proportional")
        at = profile.state(u)
        same = (unit[:, None] == unit[None, :]) * np.outer(at.direction, at.direction)
        inverse = np.linalg.inv(np.eye(len(t)) + at.ratio * same)
        speed = -t * u ** (t - 1) / (1 - u**t)
        known = np.column_stack([data.design, speed]) * at.direction[:, None]
        levels = np.stack([t == 1, t == 2, t == 3, (t > 3) & (t <= 6)], axis=1)[:, :freedom]
        extra = levels * at.direction[:, None]
        extra = extra - known @ np.linalg.solve(
            known.T @ inverse @ known, known.T @ inverse @ extra
        )
        each = extra * (inverse @ at.residual)[:, None]
        scores = np.stack([each[unit == one].sum(axis=0) for one in range(14)])
        total = scores.sum(axis=0)
        square = float(total @ np.linalg.solve(np.cov(scores.T) * 13, total))
        expected = stats.f.sf(square * (14 - freedom) / (freedom * 13), freedom, 14 - freedom)
        assert profile.lack_of_fit(u) == pytest.approx(expected, rel=1e-3)
        assert 0.001 < expected < 0.999

    def test_a_level_of_few_units_is_no_lack_of_fit(self) -> None:
        """Levels of a time are told from five units on, and two of them at least are held against a curve."""
        data = planted(5, units=9, times=9)
        late = Repeated.build(
            data.value[data.time > 6], data.time[data.time > 6], np.repeat(np.arange(9), 3)
        )
        assert math.isnan(Profile(late, "lognormal").lack_of_fit(0.6))
        unit = np.repeat(np.arange(9), 9)
        few = (data.time > 2) | (unit < 4)
        told = Repeated.build(data.value[few], data.time[few], unit[few])
        assert 0 < Profile(told, "lognormal").lack_of_fit(0.6) < 1
        fewer = (data.time > 3) | (unit < 4)
        told = Repeated.build(data.value[fewer], data.time[fewer], unit[fewer])
        assert math.isnan(Profile(told, "lognormal").lack_of_fit(0.6))

    def test_errors_of_the_level_against_dense_algebra(self) -> None:
        """Units' scores between their inverse information, as large as five units for one level make it."""
        whole = planted(5, units=5, times=6, noise=0.1)
        unit = np.repeat(np.arange(5), 6)
        seen = whole.time <= 2 + unit
        data, unit = Repeated.build(whole.value[seen], whole.time[seen], unit[seen]), unit[seen]
        profile = Profile(data, "proportional")
        at = profile.state(0.5)
        x = data.design * at.direction[:, None]
        same = (unit[:, None] == unit[None, :]) * np.outer(at.direction, at.direction)
        inverse = np.linalg.inv(np.eye(len(unit)) + at.ratio * same)
        scores = np.bincount(unit, x[:, 0] * (inverse @ at.residual))
        expected = (scores @ scores) / (x.T @ inverse @ x) ** 2 * 5 / 4
        assert profile.beta_covariance(at) == pytest.approx(expected, rel=1e-6)

    def test_the_error_of_the_speed_is_that_of_its_limits(self) -> None:
        """Of many units the limits of log k lie t standard errors away."""
        fit = fit_growth(planted(7, units=150))
        high, low = (math.log(-math.log(one)) for one in (fit.u_low, fit.u_high))
        reach = stats.t.ppf(0.95, fit.df)
        assert fit.log_rate_error == pytest.approx((high - low) / (2 * reach), rel=0.05)

    def test_growth_is_told_from_none(self) -> None:
        """A climb says that u is above 0, values at their ceiling from the first on do not."""
        assert fit_growth(planted(2)).p_none < 1e-4
        assert fit_growth(planted(2, u=0.0)).p_none > 0.05

    def test_studentised_score_by_hand(self) -> None:
        """Four units alike in information, scores 1, 2, 3, 6: mean 3, deviations −2, −1, 0, 3.

        Jackknife: deviations over 1 − 1/4, squares sum to 14 × 16/9; t = 12 / √(224/9).
        Skewness: Σ cubes = 18 × 64/27 over (224/9)^1.5; Hall's t + γt²/3 + γ²t³/27 + γ/6.
        """
        found = _studentised(0.5, np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, 2.0))
        spread = 224 / 9
        t, skew = 12 / math.sqrt(spread), 18 * 64 / 27 / spread**1.5
        assert found.df == pytest.approx(3)
        assert found.statistic == pytest.approx(t)
        assert found.adjusted == pytest.approx(t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6)


class TestIdentities:
    def test_scale_changes_nothing_but_the_level(self) -> None:
        data = planted(6)
        bigger = Repeated(data.value * 1000, data.time, data.exposure, data.design, data.starts)
        one, other = fit_growth(data), fit_growth(bigger)
        assert other.u == pytest.approx(one.u, abs=1e-4)
        assert other.u_high == pytest.approx(one.u_high, abs=1e-3)
        assert other.beta[0] - one.beta[0] == pytest.approx(math.log(1000), abs=1e-3)

    def test_row_order_changes_nothing(self) -> None:
        data = planted(7)
        unit = np.repeat(np.arange(data.n_units), data.sizes)
        mixed = np.random.default_rng(0).permutation(len(unit))
        other = Repeated.build(data.value[mixed], data.time[mixed], unit[mixed])
        assert fit_growth(other).u == pytest.approx(fit_growth(data).u, abs=1e-9)

    def test_limits_of_the_share_are_those_of_the_speed(self) -> None:
        fit = fit_growth(planted(8))
        share, low, high = fit.share([3.0])
        assert low[0] <= share[0] <= high[0]
        assert high[0] == pytest.approx(1 - fit.u_low**3)


class TestNoise:
    @pytest.mark.parametrize("law", list(NOISE_POWER))
    def test_every_law_finds_the_curve(self, law: str) -> None:
        assert fit_growth(planted(9), noise=law).u == pytest.approx(0.6, abs=0.08)

    def test_zeros_are_not_taken_for_lognormal(self) -> None:
        data = planted(10)
        value = np.where(np.arange(len(data.value)) % 7 == 0, 0.0, data.value)
        zeros = Repeated(value, data.time, data.exposure, data.design, data.starts)
        assert fit_growth(zeros).noise != "lognormal"
        with pytest.raises(DataError, match="above 0"):
            Profile(zeros, "lognormal")

    def test_deals_in_small_numbers_do_not_bend_the_curve(self) -> None:
        """Counts of deals spread more (in logs) where they are few: a fit to logs would be off."""
        rng = np.random.default_rng(11)
        unit = np.repeat(np.arange(300), 12)
        time = np.tile(np.arange(1, 13), 300)
        value = rng.poisson(9 * (1 - 0.6**time)) + 0.0
        assert (value == 0).mean() < 0.02
        data = Repeated.build(np.maximum(value, 0.5), time, unit)
        fit = fit_growth(data)
        assert fit.noise != "lognormal"
        assert fit.u == pytest.approx(0.6, abs=0.02)


class TestCoverage:
    """Planted speed: 90% limits, 120 replicates, tolerance three binomial errors (.082)."""

    @pytest.mark.parametrize("u", [0.0, 0.56])
    def test_limits_hold(self, u: float) -> None:
        held = []
        for seed in range(120):
            fit = fit_growth(planted(1000 + seed, units=20, times=10, u=u, noise=0.8))
            held.append(fit.u_low <= u <= fit.u_high)
        nominal = 0.95 if u == 0 else 0.90
        assert abs(np.mean(held) - nominal) < 3 * math.sqrt(0.09 / 120)


def test_bad_input_is_named() -> None:
    with pytest.raises(DataError, match="above 0"):
        Repeated.build([1.0, 2.0], [0, 1], [1, 1])
    with pytest.raises(NotEnoughData, match="every value is 0"):
        Repeated.build([0.0, 0.0], [1, 2], [1, 1])
    with pytest.raises(NotEnoughData, match="2 units"):
        fit_growth(Repeated.build([1.0, 2.0], [1, 1], [1, 2]))


def test_scores_next_to_nothing_are_scores() -> None:
    """Reps without any noise far up the curve: their scores are so small that the third power of their spread
    is nothing, and was divided by."""
    found = _studentised(0.004, np.full(4, -2.3e-102), np.full(4, 3.7e-200))
    assert math.isfinite(found.adjusted) and found.statistic < -1e6
    scores, information = np.array([1.0, -2.0, 0.5, 0.7]), np.array([1.0, 2.0, 1.5, 1.2])
    whole = _studentised(0.5, scores, information)
    small = _studentised(0.5, 1e-60 * scores, information)
    assert (small.statistic, small.adjusted) == pytest.approx((whole.statistic, whole.adjusted))
