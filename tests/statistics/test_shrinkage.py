"""Shrinkage: the published factor, moments, a brute-force posterior, and limits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import integrate, stats

from salesops_lib.statistics.normal_mixtures import two_normals
from salesops_lib.statistics.shrinkage import (
    NoiseNodes,
    Prior,
    draw_new,
    james_stein_factor,
    mean_exponential,
    shrink,
)
from tests.reference import performance_curve as published


def _noise(variance: np.ndarray) -> NoiseNodes:
    return NoiseNodes(np.ones(1), np.ones(1), variance[None], np.zeros((1, len(variance))))


def test_batting_averages_shrink_by_the_published_factor() -> None:
    averages = np.array(published.BATTING_HITS) / published.BATTING_TIMES
    variance = averages.mean() * (1 - averages.mean()) / published.BATTING_TIMES
    assert james_stein_factor(averages, variance) == pytest.approx(
        published.BATTING_FACTOR, abs=5e-5
    )


def test_no_spread_beyond_noise_shrinks_all_the_way() -> None:
    assert james_stein_factor(np.array([1.0, 1.1, 0.9, 1.0, 1.05]), 1.0) == 0.0


@pytest.mark.parametrize("prior", ["gap", "reference"])
def test_against_numerical_integration(prior: Prior) -> None:
    """With a normal shape, the posterior mean of each unit given tau is a precision-weighted
    mean; tau is integrated by quadrature under its prior, the level being flat: tau times the
    fourth or the square root of the sum of squared precisions."""
    z = np.array([0.3, 1.4, -0.5, 0.9, 2.2, 0.1])
    v = np.array([0.2, 0.4, 0.3, 0.1, 0.5, 0.3])

    def parts(tau: float) -> tuple[float, np.ndarray]:
        precision = 1 / (tau**2 + v)
        level = precision @ z / precision.sum()
        density = tau * (precision**2).sum() ** (0.25 if prior == "gap" else 0.5)
        height = density * np.exp(
            0.5 * (np.log(precision).sum() - np.log(precision.sum()))
            - 0.5 * (precision * (z - level) ** 2).sum()
        )
        kept = tau**2 * precision
        return height, level + kept * (z - level)

    total = integrate.quad(lambda t: parts(t)[0], 0, 30, limit=200)[0]
    expected = [
        integrate.quad(lambda t, i=i: parts(t)[0] * parts(t)[1][i], 0, 30, limit=200)[0] / total
        for i in range(len(z))
    ]
    drawn = shrink(
        z, _noise(v), draws=40_000, rng=np.random.default_rng(1), prior=prior, skewness=(0.0,)
    )
    assert drawn.units.mean(0) == pytest.approx(expected, abs=0.02)


def test_skewed_noise_against_a_sum_over_a_grid() -> None:
    """Units, level and spread on one grid each: a unit's density given level and spread is normal,
    its mean's given the unit the two normals; posterior means by plain sums over all three."""
    z, v = np.array([0.3, 1.4, -2.0, 0.9, 1.2, 0.4]), np.array([0.2, 0.4, 0.5, 0.1, 0.5, 0.3])
    skewness, excess = np.array([0.1, -0.5, -1.2, 0.0, -0.8, 0.4]), np.full(6, 1.6)
    two = two_normals(skewness, excess)
    tau, level, unit = np.linspace(0.01, 6, 120), np.linspace(-4, 5, 121), np.linspace(-9, 9, 601)
    root = np.sqrt(v)
    given = sum(
        weight * stats.norm.pdf(z, unit[:, None] + root * at, root * np.sqrt(two.variance))
        for weight, at in ((two.minor, two.high), (1 - two.minor, two.low))
    )
    of_unit = stats.norm.pdf(unit, level[:, None], tau[:, None, None])
    likely, first = of_unit @ given, of_unit @ (unit[:, None] * given)
    spread = (1 / (tau[:, None] ** 2 + v) ** 2).sum(-1) ** 0.25 * tau
    weight = likely.prod(-1) * spread[:, None]
    expected = (weight[..., None] * first / likely).sum((0, 1)) / weight.sum()
    nodes = dataclasses.replace(_noise(v), skewness=skewness, excess=excess)
    drawn = shrink(z, nodes, draws=60_000, rng=np.random.default_rng(1), skewness=(0.0,))
    assert drawn.units.mean(0) == pytest.approx(expected, abs=0.02)
    normal = shrink(z, _noise(v), draws=60_000, rng=np.random.default_rng(1), skewness=(0.0,))
    assert drawn.units.mean(0)[2] > normal.units.mean(0)[2] + 0.1  # a left tail: not so bad


def test_a_mixture_that_is_all_but_normal_changes_nothing() -> None:
    z = np.random.default_rng(0).normal(0, 1, 12)
    plain = _noise(np.full(12, 0.5))
    nearly = dataclasses.replace(plain, skewness=np.full(12, 1e-6), excess=np.zeros(12))
    one, other = (shrink(z, n, draws=30_000, rng=np.random.default_rng(2)) for n in (plain, nearly))
    assert one.units.mean(0) == pytest.approx(other.units.mean(0), abs=0.02)
    assert one.units.std(0) == pytest.approx(other.units.std(0), rel=0.03)


