"""Many channels: do they differ at all, which pairs do, and how they stand when luck is taken out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap import notices as say
from salesops_lib.analyses.columns import check_columns
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Finding, Result
from salesops_lib.statistics.bilinear import t_quantile
from salesops_lib.statistics.means import games_howell, holm, one_way, paired, welch
from salesops_lib.statistics.picked import all_at_once
from salesops_lib.statistics.shrunken_means import shrink

FEWEST_REPS = 2


class Pair(NamedTuple):
    """Two channels, and from how many pairs they were picked because their gap is the largest."""

    a: str
    b: str
    among: int = 1


@dataclass(frozen=True)
class ChannelComparison(Result):
    """All channels at once, on rep means.

    Attributes
    ----------
    league
        channel, reps, observed, low, high, shrunk, shrunk_low, shrunk_high: best first by the
        shrunken mean, which draws each channel towards the rest by as much as chance deserves.
    pairs
        a, b, difference, std_error, p, low, high: p adjusted for all pairs, intervals simultaneous
        (Games–Howell; with Holm, Bonferroni's).
    p
        Of no difference at all: Welch's one-way test, or, where every rep is in every channel, the
        smallest adjusted p of the pairs, which are then compared rep by rep.
    """

    channel: str
    outcome: str
    league: pd.DataFrame
    pairs: pd.DataFrame
    p: float
    method: str
    confidence: float
    currency: str
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def compare_channels(
    data: pd.DataFrame,
    *,
    outcome: str,
    channel: str = "channel",
    cluster: str = "rep_id",
    method: Literal["games-howell", "holm"] = "games-howell",
    confidence: float = 0.90,
    currency: str = "$",
) -> ChannelComparison:
    """Every channel against every other, without finding gaps that are luck.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If fewer than two channels have two reps.
    """
    if method not in ("games-howell", "holm"):
        raise ParameterError(f"method == {method!r}, must be 'games-howell' or 'holm'.")
    reps = rep_means(data, outcome=outcome, channel=channel, cluster=cluster)
    count = reps.groupby("channel").size()
    small = sorted(count.index[count < FEWEST_REPS])
    reps = reps[~reps["channel"].isin(small)]
    if reps["channel"].nunique() < 2:
        raise NotEnoughData("fewer than two channels have two reps", column=channel,
                            remedy="Group small channels together.")  # fmt: skip
    values, groups = reps["value"].to_numpy(), reps["channel"].to_numpy()
    flat = reps.groupby("channel")["value"].std().eq(0).any()
    people = reps.pivot_table(index=cluster, columns="channel", values="value")
    by_person = bool(people.notna().all(axis=None))
    pairs = (
        _holm_pairs(people, confidence, by_person)
        if method == "holm" or flat or by_person
        else games_howell(values, groups, confidence=confidence).drop(columns="df")
    )
    test = one_way(values, groups)
    overall = test.welch_p if math.isfinite(test.welch_p) else test.p
    notices = tuple(say.left_out_small(str(name)) for name in small)
    found = ChannelComparison(
        channel, outcome, _league(reps, confidence), pairs,
        float(pairs["p"].min()) if by_person else overall,
        "holm" if flat or by_person else method, confidence, currency, notices,
    )  # fmt: skip
    return words.with_comparison_findings(found)


def choose_channels(
    data: pd.DataFrame,
    *,
    outcome: str,
    channel: str = "channel",
    cluster: str = "rep_id",
    kinds: Mapping[str, str] | None = None,
    a: str = "",
    b: str = "",
) -> Pair:
    """The two channels to compare: those named, or else the most telling pair, and how many pairs it
    was picked from for its gap (1: it was not).

    Without names: among channels of the same kind (partner, direct) the pair with the largest gap,
    the one that sells more first; without kinds, the two with the most reps (of equals, those
    furthest apart). Channels with fewer
    than five reps are chosen only where nothing else is left.

    Raises
    ------
    NotEnoughData
        If there are no two channels with two reps each.
    """
    reps = rep_means(data, outcome=outcome, channel=channel, cluster=cluster)
    table = reps.groupby("channel")["value"].agg(["mean", "size"])
    table = table[table["size"] >= FEWEST_REPS].sort_values("size", ascending=False, kind="stable")
    large = table[table["size"] >= 5]
    given = [one for one in (a, b) if one]
    for one in given:
        if one not in set(reps["channel"]):
            raise DataError(f"has no rows with '{one}'", column=channel,
                            remedy=f"There are: {', '.join(table.index[:10])}.")  # fmt: skip
    if len(given) == 2:
        return Pair(a, b)
    pool = large if len(large) >= 2 else table
    if given:
        others = [one for one in pool.index if one != given[0]]
        if not others:
            raise NotEnoughData("no second channel has two reps", column=channel)
        return Pair(a, others[0]) if a else Pair(others[0], b)
    if len(pool) < 2:
        raise NotEnoughData("no two channels have two reps each", column=channel,
                            remedy="Give each rep a channel.")  # fmt: skip
    pairs = [
        (one, other)
        for one, other in combinations(pool.index, 2)
        if kinds and kinds.get(one) is not None and kinds.get(one) == kinds.get(other)
    ]
    if not pairs:
        most = pool["size"].iloc[:2].sum()
        pairs = [
            one for one in combinations(pool.index, 2) if pool.loc[list(one), "size"].sum() == most
        ]
    mean = table["mean"]
    one, other = max(pairs, key=lambda pair: abs(mean[pair[0]] - mean[pair[1]]))
    names = (one, other) if mean[one] >= mean[other] else (other, one)
    return Pair(str(names[0]), str(names[1]), len(pairs))


def channel_kinds(channels: pd.DataFrame) -> dict[str, str]:
    """Channel → kind, from the channels table; channels without a kind are left out."""
    known = channels.dropna(subset=["channel", "kind"])
    return dict(zip(known["channel"].astype(str), known["kind"].astype(str), strict=True))


def rep_means(data: pd.DataFrame, *, outcome: str, channel: str, cluster: str) -> pd.DataFrame:
    """channel, cluster, value: one row a rep and channel; rows without a channel are left out."""
    check_columns(data, [outcome, channel, cluster], "a comparison of channels")
    if not pd.api.types.is_numeric_dtype(data[outcome]):
        raise DataError("is not a number", column=outcome, remedy="Turn it into numbers first.")
    known = data.dropna(subset=[channel, cluster, outcome])
    means = known.groupby([known[channel].astype(str), cluster], sort=True)[outcome].mean()
    return means.rename("value").rename_axis(["channel", cluster]).reset_index()


def _league(reps: pd.DataFrame, confidence: float) -> pd.DataFrame:
    table = reps.groupby("channel")["value"].agg(["size", "mean", "std"])
    error = (table["std"] / np.sqrt(table["size"])).to_numpy()
    reach = np.array([t_quantile(confidence, n - 1) for n in table["size"]]) * error
    observed = table["mean"].to_numpy()
    # Shrinking takes errors as known. Those of few reps are not: each is as wide as its t makes it,
    # without which intervals of ten reps a channel held 86% instead of 90%.
    known = reach / t_quantile(confidence, np.inf)
    shrunk = shrink(observed, known, confidence=confidence)
    league = pd.DataFrame(
        {
            "channel": table.index.astype(str),
            "reps": table["size"].to_numpy(),
            "observed": observed,
            "low": observed - reach,
            "high": observed + reach,
            "shrunk": shrunk.mean,
            "shrunk_low": shrunk.low,
            "shrunk_high": shrunk.high,
        }
    )
    return league.sort_values("shrunk", ascending=False, ignore_index=True)


def _holm_pairs(people: pd.DataFrame, confidence: float, by_person: bool) -> pd.DataFrame:
    """`people`: one row a rep, one column a channel."""
    parts = {str(name): people[name].dropna().to_numpy() for name in people}
    names = list(combinations(parts, 2))
    test = paired if by_person else welch
    tests = [test(parts[one], parts[other]) for one, other in names]
    p = holm(np.array([test.p if math.isfinite(test.p) else 1.0 for test in tests]))
    each = all_at_once(confidence, len(names))
    limits = [test.interval(each) for test in tests]
    return pd.DataFrame(
        {
            "a": [one for one, _ in names],
            "b": [other for _, other in names],
            "difference": [test.difference for test in tests],
            "std_error": [test.std_error for test in tests],
            "p": p,
            "low": [low for low, _ in limits],
            "high": [high for _, high in limits],
        }
    )
