"""Two normals have the moments that they claim."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.normal_mixtures import standardised, two_normals


@pytest.mark.parametrize("skewness", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_shapes_have_the_moments_they_claim(skewness: float) -> None:
    """Mixture moments: E x = 0, E x² = 1, E x³ = skewness, E x⁴ − 3 = 1.5 skewness²."""
    shape = standardised(skewness)
    w, m, v = np.array(shape.weights), np.array(shape.means), shape.sd**2
    assert w @ m == pytest.approx(0, abs=1e-12)
    assert w @ (m**2 + v) == pytest.approx(1)
    assert w @ (m**3 + 3 * m * v) == pytest.approx(skewness, abs=1e-9)
    assert w @ (m**4 + 6 * m**2 * v + 3 * v**2) - 3 == pytest.approx(1.5 * skewness**2, abs=1e-9)


@pytest.mark.parametrize(
    ("skewness", "excess"), [(-0.44, 1.05), (0.12, 0.1), (-1.0, 1.5), (-0.3, 0.0), (1.4, 3.0)]
)
def test_given_kurtosis_is_met_as_well(skewness: float, excess: float) -> None:
    two = two_normals(np.array([skewness]), np.array([excess]))
    w = np.array([two.minor[0], 1 - two.minor[0]])
    m, v = np.array([two.high[0], two.low[0]]), two.variance[0]
    assert w @ m == pytest.approx(0, abs=1e-12)
    assert w @ (m**2 + v) == pytest.approx(1)
    assert w @ (m**3 + 3 * m * v) == pytest.approx(skewness, abs=1e-6)
    assert w @ (m**4 + 6 * m**2 * v + 3 * v**2) - 3 == pytest.approx(excess, abs=1e-6)


def test_the_shape_of_a_gamma_is_the_standard_one() -> None:
    two, one = two_normals(np.array([-0.5]), np.array([0.375])), standardised(-0.5)
    assert two.minor[0] == pytest.approx(one.weights[0])
    assert (two.high[0], two.low[0]) == pytest.approx(one.means)
    assert two.variance[0] == pytest.approx(one.sd**2)


def test_no_skewness_is_a_normal() -> None:
    two = two_normals(np.zeros(1), np.array([-0.4]))
    assert two.variance[0] == pytest.approx(1)
    assert two.minor[0] * two.high[0] ** 2 == pytest.approx(0, abs=1e-8)
