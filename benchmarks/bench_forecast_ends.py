"""The forecast of series at six held-out ends of each training part of M1 and tourism, beside statsforecast.

The test parts of the competitions are one end each, and how a method does at one end says little: all
series of a set live through the same years. Here the training parts are cut, and the test parts are not
read. `ahead_of_median` is by how much sMAPE and MASE together are smaller than those of the median of
ETS, CES and Theta; ARIMA, which takes nine tenths of the processor time, is left out of that median.
Coverage is over all series with limits, as in `bench_forecast`. Nothing is drawn at random. Some twenty
minutes; `SALESOPS_BENCH_CACHE=<folder>` keeps the forecasts of the libraries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bench_forecast import (
    SETS,
    competition,
    coverage,
    data_folder,
    libraries,
    ours,
    scores,
)

MEDIAN = ("AutoETS", "AutoCES", "DynamicOptimizedTheta")
# Periods ahead as in the test parts, and how far apart the ends lie.
AHEAD = {
    ("m1", "monthly"): (18, 5),
    ("m1", "quarterly"): (8, 3),
    ("tourism", "monthly"): (24, 5),
    ("tourism", "quarterly"): (8, 3),
}
ENDS = 6
# Seasons that must be left.
_LEAST = 4


def run() -> pd.DataFrame:
    """One row a competition, frequency and end, and one for the mean of each six."""
    if not data_folder().is_dir():
        return pd.DataFrame([{"what": "the competition data is not on this machine"}])
    rows: list[dict[str, Any]] = []
    for name, period, season in SETS:
        horizon, apart = AHEAD[name, period]
        ends = [horizon + apart * k for k in range(ENDS)]
        some = [_end(name, period, season, horizon, off) for off in ends]
        rows += [*some, _together(some)]
    return pd.DataFrame(rows)


def _end(name: str, period: str, season: int, horizon: int, off: int) -> dict[str, Any]:
    """The end that lies `off` periods before that of the training part."""
    series = [
        (one, train[:-off], train[len(train) - off :][:horizon])
        for one, train, _ in competition(name, period)
        if len(train) - off >= _LEAST * season
    ]
    what = f"{name} {period}"
    theirs, _ = libraries(f"{what} -{off}", series, season, 1, MEDIAN)
    frame, _ = ours(series, season)
    mine = scores(frame["mean"].to_numpy().reshape(len(series), -1), series, season)
    median = scores(np.median([theirs[one] for one in MEDIAN], axis=0), series, season)
    ratio = np.mean([mine[one] / median[one] for one in ("smape", "mase")])
    held = coverage(frame, series)
    return {
        "what": what,
        "end": -off,
        "series": len(series),
        **{one: mine[one] for one in ("smape", "mase")},
        **{f"{one}_median": median[one] for one in ("smape", "mase")},
        "ahead_of_median": float(1 - ratio),
        "coverage_80": held["coverage_80"],
        "coverage_95": held["coverage_95"],
    }


def _together(some: list[dict[str, Any]]) -> dict[str, Any]:
    table = pd.DataFrame(some)
    means = table.drop(columns=["what", "end", "series"]).mean()
    return {"what": some[0]["what"], "end": "mean", "series": int(table["series"].sum()), **means}
