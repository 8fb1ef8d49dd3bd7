"""The frozen results of selling time."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.estimate import Estimate, Finding, Result


@dataclass(frozen=True)
class SellingTime(Result):
    """Where the hours go, and how bookings answer to selling hours.

    Attributes
    ----------
    activities
        activity, owner, selling, movable (no selling, and the work of sales operations or
        marketing), hours, low, high (a rep and week), share, share_low, share_high (of all hours);
        most hours first.
    covariance
        Of the hours a rep and week of each activity, between reps; rows and columns as
        `activities`.
    owners
        owner, hours, low, high, share, share_low, share_high: the same by whose work it is.
    hours_week, selling_hours_week, movable_hours_week
        Hours a rep and week: all, selling, and those that could move to whose work they are.
    selling_share
        Selling hours over all hours.
    reps
        The rep column, weeks, hours, selling_hours, movable_hours (a week), selling_share.
    sellers
        The rep column, month, bookings_year, selling_hours (a week): what was sold on how many hours. The
        swings of few recorded weeks are drawn towards the rep's average, and that towards the average of
        all, which stands where no hours or next to none are recorded.
    elasticity
        Of bookings with respect to selling hours, the data and published experience together.
    data_elasticity
        The data alone: rep and month effects, error of the reported hours allowed for.
    reported_elasticity
        The same with hours taken as reported.
    pooled_elasticity
        Without rep effects: the trap, because good reps may also sell longer.
    prior
        Published experience.
    prior_share
        How much of `elasticity` is published experience, 0 to 1.
    posterior
        elasticity, probability: the distribution behind `elasticity`, on a grid.
    sensitivity
        error_sd (of a month's reported log hours), reliability (share of the variation within reps
        that is not error), value, low, high (elasticity of the data alone).
    error_sd
        The largest error that was allowed for, or the one given.
    error_known
        Whether it was given.
    estimator
        What the elasticity was estimated with: `ppml` or `log`.
    bookings_year
        Bookings, a year.
    headcount
        Rep-months over months: reps at work on average, without those on leave.
    months
        Months in the data.
    """

    activities: pd.DataFrame
    covariance: pd.DataFrame
    owners: pd.DataFrame
    hours_week: Estimate
    selling_hours_week: Estimate
    movable_hours_week: Estimate
    selling_share: Estimate
    reps: pd.DataFrame
    sellers: pd.DataFrame
    elasticity: Estimate
    data_elasticity: Estimate
    reported_elasticity: Estimate
    pooled_elasticity: Estimate
    prior: Estimate
    prior_share: float
    posterior: pd.DataFrame
    sensitivity: pd.DataFrame
    error_sd: float
    error_known: bool
    estimator: str
    bookings_year: float
    headcount: float
    months: int
    confidence: float
    notices: tuple[str, ...] = ()
    currency: str = "$"
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class FreedHours(Result):
    """What hours freed for selling are worth.

    Attributes
    ----------
    net_year
        Margin on the extra bookings, less what the hours cost where they go, money a year.
    gain_year
        The margin alone.
    cost_year
        What the hours cost where they go, money a year.
    hours
        Hours a rep and week that are moved.
    sold_share
        Part of a freed hour that becomes selling.
    hour_worth
        Margin of an hour freed, money.
    hour_cost
        What an hour costs where it goes.
    hire_limit_year
        What one more person in sales operations may cost a year.
    hire_cost_year
        What one costs at `hour_cost`.
    break_even_hours
        Hours a week, off the whole team, from which that person pays; infinite where all the hours
        that could be moved would not do.
    activities
        activity, owner, hours (a rep and week), gain, low, high (margin a year were all of it
        moved), cost, net.
    curve
        hours (a rep and week), gain, low, high, cost: money a year.
    """

    net_year: Estimate
    gain_year: Estimate
    cost_year: float
    hours: float
    sold_share: float
    hour_worth: Estimate
    hour_cost: float
    hire_limit_year: Estimate
    hire_cost_year: float
    hire_hours: float
    break_even_hours: Estimate
    activities: pd.DataFrame
    curve: pd.DataFrame
    confidence: float
    notices: tuple[str, ...] = ()
    currency: str = "$"
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class SellingShares(Result):
    """Share of selling time by group.

    Attributes
    ----------
    table
        by, group, reps, share, low, high; within each `by` the largest share first.
    tests
        by, groups, p, p_holm: of no difference between the groups of each `by`, alone and with all
        of them looked at together; NaN where it cannot be tested.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    confidence: float
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class QuotaBySellingShare(Result):
    """Who reaches quota, by share of selling time.

    Attributes
    ----------
    table
        third (least selling … most selling), reps, from_share, to_share, reached, low, high.
    difference
        Share reaching quota, most selling minus least selling third.
    """

    table: pd.DataFrame
    difference: Estimate
    confidence: float
    findings: tuple[Finding, ...] = field(default=())
