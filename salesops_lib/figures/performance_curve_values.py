"""Values, periods and tiers, as all pictures of the performance curve show them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.analyses.performance_curve import PerformanceCurve
from salesops_lib.analyses.performance_curve.headings import period_name
from salesops_lib.figures import style

TIER_COLOURS = {"star": style.GREEN, "core": style.BLUE, "laggard": style.ORANGE}
TIER_LABELS = {"star": "Stars", "core": "Core", "laggard": "Under-performers"}


def value_axis(ax: Axes, which: str, values: NDArray[np.float64], currency: str) -> None:
    """Ticks of money, unless the values are shares or the like, as attainment."""
    if is_money(values):
        style.money_axis(ax, which, currency)


def is_money(values: object) -> bool:
    """Whether values are as large as amounts of money are."""
    return float(np.nanmedian(np.abs(np.asarray(values, dtype=float)))) >= 20


def amount(value: float, values: object, currency: str) -> str:
    """`value` as one of `values` is said."""
    return wording.money(value, currency) if is_money(values) else wording.number(value)


def period(curve: PerformanceCurve) -> str:
    """What a period is called."""
    return period_name(curve.periods_per_year)
