"""Observed over expected counts, drawn towards 1 by a gamma prior that is fitted to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shrunk_ratio(
    observed: Floats, expected: Floats, *, prior_events: float | None = None
) -> Floats:
    """Observed ÷ expected counts, drawn towards 1 by a gamma prior fitted to their own spread.

    The prior's strength is one over the variance of the true ratios, by moments: what the squared
    differences exceed their Poisson part by (Marshall 1991). No excess spread gives 1 everywhere.
    """
    prior = prior_of(observed, expected) if prior_events is None else prior_events
    return (observed + prior) / (expected + prior)


def shrunk_inverse(observed: Floats, expected: Floats) -> Floats:
    """What one over the true ratio is expected to be, under the same prior: more than one over the shrunk
    ratio, as seldom events leave it open how seldom they are."""
    prior = prior_of(observed, expected)
    return np.asarray((expected + prior) / (observed + prior - 1), dtype=np.float64)


def prior_of(observed: Floats, expected: Floats) -> float:
    """Events that a gamma prior of the ratios is worth, from their own spread."""
    excess = float(((observed - expected) ** 2 - expected).sum())
    scale = float((expected**2).sum())
    spread = excess / scale if scale > 0 else 0.0
    return max(1.0 / spread if spread > 1e-6 else 1e6, 2.0)
