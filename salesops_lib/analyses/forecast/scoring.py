"""How wrong the forecast of the coming quarter was, beside what costs nothing.

Every method is scored at the same past origins, on the sum of the three months after each. MASE and
RMSSE divide by the mean absolute and root mean square change of such sums against a year before (in
a history too short for that: against the three months before), known at the origin (Hyndman &
Koehler 2006); CRPS (Gneiting & Raftery 2007), over the same mean
change, is that of a normal for the methods that give a spread and the absolute error for those that
give a point only.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from salesops_lib.analyses.forecast.accuracy import inside
from salesops_lib.analyses.forecast.blend import spread_of
from salesops_lib.analyses.forecast.history import month_start
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.result import level_name
from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.analyses.forecast.views import QUARTER, Views, Window

METHODS = {
    "forecast": "forecast",
    "pipeline": "pipeline view alone",
    "series": "past bookings alone",
    "seasonal_naive": "same quarter last year",
    "last_years_growth": "last year's growth",
    "months_before": "the three months before",
    "rep_dates": "reps' closing dates",
    "rep_commits": "reps' commits",
}
# Never asked to be there at an origin: not every CRM holds the dates, fewer the commits.
_OTHER_WITNESSES = {"rep_dates", "rep_commits"}
_SCORES = [
    "level",
    "method",
    "n",
    "mase",
    "rmsse",
    "smape",
    "crps",
    "bias",
    "coverage",
]
COMING = Window(1, QUARTER)


def backtest(ahead: Outlook, confidence: float, origins: int) -> pd.DataFrame:
    """One row a node and past origin; see `BookingsForecast.backtest`."""
    views = ahead.views
    blocks = [
        _origin(ahead, cut, confidence)
        for cut in range(QUARTER, min(views.pipe.shape[0], QUARTER + origins))
    ]
    kept = [one for one in blocks if one is not None]
    if kept:
        return _same_origins(pd.concat(kept, ignore_index=True))
    level = level_name(confidence)
    names = ["unique_id", "level", "cutoff", "start", "end", "y", f"lo-{level}", f"hi-{level}"]
    return pd.DataFrame(columns=[*names, *METHODS])


def _same_origins(table: pd.DataFrame) -> pd.DataFrame:
    """The origins from which every method could forecast the whole, so that all are judged, drawn and
    counted on the same ones. A method that could from a third of them or fewer is left out, and so
    are the three months before, unless last year is."""
    whole = table[table["level"] == "total"]
    forecast = whole["forecast"].notna() & whole["y"].notna()
    there = {
        name: forecast & whole[name].notna() for name in METHODS if name not in _OTHER_WITNESSES
    }
    enough = [name for name, mine in there.items() if 3 * mine.sum() > forecast.sum()]
    if "seasonal_naive" in enough:
        enough.remove("months_before")
    common = np.logical_and.reduce([there[name] for name in enough]) if enough else forecast
    kept = table[table["cutoff"].isin(whole.loc[common, "cutoff"])].reset_index(drop=True)
    return kept.assign(**{name: np.nan for name in there if name not in enough})


def tried(views: Views) -> tuple[int, float, float]:
    """Past origins from which both views forecast the whole company's coming quarter, and each
    view's mean absolute error there as a share of what came."""
    came = COMING.of(views.actual[QUARTER:, 0])
    pipe, series = COMING.of(views.pipe[QUARTER:, 0]), COMING.of(views.series[QUARTER:, 0])
    there = ~np.isnan(came) & ~np.isnan(pipe) & ~np.isnan(series) & (came > 0)
    if not there.any():
        return 0, float("nan"), float("nan")
    off = [float((np.abs(one - came)[there] / came[there]).mean()) for one in (pipe, series)]
    return int(there.sum()), off[0], off[1]


def _origin(ahead: Outlook, cut: int, confidence: float) -> pd.DataFrame | None:
    views, history = ahead.views, ahead.views.history
    origin = len(history.snaps) - 1 - cut
    # Of a part that had not begun nobody forecast anything: that nothing was said of it is no error.
    begun = np.where(views.first_day <= history.snaps[origin], 1.0, np.nan)
    mean = COMING.of(ahead.blend.mean[cut]) * begun
    actual = COMING.of(views.actual[cut])
    if np.isnan(mean).all() or np.isnan(actual).all():
        return None
    low, high, spread = (one * begun for one in _limits(ahead, cut, confidence))
    month = int(history.months[origin])
    level = level_name(confidence)
    promised, committed = COMING.of(views.promised[cut]), COMING.of(views.committed[cut])
    scale, square = _change(views, origin)
    # A view that does not enter the forecast is not judged as one of its methods.
    pipe = COMING.of(views.pipe[cut]) if views.trusted else np.full(len(mean), np.nan)
    return views.table(
        ["unique_id", "level"],
        cutoff=pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(history.snaps[origin])),
        start=month_start(month + 1),
        end=month_start(month + 4) - pd.Timedelta(days=1),
        y=actual,
        forecast=mean,
        **{f"lo-{level}": low, f"hi-{level}": high},
        spread=spread,
        pipeline=pipe,
        pipeline_spread=views.spread[COMING][cut] if COMING in views.spread else np.nan,
        series=COMING.of(views.series[cut]),
        seasonal_naive=COMING.of(views.naive[cut]),
        last_years_growth=COMING.of(views.growth[cut]),
        months_before=_before(views, origin),
        rep_dates=np.where(promised > 0, promised, np.nan),
        rep_commits=np.where(committed > 0, committed, np.nan),
        scale=scale,
        scale_square=square,
    )


