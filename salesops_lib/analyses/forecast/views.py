"""The two views of the months ahead side by side, at every past origin and today.

All arrays are (cut, node, lead): cut 0 is today, cut c the day c months ago; lead 0 is what is left
of the origin's own month (nothing at a month's end), lead k the k-th whole month after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast import (
    creation,
    early,
    hazards,
    lost_deals,
    month_rests,
    pipeline,
)
from salesops_lib.analyses.forecast.hierarchy import forecast_hierarchy, hierarchy_of
from salesops_lib.analyses.forecast.history import History, month_start
from salesops_lib.analyses.forecast.series import Forecast
from salesops_lib.analyses.forecast.snapshots import (
    NEVER,
    Bools,
    Floats,
    Ints,
    month_number,
)

# Before this many months of closed deals the chances of open deals are guesswork.
LEAST_MONTHS = 6
QUARTER = 3
# Months of bookings below which there is no year to learn from.
A_YEAR = 12


@dataclass(frozen=True)
class Window:
    """Consecutive months ahead whose sum is forecast.

    Attributes
    ----------
    first, last
        Leads, both included.
    """

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def of(self, values: Floats) -> Floats:
        """Sum over the window's leads, the last axis."""
        total: Floats = values[..., self.first : self.last + 1].sum(axis=-1)
        return total


@dataclass(frozen=True)
class Views:
    """What each view said at each origin, and what came.

    Attributes
    ----------
    nodes
        unique_id, level, depth, parent and the keys, parents before children.
    summing
        (node, leaf) 1 where the leaf belongs to the node.
    actual
        What came; NaN where the month is not over.
    series, naive, growth
        The reconciled series forecast, last year's value, last year's value times last year's
        growth; NaN where the history was too short.
    pipe
        The pipeline view; NaN where it was not possible.
    closed
        (cut, leaf) whether it is of a part that begins deals no more and has none open.
    promised
        Amounts of open deals by the month in which their reps expected to close them.
    committed
        The same of those alone that their reps called a commit.
    spread
        Window → (cut, node) standard deviation of the pipeline view.
    today
        The pipeline as it stands today, None where there is none.
    run_rate
        The series forecast whole, None where the history is too short for one.
    """

    history: History
    nodes: pd.DataFrame
    summing: Floats
    actual: Floats
    series: Floats
    naive: Floats
    growth: Floats
    pipe: Floats
    closed: Bools
    promised: Floats
    committed: Floats
    spread: dict[Window, Floats]
    today: pipeline.PipelineView | None
    run_rate: Forecast | None

    def table(self, names: Sequence[str], **columns: Any) -> pd.DataFrame:
        """One row a node: its `names` columns, and `columns`."""
        return pd.DataFrame({**{name: self.nodes[name].to_numpy() for name in names}, **columns})

    @cached_property
    def trusted(self) -> bool:
        """Whether the pipeline view may enter the forecast."""
        return self.today is not None and self.history.beginnings_known

    @cached_property
    def gone(self) -> Floats:
        """(cut, node, lead) what the series view still has of closed leaves, in them and all above: past bookings
        tell only after months what the pipeline view knows."""
        alone = self.summing * (self.summing.sum(axis=1) == 1)[:, None]
        # The row of a leaf itself is the last that holds it alone: a region of one team is one, too.
        rows = len(alone) - 1 - alone[::-1].argmax(axis=0)
        mine = np.where(self.closed[:, :, None], np.nan_to_num(self.series[:, rows]), 0.0)
        found: Floats = np.einsum("nk,ckl->cnl", self.summing, mine)
        return found

    @cached_property
    def least(self) -> Floats:
        """(node,) the least that can be booked: nothing, unless returns ever outweighed bookings."""
        below = (self.summing @ self.history.bookings < 0).any(axis=1)
        return np.where(below, -np.inf, 0.0)

    @cached_property
    def first_day(self) -> Ints:
        """(node,) day of its first deal, begun or closed."""
        history = self.history
        first = np.full(len(history.leaves), NEVER, dtype=np.int64)
        np.minimum.at(first, history.leaf, np.minimum(history.created, history.close))
        return np.where(self.summing > 0, first, NEVER).min(axis=1)

    @property
    def depth(self) -> Ints:
        return self.nodes["depth"].to_numpy(dtype=np.int64)

    @property
    def leads(self) -> int:
        return self.actual.shape[2] - 1


