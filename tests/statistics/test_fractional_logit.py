"""The fractional logit against statsmodels, and its corners."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import expit

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.fractional_logit import fractional_logit, group_share


def shares(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(15), 6)
    design = np.column_stack([np.ones(90), rng.normal(size=90), clusters % 3 == 0])
    share = expit(design @ [-0.4, 0.5, 0.3] + 0.4 * rng.normal(size=15)[clusters])
    share = np.clip(share + 0.1 * rng.normal(size=90), 0, 1)
    share[:3], share[3:5] = 0.0, 1.0
    return share, design, clusters, rng.uniform(20, 45, 90)


def test_the_twin_is_the_binomial_model_with_clustered_errors() -> None:
    share, design, clusters, _ = shares()
    fit = fractional_logit(share, design, clusters)
    twin = sm.GLM(share, design, family=sm.families.Binomial()).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": clusters}
    )
    assert fit.coef == pytest.approx(twin.params, rel=1e-7)
    assert fit.covariance == pytest.approx(np.asarray(twin.cov_params()), rel=1e-6)
    assert fit.clusters == 15


def test_weights_are_rows_written_more_than_once() -> None:
    share, design, clusters, _ = shares()
    times = np.arange(90) % 3 + 1
    often = np.repeat(np.arange(90), times)
    fit = fractional_logit(share, design, clusters, times.astype(float))
    twin = fractional_logit(share[often], design[often], clusters[often])
    assert fit.coef == pytest.approx(twin.coef, rel=1e-8)
    # Clusters are the witnesses, so the errors are the same, but for rows less columns, 90 or 180.
    rows = (89 / 87) / (179 / 177)
    assert fit.covariance == pytest.approx(rows * twin.covariance, rel=1e-8)


def test_limits_of_two_people_by_hand() -> None:
    """.2 and .5 of as many hours: .35 on the logit scale give or take t of one degree of freedom, 6.31,
    times the error: residuals ∓.15 over 2 × .35 × .65, squared and summed, times 2 for two clusters."""
    error = np.sqrt(2 * 2 * (0.15 / (2 * 0.35 * 0.65)) ** 2)
    reach = stats.t.ppf(0.95, 1) * error
    middle = np.log(0.35 / 0.65)
    found = group_share(np.array([0.2, 0.5]), np.array([0, 1]), np.ones(2), 0.9)
    assert found == pytest.approx((0.35, expit(middle - reach), expit(middle + reach)))


def test_a_group_alone_has_its_weighted_mean_inside_its_interval() -> None:
    share, _, clusters, weights = shares()
    value, low, high = group_share(share, clusters, weights, 0.90)
    assert value == pytest.approx(np.average(share, weights=weights))
    assert 0 < low < value < high < 1
    _, wider_low, wider_high = group_share(share, clusters, weights, 0.99)
    assert wider_low < low and wider_high > high
    # The logit's interval lies nearer the middle on the side of one half.
    assert group_share(share / 10, clusters, weights, 0.90)[2] < 0.1


def test_corners() -> None:
    share, design, clusters, _ = shares()
    assert group_share(np.array([0.4]), np.array([0]), np.ones(1), 0.9) == (0.4, 0.0, 1.0)
    with pytest.raises(NotEnoughData, match="told apart"):
        fractional_logit(share, np.column_stack([design, design[:, 1]]), clusters)
    with pytest.raises(NotEnoughData, match="fewer than two"):
        fractional_logit(share[:3], design[:3], np.zeros(3, int))


def test_one_groups_share_is_its_weighted_mean() -> None:
    """.2 and .5, the first three times as heavy: .275; with doubt once there are clusters to tell it."""
    share, weights = np.array([0.2, 0.5]), np.array([3.0, 1.0])
    value, low, high = group_share(share, np.array([0, 1]), weights, 0.9)
    assert value == pytest.approx(0.275)
    assert 0 <= low < 0.275 < high <= 1
    assert group_share(share, np.array([0, 0]), weights, 0.9) == pytest.approx((0.275, 0, 1))
    assert group_share(np.zeros(2), np.array([0, 1]), weights, 0.9) == (0, 0, 1)
