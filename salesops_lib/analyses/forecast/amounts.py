"""What a won deal brings: the usual amount, what is left of the amount stated, and when in the year.

Amounts differ by the month of the year (budgets spent in December, discounts at a quarter's end), and
a mean over two years hides it: deals that are a third smaller in one quarter were forecast 15% too high
there. So months are told apart first, and everything else is read from amounts without their season.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints, month_number
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.cycle_effects import CycleEffects, cycle_effects, neighbours
from salesops_lib.statistics.level_shifts import evidence_of_means

# An amount is drawn towards its parent's mean by this many won deals.
_PRIOR_DEALS = 10.0
# Amounts that tell a spread, and months from which on those of a year are compared.
FEWEST, _YEARS = 10, 24
# Smaller seasons are followed and are no news.
_WORTH_A_WORD = 0.1
# Of a season half is common to neighbouring months, a quarter to the same month of each quarter
# (discounts at its end), a quarter a month's own.
_SAME_PLACE = np.tile(np.eye(3), (4, 4))
_ALIKE = 0.5 * neighbours(12, 2.0) + 0.25 * _SAME_PLACE + 0.25 * np.eye(12)


@dataclass(frozen=True)
class Season:
    """Factors of the twelve months of the year, January at 0.

    Attributes
    ----------
    factor
        (12,) factor on amounts, 1 where nothing is known.
    errors
        (12, 12) covariance of the errors of its logarithm.
    """

    factor: Floats
    errors: Floats

    def told(self, month: Ints, confidence: float) -> Estimate | None:
        """Mean factor of the months with these numbers against that of a whole year, where it is surely
        and by a tenth or more unlike 1, else None."""
        at = month % 12
        factor = self.factor[at] / self.factor.mean()
        mean = float(factor.mean())
        spread = factor @ np.expm1(self.errors[np.ix_(at, at)]) @ factor
        reach = float(norm.ppf(0.5 + confidence / 2) * np.sqrt(spread)) / len(at)
        if abs(np.log(mean)) < _WORTH_A_WORD or abs(mean - 1) <= reach:
            return None
        method = "Bayes effects of the months of the year on log amounts"
        return Estimate(mean, mean - reach, mean + reach, confidence, "share", method=method)


@dataclass(frozen=True)
class Logs:
    """Log ratios of amounts of won deals to what they are compared with, one entry a deal.

    Attributes
    ----------
    value, month, leaf
        Log ratio, number of the month of winning, leaf of the hierarchy.
    """

    value: Floats
    month: Ints
    leaf: Ints


@dataclass(frozen=True)
class Seasons:
    """How the months of the year differ.

    Attributes
    ----------
    typical
        In what a won deal brings.
    stated
        In what is left of the amount that was stated while it was open.
    """

    typical: Season
    stated: Season

    def factors(self, month: Ints) -> Floats:
        """(2, month) factors of the months with these numbers: row 0 typical, row 1 stated."""
        return np.stack([self.typical.factor[month % 12], self.stated.factor[month % 12]])

    def errors(self, month: Ints) -> Floats:
        """(2, month, month) covariances of the errors of their logarithms."""
        both = np.ix_(month % 12, month % 12)
        return np.stack([self.typical.errors[both], self.stated.errors[both]])


@dataclass(frozen=True)
class Amounts:
    """What a won deal brings, from the deals won up to the origin, in an average month of the year.

    Attributes
    ----------
    leaf_mean
        Mean by leaf, drawn towards the company's.
    product_mean
        Mean by product code, likewise.
    of_source
        (source,) factor on both by where deals came from: a renewal is smaller than a new deal.
    spread
        Coefficient of variation of a won deal's amount.
    ratio, noise
        Amount won ÷ amount stated while open, by stage, and its scatter.
    seasons
        What the months of the year put on top.
    """

    leaf_mean: Floats
    product_mean: Floats
    of_source: Floats
    spread: float
    ratio: Floats
    noise: float
    seasons: Seasons


def read_amounts(history: History, origin: int) -> Amounts:
    """Amounts of the deals won up to the snapshot, net of what comes back.

    A return is a deal won for less than nothing: nobody has one open, but returns go on, so each
    amount is worth the share of it that was kept so far.
    """
    closed = history.won_lately(origin)
    recent = closed & (history.amount > 0)
    leaves = len(history.leaves)
    products = int(history.product.max()) + 1
    seasons = _seasons(history, origin)
    if not recent.any():
        stages = np.ones(len(history.stages))
        even = np.ones(history.sources)
        return Amounts(np.zeros(leaves), np.zeros(products), even, 0.0, stages, 0.0, seasons)
    paid = history.amount[recent]
    kept = max(float(np.nansum(history.amount[closed])) / float(paid.sum()), 0.0)
    paid = paid / _factor_of(seasons.typical, history.close[recent])

    def means(code: Ints, n: int, amount: Floats) -> Floats:
        total = np.bincount(code[recent], weights=amount, minlength=n)
        many = np.bincount(code[recent], minlength=n)
        return (total + _PRIOR_DEALS * float(amount.mean())) / (many + _PRIOR_DEALS)

    leaf = means(history.leaf, leaves, paid)
    within = paid / leaf[history.leaf[recent]]
    source, factor = history.source[recent], np.ones(1)
    if history.sources > 1:
        factor = means(history.source, history.sources, within)
        factor = factor / factor[source].mean()
    product = means(history.product, products, paid / factor[source])
    spread = float((within / factor[source]).std())
    ratio, noise = _won_to_stated(history, origin, seasons.stated)
    return Amounts(leaf * kept, product * kept, factor, spread, ratio * kept, noise, seasons)


def against_typical(history: History, which: Bools) -> Logs:
    """Amounts of these won deals (deal,) against the mean of their leaf, and among those that came from the
    same place: more renewals are no fall of amounts."""
    log = np.log(history.amount[which])
    leaf = history.leaf[which]
    log = log - _mean_of(leaf, log, len(history.leaves))
    if history.sources > 1:
        log = log - _mean_of(history.source[which], log, history.sources)
    return Logs(log, month_number(history.close[which]), leaf)


def _mean_of(code: Ints, value: Floats, codes: int) -> Floats:
    """(entry,) mean of all values of its code."""
    many = np.bincount(code, minlength=codes)
    mean: Floats = (np.bincount(code, weights=value, minlength=codes) / np.maximum(many, 1))[code]
    return mean


def against_stated(history: History, origin: int) -> Logs:
    """What deals brought against the amounts that the last snapshot before their win stated."""
    rows = history.rows
    close = history.close[rows.deal]
    known = (rows.amount > 0) & (rows.snap < origin) & history.won[rows.deal]
    known &= (close <= history.snaps[origin]) & (history.amount[rows.deal] > 0)
    known &= month_number(close) == history.months[rows.snap] + 1
    deal = rows.deal[known]
    log = np.log(history.amount[deal] / rows.amount[known])
    return Logs(log, month_number(close[known]), history.leaf[deal])


def monthly(value: Floats, month: Ints, part: Ints, parts: int, last: int) -> tuple[Floats, Floats]:
    """(part, month) means of the values of each part and month, NaN where there is none, and their
    standard errors by the values' common spread: from the first month that has any to `last`."""
    spread = max(float(value.std(ddof=1)), 1e-3)
    first = int(month.min())
    n = last - first + 1
    cell = part * n + month - first
    many = np.bincount(cell, minlength=parts * n).reshape(parts, n)
    total = np.bincount(cell, weights=value, minlength=parts * n).reshape(parts, n)
    some = np.maximum(many, 1)
    return np.where(many > 0, total / some, np.nan), spread / np.sqrt(some)


