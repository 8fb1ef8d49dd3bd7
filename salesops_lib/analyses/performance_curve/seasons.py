"""The calendar in values whose luck multiplies: each period's factor, and values without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.performance_curve.panel import Panel, has_calendar
from salesops_lib.statistics.poisson_means import left_out_factors, two_way_factors

Floats = NDArray[np.float64]


def seasonal(panel: Panel) -> bool:
    """Whether there are rows enough for a factor of each period."""
    return has_calendar(len(panel.value), len(panel.periods))


def calendar_factors(panel: Panel) -> tuple[Floats, float]:
    """Each period's factor, drawn towards 1 by the part of its spread that is luck of the reps in
    it, and how much of the spread was kept: factors of noise alone would make months look unequal, and
    fewer than they are."""
    factors = two_way_factors(panel.value, panel.exposure, panel.rep, panel.period)
    expected = panel.exposure * panel.observed[panel.rep] * factors[panel.period]
    usable = expected > 0
    luck = float(((panel.value[usable] / expected[usable] - 1) ** 2).mean())
    rows = np.bincount(panel.period)
    spread = float(factors.var(ddof=1))
    kept = max(0.0, 1 - luck * float((1 / rows).mean()) / spread) if spread > 0 else 0.0
    return 1 + kept * (factors - 1), kept


def without_calendar(
    panel: Panel, rate: Floats, factors: Floats | None = None, kept: float = 1.0
) -> Floats:
    """`rate` over each period's factor, as the other reps have it, drawn towards 1 like `factors`: the
    luck of the other reps, divided by, would be added to the rep's own."""
    if not seasonal(panel):
        return rate
    if factors is None:
        factors = two_way_factors(panel.value, panel.exposure, panel.rep, panel.period)
    others = left_out_factors(panel.value, panel.exposure, panel.rep, panel.period, factors)
    return np.asarray(rate / (1 + kept * (others - 1)), dtype=np.float64)
