"""Das Gupta's published examples, and what a fair split must do."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.das_gupta import in_order, shapley
from tests.reference import channel_gap as reference


@pytest.mark.parametrize("example", [reference.DAS_GUPTA_2_1, reference.DAS_GUPTA_2_2])
def test_published_examples(example) -> None:
    a, b, expected = example
    found = shapley(a, b)
    np.testing.assert_allclose(
        [float(x) for x in found], expected, atol=6e-4 if a[0] > 1e3 else 6e-8
    )
    assert sum(found) == pytest.approx(np.prod(a) - np.prod(b))


def test_both_orders_by_hand() -> None:
    """3 × 5 against 2 × 4: first factor first (3 − 2)·4 and (5 − 4)·3; the other way round
    (3 − 2)·5 and (5 − 4)·2; the fair split is the average."""
    assert in_order([3, 5], [2, 4], [0, 1]) == [4, 3]
    assert in_order([3, 5], [2, 4], [1, 0]) == [5, 2]
    assert shapley([3, 5], [2, 4]) == [4.5, 2.5]


def test_swapping_sides_flips_signs_and_order_of_factors_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((4, 6)), rng.random((4, 6))
    here, back = shapley(list(a), list(b)), shapley(list(b), list(a))
    np.testing.assert_allclose(np.array(here), -np.array(back))
    turned = shapley(list(a[::-1]), list(b[::-1]))
    np.testing.assert_allclose(np.array(here), np.array(turned)[::-1])