def test_intervals_hold_over_the_prior() -> None:
    """Units drawn from the model: nine in ten inside a 90% interval, within the binomial error of
    200 x 20 correlated units (twice the error of 200 independent means)."""
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(200):
        truth = rng.normal(1, 0.5, 20)
        v = rng.uniform(0.05, 0.5, 20)
        drawn = shrink(truth + np.sqrt(v) * rng.standard_normal(20), _noise(v), draws=800, rng=rng)
        low, high = np.quantile(drawn.units, [0.05, 0.95], axis=0)
        inside.append(((low <= truth) & (truth <= high)).mean())
    assert np.mean(inside) == pytest.approx(0.90, abs=2 * np.std(inside) / np.sqrt(200) + 0.015)


def test_precise_means_are_left_alone_and_noisy_ones_go_to_the_level() -> None:
    z = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 50.0])
    v = np.array([1e-6] * 5 + [1e6])
    drawn = shrink(z, _noise(v), draws=4_000, rng=np.random.default_rng(0))
    assert drawn.units.mean(0)[:5] == pytest.approx(z[:5], abs=0.01)
    assert abs(drawn.units.mean(0)[5] - 3) < 1.0


def test_new_units_and_mean_exponential_agree() -> None:
    z = np.random.default_rng(0).normal(0, 0.4, 30)
    drawn = shrink(z, _noise(np.full(30, 0.02)), draws=4_000, rng=np.random.default_rng(1))
    many = np.exp(draw_new(drawn, 60, np.random.default_rng(2))).mean()
    assert many == pytest.approx(mean_exponential(drawn).mean(), rel=0.01)


def test_the_mean_of_a_sinh_is_of_two_exponentials() -> None:
    """As the levelled scale of months without a sale needs it, by brute force."""
    z = np.random.default_rng(0).normal(0.9, 0.3, 30)
    drawn = shrink(z, _noise(np.full(30, 0.02)), draws=4_000, rng=np.random.default_rng(1))
    many = np.sinh(0.5 * draw_new(drawn, 60, np.random.default_rng(2))).mean()
    exact = (mean_exponential(drawn, 0.5) - mean_exponential(drawn, -0.5)) / 2
    assert many == pytest.approx(exact.mean(), rel=0.01)


@pytest.mark.parametrize(("prior", "lost"), [("gap", 2), ("reference", 1)])
def test_shrinkage_of_equal_noise_by_hand(prior: Prior, lost: int) -> None:
    """Where the spread is clearly above 0, the mean of v / (v + tau^2) is (k - 2) v / S under the
    prior for gaps and (k - 1) v / S under the reference prior; James and Stein have k - 3."""
    z = np.random.default_rng(5).normal(0, 1, 12)
    v = 0.05
    square = ((z - z.mean()) ** 2).sum()
    drawn = shrink(
        z, _noise(np.full(12, v)), draws=40_000, rng=np.random.default_rng(1), prior=prior,
        skewness=(0.0,),
    )  # fmt: skip
    shrunk = v / (v + drawn.tau**2)
    assert shrunk.mean() == pytest.approx((12 - lost) * v / square, rel=0.02)


def test_gaps_between_the_top_and_the_middle_are_unbiased() -> None:
    """What a gap is worth among 24 units whose noise is as large as their spread, over 600 sets: the
    planted gap of those who came out on top, within two standard errors of the mean error."""
    rng = np.random.default_rng(8)
    errors, gaps = [], []
    for _ in range(600):
        truth = rng.normal(0, 1, 24)
        seen = truth + rng.normal(0, 1, 24)
        order = np.argsort(-seen)
        top, middle = order[:5], order[5:19]
        drawn = shrink(seen, _noise(np.ones(24)), draws=300, rng=rng, skewness=(0.0,)).units
        gaps.append(truth[top].mean() - truth[middle].mean())
        errors.append((drawn[:, top].mean(1) - drawn[:, middle].mean(1)).mean() - gaps[-1])
    wrong = np.mean(errors) / np.mean(gaps)
    assert abs(wrong) < 2 * np.std(errors) / np.sqrt(600) / np.mean(gaps) + 0.01


def test_noise_leaves_skewness_at_its_prior() -> None:
    """Where the data say nothing of skewness, strong skewness has the weight of a normal prior of
    sd 1/2: two of exp(-2) among 1 + 2 exp(-1/2) + 2 exp(-2), 11%."""
    z = np.random.default_rng(6).normal(0, 1, 24)
    drawn = shrink(z, _noise(np.ones(24)), draws=8_000, rng=np.random.default_rng(1))
    assert (np.abs(drawn.skewness) == 1).mean() == pytest.approx(0.11, abs=0.04)


def test_shifting_and_scaling_carry_through() -> None:
    z = np.array([0.1, 0.5, -0.3, 0.8, 0.2])
    v = np.full(5, 0.1)
    plain = shrink(z, _noise(v), draws=500, rng=np.random.default_rng(7))
    moved = shrink(3 + 10 * z, _noise(100 * v), draws=500, rng=np.random.default_rng(7))
    assert moved.units == pytest.approx(3 + 10 * plain.units, rel=1e-6, abs=1e-6)
    assert (np.argsort(plain.units.mean(0)) == np.argsort(z)).all()
