"""The numeric tables of a channel gap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap.labels import label
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.analyses.columns import under_its_name
from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.picked import Picked


def decomposition(parts: Sequential, picked: Picked) -> pd.DataFrame:
    """One row a covariate, and what is left; the values sum to the gap."""
    entries: list[tuple[str, str, Part]] = [
        *((name, "market", part) for name, part in parts.first.items()),
        *((name, "practice", part) for name, part in parts.second.items()),
        ("unexplained", "unexplained", parts.rest),
    ]
    records = []
    for name, group, part in entries:
        low, high = picked.interval(part)
        records.append(
            {
                "component": name,
                "label": label(name),
                "group": group,
                "value": part.value,
                "std_error": part.std_error(),
                "df": part.df,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(records)


def means(rows: Rows, names: tuple[str, str], picked: Picked) -> pd.DataFrame:
    """Each channel's mean of rep means."""
    gap = picked.by.variance("ignore")
    values = rows.cluster_means(rows.outcome)
    records = []
    for name, mask in zip(names, (rows.in_a, ~rows.in_a), strict=True):
        own = values[mask]
        variance = float(np.var(own, ddof=1)) / len(own)
        # A mean goes with a gap by its share of the gap's variance.
        goes_with = min(variance / gap, 1.0) if gap > 0 else 0.0
        half = picked.quantile(len(own) - 1, goes_with) * math.sqrt(variance)
        mean = float(own.mean())
        records.append(
            {
                "channel": name,
                "reps": int(mask.sum()),
                "rows": int(mask[rows.clusters].sum()),
                "value": mean,
                "low": mean - half,
                "high": mean + half,
            }
        )
    return pd.DataFrame(records)


def reps(rows: Rows, names: tuple[str, str], cluster: str) -> pd.DataFrame:
    """The rep means."""
    table = pd.DataFrame(
        {
            "rep": rows.labels,
            "channel": np.where(rows.in_a, names[0], names[1]),
            "value": rows.cluster_means(rows.outcome),
        }
    )
    return under_its_name(table, cluster)