def _seasons(history: History, origin: int) -> Seasons:
    day = history.snaps[origin]
    won = history.won & (history.close <= day) & (history.amount > 0)
    last = int(history.months[origin]) - (0 if history.month_end else 1)
    return Seasons(
        _season(against_typical(history, won), last),
        _season(against_stated(history, origin), last),
    )


def _season(logs: Logs, last: int) -> Season:
    """Months of the year from two years on, before that the months of the quarter."""
    seen = logs.month <= last
    value, month = logs.value[seen], logs.month[seen]
    if len(value) < FEWEST:
        return Season(np.ones(12), np.zeros((12, 12)))
    means, errors = monthly(value, month, np.zeros_like(month), 1, last)
    mean, error = means[0], errors[0]
    at = np.arange(last + 1 - len(mean), last + 1)
    if len(at) >= _YEARS:
        # Years end with the last whole month.
        found = cycle_effects(mean, error, at % 12, (last - at) // 12, _ALIKE)
    else:
        found = cycle_effects(mean, error, at % 3, at // 3, np.eye(3))
    found = found.weighed(_chance(found, mean, error, at))
    place = np.arange(12) % len(found.effect)
    errors = found.covariance[np.ix_(place, place)]
    # The mean of a factor that is lognormal around its effect.
    return Season(np.exp(found.effect[place] + np.diag(errors) / 2), errors)


def _chance(found: CycleEffects, mean: Floats, error: Floats, at: Ints) -> float:
    """Chance that months differ as found, and not just by a level that jumped: half a year of lower
    amounts at the end would look like a season."""
    middle = mean - np.average(mean[np.isfinite(mean)], weights=error[np.isfinite(mean)] ** -2)
    without = evidence_of_means(middle, error)
    season = evidence_of_means(middle - found.effect[at % len(found.effect)], error)
    # Effects that were fitted cost one each, as by Akaike.
    return float(expit(season - without - found.used))


def _factor_of(season: Season, day: Ints) -> Floats:
    return season.factor[month_number(day) % 12]


def _won_to_stated(history: History, origin: int, season: Season) -> tuple[Floats, float]:
    """(stage,) amount won ÷ amount stated at a snapshot in that stage, and its scatter, of the
    deals won by the origin. Early on a list price is stated, later what is left after discount."""
    rows = history.rows
    known = ~np.isnan(rows.amount) & (rows.snap < origin)
    known &= history.won[rows.deal] & (history.close[rows.deal] <= history.snaps[origin])
    known &= history.amount[rows.deal] > 0
    stages = len(history.stages)
    if not known.any():
        return _won_to_decided(history, origin), 0.0
    deal = rows.deal[known]
    stated, paid = rows.amount[known], history.amount[deal]
    paid = paid / _factor_of(season, history.close[deal])
    stage, prior = rows.stage[known], _PRIOR_DEALS * float(stated.mean())
    overall = (paid.sum() + prior) / (stated.sum() + prior)
    won = np.bincount(stage, weights=paid, minlength=stages)
    said = np.bincount(stage, weights=stated, minlength=stages)
    ratio = np.clip((won + prior * overall) / (said + prior), 0.3, 3.0)
    scatter = paid / (stated * ratio[stage])
    return ratio, float(min(scatter.std(), 2.0))


def _won_to_decided(history: History, origin: int) -> Floats:
    """(stage,) mean amount of won deals ÷ of all decided ones, where no history tells what was stated
    while they were open: bigger deals are won less often. Among deals that came from the same place, for
    smaller renewals that are won more often say nothing of new business. 1 where lost deals carry no amounts.
    """
    known = (history.close <= history.snaps[origin]) & (history.amount > 0)
    lost = known & history.lost
    stages = len(history.stages)
    if lost.sum() < 0.5 * float((history.lost & (history.close <= history.snaps[origin])).sum()):
        return np.ones(stages)
    won, n = np.zeros(history.sources), np.zeros(history.sources)
    usual = np.ones(history.sources)
    for code in range(history.sources):
        mine = known & (history.source == code)
        if (mine & history.won).any() and (mine & history.lost).any():
            won[code] = history.amount[mine & history.won].sum()
            n[code] = (mine & history.won).sum()
            usual[code] = history.amount[mine].mean()
    prior = _PRIOR_DEALS * usual
    if history.by_source:
        return (won + prior) / (n * usual + prior)
    share = n / max(n.sum(), 1.0)
    total = float((won + share * prior).sum())
    return np.full(stages, total / float((n * usual + share * prior).sum()) if n.any() else 1.0)
