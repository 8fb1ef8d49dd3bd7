"""The numeric tables of a channel gap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap.labels import label
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.statistics.bilinear import Part, t_quantile
from salesops_lib.statistics.oaxaca_sequential import Sequential


def decomposition(parts: Sequential, confidence: float) -> pd.DataFrame:
    """One row a covariate, and what is left; the values sum to the gap."""
    entries: list[tuple[str, str, Part]] = [
        *((name, "market", part) for name, part in parts.first.items()),
        *((name, "practice", part) for name, part in parts.second.items()),
        ("unexplained", "unexplained", parts.rest),
    ]
    records = []
    for name, group, part in entries:
        low, high = part.interval(confidence)
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


def means(rows: Rows, names: tuple[str, str], confidence: float) -> pd.DataFrame:
    """Each channel's mean of rep means."""
    values = rows.cluster_means(rows.outcome)
    records = []
    for name, mask in zip(names, (rows.in_a, ~rows.in_a), strict=True):
        own = values[mask]
        half = t_quantile(confidence, len(own) - 1) * float(np.std(own, ddof=1)) / len(own) ** 0.5
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
    return pd.DataFrame(
        {
            cluster: rows.labels,
            "channel": np.where(rows.in_a, names[0], names[1]),
            "value": rows.cluster_means(rows.outcome),
        }
    )
