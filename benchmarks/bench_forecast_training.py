"""What the forecast's own notes say of the training parts of M1 and tourism; the test parts are not read.

`young`: series cut to one to two seasons, the year after them forecast with half of the season they saw
(`seasonality.first_profile`) and without; sMAPE in percent. `latest misses`: at four ends of the training
parts, the coverage of the series whose three latest periods were missed by more than ever before
(`surprise`), with the limits that reach further and with those that do not, and of all series. Needs the
competition data, as `bench_forecast`; nothing is drawn at random.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bench_forecast import SETS, competition, data_folder
from salesops_lib import forecast_series
from salesops_lib.analyses.forecast import Forecast, accuracy, combination, intervals, surprise

Histories = list[np.ndarray]
YOUNG = {"monthly": (12, 14, 16, 18, 20, 22, 23), "quarterly": (4, 5, 6, 7)}
# Periods ahead, and how many are taken off each training part.
ENDS = {
    ("m1", "monthly"): (18, (18, 25, 32, 39)),
    ("m1", "quarterly"): (8, (8, 11, 14, 17)),
    ("tourism", "monthly"): (24, (24, 31, 38, 45)),
    ("tourism", "quarterly"): (8, (8, 11, 14, 17)),
}
LEVELS = (0.80, 0.95)


def run() -> pd.DataFrame:
    """One row a competition, frequency and length or end."""
    if not data_folder().is_dir():
        return pd.DataFrame([{"what": "the competition data is not on this machine"}])
    rows: list[dict[str, Any]] = []
    for name, period, season in SETS:
        train = [one for _, one, _ in competition(name, period)]
        rows += [young(train, f"{name} {period}", season, known) for known in YOUNG[period]]
        horizon, ends = ENDS[name, period]
        rows += [missed(train, f"{name} {period}", season, horizon, off) for off in ends]
    return pd.DataFrame([*rows, together(pd.DataFrame(rows))])


def young(train: Histories, what: str, season: int, known: int) -> dict[str, Any]:
    """A season that none of the histories holds whole stands for none."""
    long = known + season
    kept = np.array([y[:long] for y in train if len(y) >= 4 * season and (y > 0).all()])
    rows, actual = kept[:, :known], kept[:, known:]
    starts = np.zeros(len(kept), dtype=np.int64)
    error = []
    for length in (season, 2 * season):
        ahead = combination.members(rows, starts, length, season)[0]
        error.append(float(np.mean(200 * np.abs(ahead - actual) / (ahead + actual))))
    return {
        "what": "young", "set": what, "periods": known, "series": len(kept),
        "smape": error[0], "smape_without": error[1], "change": error[0] / error[1] - 1,
    }  # fmt: skip


def missed(train: Histories, what: str, season: int, horizon: int, off: int) -> dict[str, Any]:
    """Coverage at the end that lies `off` periods before that of the training part."""
    longer = [y for y in train if len(y) - off >= 3 * season]
    frame = pd.concat(
        [
            pd.DataFrame({"unique_id": str(k), "ds": np.arange(len(y) - off), "y": y[:-off]})
            for k, y in enumerate(longer)
        ],
        ignore_index=True,
    )
    actual = np.array([y[len(y) - off :][:horizon] for y in longer])
    made = forecast_series(frame, horizon=horizon, season_length=season, partial="keep")
    assert made.origins is not None and made.panel is not None
    order = np.array([int(one) for one in made.panel.ids])
    pick = surprise.missed(made.origins) != 0
    further, usual = (_held(made, actual[order], reach=reach) for reach in (True, False))
    row = {"what": "latest misses", "set": what, "periods": off, "series": len(longer)}
    row |= {"missed": int(pick.sum())}
    for level, now, before in zip(("80", "95"), further, usual, strict=True):
        row[f"coverage_{level}"] = float(now.mean())
        if pick.any():
            row[f"missed_{level}"] = float(now[pick].mean())
            row[f"missed_{level}_usual"] = float(before[pick].mean())
    return row


def _held(made: Forecast, actual: np.ndarray, *, reach: bool) -> list[np.ndarray]:
    """(n, horizon) for each level: whether the limits hold what came."""
    assert made.origins is not None
    size = intervals.sizes(made.origins)
    if not reach:
        size = dataclasses.replace(size, log_miss=0 * size.log_miss, plain_miss=0 * size.plain_miss)
    steps = [
        intervals.limits(intervals.step(made.origins, j), made.origins, 0, LEVELS, size=size)
        for j in range(made.horizon)
    ]
    low, high = (
        np.stack([getattr(one, side) for one in steps], axis=2) for side in ("low", "high")
    )
    return [accuracy.held(low[i], actual, high[i]) for i in range(len(LEVELS))]


def together(table: pd.DataFrame) -> dict[str, Any]:
    """The latest misses of all sets and ends."""
    some = table[(table["what"] == "latest misses") & (table["missed"] > 0)]
    every = table[table["what"] == "latest misses"]
    names = [f"missed_{level}{kind}" for level in ("80", "95") for kind in ("", "_usual")]
    weight = some["missed"] / some["missed"].sum()
    return {
        "what": "latest misses", "set": "all", "series": int(every["series"].sum()),
        "missed": int(every["missed"].sum()),
        **{name: float((some[name] * weight).sum()) for name in names},
    }  # fmt: skip