def windows(leads: int, month_end: bool) -> list[Window]:
    """Months, quarters and the year whose past errors are looked at."""
    single = [Window(k, k) for k in range(1 if month_end else 0, leads + 1)]
    longer = [Window(1, 3), Window(4, 6), Window(1, 12)]
    return single + [one for one in longer if one.last <= leads]


def look(history: History, *, horizon: int, cuts: int, confidence: float) -> Views:
    """Both views at up to `cuts` origins, today included."""
    nodes, summing = _tree(history)
    cuts = min(cuts, len(history.snaps))
    spans = windows(horizon, history.month_end)
    shape = (cuts, len(nodes), horizon + 1)
    pipe = np.full(shape, np.nan)
    promised, committed = np.zeros(shape), np.zeros(shape)
    spread = {one: np.full(shape[:2], np.nan) for one in spans}
    closed = np.zeros((cuts, len(history.leaves)), dtype=bool)
    today = None
    if history.has_open and history.has_paid and not lost_deals.missing(history):
        counts = hazards.count(history, horizon)
        groups = creation.cohorts(history)
        now = len(history.snaps) - 1
        indicator = np.zeros((len(spans), horizon + 1))
        for row, one in enumerate(spans):
            indicator[row, one.first : one.last + 1] = 1.0
        begin = max(history.first_close, history.first_month)
        for cut in range(cuts):
            if history.months[now - cut] - begin < LEAST_MONTHS:
                break
            seen = pipeline.view(history, counts, groups, now - cut, horizon)
            today = seen if cut == 0 else today
            pipe[cut] = summing @ seen.money
            # Deals that were open when the part closed may still be won.
            closed[cut] = seen.new.closed & ~seen.money.any(axis=1)
            _, deviation = seen.moments(indicator, summing)
            for row, one in enumerate(spans):
                spread[one][cut] = deviation[:, row]
            promised[cut] = summing @ _promises(history, now - cut, horizon)
            called = _promises(history, now - cut, horizon, commits=True)
            committed[cut] = summing @ called
    actual = _actual(history, summing, cuts, horizon)
    alone = today is None or not history.beginnings_known
    run_rate = _run_rate(history, horizon, confidence, alone=alone)
    series, naive, growth = _aligned(history, run_rate, nodes, shape)
    return Views(
        history,
        nodes,
        summing,
        actual,
        series,
        naive,
        growth,
        pipe,
        closed,
        promised,
        committed,
        spread,
        today,
        run_rate,
    )


def _run_rate(history: History, horizon: int, confidence: float, *, alone: bool) -> Forecast | None:
    """The series view, or None where there are too few months for one.

    Parameters
    ----------
    alone
        Whether the forecast rests on this view: then its interval does, and on its past errors.
    """
    complete = history.last_complete_month - history.first_month + 1
    if complete < 4:
        return None
    frame = _monthly(history, complete)
    steps = horizon if history.month_end else horizon + 1
    by = list(history.leaves.columns)
    made = forecast_hierarchy(
        frame,
        by=by,
        horizon=steps,
        season_length=12,
        levels=sorted({80.0, confidence * 100}),
        origins=0,
        partial="keep",
    )
    if complete <= early.TWO_YEARS:
        return early.lifted(made)
    # Past origins from before a season stay at the middle: how they are brought to the size of the
    # errors since was chosen so.
    return early.extended(made, frame, by, steps) if alone else made


