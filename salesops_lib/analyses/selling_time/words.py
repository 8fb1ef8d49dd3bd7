"""What selling time says, in plain English. Numbers are worded by `wording`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from salesops_lib import wording
from salesops_lib.analyses.selling_time import published
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.statistics.mover import difference_interval

if TYPE_CHECKING:
    from salesops_lib.analyses.selling_time.result import (
        FreedHours,
        QuotaBySellingShare,
        SellingShares,
        SellingTime,
    )

# A prior that brings more than this share of the precision makes the figure its own; one that brings
# less than the first, but not by much, brings half of it.
HALF, MOSTLY, NEARLY_ALL = 0.45, 0.55, 0.97
BY = {"tenure": "lengths of service"}
# Whose work an activity is, as a reader is told: in tables and pictures alike.
OWNERS = {
    "sales": "Sales",
    "sales-ops primary": "Sales operations",
    "sales-ops supporting": "Sales operations supports",
    "marketing": "Marketing",
    "other": "Other",
}

_ONE = "one percent more selling hours"

# ── Where the hours go ────────────────────────────────────────────────────────────────────────


def findings(times: SellingTime) -> tuple[Finding, ...]:
    """Everything about hours and response, the answer first."""
    return (
        Finding("selling_share", times.selling_share, _share(times)),
        Finding("movable_hours_week", times.movable_hours_week, _movable(times)),
        Finding("selling_elasticity", times.elasticity, _elasticity(times)),
        Finding("selling_elasticity_data", times.data_elasticity, _alone(times)),
    )


def _share(times: SellingTime) -> str:
    return (
        f"Reps spend {wording.estimate(times.selling_share)} of their time selling: "
        f"{_hours(times.selling_hours_week.value)} of {_hours(times.hours_week.value)} hours a week."
    )


def _movable(times: SellingTime) -> str:
    movable = times.activities[times.activities["movable"]]
    if movable.empty:
        return (
            f"{_cannot()} how much of the rest is other people's work: no activity is known as work "
            "of sales operations or marketing."
        )
    by = movable.groupby("owner")["hours"].sum().sort_values(ascending=False, kind="stable")
    parts = wording.listed([f"{_hours(h)} {_owner(str(name))}" for name, h in by.items()])
    return (
        f"{wording.opened(wording.estimate(times.movable_hours_week))} of each rep's week are not "
        f"selling and somebody else's work: {parts}."
    )


def _elasticity(times: SellingTime) -> str:
    """The data alone, published experience, and both; and what it means."""
    more = more_bookings(times.elasticity)
    both = (
        f"Ten percent more selling hours bring {wording.estimate(more)} more bookings"
        if times.elasticity.low > 0
        else f"{_cannot()} whether more selling hours bring more bookings: ten percent more bring "
        f"{wording.estimate(more)}"
    )
    return f"{both}. {weight(times)}"


def weight(times: SellingTime) -> str:
    """How much of the figure is the company's own data."""
    own = 1 - times.prior_share
    prior = f"published experience ({published.PRIOR_SOURCE})"
    if times.elasticity.n == 0:
        return f"That is {prior} alone: your data say nothing of it."
    if times.prior_share > NEARLY_ALL:
        said = f"That is nearly all {prior}: your own data say next to nothing of it"
    elif times.prior_share > MOSTLY:
        said = f"That is mostly {prior}: your own data carry {wording.percent(own)} of it"
    elif times.prior_share > HALF:
        said = f"Your own data carry half of that, {prior} the other half"
    else:
        said = f"Your own data carry {wording.percent(own)} of that, {prior} the rest"
    return f"{said}, and the two disagree by more than chance." if disagree(times) else f"{said}."


def disagree(times: SellingTime) -> bool:
    """Whether the company's data and published experience lie further apart than chance lets them."""
    own, prior = ((e.value, e.low, e.high) for e in (times.data_elasticity, times.prior))
    _, low, high = difference_interval(own, prior)
    return times.data_elasticity.n > 0 and not low <= 0 <= high


def _alone(times: SellingTime) -> str:
    if times.data_elasticity.n == 0:
        return f"{_cannot()} from your data alone how bookings answer to selling hours."
    if times.prior_share > NEARLY_ALL:
        low, high = (
            wording.number(x) for x in (times.data_elasticity.low, times.data_elasticity.high)
        )
        # Wide limits that leave nothing out do say something, if not how much.
        say = "tell little" if times.data_elasticity.excludes(0.0) else "say next to nothing"
        return (
            f"Your data alone {say}: {_ONE} would bring anything from {low}% to {high}% "
            f"more bookings; with published experience ({wording.number(times.prior.value)}, "
            f"{wording.interval(times.prior)}) it is {wording.estimate(times.elasticity)}."
        )
    text = (
        f"By your data alone {_ONE} bring {wording.number(times.data_elasticity.value)}% more bookings "
        f"({wording.interval(times.data_elasticity)}); with published experience ({wording.number(times.prior.value)}, "
        f"{wording.interval(times.prior)}) it is {wording.estimate(times.elasticity)}."
    )
    if not times.data_elasticity.excludes(0.0):
        text += " Alone, they cannot tell whether it differs from none."
    pooled = times.pooled_elasticity.value
    if math.isfinite(pooled):
        text += (
            " Comparing reps with each other, instead of each with themselves, would say "
            f"{wording.number(pooled)}, which mixes in all else that sets them apart."
        )
    return text


