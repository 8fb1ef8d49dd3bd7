"""The pipeline view: what the open deals and the deals not begun yet will bring.

At any snapshot of the past, or today: each open deal's chance of being won in each month ahead
(`hazards`) times its amount, plus the deals that will begin and be won in time (`creation`).
Exact means and variances serve the backtest; draws serve the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from salesops_lib.analyses.forecast import creation, hazards, levels
from salesops_lib.analyses.forecast.amounts import Amounts, read_amounts
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints
from salesops_lib.statistics.level_shifts import SplitLevel

# Draws are cut where deals × draws would pass this, to keep a big company within a second.
_LARGEST_DRAW = 6_000_000
_FEWEST_DRAWS = 200


@dataclass(frozen=True)
class OpenDeals:
    """The deals open at the origin.

    Attributes
    ----------
    deal, leaf, stage, age
        Positions and codes, one entry a deal.
    amount
        Expected amount if won; `stated` tells where it was known, else it is the typical one.
    value
        (deal, lead) factor on it for winning in that month: what amounts lately come to, and in that
        month of the year.
    win, loss
        (deal, lead) probability of being won, lost, in that month.
    """

    deal: Ints
    leaf: Ints
    stage: Ints
    age: Ints
    amount: Floats
    stated: Bools
    value: Floats
    win: Floats
    loss: Floats


@dataclass(frozen=True)
class PipelineView:
    """What was known at one snapshot about the months ahead.

    Attributes
    ----------
    origin
        Position of the snapshot.
    open
        Its open deals.
    new
        The deals not begun yet.
    amounts
        How much won deals bring.
    hazards
        What the chances are read from.
    doubt
        Relative standard deviation, common to all open deals, of the chance of winning: it is
        known from a limited number of wins.
    season_doubt
        (lead,) relative standard error of each month's season of wins.
    amount_season, amount_errors
        (2, lead) each month's factor on amounts that are typical ones (row 0), and that were stated
        (row 1), and (2, lead, lead) the covariance of the errors of its logarithm.
    levels
        Where chances and amounts stand now against what they usually were; the expected numbers and
        amounts here have it in them.
    """

    origin: int
    open: OpenDeals
    new: creation.NewDeals
    amounts: Amounts
    hazards: hazards.Hazards
    doubt: float
    season_doubt: Floats
    amount_season: Floats
    amount_errors: Floats
    levels: levels.Levels

    @property
    def open_wins(self) -> Floats:
        """(leaf, lead) wins expected from open deals."""
        return _by_leaf(self.open.win, self.open.leaf, len(self.new.wins))

    @property
    def open_money(self) -> Floats:
        """(leaf, lead) money expected from open deals."""
        return self._open_money(np.ones(len(self.open.deal), dtype=bool))

    @property
    def new_money(self) -> Floats:
        """(leaf, lead) money expected from deals not begun yet."""
        typical = self.levels.typical.ahead(self.new.wins.shape[1] - 1)[self.levels.part]
        typical = typical * self.amount_season[0]
        return self.new.wins * self.new_amount * typical

    @property
    def new_amount(self) -> Floats:
        """(leaf, lead) usual amount of wins of deals not begun yet, by where they come from."""
        worth: Floats = self.amounts.of_source @ self.new.of_source
        return self.amounts.leaf_mean[:, None] * worth

    @property
    def money(self) -> Floats:
        """(leaf, lead) money expected."""
        return self.open_money + self.new_money

    def _open_money(self, which: Bools) -> Floats:
        money = self.open.win * self.open.value * np.where(which, self.open.amount, 0.0)[:, None]
        return _by_leaf(money, self.open.leaf, len(self.new.wins))

    def _swings(self) -> list[Floats]:
        """(leaf, lead) money of one standard deviation of each of the levels' shocks, each of which
        stands for all leaves that it touches."""
        leads = self.new.wins.shape[1] - 1
        stated = self._open_money(self.open.stated)
        each = (
            (self.money, self.levels.wins),
            (self.money - stated, self.levels.typical),
            (stated, self.levels.stated),
        )
        part = self.levels.part
        found = []
        for money, split in each:
            usual = money / split.ahead(leads)[part]
            found += [usual * shock[part] for shock in split.shocks(leads)]
        return found

    def moments(self, windows: Floats, nodes: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the money of each node in each window of months.

        Parameters
        ----------
        windows
            (window, lead) 1 where the month belongs to the window.
        nodes
            (node, leaf) 1 where the leaf belongs to the node.

        Returns
        -------
        (node, window) arrays. A deal is won at most once, so its variance over a window is that
        of one Bernoulli trial; the doubt about common rates does not average out over deals.
        """
        open_mean, open_var = self.deals_alone(windows, nodes)
        new_mean = nodes @ (self.new_money @ windows.T)
        big = self.new_amount**2 * (1.0 + self.amounts.spread**2)
        new_var = nodes @ ((self.new.wins * big * self.amount_season[0] ** 2) @ windows.T)
        swing = nodes @ ((self.new_money * self.new.spread[None, :]) @ windows.T)
        # Errors of the months' seasons are separate from month to month.
        stated = self._open_money(self.open.stated)
        monthly = (nodes @ self.money) * self.season_doubt[None, :]
        common = (self.doubt * open_mean) ** 2 + swing**2 + monthly**2 @ windows.T
        for money, errors in zip((self.money - stated, stated), self.amount_errors, strict=True):
            inside = (nodes @ money)[:, None, :] * windows
            common += np.einsum("nwl,lk,nwk->nw", inside, np.expm1(errors), inside)
        common += sum(((nodes @ one) @ windows.T) ** 2 for one in self._swings())
        return open_mean + new_mean, np.sqrt(open_var + new_var + common)

    def deals_alone(self, windows: Floats, nodes: Floats) -> tuple[Floats, Floats]:
        """(node, window) mean money of the open deals, and the variance that their separate luck leaves
        in it, were all that they share known; as in `moments`."""
        mean = (self.open.win * self.open.value) @ windows.T * self.open.amount[:, None]
        second = 1.0 + np.where(self.open.stated, self.amounts.noise, self.amounts.spread) ** 2
        squared = (self.open.win * self.open.value**2) @ windows.T
        own = squared * (self.open.amount**2 * second)[:, None] - mean**2
        leaves = len(self.new.wins)
        return (
            nodes @ _by_leaf(mean, self.open.leaf, leaves),
            nodes @ _by_leaf(own, self.open.leaf, leaves),
        )


