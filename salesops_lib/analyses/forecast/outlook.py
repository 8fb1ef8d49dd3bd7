"""Limits and draws of what lies ahead, for any stretch of months and every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from salesops_lib.analyses.forecast import early, intervals, month_rests, pipeline
from salesops_lib.analyses.forecast.blend import Blend, blend, heavier, like, stretch
from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.analyses.forecast.views import QUARTER, Views, Window
from salesops_lib.statistics import conformal

# No interval without the past errors that this level needs.
_SUPPORTED = 0.9


@dataclass(frozen=True)
class Outlook:
    """The blended forecast of today with its uncertainty.

    Attributes
    ----------
    opened, begun
        (draw, node, lead) money from open deals, from deals not begun yet; empty without pipeline.
    tails
        (draw,) standard normal draws, see `blend.heavier`.
    """

    views: Views
    blend: Blend
    opened: Floats
    begun: Floats
    tails: Floats
    rng: np.random.Generator
    draws: int

    @property
    def has_pipeline(self) -> bool:
        """Whether the pipeline view carries the forecast and its spread."""
        return self.views.trusted

    @cached_property
    def _sizes(self) -> intervals.Sizes | None:
        """What each interval of the series view needs of its past errors, whatever the window."""
        series = self.views.run_rate
        if series is None or series.origins is None:
            return None
        return intervals.sizes(series.origins, pool=False)

    def mean(self, window: Window) -> Floats:
        """(node,) expected money."""
        return window.of(self.blend.mean[0])

    def sample(self, window: Window) -> Floats:
        """(draw, node) possible outcomes, centred on the mean, as wide as past errors say.

        With a pipeline: its own draws, stretched, with the tails of a stretch that is itself known
        from a limited number of errors only; without: lognormal draws as wide as the
        conformal interval, NaN where the history supports none.
        """
        mean = self.mean(window)
        if self.has_pipeline:
            drawn = window.of(self.opened) + window.of(self.begun)
            wide, freedom = stretch(self.views, self.blend.mean, like(self.views, window))
            wider = wide * heavier(self.tails[: len(drawn)], freedom)
            return widened(drawn, mean, wider, self.views.least)
        low, high = self.conformal(window, 0.8)
        noise = self.rng.standard_normal((self.draws, 1)) / ndtri(0.9)
        # Where an interval reaches down to nothing or below, no logarithm is as wide.
        logged = (low > 0) & (mean > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = mean * np.exp(np.log(np.where(noise > 0, high / mean, mean / low)) * noise)
        plain = mean + np.where(noise > 0, high - mean, mean - low) * noise
        return np.where(logged, drawn, np.maximum(plain, self.views.least))

    def limits(self, window: Window, levels: Sequence[float]) -> dict[float, tuple[Floats, Floats]]:
        """Level (a share) → (node,) lower and upper limits, which hold the mean: where one deal in
        twenty futures is most of it, more than nineteen in twenty bring less than the mean."""
        if not self.has_pipeline:
            return {level: self.conformal(window, level) for level in levels}
        mean, drawn = self.mean(window), self.sample(window)
        return {level: holding(drawn, mean, level) for level in levels}

    def conformal(self, window: Window, level: float, cut: int = 0) -> tuple[Floats, Floats]:
        """Limits of the series view for the sum over the window, at an origin: `scaled`, and of one that begins
        inside a running month as much wider as its rest errs more than whole months do."""
        low, high = self.scaled(window, level, cut)
        if window.first > 0 or cut > 0 or self.views.history.month_end:
            return low, high
        rest, mean, reach = Window(0, 0), self.mean(window), self._rest_reach(level)
        lower, upper = self.scaled(rest, level)
        down = np.fmax(reach**2 - (self.mean(rest) - lower) ** 2, 0.0)
        up = np.fmax(reach**2 - (upper - self.mean(rest)) ** 2, 0.0)
        low = np.maximum(
            mean - np.sqrt((mean - low) ** 2 + down), np.minimum(self.views.least, low)
        )
        return low, mean + np.sqrt((high - mean) ** 2 + up)

    def _rest_reach(self, level: float) -> Floats:
        """(node,) how far off the rest of the running month may be, by the rests of past months, and no
        further for a lower level than for a higher; NaN where too few are known."""
        whole, errors = self._rests
        found = [
            conformal.radius(conformal.newest(errors, one), one) for one in (level, _SUPPORTED)
        ]
        found[0] = np.where(np.isnan(found[1]), np.nan, found[0])
        return whole * (np.minimum(*found) if level <= _SUPPORTED else found[0])

    @cached_property
    def _rests(self) -> tuple[Floats, Floats]:
        """(node,) what past bookings say of the whole running month, and (node, cut) errors of past rests."""
        series = self.views.run_rate
        if series is None or series.origins is None or series.panel is None:
            return np.full(len(self.views.nodes), np.nan), np.full(
                (len(self.views.nodes), 0), np.nan
            )
        place = {name: at for at, name in enumerate(series.panel.ids)}
        rows = [place[name] for name in self.views.nodes["unique_id"]]
        whole = series.origins.mean[0][:, rows, 0]
        return whole[0], month_rests.errors(self.views.history, self.views.summing, whole)

    def scaled(self, window: Window, level: float, cut: int = 0) -> tuple[Floats, Floats]:
        """Split-conformal limits of the series view for the sum over the window, at an origin.

        NaN where fewer past errors are known there than a 90% interval needs, whatever the level:
        with four an 80% limit is the largest error of quarters that overlap, no evidence. Each node
        rests on its own errors: a territory of one person errs by factors, which says nothing of
        how far off its company is.
        """
        series = self.views.run_rate
        nothing = np.full(len(self.views.nodes), np.nan)
        if series is None or series.origins is None or series.panel is None:
            return nothing, nothing
        if cut >= series.origins.cuts:
            return nothing, nothing
        shift = 1 if self.views.history.month_end else 0
        target = intervals.total(series.origins, window.first - shift, window.last - shift)
        months = int(series.panel.lengths.max())
        errors = early.brought_to_size(target, series.origins, cut, months)
        levels = (level, _SUPPORTED)
        found = intervals.limits(errors, series.origins, cut, levels, pool=False, size=self._sizes)
        place = {name: at for at, name in enumerate(series.panel.ids)}
        rows = np.array([place[name] for name in self.views.nodes["unique_id"]])
        mean = target.mean[cut][rows]
        # The running month: only its rest lies ahead.
        ahead = window.of(self.blend.mean[cut])
        share = np.divide(ahead, mean, out=np.ones_like(mean), where=mean != 0)
        low, high = found.low[1][rows], found.high[1][rows]
        share = np.where(np.isnan(low), np.nan, share)
        # The lower level looks further back, to errors that may have been larger.
        inner = level <= _SUPPORTED
        low = np.maximum(low, found.low[0][rows]) if inner else found.low[0][rows]
        high = np.minimum(high, found.high[0][rows]) if inner else found.high[0][rows]
        return low * share, high * share

    def witnesses(self, window: Window, at: int) -> tuple[int, int]:
        """Past forecasts of such a window that the interval of node `at` rests on, and how many of
        them are from its first two years; none where the pipeline carries it."""
        series = self.views.run_rate
        if self.has_pipeline or series is None or series.origins is None or series.panel is None:
            return 0, 0
        shift = 1 if self.views.history.month_end else 0
        target = intervals.total(series.origins, window.first - shift, window.last - shift)
        months = int(series.panel.lengths.max())
        target = early.brought_to_size(target, series.origins, 0, months)
        row = series.panel.ids.index(str(self.views.nodes["unique_id"].iloc[at]))
        known = ~np.isnan(target.mean[:, row]) & ~np.isnan(target.actual[:, row])
        first = max(months - early.TWO_YEARS, 0) + 1
        young = int(known[first:].sum()) if months > early.TWO_YEARS else 0
        return int(known.sum()), young

    def error_of_centre(self, sample: Floats) -> Floats:
        """(node,) how far the middle itself may be off: the spread over the root of the number of
        separate past quarters that it was checked on."""
        checked = ~np.isnan(self.views.actual[QUARTER:, 0, 1:4]).any(axis=1)
        checked &= ~np.isnan(self.blend.mean[QUARTER:, 0, 1:4]).any(axis=1)
        separate = checked.sum() / QUARTER
        return sample.std(axis=0) / np.sqrt(separate + 1.0)


def holding(drawn: Floats, mean: Floats | float, level: float) -> tuple[Floats, Floats]:
    """Limits that hold this share (`level`) of the draws, the first axis, and their mean."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.minimum(low, mean), np.maximum(high, mean)


