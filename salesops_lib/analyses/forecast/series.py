"""Forecasts of many series: a combination of simple methods, with conformal intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import (
    accuracy,
    intervals,
    partial,
    series_words,
    surprise,
    totals,
)
from salesops_lib.analyses.forecast.backtest import METHODS, Origins, roll
from salesops_lib.analyses.forecast.panel import Panel, panel_of
from salesops_lib.analyses.options import check_rng
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding, Result, plain
from salesops_lib.statistics import conformal

Array = NDArray[np.float64]
# Residuals beyond those that the highest level needs: more make the rank finer, older ones stale.
_RESIDUALS = 48
_PARTIAL = ("auto", "keep", "drop")


@dataclass(frozen=True)
class Forecast(Result):
    """Forecasts with intervals, and how the same method did at past origins.

    Attributes
    ----------
    forecast
        unique_id, ds, mean, then lo-L and hi-L for each level: limits are NaN where the history
        does not support the level.
    totals
        unique_id, kind (quarter, year), period, first, last (dates of the forecast part), periods
        (in the forecast part), so_far (already booked in that quarter or year), mean (so_far
        included), lo-L, hi-L. The interval is the total's own, never a sum of limits.
    backtest
        unique_id, cutoff, ds, step, y, mean, lo-L, hi-L, seasonal_naive, last_years_growth at the
        reported origins; limits as they would have been given then.
    accuracy
        unique_id (and "all series"), method, n, mase, rmsse, smape, crps, coverage-L, bias.
    support
        unique_id, step, residuals, source-L (own, pooled or none): what each interval rests on.
    history
        unique_id, ds, y, observed: the series as forecast, gaps filled.
    nodes
        For a hierarchy: unique_id, level, parent and the key columns; empty otherwise.
    """

    forecast: pd.DataFrame
    totals: pd.DataFrame
    backtest: pd.DataFrame
    accuracy: pd.DataFrame
    support: pd.DataFrame
    history: pd.DataFrame
    horizon: int
    season_length: int
    levels: tuple[float, ...]
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    nodes: pd.DataFrame = field(default_factory=pd.DataFrame)
    origins: Origins | None = field(default=None, repr=False)
    panel: Panel | None = field(default=None, repr=False)

    @property
    def residuals(self) -> pd.DataFrame:
        """unique_id, cutoff, step, y, mean at every past origin, the reported ones included."""
        if self.origins is None or self.panel is None:
            return pd.DataFrame(columns=["unique_id", "cutoff", "step", "y", "mean"])
        cut, row, step = np.nonzero(
            ~np.isnan(self.origins.actual) & ~np.isnan(self.origins.mean[0])
        )
        return pd.DataFrame(
            {
                "unique_id": np.asarray(self.panel.ids, dtype=object)[row],
                "cutoff": self.panel.calendar.dates(self.panel.ends[row] - cut),
                "step": step + 1,
                "y": self.origins.actual[cut, row, step],
                "mean": self.origins.mean[0][cut, row, step],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the raw arrays behind the frames are left out."""
        kept = [f.name for f in dataclasses.fields(self) if f.name not in {"origins", "panel"}]
        return {name: plain(getattr(self, name)) for name in kept}


def forecast_series(
    frame: pd.DataFrame,
    *,
    horizon: int,
    season_length: int,
    levels: Iterable[float] = (80, 95),
    rng: int | np.random.Generator = 0,
    as_of: object = None,
    partial: Literal["auto", "keep", "drop"] = "auto",
    origins: int = 6,
    pool: bool = True,
) -> Forecast:
    """Forecast every series of a long frame, each with its own calibrated intervals.

    Parameters
    ----------
    frame
        unique_id, ds (dates of months, quarters, weeks or days, or whole numbers), y.
    horizon
        Periods ahead.
    season_length
        Periods in a year: 12 for months, 4 for quarters, 52 for weeks; 1 for no season.
    levels
        Nominal coverages in percent. A level that the history cannot support is given as NaN, with
        a notice: n past errors support at most n ÷ (n + 1).
    rng
        Seed or generator of the bootstrap behind the finding on accuracy.
    as_of
        The day the data was drawn; a period still running then is left out, with a notice.
    partial
        What to do with a last period that looks unfinished where `as_of` is not given: `auto`
        leaves it out when it is lower, against its forecast, than any before; `drop` always does.
    origins
        Past origins to report in the backtest.
    pool
        Whether the others' past errors may say how far off, and by which method, a series is
        forecast; without, each is forecast as if it were alone.

    Returns
    -------
    Forecast

    Raises
    ------
    DataError, NotEnoughData
        See `panel_of`.
    ParameterError
        A horizon, season or level out of range.

    Examples
    --------
    >>> months = pd.date_range("2022-01-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"unique_id": "all", "ds": months, "y": range(100, 148)})
    >>> result = forecast_series(frame, horizon=3, season_length=12)
    >>> result.forecast.columns.tolist()
    ['unique_id', 'ds', 'mean', 'lo-80', 'hi-80', 'lo-95', 'hi-95']
    """
    check_rng(rng)
    shares = checked(horizon, season_length, levels, origins, partial)
    panel = panel_of(frame, season_length)
    return assembled(
        panel, horizon, shares, rng=rng, as_of=as_of, unfinished=partial, origins=origins, pool=pool
    )