def view(
    history: History,
    counts: hazards.Counts,
    groups: creation.Cohorts,
    origin: int,
    leads: int,
) -> PipelineView:
    """The pipeline as it stood at snapshot `origin`, seen only with what was known there."""
    rates = hazards.fit(history, counts, origin, leads)
    amounts = read_amounts(history, origin)
    rows = history.rows
    mine = rows.snap == origin
    deal = rows.deal[mine]
    leaf = history.leaf[deal]
    new = creation.new_deals(history, groups, rates.calendar, rates.leaf[0], origin, leads)
    now = levels.at(history, counts, rates, groups, new.at_once, amounts.seasons, origin, leads)
    level = now.wins.ahead(leads)[now.part]
    new = replace(new, wins=new.wins * level)
    win, loss = rates.outcomes(
        rows.stage[mine],
        rows.age[mine],
        leaf,
        counts.size[mine],
        history.beside[deal],
        level[leaf],
    )
    stated = ~np.isnan(rows.amount[mine])
    typical = amounts.product_mean[history.product[deal]]
    typical = typical * amounts.of_source[history.source[deal]]
    amount = np.where(stated, rows.amount[mine] * amounts.ratio[rows.stage[mine]], typical)
    month = int(history.months[origin]) + np.arange(leads + 1)
    season = amounts.seasons.factors(month)
    value = now.value(stated, leaf, leads) * season[stated.astype(np.int64)]
    opened = OpenDeals(
        deal, leaf, rows.stage[mine], rows.age[mine], amount, stated, value, win, loss
    )
    doubt, wins_doubt = _doubt(opened, rates), rates.calendar[0].doubt_at(month)
    wins_doubt[0] = np.hypot(wins_doubt[0], rates.rest[0].doubt_at(month[:1])[0])
    errors = amounts.seasons.errors(month)
    return PipelineView(origin, opened, new, amounts, rates, doubt, wins_doubt, season, errors, now)


