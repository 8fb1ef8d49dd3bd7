"""Whether deals with larger discounts are won more often: an association, never an effect."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.deal_desk.model import coded, usable_columns
from salesops_lib.analyses.deal_desk.pricing import TELLING, Priced, within_reps_columns
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.two_way_effects import within_regression

_FEWEST = 30
POINT = 0.01


def offers_known(priced: Priced) -> bool:
    """Whether enough won and lost deals have a discount to be compared."""
    won = priced.deals["won"].to_numpy(bool)
    return bool(min(won.sum(), (~won).sum()) >= _FEWEST)


def won_per_point(priced: Priced, confidence: float) -> tuple[Estimate, float]:
    """What share more deals are won where the discount is one point larger, same rep, kind of deal
    and time of the quarter; and the share of deals won.

    A linear probability model with an effect of each rep, CR2 errors by rep, over the win rate. NaN
    where what was offered to lost customers is not known, and where a rep's discounts differ by too
    little to tell what a whole point goes with.
    """
    how = "association within reps and kinds of deal, clustered by rep, t"
    deals = priced.deals
    won = deals["won"].to_numpy(float)
    nothing = Estimate(math.nan, confidence=confidence, unit="share", method=how)
    if not offers_known(priced):
        return nothing, math.nan
    codes, _ = coded(deals["rep"].to_numpy())
    kinds, _ = within_reps_columns(deals, priced.kinds)
    others = np.column_stack([deals["late"].to_numpy(float), kinds])
    x, varies = usable_columns(deals["discount"].to_numpy(float), others, codes)
    rate = float(won.mean())
    if not varies or _spread(deals["discount"].to_numpy(float), codes) < TELLING:
        return nothing, rate
    try:
        found = within_regression(won, x, codes)
    except NotEnoughData:
        return nothing, rate
    low, high = found.interval(confidence)
    slope = Estimate(float(found.coef[0]), low, high, confidence, "share", found.units, how)
    return slope.scaled(POINT / rate), rate


def _spread(values: NDArray[np.float64], codes: NDArray[np.int64]) -> float:
    """Root mean square distance from the mean of the same rep."""
    means = np.bincount(codes, weights=values) / np.bincount(codes)
    return float(np.sqrt(np.mean((values - means[codes]) ** 2)))
