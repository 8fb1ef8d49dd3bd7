"""Families: scipy's likelihoods, recovery, a loop twin, and a level that holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from salesops_lib.statistics.families import FAMILIES, aicc, akaike_weights
from salesops_lib.statistics.goodness_of_fit import (
    _p,
    anderson_darling,
    bootstrap_p,
    tail_excess,
)

PARAMS = {
    "normal": (10.0, 2.0),
    "lognormal": (1.0, 0.6),
    "gamma": (3.0, 2.0),
    "weibull": (1.7, 3.0),
    "exponential": (4.0,),
    "pareto": (2.0, 1.8),
    "power_law_cutoff": (1.0, 1.4, 0.05),
}
# Free location would compare other models: loc is 0.
SCIPY = {
    "normal": lambda x: stats.norm(*stats.norm.fit(x)),
    "lognormal": lambda x: stats.lognorm(*stats.lognorm.fit(x, floc=0)),
    "gamma": lambda x: stats.gamma(*stats.gamma.fit(x, floc=0)),
    "weibull": lambda x: stats.weibull_min(*stats.weibull_min.fit(x, floc=0)),
    "exponential": lambda x: stats.expon(*stats.expon.fit(x, floc=0)),
    "pareto": lambda x: stats.pareto(len(x) / np.log(x / x.min()).sum(), loc=0, scale=x.min()),
}


def _sample(name: str, n: int, seed: int = 0) -> np.ndarray:
    return FAMILIES[name].draw(np.array(PARAMS[name]), (1, n), np.random.default_rng(seed))


@pytest.mark.parametrize("name", list(SCIPY))
def test_likelihood_and_cdf_are_scipys(name: str) -> None:
    x = _sample(name, 200)
    family = FAMILIES[name]
    params = family.fit(x)
    theirs = SCIPY[name](x[0])
    assert family.log_likelihood(x, params)[0] == pytest.approx(theirs.logpdf(x[0]).sum(), rel=1e-5)
    assert family.cdf(x, params)[0] == pytest.approx(theirs.cdf(x[0]), abs=1e-3)


@pytest.mark.parametrize("name", list(PARAMS))
def test_large_samples_give_the_parameters_back(name: str) -> None:
    fitted = FAMILIES[name].fit(_sample(name, 40_000))[0]
    assert fitted == pytest.approx(PARAMS[name], rel=0.06, abs=0.03)


@pytest.mark.parametrize("name", list(PARAMS))
def test_many_samples_at_once_are_a_loop(name: str) -> None:
    family = FAMILIES[name]
    x = np.vstack([_sample(name, 30, seed) for seed in range(5)])
    together = family.fit(x)
    alone = np.vstack([family.fit(row[None]) for row in x])
    assert together == pytest.approx(alone, rel=1e-9)


def test_the_power_law_with_cutoff_is_at_its_maximum() -> None:
    """Its density integrates to 1, and no neighbour of the fit has a higher likelihood."""
    family = FAMILIES["power_law_cutoff"]
    x = _sample("power_law_cutoff", 400)
    low, a, rate = family.fit(x)[0]
    z = integrate.quad(lambda t: t**-a * np.exp(-rate * t), 1, np.inf)[0]
    by_hand = (-a * np.log(x / low) - rate * x / low).sum() - 400 * (np.log(z) + np.log(low))
    best = family.log_likelihood(x, np.array([[low, a, rate]]))[0]
    assert best == pytest.approx(by_hand, rel=1e-6)
    for da, factor in ((0.02, 1), (-0.02, 1), (0, 1.03), (0, 1 / 1.03)):
        near = np.array([[low, a + da, rate * factor]])
        assert family.log_likelihood(x, near)[0] < best
    share = family.cdf(np.array([[2 * low]]), np.array([[low, a, rate]]))[0, 0]
    expected = integrate.quad(lambda t: t**-a * np.exp(-rate * t), 1, 2)[0] / z
    assert share == pytest.approx(expected, abs=1e-3)


def test_aicc_by_hand() -> None:
    """−2·(−10) + 2·2 + 2·2·3/(24 − 3) = 24 + 12/21."""
    assert aicc(-10.0, 2, 24) == pytest.approx(24 + 12 / 21)
    assert aicc(-10.0, 3, 4) == np.inf
    weights = akaike_weights(np.array([10.0, 12.0, np.nan]))
    assert weights == pytest.approx([1 / (1 + np.exp(-1)), np.exp(-1) / (1 + np.exp(-1)), 0])


def test_anderson_darling_by_scipy() -> None:
    x = _sample("normal", 60)
    family = FAMILIES["normal"]
    params = np.array([[x.mean(), x.std(ddof=1)]])
    theirs = stats.anderson(x[0], "norm", method="interpolate").statistic
    assert anderson_darling(x, family, params)[0] == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("name", list(PARAMS))
def test_the_true_family_is_kept(name: str) -> None:
    """At level .10 over 200 samples of 30: no more than .10 + 2 binomial errors are rejected."""
    family = FAMILIES[name]
    rng = np.random.default_rng(11)
    samples = family.draw(np.array(PARAMS[name]), (200, 30), rng)
    params = family.fit(samples)
    rejected = np.mean(
        [
            bootstrap_p(x, family, p, samples=99, rng=rng)[0] <= 0.10
            for x, p in zip(samples, params, strict=True)
        ]
    )
    assert rejected <= 0.10 + 2 * np.sqrt(0.10 * 0.90 / 200)
    # And it is a test at all: it does reject about as often as it says.
    assert rejected >= 0.03


def test_the_wrong_family_is_rejected() -> None:
    rng = np.random.default_rng(2)
    x = rng.lognormal(0, 0.9, 200)
    family = FAMILIES["normal"]
    assert bootstrap_p(x, family, family.fit(x[None])[0], samples=199, rng=rng)[0] <= 0.01


def test_tail_excess_by_hand() -> None:
    """Twenty values: the upper tenth would be two, so the least number of four is taken; the logs
    of 16, 8, 4, 2 times the value below them are (4 + 3 + 2 + 1) ln 2, a quarter of it each."""
    x = np.concatenate([np.linspace(0.1, 1, 16), [2.0, 4.0, 8.0, 16.0]])[None]
    assert tail_excess(x)[0] == pytest.approx(2.5 * np.log(2))
    assert np.isnan(tail_excess(x - 5)[0])


def test_a_tail_heavier_than_the_family_allows() -> None:
    """A power law of exponent 1.5 against the lognormal fitted to it, and a lognormal to itself."""
    rng = np.random.default_rng(3)
    family = FAMILIES["lognormal"]
    heavy, own = (
        bootstrap_p(x, family, family.fit(x[None])[0], samples=199, rng=rng)[1]
        for x in (1 + rng.pareto(1.5, 400), rng.lognormal(0, 1, 400))
    )
    assert heavy <= 0.01
    assert own > 0.05


def test_the_tail_of_more_values_than_are_simulated() -> None:
    """At level .10 over 100 lognormal samples of 1,200: no more than .10 + 2 binomial errors."""
    rng = np.random.default_rng(4)
    family = FAMILIES["lognormal"]
    samples = rng.lognormal(0, 1, (100, 1_200))
    params = family.fit(samples)
    p = [
        bootstrap_p(x, family, row, samples=99, rng=rng)[1]
        for x, row in zip(samples, params, strict=True)
    ]
    assert np.mean(np.array(p) <= 0.10) <= 0.10 + 2 * np.sqrt(0.09 / 100)
    assert np.median(p) == pytest.approx(0.5, abs=0.15)


def test_a_tail_of_many_values_is_judged_by_as_many() -> None:
    """1,200 values whose upper tenth lies two standard errors, of 1,200 values, above the lognormal's own
    mean excess: one in forty. By the spread of the 300 values that are simulated it would be one in six."""
    rng = np.random.default_rng(6)
    family = FAMILIES["lognormal"]
    x = np.sort(stats.lognorm.ppf((np.arange(1200) + 0.5) / 1200, 1.0))
    usual = tail_excess(rng.lognormal(0, 1, (1000, 1200)))
    top = x[-121]
    away = usual.mean() + 2 * usual.std() - tail_excess(x[None])[0]
    x[-120:] = top * (x[-120:] / top) ** (1 + away / tail_excess(x[None])[0])
    assert tail_excess(x[None])[0] == pytest.approx(usual.mean() + 2 * usual.std())
    p = bootstrap_p(x, family, np.array(family.fit(x[None])[0]), samples=999, rng=rng)[1]
    assert 0.005 < p < 0.07


def test_an_excess_that_cannot_be_had_speaks_for_the_family() -> None:
    """Simulated 0.5, 2 and one without: the seen 1 is reached by two of three, with itself 3 in 4."""
    assert _p(1.0, np.array([np.nan, 0.5, 2.0])) == 0.75
    assert _p(np.nan, np.array([0.5, 2.0])) == 1.0


def test_four_samples_of_distribution_pitting(reference_files: Path) -> None:
    """The samples of Joo, Aguinis & Bradley (2017), in full: likelihoods as scipy has them."""
    frame = pd.read_csv(reference_files / "dpit_four_samples.csv")
    for column in frame:
        x = frame[column].dropna().to_numpy(dtype=float)
        x = x[x > 0]
        for name in ("normal", "lognormal", "exponential", "pareto"):
            family = FAMILIES[name]
            ours = family.log_likelihood(x[None], family.fit(x[None]))[0]
            assert ours == pytest.approx(SCIPY[name](x).logpdf(x).sum(), rel=1e-6)
