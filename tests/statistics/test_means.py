"""Tests on means: published values, and the same from other libraries."""

from __future__ import annotations

import warnings
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway

from salesops_lib.statistics.means import games_howell, holm, one_way, paired, welch
from salesops_lib.statistics.permutation import permutation_p, sign_flip_p, welch_t
from tests.reference import channel_gap as reference


def test_welch_on_sleep_is_that_of_r() -> None:
    test = welch(np.array(reference.SLEEP_1), np.array(reference.SLEEP_2))
    assert test.t == pytest.approx(reference.SLEEP_WELCH["t"], abs=5e-8)
    assert test.df == pytest.approx(reference.SLEEP_WELCH["df"], abs=5e-7)
    assert test.p == pytest.approx(reference.SLEEP_WELCH["p"], abs=5e-8)
    # R: 95 percent confidence interval −3.3654832 0.2054832
    assert test.interval(0.95) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_a_sample_all_alike_brings_no_spread_and_no_warning() -> None:
    """Of 0.1 + 0.2 and 0.3 scipy warned of a loss of precision in the user's notebook. One sample alone is Student's t
    of its distance: (2 − 0.3) / (1 / √3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        test = welch(np.array([1.0, 2.0, 3.0]), np.array([0.1 + 0.2, 0.3, 0.3]))
    assert (test.difference, test.df) == pytest.approx((1.7, 2))
    assert test.t == pytest.approx(1.7 * np.sqrt(3))


def test_paired_on_sleep_is_that_of_r() -> None:
    """The ten patients took both drugs. R: t.test(paired = TRUE) on `sleep`."""
    test = paired(np.array(reference.SLEEP_1), np.array(reference.SLEEP_2))
    assert (test.df, test.difference) == pytest.approx((9, -1.58))
    assert test.t == pytest.approx(-4.0621, abs=5e-5)
    assert test.p == pytest.approx(0.002833, abs=5e-7)
    assert test.interval(0.95) == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)


@pytest.mark.parametrize("name", reference.NIST_F)
def test_one_way_matches_nist_to_its_digits(name: str) -> None:
    source = files("scipy.stats.tests") / "data" / "nist_anova" / f"{name}.dat"
    rows = [line.split() for line in source.read_text().splitlines()[60:] if line.strip()]
    groups, values = (np.array(column, np.longdouble) for column in zip(*rows, strict=True))
    assert one_way(values, groups).f == pytest.approx(reference.NIST_F[name], rel=1e-7)


def test_welch_anova_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat([0, 1, 2], [6, 9, 14])
    values = 1e6 + rng.normal(size=29) * (1 + groups)
    test = one_way(values, groups)
    other = anova_oneway(values, groups, use_var="unequal", welch_correction=True)
    assert test.welch_f == pytest.approx(other.statistic)
    assert test.welch_p == pytest.approx(other.pvalue)


def test_games_howell_by_hand_and_without_rounding() -> None:
    """Two groups: the studentised range with two means is √2|t|, so it is Welch's test."""
    a, b = np.array(reference.SLEEP_1), np.array(reference.SLEEP_2)
    values, groups = np.concatenate([a, b]), np.repeat(["a", "b"], 10)
    (row,) = games_howell(values, groups, confidence=0.95).to_dict("records")
    test = welch(a, b)
    assert row["difference"] == pytest.approx(test.difference)
    assert row["p"] == pytest.approx(test.p, abs=1e-6)
    assert (row["low"], row["high"]) == pytest.approx(test.interval(0.95), abs=1e-5)


def test_games_howell_interval_excludes_zero_exactly_where_p_is_small() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(list("abcd"), 8)
    values = rng.normal(size=32) + np.repeat([0, 0.7, 1.4, 2.6], 8)
    pairs = games_howell(values, groups, confidence=0.90)
    apart = (pairs["low"] > 0) | (pairs["high"] < 0)
    pd.testing.assert_series_equal(apart, pairs["p"] < 0.10, check_names=False)
    assert apart.any()
    assert not apart.all()


def test_holm_is_that_of_statsmodels() -> None:
    p = np.array([0.03, 0.001, 0.2, 0.04, 0.011])
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_permutation_p_by_full_enumeration_in_a_loop() -> None:
    """C(7, 3) = 35 ways: count those with |Welch t| at least as large."""
    from itertools import combinations

    a, b = np.array([5.1, 6.0, 7.3]), np.array([4.0, 4.4, 6.1, 3.9])
    pooled = np.concatenate([a, b])
    observed = abs(welch_t(a, b))
    hits = [
        abs(welch_t(pooled[list(pick)], np.delete(pooled, pick))) >= observed - 1e-12
        for pick in combinations(range(7), 3)
    ]
    assert permutation_p(a, b) == pytest.approx(np.mean(hits))


def test_permutation_p_is_close_to_welch_in_large_samples_and_never_zero() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.4, 1, 40), rng.normal(0, 2, 60)
    assert permutation_p(a, b, rng=1) == pytest.approx(welch(a, b).p, abs=0.02)
    assert permutation_p(a + 50, b, draws=999) == 1 / 1000
    assert permutation_p(np.ones(3), np.ones(4)) == 1.0


def test_permutation_keeps_its_level_where_spreads_and_sizes_differ() -> None:
    """6 against 18, sd ratio 2, no difference: about a tenth of p-values are below a tenth, where
    the plain difference of means would reject a quarter."""
    rng = np.random.default_rng(5)
    p = [
        permutation_p(rng.normal(0, 2, 6), rng.normal(0, 1, 18), draws=199, rng=rng)
        for _ in range(600)
    ]
    assert np.mean(np.array(p) <= 0.10) == pytest.approx(0.10, abs=0.045)


def test_sign_flips_by_hand() -> None:
    """Differences 1, 2, 3: of eight sign patterns only + + + and − − − reach |sum| 6."""
    assert sign_flip_p(np.array([1.0, 2.0, 3.0])) == 2 / 8
    assert sign_flip_p(np.zeros(5)) == 1.0
    rng = np.random.default_rng(2)
    x = rng.normal(0.3, 1, 40)
    assert sign_flip_p(x, rng=0) == pytest.approx(stats.ttest_1samp(x, 0).pvalue, abs=0.02)
