"""The gap multiplied out: deals handled × closing rate × win rate × deal size."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap import labels
from salesops_lib.analyses.channel_gap.rows import prepare
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Finding, Result
from salesops_lib.statistics.cluster_bootstrap import bootstrap_means
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.das_gupta import shapley

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
        step, label, a, b, ratio, value, low, high: the step's mean in either channel, a over b, and
        its contribution to the gap in outcome units a row (Shapley), with a bootstrap interval. The
        steps of a channel multiply to its mean bookings a row; the contributions sum to the gap.
    gap
        Mean bookings a row of a minus b, every rep counting the same.
    """

    a: str
    b: str
    gap: float
    steps: pd.DataFrame
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
    draws: int = 999,
    rng: int | np.random.Generator = 0,
    currency: str = "$",
) -> Funnel:
    """Bookings a rep-month = open deals × (closed ÷ open) × (won ÷ closed) × (bookings ÷ won).

    An identity in each channel, so the steps explain the gap to the last cent; how much each step
    contributes is the Shapley split of the product. Intervals resample reps.

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
    drawn = bootstrap_means(sums, np.ones(len(sums)), rows.in_a, draws, rng, rows.units)
    with np.errstate(divide="ignore", invalid="ignore"):
        samples = np.array(shapley(*(_factors(one.T) for one in drawn)))
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(samples, [tail, 1 - tail], axis=1)
    factors_a, factors_b = np.array(_factors(mean_a)), np.array(_factors(mean_b))
    names = _steps(list(counted))
    steps = pd.DataFrame(
        {
            "step": names,
            "label": [labels.STEPS[one] for one in names],
            "a": factors_a,
            "b": factors_b,
            "ratio": factors_a / factors_b,
            "value": value,
            "low": low,
            "high": high,
        }
    )
    funnel = Funnel(str(a), str(b), float(mean_a[-1] - mean_b[-1]), steps, confidence, currency)
    people = len(sums) if rows.units is None else int(rows.units.max()) + 1
    return words.with_funnel_findings(funnel, people)


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
