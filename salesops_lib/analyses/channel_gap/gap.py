"""channel_gap: is there a gap, what makes it, how much of it can training close."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap import correctable, sensitivity, tables, words
from salesops_lib.analyses.channel_gap import notices as say
from salesops_lib.analyses.channel_gap.difference import Difference, compare
from salesops_lib.analyses.channel_gap.months import months_of
from salesops_lib.analyses.channel_gap.overlap import Usable, usable
from salesops_lib.analyses.channel_gap.rates import counted
from salesops_lib.analyses.channel_gap.result import ChannelGap
from salesops_lib.analyses.channel_gap.rows import Rows, check_groups, prepare
from salesops_lib.analyses.columns import check_columns
from salesops_lib.analyses.options import (
    check_amount,
    check_confidence,
    check_rng,
    check_whole,
    is_number,
    names_of,
)
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.design import Design, encode
from salesops_lib.statistics.oaxaca_problem import pose
from salesops_lib.statistics.oaxaca_sequential import Sequential, sequential
from salesops_lib.statistics.picked import Picked

REFERENCES = ("pooled", "neumark", "cotton", "a", "b")
UNITS = {"money": "money", "log": "index", "share": "share"}


def channel_gap(
    data: pd.DataFrame,
    *,
    outcome: str,
    channel: str = "channel",
    a: object,
    b: object,
    market: str | Sequence[str] = (),
    practice: str | Sequence[str] = (),
    cluster: str = "rep_id",
    reference: str | float = "pooled",
    confidence: float = 0.90,
    rng: int | np.random.Generator = 0,
    scale: str = "auto",
    rows_per_year: float | None = None,
    period: str = "month",
    counts: Mapping[str, str] | None = None,
    permutations: int = 9999,
    among: int = 1,
    currency: str = "$",
) -> ChannelGap:
    """Why channel `a` sells more a row (a rep-month) than channel `b`.

    Reps are the sample: every rep weighs the same, whatever number of rows, and all errors are
    between reps. `market` holds what nobody in a channel can correct, `practice` what training can;
    practice counts net of market, so that a win rate which is low because competition is strong is
    the market's. Both may be numbers or categories. A practice missing in a row (no deal closed, so
    no win rate) is filled with the rep's own mean, and a notice says so.

    Parameters
    ----------
    data
        One row a rep and month, or any rows that belong to a rep (deals, for a win rate of 0/1).
    outcome
        Column of what is compared: money, a rate from 0 to 1, or 0/1. Rows without it are left out.
    channel, a, b
        Column of channels, and the two compared; others are left out.
    market, practice
        Columns of numbers or categories; any may be none.
    cluster, period
        Columns of reps and months.
    reference
        Coefficients that weigh differences: `pooled` (both channels, with a channel indicator; Jann
        2008), `neumark` (without), `cotton` (by size), `a`, `b`, or a weight on a's (0 = b, 1 = a).
    scale
        `money`; `log` decomposes the logarithm, so that parts are shares of the ratio; `share` for
        0/1 outcomes; `auto` is `share` where all values are 0 or 1, not all of them 0, and `money` otherwise.
    rows_per_year
        Rows of channel b in a year, by which a difference a row becomes money a year. By default
        b's rows times twelve over the number of months in the data: the distinct values of the
        column `period` (of quarters three months each, of weeks the months that they lie in), or,
        without that column, the largest number of rows of a rep.
    counts
        Practice → column with the number of deals behind each of its values. Such a rate enters
        weighed by that number (see `rates`), so that it averages to the rep's pooled rate and its
        effect is not diluted by months with hardly any deal. By default the rates of rep-months:
        win_rate by deals_closed, discount and cycle_days by deals_won. `{}` takes values as they are.
    confidence
        Of all limits.
    rng
        Seed or Generator of the permutation test.
    permutations
        Draws of the permutation test.
    among
        From how many pairs this one was picked because its gap is the largest (`Comparable.among`).
        Such a gap is large partly by luck: all limits, and the tests, allow for the picking.
    currency
        Symbol in sentences.

    Returns
    -------
    ChannelGap
        Differences in outcome units a row; the finding `correctable_money_year` in money a year.

    Raises
    ------
    DataError
        For a missing or unusable column, or a channel that is not there.
    NotEnoughData
        If a channel has fewer than two reps.
    ParameterError
        For an option out of range, or a column named twice.

    References
    ----------
    Oaxaca (1973); Blinder (1973); Jann (2008), Stata Journal 8, 453–479; Gelbach (2016), Journal of
    Labor Economics 34, 509–543 (practice net of market); Bell and McCaffrey (2002) and Imbens and
    Kolesár (2016) for few clusters; Fieller (1954); Cinelli and Hazlett (2020) for sensitivity.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "rep_id": list("aabbccddee"), "channel": ["EU"] * 6 + ["US"] * 4,
    ...     "calls": [5, 6, 7, 9, 8, 8, 4, 5, 5, 6], "bookings": [9, 12, 14, 17, 15, 17, 8, 9, 11, 11],
    ... })
    >>> gap = channel_gap(rows, outcome="bookings", a="EU", b="US", practice=["calls"])
    >>> round(gap.difference.value, 2), gap.correctable.n
    (4.25, 5)
    """
    check_rng(rng)
    check_reference(reference)
    check_confidence(confidence)
    check_whole("permutations", permutations, least=0)
    check_whole("among", among, least=1)
    if rows_per_year is not None:
        check_amount("rows_per_year", rows_per_year, above=True)
    market, practice = names_of(market), names_of(practice)
    inside = counted(
        _chosen(data, channel, a, b), practice, cluster=cluster, channel=channel, counts=counts
    )
    rows = prepare(
        inside, outcome=outcome, group=channel, a=a, b=b, covariates=[*market, *practice],
        cluster=cluster, by_cluster=True, scale=scale,
    )  # fmt: skip
    names = (str(a), str(b))
    kept = usable(rows, market=market, practice=practice, reference=reference, names=names)
    design = encode(rows.frame, [*kept.market, *kept.practice])
    parts = _decompose(rows, design, kept, reference)
    months, row = months_of(data, period)
    year = rows_per_year if rows_per_year is not None else _rows_per_year(rows, months)
    picked = Picked(parts.gap, confidence, among)
    found = compare(rows, picked, draws=permutations, rng=rng)
    gap = _result(rows, kept, design, parts, found, names, float(year), picked)
    gap = replace(
        gap,
        outcome=outcome,
        channel=channel,
        row=row,
        reps=tables.reps(rows, names, cluster),
        currency=currency,
        among=among,
        notices=(*_about_the_pick(names, among), *_about_the_scale(rows, outcome), *gap.notices),
        same_people=rows.units is not None and 2 * (rows.units.max() + 1) == len(rows.in_a),
    )
    return replace(gap, findings=words.findings(gap))


def _result(
    rows: Rows, kept: Usable, design: Design, parts: Sequential, found: Difference,
    names: tuple[str, str], year: float, picked: Picked,
) -> ChannelGap:  # fmt: skip
    """Everything but names of columns and sentences."""
    n = len(rows.in_a) if rows.units is None else int(rows.units.max()) + 1
    unit, confidence = UNITS[rows.scale], picked.confidence

    def estimate(part: Part, measured: bool = True) -> Estimate:
        if not measured:
            return Estimate(math.nan, confidence=confidence, unit=unit, n=n, method="not measured")
        low, high = picked.interval(part)
        how = "delta method" if part.factors is None else "profile"
        return Estimate(part.value, low, high, confidence, unit, n, f"{how} over reps, t")

    share, more = correctable.share(parts, picked, n, data_rows=len(rows.outcome))
    strength = sensitivity.assess(rows, design, kept, parts, picked)
    practice = estimate(parts.second_total, bool(kept.practice))
    return ChannelGap(
        a=names[0],
        b=names[1],
        ratio=found.ratio,
        difference=Estimate(found.value, found.low, found.high, confidence, unit, n, found.method),
        market=estimate(parts.first_total, bool(kept.market)),
        practice=practice,
        unexplained=estimate(parts.rest),
        explained=estimate(parts.explained, bool(kept.market or kept.practice)),
        correctable=practice,
        correctable_share=share if kept.practice else replace(share, value=math.nan),
        more_rep_months=more,
        robustness=strength.robustness,
        correctable_year=correctable.yearly(rows, parts, kept, year, picked, n),
        rows_per_year=year,
        decomposition=tables.decomposition(parts, picked),
        sensitivity=strength.curve,
        measured=strength.measured,
        means=tables.means(rows, names, picked),
        welch_p=found.welch_p,
        permutation_p=found.permutation_p,
        market_known=bool(kept.market),
        inseparable=kept.inseparable,
        scale=rows.scale,
        confidence=confidence,
        notices=tuple(dict.fromkeys([*rows.notices, *kept.notices])),
    )


def _about_the_pick(names: tuple[str, str], among: int) -> list[str]:
    return [say.picked(*names, among)] if among > 1 else []


def _about_the_scale(rows: Rows, outcome: str) -> list[str]:
    if rows.scale != "share":
        return []
    return [say.yes_or_no(outcome, float(rows.cluster_means(rows.outcome).mean()))]


def _chosen(data: pd.DataFrame, channel: str, a: object, b: object) -> pd.DataFrame:
    """The rows of both channels."""
    check_columns(data, [channel], "a comparison of channels")
    check_groups(data, channel, a, b)
    return data[data[channel].isin([a, b])]


def check_reference(reference: str | float) -> None:
    """Raises ParameterError for what is no reference."""
    if isinstance(reference, str):
        if reference not in REFERENCES:
            raise ParameterError(
                f"reference == {reference!r}, must be one of {', '.join(REFERENCES)} or a weight "
                "from 0 (coefficients of b) to 1 (of a)."
            )
    elif isinstance(reference, bool) or not (is_number(reference) and 0 <= reference <= 1):
        raise ParameterError(f"reference == {reference!r}, a weight must be from 0 to 1.")


def _decompose(rows: Rows, design: Design, kept: Usable, reference: str | float) -> Sequential:
    """On an outcome of unit size, so that cents and millions give the same digits."""
    size = float(np.abs(rows.outcome).max()) or 1.0
    problem = pose(design, rows.outcome / size, rows.clusters, rows.in_a, rows.weights, rows.units)
    parts = sequential(problem, kept.market, kept.practice, reference=reference)
    means = rows.cluster_means(rows.outcome)
    gap = float(means[rows.in_a].mean() - means[~rows.in_a].mean())
    first, second = parts.first_total.scaled(size), parts.second_total.scaled(size)
    return Sequential(
        gap=parts.gap.scaled(size).at(gap),
        first={name: part.scaled(size) for name, part in parts.first.items()},
        second={name: part.scaled(size) for name, part in parts.second.items()},
        first_total=first,
        second_total=second,
        explained=parts.explained.scaled(size).at(first.value + second.value),
        rest=parts.rest.scaled(size).at(gap - first.value - second.value),
        second_slopes=parts.second_slopes * size,
    )


def _rows_per_year(rows: Rows, months: float | None) -> float:
    """Rows of channel b in a year."""
    own = int((~rows.in_a[rows.clusters]).sum())
    return own * 12.0 / max(months or int(np.bincount(rows.clusters).max()), 1)
