"""Group means with luck taken out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from salesops_lib.statistics.shrunken_means import shrink

# Rubin (1981): coaching effects on the SAT in eight schools.
EIGHT_SCHOOLS = (
    np.array([28, 8, -3, 7, -1, 1, 18, 12.0]),
    np.array([15, 10, 16, 11, 9, 11, 10, 18.0]),
)


def test_eight_schools() -> None:
    """Gelman et al., Bayesian Data Analysis, table 5.3 (posterior medians): school A 10 with 95%
    interval about −2 to 31, school C 6 with −12 to 19, under a flat prior on the spread."""
    found = shrink(*EIGHT_SCHOOLS, confidence=0.95)
    assert found.mean[0] == pytest.approx(11, abs=1)
    assert (found.low[0], found.high[0]) == pytest.approx((-2, 31), abs=2)
    assert found.mean[2] == pytest.approx(6, abs=1)
    assert found.spread == pytest.approx(6.6, abs=1)


def test_against_numerical_integration_over_the_spread() -> None:
    means, errors = np.array([3.0, 5.0, 9.0]), np.array([1.0, 2.0, 1.5])
    reach = 4 * max(means.std(ddof=1), np.median(errors))

    def density(tau: float) -> float:
        total = errors**2 + tau**2
        centre = (means / total).sum() / (1 / total).sum()
        chi = ((means - centre) ** 2 / total).sum()
        return float(np.exp(-0.5 * chi) / np.sqrt((1 / total).sum() * total.prod()))

    def first(tau: float) -> float:
        total = errors**2 + tau**2
        centre = (means / total).sum() / (1 / total).sum()
        keep = tau**2 / total[0]
        return density(tau) * (keep * means[0] + (1 - keep) * centre)

    expected = integrate.quad(first, 0, reach)[0] / integrate.quad(density, 0, reach)[0]
    assert shrink(means, errors).mean[0] == pytest.approx(expected, rel=2e-3)


def test_two_groups_are_left_as_they_are_and_equal_means_come_together() -> None:
    assert shrink(np.array([1.0, 2.0]), np.array([1.0, 1.0])).mean.tolist() == [1.0, 2.0]
    close = shrink(np.array([5.0, 5.1, 4.9, 5.0]), np.full(4, 2.0))
    assert np.ptp(close.mean) < 0.1
