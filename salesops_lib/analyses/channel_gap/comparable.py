"""Which channels a report may put side by side: enough people in each, and nobody recognisable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.analyses import leave
from salesops_lib.analyses.channel_gap import notices as say
from salesops_lib.analyses.channel_gap.comparison import choose_channels
from salesops_lib.analyses.channel_gap.deal_months import channel_months, split_by_deals
from salesops_lib.analyses.channel_gap.labels import REST
from salesops_lib.analyses.channel_gap.words import not_compared
from salesops_lib.analyses.columns import whole_periods
from salesops_lib.analyses.people import selling_reps
from salesops_lib.estimate import Finding, Result

TWO = 2


@dataclass(frozen=True)
class Comparable(Result):
    """What may be compared, and what may not.

    Attributes
    ----------
    months
        Whole rep-months of the channels that may be shown: those in which a rep began or left are
        out. Channels with too few people are pooled into
        one, where together they are enough, and otherwise gone: nothing computed from this frame
        can tell about them.
    deals
        The deals, with the channel of the deal (where that is what is compared) pooled alike.
    by
        The column compared by; empty where nothing can be compared.
    a, b
        The pair to compare, the one that sells more first unless both were asked for.
    among
        From how many pairs that one was picked for its gap, for `channel_gap`.
    because, remedy
        Why nothing can be compared, and what would help.
    notices
        What was pooled, left out or put in place of what was asked for.
    findings
        Where nothing can be compared, that, in the place of the answer; otherwise none.
    """

    months: pd.DataFrame
    deals: pd.DataFrame
    by: str = ""
    a: str = ""
    b: str = ""
    among: int = 1
    because: str = ""
    remedy: str = ""
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def comparable(
    months: pd.DataFrame,
    deals: pd.DataFrame,
    *,
    channel: str = "channel",
    a: str = "",
    b: str = "",
    kinds: Mapping[str, str] | None = None,
    fewest: int = TWO,
    own: Collection[object] = (),
    instead: Sequence[str] = ("channel", "region", "team"),
    outcome: str = "bookings",
    cluster: str = "rep_id",
) -> Comparable:
    """The pair of channels that a report may compare, and the rows it may see.

    Parameters
    ----------
    months, deals
        Rep-months of the window, and all deals.
    channel
        A column of the rep-months, or of the deals (segment, product, source, …).
    a, b
        The channels asked for; otherwise the most telling pair, see `choose_channels`.
    fewest
        So many people a group must have to be shown at all: a smaller one is recognisable in a
        report that everybody reads. Whoever closed a deal counts, where channels are of the deals.
    own
        People whose own groups may be shown however small, as in a report for one team: a group
        all of whose people are among these is no secret to its readers.
    instead
        Columns to compare by where the one asked for does not hold two groups that may be shown.
    """
    months, said = _whole(months, outcome, cluster)
    needed = max(fewest, TWO)
    asked = tuple(one for one in (a, b) if one)
    seen = ""
    for name in dict.fromkeys((channel, *instead)):
        found = _protected(months, deals, name, needed, own, cluster)
        if found is None:
            continue
        seen = seen or name
        split, sold, small, notices = found
        if name == channel and any(one in small for one in asked):
            return _refused(split, sold, say.asked_too_small(needed))
        if split[name].nunique() < TWO:
            continue
        if name != channel:
            notices = (say.instead_of(channel, name, there=seen == channel), *notices)
        real = split[split[name] != REST]
        enough = real[name].nunique() >= TWO and REST not in asked
        pair = choose_channels(
            real if enough else split, outcome=outcome, channel=name, cluster=cluster, kinds=kinds,
            a=a if name == channel else "", b=b if name == channel else "",
        )  # fmt: skip
        return Comparable(split, sold, name, *pair, notices=(*said, *notices))
    return _refused(channel_months(months, deals, channel), deals, say.nothing_to_compare(needed))


def _whole(
    months: pd.DataFrame, outcome: str, cluster: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rep-months of reps worked from their first to their last day, and what is said of the others: half
    a month sells half, and a channel that has more of them, because people come and go, would look as if
    it sold less. So would one whose people are on leave, or whose managers sell on the side."""
    reps, of_others = selling_reps(months, rep=cluster, value=outcome)
    said = list(of_others)
    months = reps.reset_index(drop=True) if said else months
    away = leave.on_leave(months, rep=cluster, period="month", value=outcome)
    if away.any():
        said.append(leave.said(months.loc[away, cluster], "and left out"))
        months = months[~away].reset_index(drop=True)
    whole = whole_periods(months, "month_share")
    if len(whole) == len(months):
        return months, tuple(said)
    said.append(say.parts_of_months(len(months) - len(whole)))
    return whole.reset_index(drop=True), tuple(said)


def _refused(months: pd.DataFrame, deals: pd.DataFrame, why: tuple[str, str]) -> Comparable:
    because, remedy = why
    return Comparable(
        months.iloc[:0], deals, because=because, remedy=remedy, findings=not_compared(because)
    )


def _protected(
    months: pd.DataFrame,
    deals: pd.DataFrame,
    channel: str,
    needed: int,
    own: Collection[object],
    cluster: str,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...], tuple[str, ...]] | None:
    """Rep-months and deals without channels of too few people, the names of those, and notices;
    None where the column does not say anything."""
    split = channel_months(months, deals, channel, cluster=cluster)
    if channel not in split or split[channel].isna().all():
        return None
    of_deals = split_by_deals(split, cluster=cluster)
    people = _people(split, channel, cluster, of_deals)
    small = tuple(
        name
        for name, who in people.items()
        if len(who) < needed and not (len(who) >= TWO and set(who) <= set(own))
    )
    if not small:
        return split.assign(**{channel: _text(split[channel])}), deals, (), ()
    together = set().union(*(people[name] for name in small))
    pooled = len(together) >= needed and REST not in people
    renamed = dict.fromkeys(small, REST if pooled else None)
    notice = (say.pooled if pooled else say.withheld)(len(small), needed, channel)
    if of_deals:
        sold = deals.assign(**{channel: _renamed(deals[channel], renamed)})
        split = channel_months(months, sold, channel, cluster=cluster)
    else:
        sold = deals
        split = split.assign(**{channel: _renamed(split[channel], renamed)})
    return split.dropna(subset=[channel]), sold, small, (notice,)


def _people(
    split: pd.DataFrame, channel: str, cluster: str, of_deals: bool
) -> dict[str, frozenset[object]]:
    """Channel → who works there; where channels are of the deals, who closed one."""
    known = split.dropna(subset=[channel])
    if of_deals:
        known = known[known["deals_closed"] > 0]
    groups = known.groupby(_text(known[channel]))[cluster]
    return {str(name): frozenset(who) for name, who in groups.unique().items()}


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.isna(), column.astype(str))


def _renamed(column: pd.Series, names: Mapping[str, str | None]) -> pd.Series:
    text = _text(column)
    return text.where(~text.isin(list(names)), text.map(names))
