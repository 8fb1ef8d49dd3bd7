"""The gap multiplied out: deals handled × closing rate × win rate × deal size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap import labels
from salesops_lib.analyses.channel_gap.rows import Rows, prepare
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.statistics.bilinear import t_quantile
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.das_gupta import shapley
from salesops_lib.statistics.picked import reach_at_once, told_largest

# What a count is called as the first step, and what it is of the count before it.
FIRST = {"open": "open_deals", "closed": "closed_deals", "won": "won_deals"}
OF = {
    ("open", "closed"): "closing_rate",
    ("closed", "won"): "win_rate",
    ("open", "won"): "won_of_open",
}


@dataclass(frozen=True)
class Funnel(Result):
    """The gap by the steps of the funnel.

    Attributes
    ----------
    steps
        step, label, a, b, ratio, value, low, high, told_low, told_high: the step's mean in either
        channel, a over b, and its contribution to the gap in outcome units a row (Shapley), with its
        own interval and with limits that hold for all steps at once, which are told. The steps of
        a channel multiply to its mean bookings a row; the contributions sum to the gap.
    largest
        The contribution that is largest either way, with an interval that holds for all steps at
        once: whichever looks largest was picked for it.
    apart
        Whether that interval lies beyond those of all other steps.
    gap
        Mean bookings a row of a minus b, every rep counting the same.
    """

    a: str
    b: str
    gap: float
    steps: pd.DataFrame
    largest: Estimate
    apart: bool
    confidence: float
    currency: str
    findings: tuple[Finding, ...] = field(default=())


def funnel_gap(
    data: pd.DataFrame,
    *,
    channel: str = "channel",
    a: str,
    b: str,
    open_deals: str | None = "open_deals",
    closed: str | None = "deals_closed",
    won: str = "deals_won",
    bookings: str = "bookings",
    cluster: str = "rep_id",
    confidence: float = 0.90,
    currency: str = "$",
) -> Funnel:
    """Bookings a rep-month = open deals × (closed ÷ open) × (won ÷ closed) × (bookings ÷ won).

    An identity in each channel, so the steps explain the gap to the last cent; how much each step
    contributes is the Shapley split of the product. Intervals are of t between reps, by the delta
    method: percentiles of a bootstrap of a dozen reps are too close together (84% for 90%).

    Parameters
    ----------
    open_deals, closed
        None leaves the step out, where it is not known or, as with an export of won deals, says
        nothing; see `funnel_columns`.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If a channel has fewer than two reps, or no deal open, closed or won.

    References
    ----------
    Das Gupta (1993); Dunn (1961), Journal of the American Statistical Association 56, 52–64, for the
    largest of several.
    """
    named = {"open": open_deals, "closed": closed, "won": won}
    counted = {step: name for step, name in named.items() if name}
    columns = list(counted.values())
    rows = prepare(
        data, outcome=bookings, group=channel, a=a, b=b, covariates=columns, cluster=cluster,
        by_cluster=True, scale="money",
    )  # fmt: skip
    if rows.left_out:
        raise NotEnoughData("is hardly ever known", column=rows.left_out[0],
                            remedy="The funnel needs open, closed and won deals.")  # fmt: skip
    counts = [rows.cluster_means(rows.frame[name].to_numpy(float)) for name in columns]
    sums = np.column_stack([*counts, rows.cluster_means(rows.outcome)])
    mean_a, mean_b = sums[rows.in_a].mean(axis=0), sums[~rows.in_a].mean(axis=0)
    for name, mean in ((a, mean_a), (b, mean_b)):
        if not (mean[:-1] > 0).all():
            raise NotEnoughData(f"'{name}' has no deal that was {wording.listed(list(counted))}",
                                column=columns[int(np.argmin(mean[:-1]))],
                                remedy="Compare channels that have closed deals.")  # fmt: skip
    value = np.array(shapley(_factors(mean_a), _factors(mean_b)))
    error, df = _errors(sums, rows)
    reach = np.array([t_quantile(confidence, x) for x in df]) * error
    top, wide, apart = told_largest(np.abs(value), error, df, confidence)
    told = reach_at_once(error, df, confidence)
    factors_a, factors_b = np.array(_factors(mean_a)), np.array(_factors(mean_b))
    names = _steps(list(counted))
    steps = pd.DataFrame(
        {
            "step": names,
            "label": [labels.STEPS[one] for one in names],
            "a": factors_a,
            "b": factors_b,
            "ratio": np.divide(
                factors_a, factors_b, out=np.full(len(names), np.nan), where=factors_b != 0
            ),
            "value": value,
            "low": value - reach,
            "high": value + reach,
            "told_low": value - told,
            "told_high": value + told,
        }
    )
    people = len(sums) if rows.units is None else int(rows.units.max()) + 1
    largest = Estimate(
        float(value[top]), float(value[top] - wide), float(value[top] + wide), confidence, "money",
        people, "delta method over reps, t, all steps at once",
    )  # fmt: skip
    gap = float(mean_a[-1] - mean_b[-1])
    funnel = Funnel(str(a), str(b), gap, steps, largest, apart, confidence, currency)
    return words.with_funnel_findings(funnel)


def _errors(sums: Array, rows: Rows) -> tuple[Array, Array]:
    """(steps,): standard errors of the contributions, and their degrees of freedom: Welch's, or of
    pairs where reps sell in both channels."""
    mean = [sums[inside].mean(axis=0) for inside in (rows.in_a, ~rows.in_a)]
    slopes = [
        _slopes(lambda x: shapley(_factors(x), _factors(mean[1])), mean[0]),
        _slopes(lambda x: shapley(_factors(mean[0]), _factors(x)), mean[1]),
    ]
    moved, parts, freedom = np.zeros((len(sums), len(slopes[0]))), [], []
    for side, inside in enumerate((rows.in_a, ~rows.in_a)):
        count = int(inside.sum())
        moved[inside] = (sums[inside] - mean[side]) @ slopes[side].T
        moved[inside] *= 1 / count * np.sqrt(count / (count - 1))
        parts.append((moved[inside] ** 2).sum(axis=0))
        freedom.append(count - 1)
    if rows.units is not None:
        both = np.stack([np.bincount(rows.units, weights=one) for one in moved.T])
        return np.sqrt((both**2).sum(axis=1)), np.full(len(both), float(min(freedom)))
    total = parts[0] + parts[1]
    below = parts[0] ** 2 / freedom[0] + parts[1] ** 2 / freedom[1]
    df = np.divide(total**2, below, out=np.full(len(total), float(sum(freedom))), where=below > 0)
    return np.sqrt(total), df


def _slopes(function: Callable[[Array], Sequence[Array]], at: Array) -> Array:
    """(steps, columns): central differences."""
    out = []
    for column, size in enumerate(at):
        step = np.zeros(len(at))
        step[column] = 1e-5 * max(abs(size), 1e-9)
        up, down = (np.array(function(at + x), dtype=float) for x in (step, -step))
        out.append((up - down) / (2 * step[column]))
    return np.stack(out, axis=1)


def funnel_columns(months: pd.DataFrame, *, dated: bool) -> dict[str, str | None]:
    """The steps that rep-months can tell apart, as arguments of `funnel_gap`: deals open only
    where the deals' creation is `dated`, deals closed only where some are lost.

    Empty where the months count no won deals.
    """
    if "deals_won" not in months:
        return {}
    lost = "deals_lost" in months and bool((months["deals_lost"] > 0).any())
    return {
        "open_deals": "open_deals" if dated and "open_deals" in months else None,
        "closed": "deals_closed" if lost and "deals_closed" in months else None,
    }


def _steps(counted: list[str]) -> list[str]:
    rates = [OF[pair] for pair in pairwise(counted)]
    return [FIRST[counted[0]], *rates, "deal_size"]


def _factors(means: Array) -> tuple[Array, ...]:
    """Counts of deals and bookings a row → the first count, and each over the one before it."""
    return (means[0], *(after / before for before, after in pairwise(means)))
