"""Companies of up to two years, and past origins from before a season could be told.

A history is forecast with its season once it holds two years, and so are its past origins: with 30
months there are six of them, overlapping, and none that a quarter three months further on can be held
against. The forecasts that this company would have been given in its first two years, with half of a
season at most, are evidence too. They err by more where there is a season, so their errors are
brought to the size of those made since by how the two compare month by month, as far as the months
since can tell.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.hierarchy import forecast_hierarchy
from salesops_lib.analyses.forecast.intervals import Target
from salesops_lib.analyses.forecast.series import Forecast
from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.statistics import seasonality

TWO_YEARS = 24
# Beyond this the origins since suffice for a quarter and for a year.
LONGEST = 48
# Errors since that make the early ones dispensable, what an interval of 95% asks for.
_ENOUGH = 19
# Origins since that weigh as much as the belief that both err alike; chosen on planted companies
# with no season, a weak and a strong one, so that intervals keep what they promise in each.
_BELIEF = 10.0
# Months that scatter by more than two thirds hold a few large deals or none; no formula for noise
# says what their mean is.
_MOST_LIFT = 1.25
_STEPS = 3


def extended(run_rate: Forecast, frame: pd.DataFrame, by: Sequence[str], horizon: int) -> Forecast:
    """The forecast with the origins that the company would have had in its first two years.

    Parameters
    ----------
    frame
        The months that `run_rate` was made from: the keys `by`, ds, y.
    """
    months = np.sort(frame["ds"].unique())
    if run_rate.origins is None or run_rate.panel is None or len(months) > LONGEST:
        return run_rate
    later = len(months) - TWO_YEARS
    if later < 1:
        return run_rate
    young = forecast_hierarchy(
        frame[frame["ds"] < months[TWO_YEARS]],
        by=by,
        horizon=horizon,
        season_length=12,
        levels=(80.0,),
        origins=0,
        partial="keep",
    )
    if young.origins is None or young.panel is None or young.origins.cuts < 2:
        return run_rate
    place = {name: at for at, name in enumerate(run_rate.panel.ids)}
    rows = np.array([place[name] for name in young.panel.ids])
    made = _joined(run_rate.origins, young.origins, rows, later)
    seen = np.where(run_rate.panel.observed, run_rate.panel.values, np.nan)
    return dataclasses.replace(run_rate, origins=_with_outcomes(made, seen))


def lifted(run_rate: Forecast) -> Forecast:
    """The forecast of a company in its first two years at the mean, not the middle, of a month.

    Under two seasons every member of the forecast carries a level of logarithms forward, which is
    the middle of what a month may bring: months that scatter by a third lie 6% below their mean,
    and so would the quarters and years that they are added up to. The mean is exp(σ²/2) of the
    middle (Hyndman & Athanasopoulos 2021, Forecasting: Principles and Practice, 5.6). For σ² there is
    the variance of the months, and half the mean square of their changes (von Neumann 1941), in which
    season and growth hardly show, but a push at each quarter's end shows twice: the smaller one. What
    of the months' scatter is carried on as half a season brings a part of that itself, the square of
    a half. One factor for the whole company, so that parts still add up to it.
    """
    origins, panel = run_rate.origins, run_rate.panel
    if origins is None or panel is None:
        return run_rate
    whole = panel.values[0, int(panel.starts[0]) :]
    factor = np.ones(origins.cuts)
    for cut in range(origins.cuts):
        known = whole[: len(whole) - cut]
        # A month without bookings has no logarithm, and there the level is one of amounts.
        if 2 < len(known) < TWO_YEARS and (known > 0).all():
            logs = np.log(known)
            scatter = min(float(np.mean(np.diff(logs) ** 2)) / 2, float(np.var(logs, ddof=1)))
            if len(known) >= TWO_YEARS / 2:
                scatter *= 1 - seasonality.SEEN_ONCE**2
            factor[cut] = min(np.exp(scatter / 2), _MOST_LIFT)
    return dataclasses.replace(
        run_rate, origins=origins.with_forecast(origins.mean[0] * factor[:, None, None])
    )


def _joined(origins: Origins, young: Origins, rows: np.ndarray, later: int) -> Origins:
    """The origins since, then those before; cut 0 of `young` is cut `later` of `origins`."""
    early = slice(later + 1, later + young.cuts)

    def both(since: np.ndarray, before: np.ndarray, axis: int, empty: object) -> np.ndarray:
        since, before = np.moveaxis(since, axis, 0), np.moveaxis(before, axis, 0)
        shape = (later + young.cuts, *since.shape[1:])
        out = np.full(shape, empty, dtype=since.dtype)
        out[: later + 1] = since[: later + 1]
        # Nodes stand on the axis after the cuts.
        at = np.moveaxis(out, 1 if axis == 0 else 2, 1)
        at[early, rows] = np.moveaxis(before, 1 if axis == 0 else 2, 1)[1:]
        return np.moveaxis(out, 0, axis)

    return dataclasses.replace(
        origins,
        mean=both(origins.mean, young.mean, 1, np.nan),
        scale=both(origins.scale, young.scale, 0, np.nan),
        spread=both(origins.spread, young.spread, 0, np.nan),
        positive=both(origins.positive, young.positive, 0, False),
        never_below=both(origins.never_below, young.never_below, 0, False),
    )


def _with_outcomes(origins: Origins, seen: Floats) -> Origins:
    """The same with what came after each origin, by all that is known today."""
    cuts, nodes, horizon = origins.mean.shape[1:]
    width = seen.shape[1]
    actual = np.full((cuts, nodes, horizon), np.nan)
    for back in range(1, cuts):
        steps = min(back, horizon)
        actual[back, :, :steps] = seen[:, width - back : width - back + steps]
    return dataclasses.replace(origins, actual=actual)


def brought_to_size(target: Target, origins: Origins, cut: int, months: int) -> Target:
    """The target with early errors as large as those made since; without them where not needed.

    Parameters
    ----------
    cut
        The origin whose interval is asked for: only errors known there count.
    months
        Of history today.
    """
    since = months - TWO_YEARS
    if not 1 <= since < origins.cuts - 1 or months > LONGEST:
        return target
    mean = target.mean.copy()
    early = slice(max(since + 1, cut + target.known_at), None)
    if since - cut - target.known_at + 1 >= _ENOUGH:
        mean[early] = np.nan
        return dataclasses.replace(target, mean=mean)
    share = _share(origins, cut, since)
    forecast, came = mean[early], target.actual[early]
    logged = (forecast > 0) & (came > 0)
    ratio = np.where(logged, forecast, 1.0) / np.where(logged, came, 1.0)
    mean[early] = np.where(logged, came * ratio**share, came + share * (forecast - came))
    return dataclasses.replace(target, mean=mean)


def _share(origins: Origins, cut: int, since: int) -> Floats:
    """(node,) size of the errors since in that of the early ones, drawn towards 1, at most 1."""
    mean, actual = origins.mean[0], origins.actual
    ratios, weights = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nodes without errors
        for j in range(min(_STEPS, origins.horizon)):
            error = np.abs(actual[:, :, j] - mean[:, :, j]) / (
                np.abs(actual[:, :, j]) + np.abs(mean[:, :, j])
            )
            known = cut + j + 1
            now = error[known : since + 1]
            before = np.nanmean(error[max(since + 1, known) :], axis=0)
            ratios.append(
                np.nanmean(now, axis=0) / before if len(now) else np.full_like(before, np.nan)
            )
            weights.append(np.sum(~np.isnan(now), axis=0).astype(float))
        ratio, weight = np.array(ratios), np.array(weights)
        weight = np.where(np.isfinite(ratio), weight, 0.0)
        usual = np.where(weight > 0, ratio * weight, 0.0).sum(axis=0) / weight.sum(axis=0)
    count = weight[0]
    usual = np.clip(np.where(weight.sum(axis=0) > 0, usual, 1.0), 0.05, 1.0)
    return np.asarray(usual ** (count / (count + _BELIEF)))