def _monthly(history: History, months: int) -> pd.DataFrame:
    """Bookings of each leaf by complete month, from its first month with any."""
    values = history.bookings[:, :months]
    some = values != 0
    begun = np.where(some.any(axis=1), some.argmax(axis=1), months - 1)
    leaf, month = np.nonzero(np.arange(months)[None, :] >= begun[:, None])
    starts = np.array([month_start(history.first_month + k) for k in range(months)])
    frame = pd.DataFrame({"ds": starts[month], "y": values[leaf, month]})
    for key in history.leaves.columns:
        frame[key] = history.leaves[key].to_numpy()[leaf]
    return frame


def _tree(history: History) -> tuple[pd.DataFrame, Floats]:
    """The nodes of the hierarchy, whole first, and which leaves belong to each."""
    tree = hierarchy_of(history.leaves, list(history.leaves.columns))
    nodes = tree.nodes.copy()
    keys = list(history.leaves.columns)
    order = {"total": 0, **{key: k + 1 for k, key in enumerate(keys)}}
    nodes.insert(2, "depth", nodes["level"].map(order).astype(int))
    return nodes, tree.summing


def _aligned(
    history: History, run_rate: Forecast | None, nodes: pd.DataFrame, shape: tuple[int, int, int]
) -> tuple[Floats, Floats, Floats]:
    """The series forecasts as (cut, node, lead): the running month holds what is left of it."""
    out = np.full((3, *shape), np.nan)
    if run_rate is None or run_rate.origins is None or run_rate.panel is None:
        return out[0], out[1], out[2]
    place = {name: at for at, name in enumerate(run_rate.panel.ids)}
    rows = np.array([place[name] for name in nodes["unique_id"]])
    means = run_rate.origins.mean[:, : shape[0]][:, :, rows]
    cuts = means.shape[1]
    # Without a year there is no last year to repeat, without two no growth to repeat it by.
    known = run_rate.panel.lengths[rows][None, :] - np.arange(cuts)[:, None]
    for method, least in ((1, 12), (2, 24)):
        means[method] = np.where((known >= least)[:, :, None], means[method], np.nan)
    if history.month_end:
        out[:, :cuts, :, 1:] = means
    else:
        out[:, :cuts] = means
        out[:, :cuts, :, 0] *= month_rests.shares(history, cuts)[None, :, None]
    return out[0], out[1], out[2]


def _actual(history: History, summing: Floats, cuts: int, horizon: int) -> Floats:
    out = np.full((cuts, len(summing), horizon + 1), np.nan)
    now = len(history.snaps) - 1
    bookings = summing @ history.bookings
    known = history.last_complete_month - history.first_month
    if history.month_end:
        out[:, :, 0] = 0.0
    for cut in range(1, cuts):
        at = int(history.months[now - cut]) - history.first_month
        ahead = at + np.arange(1, horizon + 1)
        there = (ahead <= known) & (ahead >= 0)
        out[cut][:, 1:][:, there] = bookings[:, ahead[there]]
        if not history.month_end:
            out[cut, :, 0] = summing @ month_rests.came(history, now - cut)
    return out


def _promises(history: History, origin: int, horizon: int, *, commits: bool = False) -> Floats:
    """(leaf, lead) stated amounts of open deals by the month their reps expected to close in, of all
    or of those called a commit."""
    rows = history.rows
    mine = (rows.snap == origin) & (rows.promised < NEVER) & ~np.isnan(rows.amount)
    mine &= rows.committed if commits else True
    lead = month_number(rows.promised[mine]) - history.months[origin]
    ahead = (rows.promised[mine] > history.snaps[origin]) & (lead <= horizon)
    place = history.leaf[rows.deal[mine]][ahead] * (horizon + 1) + lead[ahead]
    total = np.bincount(
        place,
        weights=rows.amount[mine][ahead],
        minlength=len(history.leaves) * (horizon + 1),
    )
    return total.astype(np.float64).reshape(len(history.leaves), horizon + 1)
