"""Observed over expected counts, drawn towards 1: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.shrunken_ratios import prior_of, shrunk_inverse, shrunk_ratio

OBSERVED, EXPECTED = np.array([2.0, 18.0]), np.array([8.0, 12.0])


def test_the_prior_is_worth_what_the_spread_leaves_it() -> None:
    """Squared differences of 36 each exceed their Poisson part, 20, by 52, over 8² + 12² = 208: a variance
    of a quarter, four events. (2 + 4)/12 and 22/16; one over the ratio is 12/5 and 16/21."""
    assert prior_of(OBSERVED, EXPECTED) == pytest.approx(4.0)
    assert shrunk_ratio(OBSERVED, EXPECTED) == pytest.approx([0.5, 22 / 16])
    assert shrunk_inverse(OBSERVED, EXPECTED) == pytest.approx([12 / 5, 16 / 21])
    given = shrunk_ratio(OBSERVED, EXPECTED, prior_events=12.0)
    assert given == pytest.approx([14 / 20, 30 / 24])


def test_no_more_spread_than_chance_is_none_and_no_spread_is_beyond_bounds() -> None:
    even = np.array([9.0, 11.0])
    assert shrunk_ratio(even, np.array([10.0, 10.0])) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert shrunk_ratio(np.zeros(2), np.zeros(2)) == pytest.approx([1.0, 1.0])
    # At fewer than two events, one over a ratio would have no variance.
    assert prior_of(np.array([0.0, 60.0]), np.array([30.0, 30.0])) == 2.0