def _limits(ahead: Outlook, cut: int, confidence: float) -> tuple[Floats, Floats, Floats]:
    """(node,) limits and standard deviation that would have been published at a past origin."""
    views = ahead.views
    mean = COMING.of(ahead.blend.mean[cut])
    z = float(ndtri((1 + confidence) / 2))
    if views.trusted and not np.isnan(views.pipe[cut]).all() and COMING in views.spread:
        spread, freedom = spread_of(views, ahead.blend.mean, COMING, cut)
        reach = stdtrit(freedom, (1 + confidence) / 2) * spread
        return np.maximum(mean - reach, views.least), mean + reach, spread
    low, high = ahead.conformal(COMING, confidence, cut)
    return low, high, (high - low) / (2 * z)


def _known(views: Views, origin: int) -> Floats:
    """(node, month) bookings of the complete months up to the origin."""
    history = views.history
    last = int(history.months[origin]) - history.first_month + (1 if history.month_end else 0)
    return np.asarray(views.summing @ history.bookings[:, : max(last, 0)])


def _before(views: Views, origin: int) -> Floats:
    """(node,) bookings of the three complete months before; NaN where there were not three."""
    values = _known(views, origin)
    if values.shape[1] < QUARTER:
        return np.full(len(values), np.nan)
    total: Floats = values[:, -QUARTER:].sum(axis=1)
    return total


def _change(views: Views, origin: int) -> tuple[Floats, Floats]:
    """(node,) mean absolute and root mean square change of three-month sums against a year before,
    or against the three months before where a year and a quarter is not known; NaN without six
    months."""
    values = _known(views, origin)
    lag = 12 if values.shape[1] >= 12 + QUARTER else QUARTER
    nothing = np.full(len(values), np.nan)
    if values.shape[1] < lag + QUARTER:
        return nothing, nothing
    sums = np.lib.stride_tricks.sliding_window_view(values, QUARTER, axis=1).sum(axis=2)
    change = sums[:, lag:] - sums[:, :-lag]
    absolute = np.abs(change).mean(axis=1)
    changed = np.where(absolute > 0, 1.0, np.nan)
    return absolute * changed, np.sqrt((change**2).mean(axis=1)) * changed


def accuracy(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """One row a level and method; see `BookingsForecast.accuracy`.

    Errors are compared where every method has one; what the interval held is counted over all past
    intervals, as it is the forecast's alone.
    """
    if table.empty:
        return pd.DataFrame(columns=_SCORES)
    there = [name for name in METHODS if table[name].notna().any()]
    both = table.dropna(subset=[*[n for n in there if n not in _OTHER_WITNESSES], "y"])
    level = level_name(confidence)
    rows = []
    for name, part in both.groupby("level", sort=False):
        held = _held(table[table["level"] == name], level)
        rows += [
            {
                "level": name,
                "method": METHODS[method],
                **_scores(part, method),
                "coverage": held if method == "forecast" else np.nan,
            }
            for method in there
        ]
    return pd.DataFrame(rows)


def _held(part: pd.DataFrame, level: str) -> float:
    """Share of past outcomes inside the interval given before; NaN where none was."""
    given = part.dropna(subset=[f"lo-{level}", "y"])
    if given.empty:
        return float("nan")
    return float(inside(given, f"lo-{level}", f"hi-{level}").mean())


def _scores(part: pd.DataFrame, method: str) -> dict[str, float]:
    y, made = part["y"].to_numpy(), part[method].to_numpy()
    scale, square = part["scale"].to_numpy(), part["scale_square"].to_numpy()
    error = made - y
    spread = _own_spread(part, method)
    score = np.where(np.isnan(spread), np.abs(error), crps_normal(y, made, spread))
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        size = (np.abs(made) + np.abs(y)) / 2
        return {
            "n": float((~np.isnan(error)).sum()),
            "mase": float(np.nanmean(np.abs(error) / scale)),
            "rmsse": float(np.sqrt(np.nanmean((error / square) ** 2))),
            "smape": float(100 * np.nanmean(np.abs(error) / np.where(size > 0, size, np.nan))),
            "crps": float(np.nanmean(score / scale)),
            "bias": float(np.nansum(error) / np.nansum(np.where(np.isnan(error), np.nan, y))),
        }


def _own_spread(part: pd.DataFrame, method: str) -> Floats:
    column = {"forecast": "spread", "pipeline": "pipeline_spread"}.get(method)
    if column is None:
        return np.full(len(part), np.nan)
    return part[column].to_numpy(dtype=np.float64)


def crps_normal(actual: Floats, mean: Floats, spread: Floats) -> Floats:
    """CRPS of a normal forecast (Gneiting & Raftery 2007, eq. 21).

    Examples
    --------
    >>> round(float(crps_normal(np.array([0.0]), np.array([0.0]), np.array([1.0]))[0]), 6)
    0.233695
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (actual - mean) / spread
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        score = spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    # No spread is a point forecast, whose score is its absolute error.
    return np.where(spread == 0, np.abs(actual - mean), score)