def draw(seen: PipelineView, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Possible futures: (draw, leaf, lead) money from open deals, and from deals not begun yet.

    Each open deal is won in one month or in none; the chance of winning is shared luck times its
    own; new wins are Poisson around a shared rate; amounts that nobody knows are gamma. Where chances
    and amounts stand against the usual (`levels`) is drawn once a future, for all or for each part.
    """
    n, leads = seen.open.win.shape
    leaves = len(seen.new.wins)
    draws = int(min(draws, max(_LARGEST_DRAW // max(n, 1), _FEWEST_DRAWS)))
    part = seen.levels.part
    level = _course(seen.levels.wins, draws, leads, rng)
    value = np.stack(
        [_course(one, draws, leads, rng) for one in (seen.levels.typical, seen.levels.stated)]
    )
    value *= np.stack([_season(rng, one, draws)[:, None, :] for one in seen.amount_errors])
    opened = np.zeros((draws, leaves, leads))
    if n:
        reach = np.cumsum(seen.open.win, axis=1)
        # An open deal has one fate, so one level: that of the months in which most of them are won.
        when = seen.open.win.sum(axis=0)
        usual = level @ when / max(float(when.sum()), 1e-12)
        luck = _lognormal(rng, seen.doubt, (draws, 1)) * usual[:, part[seen.open.leaf]]
        fate = rng.random((draws, n), dtype=np.float32) / luck.astype(np.float32)
        who, which = np.nonzero(fate < reach[None, :, -1].astype(np.float32))
        # Winners only: the month is where the deal's own cumulative chance passes its fate.
        ladder = (reach + np.arange(n)[:, None]).ravel()
        lead = np.searchsorted(ladder, fate[who, which] + which) - which * leads
        lead = np.clip(lead, 0, leads - 1)
        scatter = np.where(seen.open.stated, seen.amounts.noise, seen.amounts.spread)
        paid = seen.open.amount[which] * _scattered(rng, scatter[which])
        kind, mine = seen.open.stated[which].astype(int), part[seen.open.leaf[which]]
        paid *= seen.open.value[which, lead] * value[kind, who, mine, lead]
        place = (who * leaves + seen.open.leaf[which]) * leads + lead
        total: Floats = np.bincount(place, weights=paid, minlength=opened.size).astype(np.float64)
        opened = total.reshape(opened.shape)
    sway = rng.standard_normal((draws, 1))
    spread = seen.new.spread[None, :]
    rate = np.exp(spread * sway - spread**2 / 2)[:, None, :] * level[:, part, :] * seen.new.wins
    wins = rng.poisson(rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = np.where(wins > 0, seen.amounts.spread / np.sqrt(wins), 0.0)
    begun = wins * seen.new_amount * _gamma(rng, scatter)
    begun *= seen.levels.typical.ahead(leads - 1)[part] * value[0][:, part, :]
    begun *= seen.amount_season[0]
    month = 1.0 + seen.season_doubt * rng.standard_normal((draws, 1, leads))
    month = np.maximum(month, 0.0)
    return opened * month, begun * month


def _course(level: SplitLevel, draws: int, leads: int, rng: np.random.Generator) -> Floats:
    """(draw, part, lead) possible courses of a level against the expected one."""
    return level.draw(rng, draws, leads - 1) / level.ahead(leads - 1)


def _doubt(opened: OpenDeals, rates: hazards.Hazards) -> float:
    """Relative error of the expected wins: each stage × age rests on its own count of wins."""
    expected = np.zeros(rates.events.shape)
    np.add.at(expected, (opened.stage, opened.age), opened.win.sum(axis=1))
    total = expected.sum()
    if total <= 0:
        return 0.0
    error = (expected / total) ** 2 / (rates.events + hazards.PRIOR_EVENTS)
    return float(np.sqrt(error.sum()))


def _by_leaf(values: Floats, leaf: Ints, leaves: int) -> Floats:
    """(row, k) → (leaf, k) sums."""
    width = values.shape[1]
    place = leaf[:, None] * width + np.arange(width)[None, :]
    total: Floats = np.bincount(
        place.ravel(), weights=values.ravel(), minlength=leaves * width
    ).astype(np.float64)
    return total.reshape(leaves, width)


def _lognormal(rng: np.random.Generator, spread: float, shape: tuple[int, ...]) -> Floats:
    return np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)


def _season(rng: np.random.Generator, errors: Floats, draws: int) -> Floats:
    """(draws, lead) lognormal factors with mean 1 whose logarithms have this covariance."""
    size, way = np.linalg.eigh(errors)
    root = way * np.sqrt(np.maximum(size, 0.0))
    return np.exp(rng.standard_normal((draws, len(errors))) @ root.T - np.diag(errors) / 2)


def _scattered(rng: np.random.Generator, spread: Floats) -> Floats:
    """Lognormal draws with mean 1 and this coefficient of variation."""
    sigma = np.sqrt(np.log1p(spread**2))
    return np.exp(sigma * rng.standard_normal(len(spread), dtype=np.float32) - sigma**2 / 2)


def _gamma(rng: np.random.Generator, spread: Floats) -> Floats:
    """Gamma draws with mean 1 and this coefficient of variation; 1 where it is 0."""
    shape = 1.0 / np.maximum(spread, 1e-3) ** 2
    return np.where(spread > 0, rng.standard_gamma(shape) / shape, 1.0)
