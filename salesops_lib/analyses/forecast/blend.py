"""One forecast out of two views: weights and spreads learned from past origins only.

The weight of the pipeline view is the one that would have made the smallest squared errors at the
origins whose outcome is known, drawn towards `PRIOR_WEIGHT`. The spread is the pipeline view's own,
stretched by how its blend erred against it so far, drawn towards no stretch; as that stretch rests
on a limited number of errors, limits are those of Student's t, not of a normal. At a past origin
only outcomes known there count, so that the backtest scores what would have been published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.analyses.forecast.views import Views, Window

# Over planted companies (benchmarks/calibration/forecast_pipeline.py) the weight that would have been
# best is .9 to 1: the pipeline view errs by .19 of a quarter, the series view by .28, and both err
# together where fewer deals than usual come in. The weight is drawn towards that by so many separate
# origins, less one step for companies whose pipeline tells less than a planted one's does.
PRIOR_WEIGHT = 0.85
_PRIOR_ORIGINS = 4.0
# The stretch is drawn towards one by so many separate errors: the pipeline view's own spread is right
# within some 20%, which is what 12 errors tell.
_PRIOR_ERRORS = 12.0
# Leads that share a weight: the coming quarter, the one after it, the rest.
_BUCKETS = (Window(1, 3), Window(4, 6), Window(7, 12))


@dataclass(frozen=True)
class Blend:
    """The published forecast at every origin.

    Attributes
    ----------
    mean
        (cut, node, lead).
    weight
        (cut, lead) weight of the pipeline view; 0 or 1 where there is one view only.
    """

    mean: Floats
    weight: Floats


def blend(views: Views) -> Blend:
    """Combine the views at every origin with the weights that could be known there."""
    cuts, _, leads = views.pipe.shape
    if not views.trusted:
        return Blend(views.series.copy(), np.zeros((cuts, leads)))
    weight = np.full((cuts, leads), PRIOR_WEIGHT)
    for cut in range(cuts):
        for bucket in _BUCKETS:
            if bucket.first >= leads:
                continue
            low = 0 if bucket.first == 1 else bucket.first
            high = leads if bucket.last == 12 else bucket.last + 1
            weight[cut, low:high] = _weight(views, cut, bucket)
    both = ~np.isnan(views.pipe) & ~np.isnan(views.series)
    w = weight[:, None, :]
    mixed = w * views.pipe + (1 - w) * (views.series - views.gone)
    mean = np.where(both, mixed, np.where(np.isnan(views.pipe), views.series, views.pipe))
    here_pipe = ~np.isnan(views.pipe[:, 0]).all(axis=1)
    here_series = ~np.isnan(views.series[:, 0]).all(axis=1)
    weight[~here_pipe] = 0.0
    weight[~here_series & here_pipe] = 1.0
    return Blend(mean, weight)


def _weight(views: Views, cut: int, bucket: Window) -> float:
    """Weight of the pipeline view for a stretch of months, from outcomes known at `cut`."""
    bucket = Window(bucket.first, min(bucket.last, views.leads))
    known = slice(cut + bucket.last, None)
    # Whole company and the level below it: single teams are mostly chance.
    rows = views.depth <= 1
    actual = bucket.of(views.actual[known][:, rows])
    pipe = bucket.of(views.pipe[known][:, rows]) - actual
    series = bucket.of((views.series - views.gone)[known][:, rows]) - actual
    there = ~np.isnan(pipe) & ~np.isnan(series)
    if not there.any():
        return PRIOR_WEIGHT
    count = np.maximum(there.sum(axis=0), 1)
    size = np.where(there, np.abs(actual), 0.0).sum(axis=0) / count
    there &= size > 0
    size = np.where(size > 0, size, 1.0)
    pipe = np.where(there, pipe / size, 0.0)
    series = np.where(there, series / size, 0.0)
    apart = float(((series - pipe) ** 2).sum())
    best = float((series * (series - pipe)).sum()) / apart if apart > 0 else PRIOR_WEIGHT
    separate = there.any(axis=1).sum() / bucket.length
    drawn = (separate * np.clip(best, 0.0, 1.0) + _PRIOR_ORIGINS * PRIOR_WEIGHT) / (
        separate + _PRIOR_ORIGINS
    )
    return float(drawn)


def stretch(views: Views, mean: Floats, window: Window, cut: int = 0) -> tuple[Floats, Floats]:
    """(node,) factor on the pipeline view's spread of a window, and the errors it is worth.

    The squared factor is the mean squared error of the blend in units of that spread, over the nodes of
    a level and the origins whose outcome is known at `cut`. It is drawn towards 1; past the coming
    quarter, where few outcomes are known, towards that quarter's factor. The second array holds the
    degrees of freedom of the squared factor, the errors by which it is drawn included.
    """
    near = Window(1, 3)
    later = window.last > near.last and near in views.spread
    nodes = len(views.nodes)
    prior = stretch(views, mean, near, cut)[0] ** 2 if later else np.ones(nodes)
    known = slice(cut + window.last, None)
    error = window.of(views.actual[known]) - window.of(mean[known])
    spread = views.spread[window][known]
    # A team from which nothing was expected at an origin has no spread to be held against.
    z = np.divide(error, spread, out=np.full_like(error, np.nan), where=spread > 0)
    factor, freedom = np.sqrt(prior), np.full(nodes, _PRIOR_ERRORS)
    for depth in np.unique(views.depth):
        level = np.flatnonzero(views.depth == depth)
        some = z[:, level]
        there = ~np.isnan(some)
        if not there.any():
            continue
        separate = there.any(axis=1).sum() / window.length * min(len(level), 4)
        squared = float(np.mean(some[there] ** 2))
        freedom[level] = separate + _PRIOR_ERRORS
        factor[level] = np.sqrt(
            (separate * squared + _PRIOR_ERRORS * prior[level]) / freedom[level]
        )
    return factor, freedom


def spread_of(views: Views, mean: Floats, window: Window, cut: int = 0) -> tuple[Floats, Floats]:
    """(node,) scale of the blend's error over one of the windows that are kept track of, and the
    degrees of freedom of its Student's t."""
    factor, freedom = stretch(views, mean, window, cut)
    return views.spread[window][cut] * factor, freedom


def heavier(normal: Floats, freedom: Floats) -> Floats:
    """(draw, node) factors that turn normal draws into draws of Student's t with `freedom`.

    √(ν/χ²ν), the chi square from `normal` (draw,) draws by Wilson & Hilferty (1931): the same draws
    serve every node and window.
    """
    ninth = 2.0 / (9.0 * freedom)[None, :]
    cubed = (1.0 - ninth + normal[:, None] * np.sqrt(ninth)) ** 3
    factor: Floats = 1.0 / np.sqrt(np.maximum(cubed, 1e-3))
    return factor


def like(views: Views, window: Window) -> Window:
    """The kept window whose past errors speak for `window`."""
    if window in views.spread:
        return window
    if window.length == 1 or window.last > 6:
        longest = Window(1, 12)
        if longest in views.spread and window.length > 1:
            return longest
    for kept in (Window(1, 3), Window(4, 6)):
        if kept in views.spread and window.last <= kept.last:
            return kept
    if Window(4, 6) in views.spread:
        return Window(4, 6)
    near = Window(1, 3)
    return near if near in views.spread else Window(1, 1)