def more_bookings(elasticity: Estimate) -> Estimate:
    """What a tenth more hours bring, a share of bookings."""

    def of(e: float) -> float:
        return math.expm1(e * math.log1p(0.10)) if math.isfinite(e) else e

    return Estimate(
        of(elasticity.value), of(elasticity.low), of(elasticity.high), elasticity.confidence,
        "share", elasticity.n, elasticity.method,
    )  # fmt: skip


def elasticity_title(times: SellingTime) -> str:
    """The message of the forest plot."""
    more = more_bookings(times.elasticity)
    text = f"Ten percent more selling hours bring {wording.percent(more.value)} more bookings"
    if times.elasticity.n == 0:
        return f"{text}, by published experience alone"
    if times.prior_share > MOSTLY:
        return f"{text}, mostly by published experience"
    half = times.prior_share > HALF
    return f"{text}, {'half' if half else 'mostly'} by your own data"


def published_context() -> str:
    """What a survey found elsewhere: context, not this company."""
    (low, few), (high, many) = published.QUOTA_AT_LEAST_SELLING, published.QUOTA_AT_MOST_SELLING
    return (
        f"For comparison, not about your company: a survey of firms found "
        f"{wording.percent(published.SELLING_SHARE)} of time spent selling, and "
        f"{wording.percent(few)} of reps reaching quota where it was {wording.percent(low)} or "
        f"less, {wording.percent(many)} where it was above {wording.percent(high)} "
        f"({published.SURVEY})."
    )


# ── What an hour freed is worth ───────────────────────────────────────────────────────────────


def freed_findings(freed: FreedHours, times: SellingTime) -> tuple[Finding, ...]:
    """The money, the hour, and the hire."""
    return (
        Finding("freed_hours_year", freed.net_year, _net(freed, times)),
        Finding("hour_freed", freed.hour_worth, _hour(freed)),
        Finding("hire_limit_year", freed.hire_limit_year, _hire(freed)),
        Finding("break_even_hours_week", freed.break_even_hours, _break_even(freed)),
    )


def not_valued_findings(because: str) -> tuple[Finding, ...]:
    """The answer where no money can be named."""
    nothing = Estimate(math.nan, unit="money/year", method="not valued")
    sentence = f"{_cannot()} what an hour freed is worth: {because}."
    return (Finding("freed_hours_year", nothing, sentence),)


def _net(freed: FreedHours, times: SellingTime) -> str:
    net, level = freed.net_year, wording.level(freed.confidence)
    hours = "an hour" if freed.hours == 1 else f"{_hours(freed.hours)} hours"
    what = f"moving {hours} a week of other people's work off each rep"
    after = "after paying for those hours elsewhere"
    if net.excludes(0.0):
        verb = "is worth" if net.low > 0 else "loses"
        size = net if net.low > 0 else net.scaled(-1.0)
        text = f"{wording.opened(what)} {verb} {wording.estimate(size, freed.currency)}, {after}."
    else:
        low, high = (wording.money(x, freed.currency, like=net.size) for x in (net.low, net.high))
        best = wording.money(net.value, freed.currency, like=net.size)
        text = (
            f"{_cannot()} whether {what} pays: it is worth anything from {low} to {high} a year "
            f"({level} interval, best guess {best}), {after}."
        )
    return text + _rests(times)


def _rests(times: SellingTime) -> str:
    if times.elasticity.n == 0:
        return " How bookings answer to hours is published experience, not your data."
    if times.prior_share > MOSTLY:
        return " How bookings answer to hours is mostly published experience, not your data."
    if times.prior_share > HALF:
        return " How bookings answer to hours is half published experience, half your data."
    return ""


def _hour(freed: FreedHours) -> str:
    worth = wording.estimate(freed.hour_worth, freed.currency)
    cost = wording.money(freed.hour_cost, freed.currency)
    part = wording.percent(freed.sold_share)
    text = f"An hour freed, of which {part} becomes selling, brings {worth} in margin"
    if freed.hour_worth.low > freed.hour_cost:
        return f"{text}, more than the {cost} that it costs where it goes."
    if freed.hour_worth.high < freed.hour_cost:
        return f"{text}, less than the {cost} that it costs where it goes."
    return (
        f"{text}; we {wording.CANNOT_TELL} whether that is more than the {cost} it costs elsewhere."
    )


