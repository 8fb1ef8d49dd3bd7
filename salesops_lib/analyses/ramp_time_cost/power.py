"""How many hires until a programme's effect on ramp could be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from scipy import stats

from salesops_lib.analyses.ramp_time_cost import words
from salesops_lib.analyses.ramp_time_cost.cost import checked_count
from salesops_lib.analyses.ramp_time_cost.result import RampTime

_ON_RECORD = ("hires_needed", "years_needed", "verdict")
# A ramp of fewer months looks as one of so many.
_LEAST = 0.5
_HALVES = ("hires_split", "years_split", "verdict_split")


def power_table(
    ramp: RampTime,
    *,
    hires_per_year: float,
    months_saved: Sequence[float] = (0.5, 1.0, 2.0, 3.0),
    power: float = 0.8,
) -> pd.DataFrame:
    """Hires after the programme's start until it would probably be seen to have worked.

    Two ways to look: all new hires are trained and compared with those already seen, whose number
    does not grow, so that a small effect may never be seen, whatever the number of hires; or half
    of the new hires are trained (best: drawn by lot) and compared with the other half.

    Parameters
    ----------
    months_saved
        Months by which the target is reached sooner.
    power
        Chance of seeing an effect of that size; the test is two-sided at 1 − confidence.

    Returns
    -------
    Frame with months_saved, hires_needed, years_needed (against those already seen; infinite where
    no number is enough, NaN where there is no ramp of that length to save), verdict, the same in
    words, and hires_split, years_split, verdict_split for the comparison of two halves.

    Notes
    -----
    Learning curve: variance of the log time constant per rep seen starting, as fitted, with equal
    information from each new hire. Milestone: log-rank (Schoenfeld 1983), effect as a factor on
    time, events in the share seen so far.
    """
    hires = checked_count("hires_per_year", hires_per_year)
    needed = stats.norm.ppf(0.5 + ramp.confidence / 2) + stats.norm.ppf(power)
    if ramp.pace is None:
        before, variance = float(ramp.events), 1.0
        share = ramp.events / ramp.n_reps if ramp.n_reps else math.nan
    else:
        before = float(ramp.n_seen_starting)
        variance, share = ramp.pace.log_error**2 * before, 1.0
    now = ramp.median_months.value
    rows = []
    for months in months_saved:
        count = split = math.nan
        if 0 < months < now < math.inf and before > 0 and math.isfinite(variance):
            # The logarithm of no ramp at all has no end, and months show none of a day.
            effect = math.log(now / max(now - months, min(_LEAST, now)))
            room = (effect / needed) ** 2 / variance - 1 / before
            count = math.ceil(1 / room / share) if room > 0 and share > 0 else math.inf
            # Of a ramp that looks as short as any nothing is seen to be saved.
            split = math.inf
            if share > 0 and effect > 0:
                split = math.ceil(4 * variance * (needed / effect) ** 2 / share)
        row: list[object] = [float(months)]
        for one in (count, split):
            years = one / hires if hires > 0 else math.inf
            row += [one, years, words.power_verdict(one, years)]
        rows.append(row)
    return pd.DataFrame(rows, columns=["months_saved", *_ON_RECORD, *_HALVES])