def checked(
    horizon: int, season_length: int, levels: Iterable[float], origins: int, unfinished: str
) -> tuple[float, ...]:
    """The levels as shares, lowest first; raises ParameterError where an option is out of range."""
    least = {"horizon": (horizon, 1), "season_length": (season_length, 1), "origins": (origins, 0)}
    for name, (value, smallest) in least.items():
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not whole or value < smallest:
            raise ParameterError(f"{name} == {value!r}, must be a whole number from {smallest} on")
    if unfinished not in _PARTIAL:
        raise ParameterError(f"partial == {unfinished!r}, must be one of {', '.join(_PARTIAL)}")
    try:
        given = tuple(sorted({float(one) for one in levels}))
    except (TypeError, ValueError):
        given = ()
    if not given:
        raise ParameterError(f"levels == {levels!r}, must be percents such as (80, 95)")
    for level in given:
        if not 1 <= level < 100:
            raise ParameterError(f"level == {level:g}, must be in percent, from 1 to below 100")
    return tuple(level / 100 for level in given)


def assembled(
    panel: Panel,
    horizon: int,
    levels: tuple[float, ...],
    *,
    rng: int | np.random.Generator,
    as_of: object,
    unfinished: str,
    origins: int,
    pool: bool,
    nodes: pd.DataFrame | None = None,
    adjust: Any = None,
) -> Forecast:
    """Roll, reconcile where `adjust` says how, and put intervals, totals and scores together."""
    panel = partial.without_running(panel, as_of)
    wanted = 2 * horizon + origins + max([_RESIDUALS, *map(conformal.needed, levels)])
    rolled = roll(panel, horizon, wanted + 1, pool=pool)
    if as_of is None:
        panel, rolled = partial.without_unfinished(panel, rolled, unfinished)
    if adjust is not None:
        rolled = adjust(panel, rolled)
    cuts = reported(rolled, origins)
    forecast, support = _ahead(panel, rolled, levels, pool)
    made = [accuracy.with_limits(rolled, cuts, levels, which) for which in range(len(METHODS))]
    table = accuracy.scores(panel.ids, rolled, cuts, levels, made)
    backtest = _backtest_frame(panel, rolled, cuts, levels, made[0])
    notices = (
        *panel.notices,
        *_notices(panel, support, levels, bool(cuts) or not origins),
        *surprise.notices(panel, rolled),
    )
    return Forecast(
        forecast=forecast,
        totals=totals.frame(panel, rolled, levels, pool=pool),
        backtest=backtest,
        accuracy=table,
        support=support,
        history=panel.history(),
        horizon=horizon,
        season_length=panel.season_length,
        levels=tuple(float(f"{level * 100:.6f}") for level in levels),
        notices=notices,
        findings=_findings(panel, table, backtest, levels, cuts, rng),
        nodes=pd.DataFrame() if nodes is None else nodes,
        origins=rolled,
        panel=panel,
    )


def reported(origins: Origins, count: int) -> tuple[int, ...]:
    """Cuts whose forecasts are reported: full horizons where the history allows, else the latest."""
    deepest = origins.cuts - 1
    if deepest >= origins.horizon + count - 1 + 3:
        return tuple(range(origins.horizon, origins.horizon + count))
    return tuple(range(1, min(count, deepest) + 1))