def _hire(freed: FreedHours) -> str:
    limit = wording.estimate(freed.hire_limit_year, freed.currency)
    cost = wording.money(freed.hire_cost_year, freed.currency)
    text = (
        f"A person in sales operations who takes {_hours(freed.hire_hours)} hours a week off the "
        f"team may cost up to {limit}; one costs {cost}"
    )
    if freed.hire_limit_year.low > freed.hire_cost_year:
        return f"{text}, so that person pays."
    if freed.hire_limit_year.high < freed.hire_cost_year:
        return f"{text}, so that person does not pay."
    return f"{text}: {wording.CANNOT_TELL} whether that person pays."


def _break_even(freed: FreedHours) -> str:
    hours = freed.break_even_hours
    if not math.isfinite(hours.value):
        return f"{_cannot()} that a person in sales operations pays, however many hours are freed."
    level = wording.interval(hours)
    if not freed.hire_cost_year:
        sure = "" if hours.low == hours.high else f" ({level})"
        return (
            f"Such a person costs nothing, and pays from the first hour taken off the team{sure}."
        )
    return (
        f"Such a person pays from {_hours(hours.value)} hours a week taken off the whole team "
        f"({level})."
    )


def curve_title(freed: FreedHours) -> str:
    """The message of the curve."""
    if freed.net_year.low > 0:
        return f"Freeing {_hours(freed.hours)} hours a week pays, and each further hour brings less"
    if freed.net_year.high < 0:
        return f"Freeing {_hours(freed.hours)} hours a week costs more than it brings"
    return f"Whether freeing {_hours(freed.hours)} hours a week pays cannot be told"


# ── Groups and quota ──────────────────────────────────────────────────────────────────────────


def share_findings(shares: SellingShares) -> tuple[Finding, ...]:
    """Which groupings differ; no group is named, because some may be too small to be shown."""
    tests = shares.tests.dropna(subset=["p_holm"])
    level = 1 - shares.confidence
    apart = [plural(one) for one in tests.loc[tests["p_holm"] <= level, "by"]]
    rest = [plural(one) for one in shares.tests["by"] if plural(one) not in apart]
    text = ""
    if apart:
        text = f"Selling time differs between {wording.listed(apart)} by more than chance would make it"
        text += "; between" if rest else ""
    if rest:
        text += (
            f" {wording.listed(rest)} it may be chance"
            if apart
            else (
                f"{_cannot()} whether {wording.listed(rest)} differ in selling time or only their reps do"
            )
        )
    least = float(tests["p_holm"].min()) if len(tests) else math.nan
    found = Estimate(
        least, unit="probability", n=int(shares.table.groupby("by")["reps"].sum().max())
    )
    return (Finding("selling_share_by_group", found, f"{text}."),)


def shares_title(by: str, p: float, confidence: float) -> str:
    """The message of the picture of groups: whether they differ by more than their few reps do."""
    if p <= 1 - confidence:
        return f"{wording.opened(plural(by))} differ in selling time by more than chance"
    return f"Whether {plural(by)} differ in selling time cannot be told"


def plural(by: str) -> str:
    """`channels`, `lengths of service`."""
    return BY.get(by, f"{by.replace('_', ' ')}s")


def quota_findings(found: QuotaBySellingShare) -> tuple[Finding, ...]:
    """Whether more selling time goes with reaching quota."""
    least, most = found.table.iloc[0], found.table.iloc[2]
    points = found.difference.scaled(100.0, "index")
    text = (
        f"Of the third of reps with the largest share of selling {wording.percent(most['reached'])} "
        f"reached quota, of the third with the smallest {wording.percent(least['reached'])}: a "
        f"difference of {wording.number(points.value)} points ({wording.interval(points)})"
    )
    if not found.difference.excludes(0.0):
        text += f", so we {wording.CANNOT_TELL} whether more selling time goes with reaching quota"
    return (Finding("quota_by_selling_share", found.difference, f"{text}."),)


# ── Bits ──────────────────────────────────────────────────────────────────────────────────────


def _hours(value: float) -> str:
    """A whole number of hours without a nought behind the point."""
    return f"{value:.0f}" if value == int(value) else wording.number(value)


def _owner(name: str) -> str:
    return {
        "sales-ops primary": "of sales operations' own",
        "sales-ops supporting": "that sales operations supports",
        "marketing": "of marketing's",
    }.get(name, name)


def _cannot() -> str:
    return wording.CANNOT_TELL.capitalize()
