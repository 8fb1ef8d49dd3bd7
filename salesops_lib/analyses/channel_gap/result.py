"""The frozen results of the channel gap."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.estimate import Estimate, Finding, Result


@dataclass(frozen=True)
class ChannelGap(Result):
    """Why channel a sells more than channel b.

    Attributes
    ----------
    a, b, outcome, channel, row
        What was compared; `row` is what one row is called.
    ratio
        Mean of a over mean of b, rep means weighing the same.
    difference
        Mean of a minus mean of b, in outcome units a row.
    market, practice, unexplained, explained
        Its parts, in outcome units a row; market + practice + unexplained = difference,
        market + practice = explained.
    correctable
        The practice part: what training can close, if no market factor was missed.
    correctable_share
        Part of the difference that is practice; limits are infinite where the data cannot bound
        it, see `more_rep_months`.
    more_rep_months
        Rep-months (of both channels together, beyond those there) that would bound the share, if
        the estimate stays where it is; 0 where it is bounded, infinite where the gap is zero.
    robustness
        The share of what is left unexplained, between channels and between reps alike, that an
        unmeasured market factor must account for to move the correctable part to zero.
    correctable_year
        The correctable part of a year, money.
    rows_per_year
        Rows (rep-months) of channel b in a year: the factor from a row to a year.
    decomposition
        component, label, group (market, practice, unexplained), value, std_error, df, low, high.
    sensitivity
        strength, correctable, low, high: what is left of the correctable part under an unmeasured
        market factor of growing strength.
    measured
        factor, strength: how strong the measured market factors are, on the same scale.
    reps
        The cluster column, channel, value: the rep means behind the gap.
    means
        channel, reps, rows, value, low, high.
    welch_p, permutation_p
        p-values of no gap (times `among`): Welch's test and the studentised permutation test, on rep means.
    market_known
        Whether any market factor could be told apart from the channel.
    inseparable
        Market factors that do not vary within channels.
    scale
        `money`, `log` or `share`.
    among
        From how many pairs this one was picked for its gap; every interval allows for it.
    same_people
        Whether every rep sells in both channels, as where channels are segments of the deals.
    notices
        What a reader must know.
    """

    a: str
    b: str
    ratio: Estimate
    difference: Estimate
    market: Estimate
    practice: Estimate
    unexplained: Estimate
    explained: Estimate
    correctable: Estimate
    correctable_share: Estimate
    more_rep_months: float
    robustness: Estimate
    correctable_year: Estimate
    rows_per_year: float
    decomposition: pd.DataFrame
    sensitivity: pd.DataFrame
    measured: pd.DataFrame
    means: pd.DataFrame
    welch_p: float
    permutation_p: float
    market_known: bool
    inseparable: tuple[str, ...]
    scale: str
    confidence: float
    notices: tuple[str, ...] = ()
    outcome: str = "bookings"
    channel: str = "channel"
    row: str = "row"
    currency: str = "$"
    same_people: bool = False
    among: int = 1
    reps: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: tuple[Finding, ...] = field(default=())
