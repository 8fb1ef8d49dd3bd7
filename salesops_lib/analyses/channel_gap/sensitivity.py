"""How strong an unmeasured market factor must be to wipe the correctable part out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap.labels import label
from salesops_lib.analyses.channel_gap.overlap import Usable
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.design import Design
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.omitted_variable import (
    Residuals,
    equal_strength,
    measured_strength,
    residuals,
)
from salesops_lib.statistics.picked import Picked

GRID = 41
METHOD = "Cinelli and Hazlett 2020, on rep means"


@dataclass(frozen=True)
class Strength:
    """See `ChannelGap.robustness`, `.sensitivity` and `.measured`."""

    robustness: Estimate
    curve: pd.DataFrame
    measured: pd.DataFrame


def assess(rows: Rows, design: Design, kept: Usable, parts: Sequential, picked: Picked) -> Strength:
    """Treat each rep's practice, weighed by what it brings, as the response.

    A market factor that nobody measured can only be mistaken for practice if it differs between the
    channels and moves the reps' practice; its strength is the share it accounts for of what the
    measured market leaves of both.
    """
    n, confidence = len(rows.in_a), picked.confidence
    nothing = Estimate(math.nan, confidence=confidence, unit="share", n=n, method=METHOD)
    empty = Strength(
        nothing,
        pd.DataFrame(columns=["strength", "correctable", "low", "high"], dtype=float),
        pd.DataFrame(columns=["factor", "label", "strength"]),
    )
    if not kept.practice:
        return empty
    columns = design.raw @ design.basis
    index = rows.cluster_means(columns[:, design.fit_of(kept.practice)] @ parts.second_slopes)
    market = [rows.cluster_means(columns[:, i]) for i in design.fit_of(kept.market)]
    measured = np.column_stack(market) if market else np.zeros((n, 0))
    group = rows.in_a.astype(float)
    left = residuals(index, group, measured)
    if left.group <= 1e-9 or left.response <= 1e-12 * (np.abs(index).max() or 1.0):
        return empty
    part = parts.second_total
    low, high = picked.interval(part)
    # The spreads that turn money into a strength are estimated too: the wider of both limits allows for it.
    delta = picked.interval(replace(part, factors=None))
    below, above = min(low, delta[0]), max(high, delta[1])
    ends = [left.robustness(below), left.robustness(above)]
    at = Estimate(
        left.robustness(part.value), 0.0 if below <= 0 <= above else min(ends), max(ends),
        confidence, "share", n, METHOD,
    )  # fmt: skip
    return Strength(
        at,
        _curve(left, part.value, low, high, at.value),
        _measured(index, group, measured, design, kept),
    )


def _curve(left: Residuals, value: float, low: float, high: float, needed: float) -> pd.DataFrame:
    strength = np.linspace(0.0, min(max(1.8 * needed, 0.3), 0.95), GRID)
    shift = np.array([left.shift(x, x) for x in strength]) * math.copysign(1.0, value)
    return pd.DataFrame(
        {
            "strength": strength,
            "correctable": value - shift,
            "low": low - shift,
            "high": high - shift,
        }
    )


def _measured(
    index: np.ndarray, group: np.ndarray, measured: np.ndarray, design: Design, kept: Usable
) -> pd.DataFrame:
    found = []
    owners = [one for one in design.fit_covariate if one in kept.market]
    for name in kept.market:
        own = [i for i, owner in enumerate(owners) if owner == name]
        share_index, share_group = measured_strength(index, group, measured, own)
        found.append(
            {
                "factor": name,
                "label": label(name),
                "strength": equal_strength(share_index, share_group),
            }
        )
    table = pd.DataFrame(found, columns=["factor", "label", "strength"])
    return table.sort_values("strength", ascending=False, ignore_index=True)