def _ahead(
    panel: Panel, origins: Origins, levels: tuple[float, ...], pool: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    count, horizon = len(panel.ids), origins.horizon
    size = intervals.sizes(origins)
    found = [
        intervals.limits(intervals.step(origins, j), origins, 0, levels, pool=pool, size=size)
        for j in range(horizon)
    ]
    names = np.repeat(np.asarray(panel.ids, dtype=object), horizon)
    columns: dict[str, Any] = {
        "unique_id": names,
        "ds": panel.calendar.dates(panel.future(horizon).ravel()),
        "mean": origins.mean[0, 0].ravel(),
    }
    basis: dict[str, Any] = {
        "unique_id": names,
        "step": np.tile(np.arange(1, horizon + 1), count),
        "residuals": np.stack([one.residuals for one in found], axis=1).ravel(),
    }
    for i, level in enumerate(levels):
        name = accuracy.name_of(level)
        columns[f"lo-{name}"] = np.stack([one.low[i] for one in found], axis=1).ravel()
        columns[f"hi-{name}"] = np.stack([one.high[i] for one in found], axis=1).ravel()
        basis[f"source-{name}"] = np.stack([one.source[i] for one in found], axis=1).ravel()
    return pd.DataFrame(columns), pd.DataFrame(basis)


def _backtest_frame(
    panel: Panel,
    origins: Origins,
    cuts: tuple[int, ...],
    levels: tuple[float, ...],
    made: dict[str, Array],
) -> pd.DataFrame:
    pick = list(cuts)
    actual = origins.actual[pick]
    at, row, step = np.nonzero(~np.isnan(actual) & ~np.isnan(origins.mean[0, pick]))
    cut = np.asarray(pick, dtype=np.int64)[at]
    origin = panel.ends[row] - cut
    columns: dict[str, Any] = {
        "unique_id": np.asarray(panel.ids, dtype=object)[row],
        "cutoff": panel.calendar.dates(origin),
        "ds": panel.calendar.dates(origin + step + 1),
        "step": step + 1,
        "y": actual[at, row, step],
        "mean": origins.mean[0][cut, row, step],
    }
    for level in levels:
        name = accuracy.name_of(level)
        columns[f"lo-{name}"] = made[f"lo-{name}"][at, row, step]
        columns[f"hi-{name}"] = made[f"hi-{name}"][at, row, step]
    columns["seasonal_naive"] = origins.mean[1][cut, row, step]
    columns["last_years_growth"] = origins.mean[2][cut, row, step]
    return pd.DataFrame(columns)


def _notices(
    panel: Panel, support: pd.DataFrame, levels: tuple[float, ...], tested: bool
) -> list[str]:
    count = len(panel.ids)
    said = []
    seasons = 2 * panel.season_length
    short = int(np.sum(panel.lengths < seasons))
    if short and panel.season_length > 1:
        said.append(series_words.short(short, count, seasons))
    for level in levels:
        name = accuracy.name_of(level)
        # One row a series and step, series by series.
        source = support[f"source-{name}"].to_numpy().reshape(count, -1)
        refused = source == intervals.NONE
        none = int(refused.all(axis=1).sum())
        some = int(refused.any(axis=1).sum()) - none
        lent = int((source == intervals.POOLED).any(axis=1).sum())
        if none:
            said.append(series_words.refused(name, none, count, conformal.needed(level)))
        if some:
            said.append(series_words.refused_at_some(name, some, count, conformal.needed(level)))
        if lent:
            said.append(series_words.borrowed(name, lent, count))
    if not tested:
        said.append(series_words.not_backtested())
    return said


def _findings(
    panel: Panel,
    table: pd.DataFrame,
    backtest: pd.DataFrame,
    levels: tuple[float, ...],
    cuts: tuple[int, ...],
    rng: int | np.random.Generator,
) -> tuple[Finding, ...]:
    if backtest.empty:
        return ()
    season = panel.season_length
    young = bool((panel.lengths - max(cuts) < season).any())
    what = series_words.repeated(season, panel.calendar.is_year(season), young)
    ratio = accuracy.against_naive(table, rng)
    found = [
        Finding(
            "error_against_seasonal_naive",
            ratio,
            series_words.against_naive(ratio, len(cuts), ratio.n, what),
        )
    ]
    for level in levels:
        name = accuracy.name_of(level)
        limited = backtest.loc[backtest[f"lo-{name}"].notna()]
        if limited.empty:
            continue
        held = accuracy.inside(limited, f"lo-{name}", f"hi-{name}")
        share = Estimate(float(held.mean()), unit="share", n=len(limited), method="backtest")
        found.append(Finding(f"coverage_{name}", share, series_words.coverage(share, name)))
    return tuple(found)