def widened(
    drawn: Floats, mean: Floats | float, wide: Floats | float, least: Floats | float
) -> Floats:
    """Draws (the first axis) moved onto `mean` and stretched about it by `wide`, none below `least`.

    A future in which nothing is won brings nothing. Moved and stretched along with the others it would
    bring a small sum that never comes, and where half of all months bring nothing, an interval would hold
    neither nothing nor a deal.
    """
    won = drawn > 0
    many = np.maximum(won.sum(axis=0), 1)
    usual = drawn.sum(axis=0) / many
    apart = np.where(won, (drawn - usual) * wide, 0.0)
    apart -= apart.sum(axis=0) / many
    moved = usual + (mean - drawn.mean(axis=0)) + apart
    return np.where(won, np.maximum(moved, least), 0.0)


def outlook(views: Views, *, draws: int, rng: np.random.Generator) -> Outlook:
    """Blend the views and draw from the pipeline."""
    nothing = np.zeros((0, len(views.nodes), views.leads + 1))
    opened, begun = nothing, nothing
    if views.today is not None:
        by_leaf = pipeline.draw(views.today, draws, rng)
        opened, begun = (np.einsum("nk,dkl->dnl", views.summing, one) for one in by_leaf)
    return Outlook(views, blend(views), opened, begun, rng.standard_normal(draws), rng, draws)
