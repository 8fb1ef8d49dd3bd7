"""How wrong the forecasts of a backtest were, beside the two that cost nothing.

MASE and RMSSE divide by the seasonal naive error known at the origin (Hyndman & Koehler 2006), so
that series of any size can be averaged; sMAPE is in percent, 0 to 200; bias is the summed error
over the summed actuals; CRPS (Gneiting & Raftery 2007) is that of the sample forecast × past
residuals, over the same naive error.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import intervals
from salesops_lib.analyses.forecast.backtest import METHODS, Origins
from salesops_lib.estimate import Estimate

Array = NDArray[np.float64]
ALL = "all series"


def crps_sample(sample: Array, actual: Array) -> Array:
    """CRPS of an equally weighted sample (…, n) at `actual` (…); NaN in a sample is left out."""
    ordered = np.sort(sample, axis=-1)
    n = np.sum(~np.isnan(ordered), axis=-1)
    size = np.maximum(n, 1)
    place = np.arange(1, sample.shape[-1] + 1)
    away = np.nansum(np.abs(ordered - actual[..., None]), axis=-1) / size
    # Σ_ij |x_i − x_j| = 2 Σ_i (2i − n − 1) x_(i)
    spread = np.nansum((2 * place - size[..., None] - 1) * ordered, axis=-1) / size**2
    return np.where(n > 0, away - spread, np.nan)


def held(low: Array, actual: Array, high: Array) -> NDArray[np.bool_]:
    """Whether the limits hold the outcome, up to rounding: limits that meet, as those of a series
    that never changes do, would miss it by the last digit."""
    least = 1e-9 * np.maximum(np.abs(low), np.abs(high))
    inside: NDArray[np.bool_] = (low - least <= actual) & (actual <= high + least)
    return inside


def inside(table: pd.DataFrame, low: str, high: str) -> pd.Series:
    """Whether each row's limits, in the columns `low` and `high`, hold its outcome `y`."""
    limits = (table[name].to_numpy(float) for name in (low, "y", high))
    return pd.Series(held(*limits), index=table.index)


def with_limits(
    origins: Origins, cuts: tuple[int, ...], levels: tuple[float, ...], method: int = 0
) -> dict[str, Array]:
    """Arrays (cuts, n, horizon) of one method at the reported origins: limits and CRPS."""
    shape = (len(cuts), origins.mean.shape[2], origins.horizon)
    out = {"crps": np.full(shape, np.nan)}
    for level in levels:
        out[f"lo-{name_of(level)}"] = np.full(shape, np.nan)
        out[f"hi-{name_of(level)}"] = np.full(shape, np.nan)
    size = intervals.sizes(origins, method)
    for j in range(origins.horizon):
        target = intervals.step(origins, j, method)
        for at, cut in enumerate(cuts):
            found = intervals.limits(target, origins, cut, levels, size=size)
            for i, level in enumerate(levels):
                out[f"lo-{name_of(level)}"][at, :, j] = found.low[i]
                out[f"hi-{name_of(level)}"][at, :, j] = found.high[i]
            out["crps"][at, :, j] = _crps(target, origins, cut)
    return out


def _crps(target: intervals.Target, origins: Origins, cut: int) -> Array:
    signed = intervals.residuals(target, origins, cut)
    mean = target.mean[cut]
    logged = origins.positive[cut] & (mean > 0)
    if signed.shape[1] == 0:
        return np.abs(target.actual[cut] - mean)
    # An origin without past residuals is a point forecast, whose CRPS is its absolute error.
    signed = np.where(np.isnan(signed).all(axis=1, keepdims=True), 0.0, signed)
    sample = np.where(
        logged[:, None],
        mean[:, None] * np.exp(np.where(logged[:, None], signed, 0.0)),
        mean[:, None] + signed * origins.scale[cut][:, None],
    )
    return crps_sample(sample, target.actual[cut])


def scores(
    ids: tuple[str, ...],
    origins: Origins,
    cuts: tuple[int, ...],
    levels: tuple[float, ...],
    made: list[dict[str, Array]],
) -> pd.DataFrame:
    """One row a series and method, and one for all series: n, mase, rmsse, smape, crps, …

    Every method is scored at the same origins and steps: those where all of them and the actual are
    there.
    """
    pick = list(cuts)
    actual = origins.actual[pick]
    means = origins.mean[:, pick]
    there = ~np.isnan(actual) & ~np.isnan(means).any(axis=0)
    scale = origins.scale[pick][:, :, None]
    spread = origins.spread[pick][:, :, None]
    blocks = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of series with nothing to score
        for which, method in enumerate(METHODS):
            error = np.where(there, means[which] - actual, np.nan)
            size = np.where(there, np.abs(means[which]) + np.abs(actual), np.nan)
            per_step = {
                "mase": np.abs(error) / scale,
                "rmsse": (error / spread) ** 2,
                "smape": 200 * np.abs(error) / np.where(size > 0, size, np.nan),
                "crps": np.where(there, made[which]["crps"], np.nan) / scale,
            }
            columns = {name: np.nanmean(value, axis=(0, 2)) for name, value in per_step.items()}
            columns["rmsse"] = np.sqrt(columns["rmsse"])
            for level in levels:
                low, high = made[which][f"lo-{name_of(level)}"], made[which][f"hi-{name_of(level)}"]
                inside = np.where(there & ~np.isnan(low), held(low, actual, high), np.nan)
                columns[f"coverage-{name_of(level)}"] = np.nanmean(inside, axis=(0, 2))
            total = np.abs(np.nansum(np.where(there, actual, np.nan), axis=(0, 2)))
            columns["bias"] = np.nansum(error, axis=(0, 2)) / np.where(total > 0, total, np.nan)
            block = pd.DataFrame(columns)
            block.insert(0, "n", there.sum(axis=(0, 2)))
            block.insert(0, "method", method)
            block.insert(0, "unique_id", ids)
            blocks.append(block)
            blocks.append(_over_all(block, method))
    return pd.concat(blocks, ignore_index=True)


def _over_all(block: pd.DataFrame, method: str) -> pd.DataFrame:
    """Mean over series, each series counting once."""
    numbers = block.drop(columns=["unique_id", "method", "n"]).mean()
    return pd.DataFrame(
        [{"unique_id": ALL, "method": method, "n": int(block["n"].sum()), **numbers}]
    )


def name_of(level: float) -> str:
    """`80` for .8, `97.5` for .975, as statsforecast names columns."""
    return f"{level * 100:.6g}"


def against_naive(
    table: pd.DataFrame, rng: int | np.random.Generator, *, draws: int = 999
) -> Estimate:
    """Mean MASE over series against the seasonal naive's, with a bootstrap over series."""
    # Which series is drawn first must not hang on the order of the caller's rows.
    single = table[table["unique_id"] != ALL].sort_values("unique_id", kind="stable")
    mase = [single.loc[single["method"] == one, "mase"].to_numpy() for one in METHODS[:2]]
    both = np.stack(mase, axis=1)
    both = both[~np.isnan(both).any(axis=1)]
    n = len(both)
    if n == 0 or both[:, 1].sum() == 0:
        return Estimate(np.nan, unit="ratio", n=n)
    value = float(both[:, 0].sum() / both[:, 1].sum())
    if n < 5:
        return Estimate(value, unit="ratio", n=n, method="too few series for an interval")
    picked = np.random.default_rng(rng).integers(0, n, size=(draws, n))
    sums = both[picked].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.05, 0.95])
    return Estimate(value, float(low), float(high), unit="ratio", n=n, method="bootstrap of series")
