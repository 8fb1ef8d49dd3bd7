"""Whether a sample is about symmetric: a half, and two standard errors, the root of 6 over its freedom."""

from __future__ import annotations

import pytest

from salesops_lib.statistics.skewness import well_behaved


@pytest.mark.parametrize("side", [1, -1])
def test_limits_by_hand(side: int) -> None:
    """At 150 a standard error is .2: up to .9. At 6 it is 1, as many as 2.5; with next to none 5.39."""
    for freedom, most in ((150.0, 0.9), (6.0, 2.5), (0.0, 0.5 + 2 * 6**0.5)):
        assert well_behaved(side * (most - 1e-6), freedom)
        assert not well_behaved(side * (most + 1e-6), freedom)
