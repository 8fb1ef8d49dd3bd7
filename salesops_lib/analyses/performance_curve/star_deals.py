"""What the stars' deals are worth, luck taken out.

Who is a star is told from bookings, and bookings are deals: reps whose deals happened to be large are
among the stars for it, and the mean of these deals says more than the next ones will bring (a tenth
more, with three deals a month of log sd .8; an eighth with eight a year of log sd 1.3). So the mean deal
of each rep is shrunk towards that of all reps by as much as its own error deserves, with the spread
between reps integrated over; what is known of a rep after that is not changed by having been picked. Source: Dawid (1994), Selection paradoxes of
Bayesian inference, IMS Lecture Notes 24, 211-220.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.performance_curve.result import PerformanceCurve
from salesops_lib.statistics.shrunken_means import shrink
from salesops_lib.statistics.skewness import well_behaved

_FEWEST_DEALS = 5
_FEWEST_REPS = 3


def star_deals(
    curve: PerformanceCurve,
    deals: pd.DataFrame,
    *,
    since: object = None,
    rep: str = "rep_id",
    amount: str = "amount",
    status: str = "status",
    closed: str = "close_date",
) -> pd.Series | None:
    """Amounts of the deals that the stars won (since a date), labelled by rep, each rep's on the level
    that is expected of the next ones; None with fewer than five."""
    stars = curve.reps.loc[curve.reps["tier"] == "star", curve.rep_column]
    won = deals[(deals[status] == "won") & (deals[amount] > 0)]
    if since is not None:
        won = won[won[closed] >= since]
    won = won[won[rep].isin(curve.reps[curve.rep_column])]
    amounts = won.set_index(rep)[amount].astype(float)
    mine = amounts[amounts.index.isin(stars)]
    if len(mine) < _FEWEST_DEALS:
        return None
    return mine * _next_to_seen(amounts).reindex(mine.index).to_numpy()


def _next_to_seen(amounts: pd.Series) -> pd.Series:
    """Mean expected of a rep's next deals over the mean of those seen, by rep."""
    by_rep = amounts.groupby(level=0)
    seen, count = by_rep.mean(), by_rep.size().to_numpy(dtype=float)
    logs = np.log(amounts)
    left = logs - logs.groupby(level=0).transform("mean")
    # Where each has one deal, or deals of one size, nothing is left.
    if len(seen) < _FEWEST_REPS or not (left**2).sum() > 1e-12:
        return pd.Series(1.0, index=seen.index)
    if well_behaved(float(stats.skew(left)), len(amounts) - len(seen)):
        # The mean of a few heavy deals is the largest of them; that of their logs is not. All reps
        # together are expected to bring what they brought.
        expected = np.exp(_shrunk(logs, count))
        expected *= float(amounts.sum()) / float(count @ expected)
    else:
        expected = _shrunk(amounts, count)
    # A rep of one small deal among much larger ones stays above 0 in any case.
    return pd.Series(np.maximum(expected, 0.0) / seen.to_numpy(), index=seen.index)


def _shrunk(values: pd.Series, count: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each rep's mean drawn towards that of all, one size of error a deal for all: that of a rep's own
    deals would be small where its mean is."""
    by_rep = values.groupby(level=0)
    square = float(((values - by_rep.transform("mean")) ** 2).sum())
    error = math.sqrt(square / (len(values) - len(count)))
    return shrink(by_rep.mean().to_numpy(dtype=float), error / np.sqrt(count)).mean
