"""Forecasts that can be held against what came: their target, and the score once it has passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast.sales_data import SalesData
from salesops_lib.analyses.forecast.spells import spells_on
from salesops_lib.estimate import Finding, plain

COLUMNS = [
    "made",
    "period",
    "scope",
    "name",
    "node",
    "start",
    "end",
    "forecast",
    "low",
    "high",
    "confidence",
    "actual",
    "error",
    "inside",
    "state",
]


@dataclass(frozen=True, slots=True)
class Promise(Finding):
    """A finding about bookings of a stretch of days to come, which will be scored.

    Attributes
    ----------
    as_of
        The last day that was known.
    start, end
        First and last day of the period that is forecast.
    node
        The part of the company, `company` or a path below it.
    keys
        The columns and values that make the part: {"region": "West"}.
    """

    as_of: pd.Timestamp = pd.NaT
    start: pd.Timestamp = pd.NaT
    end: pd.Timestamp = pd.NaT
    node: str = "company"
    keys: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As every finding, and `target`: as_of, start, end, node, keys."""
        # Not super(): a slotted dataclass is another class than the one its body was written in.
        return {
            **Finding.to_dict(self),
            "target": {
                "as_of": _day(self.as_of),
                "start": _day(self.start),
                "end": _day(self.end),
                "node": self.node,
                "keys": plain(self.keys),
            },
        }


def score(entries: Iterable[Mapping[str, Any]], dataset: SalesData) -> pd.DataFrame:
    """One row a forecast of the ledger, held against the dataset.

    Parameters
    ----------
    entries
        Entries of the ledger: `recorded_at`, `period`, `scope`, and `findings`, each with a
        `target`.

    Returns
    -------
    DataFrame
        `COLUMNS`: forecast, low, high and actual in money; error is forecast ÷ actual − 1; inside tells
        whether the interval held. state is `scored`, `running` where the period is not over on the
        dataset's last day (actual is blank then), or `no data` where the dataset holds nothing of that
        part or begins later. A deal counts for the part that its rep was in on the target's `as_of`, as in
        the forecast; of a rep who came later, for the first one.
    """
    deals, reps = dataset.deals(), dataset.reps()
    won = deals[deals["status"] == "won"]
    last, first = pd.Timestamp(dataset.last_day), won["close_date"].min()
    by_day: dict[pd.Timestamp, pd.DataFrame] = {}
    rows = []
    for entry in entries:
        for one in entry["findings"]:
            target = one.get("target")
            if not target:
                continue
            start, end = pd.Timestamp(target["start"]), pd.Timestamp(target["end"])
            day = pd.Timestamp(target.get("as_of") or start - pd.Timedelta(days=1))
            if day not in by_day:
                by_day[day] = _placed(won, spells_on(reps, day))
            row = {
                "made": entry.get("recorded_at", ""),
                "period": entry.get("period", ""),
                "scope": entry.get("scope", ""),
                "name": one["name"],
                "node": target["node"],
                "start": start,
                "end": end,
                "forecast": _number(one["value"]),
                "low": _number(one["low"]),
                "high": _number(one["high"]),
                "confidence": _number(one["confidence"]),
            }
            rows.append(
                {**row, **_outcome(row, by_day[day], target.get("keys") or {}, first, last)}
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def _placed(won: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Won deals with the columns of their reps, which go before columns of the deals of that name, as
    in the forecast."""
    own = won.drop(columns=[name for name in reps if name != "rep_id" and name in won])
    return own.merge(reps, on="rep_id", how="left")


def _outcome(
    row: Mapping[str, Any],
    deals: pd.DataFrame,
    keys: Mapping[str, str],
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> dict[str, Any]:
    nothing = {"actual": np.nan, "error": np.nan, "inside": None}
    if row["end"] > last:
        return {**nothing, "state": "running"}
    mine = pd.Series(True, index=deals.index)
    for name, value in keys.items():
        if name not in deals:
            return {**nothing, "state": "no data"}
        mine &= deals[name].fillna("unassigned").astype(str) == value
    if not mine.any() or row["start"] < first.normalize().replace(day=1):
        return {**nothing, "state": "no data"}
    span = mine & (deals["close_date"] >= row["start"])
    span &= deals["close_date"] < row["end"] + pd.Timedelta(days=1)
    actual = float(deals.loc[span, "amount"].sum())
    error = row["forecast"] / actual - 1 if actual > 0 else np.nan
    known = np.isfinite(row["low"]) and np.isfinite(row["high"])
    inside = bool(row["low"] <= actual <= row["high"]) if known else None
    return {"actual": actual, "error": error, "inside": inside, "state": "scored"}


def _day(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else day.date().isoformat()


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)
