"""What goes with skill: practices in which better reps differ, at equal opportunity.

Luck would connect a practice with sales by itself: a lucky month has a high win rate. So practices
of the even periods are set against sales of the odd ones and the other way round, where the luck of
a month cannot meet itself. Many practices are looked at, so the false-discovery rate is controlled
(Benjamini & Hochberg 1995).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.panel import ramp_shortfall
from salesops_lib.analyses.performance_curve.result import PerformanceCurve, Practices
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding

Floats = NDArray[np.float64]

_FEWEST_REPS = 10


def separating_practices(
    curve: PerformanceCurve,
    data: pd.DataFrame,
    *,
    columns: Sequence[str],
    labels: Mapping[str, str] | None = None,
    rate: float = 0.10,
) -> Practices:
    """Which of `columns` go with skill.

    Parameters
    ----------
    curve
        From `performance_curve` of the same frame; its covariates are held fixed.
    data
        One row a rep and period, with the practices (missing where there was nothing to measure).
    columns
        Numeric practices: win rate, cycle, discount, share of hours spent selling, …
    labels
        Column → what a reader calls it.
    rate
        Expected share of false ones among those that are said to separate.

    Raises
    ------
    DataError
        If a column is missing or not numeric.
    NotEnoughData
        With fewer than ten reps in both halves of the periods.
    """
    missing = [name for name in columns if name not in data]
    if missing:
        raise DataError(f"no column {', '.join(missing)}", remedy="Leave it out, or name it.")
    if not 0 < rate < 1:
        raise ParameterError(f"rate == {rate}, must be between 0 and 1.")
    numeric = [name for name in columns if pd.api.types.is_numeric_dtype(data[name])]
    if len(numeric) < len(columns):
        wrong = next(name for name in columns if name not in numeric)
        raise DataError("not numeric", column=wrong, remedy="Give shares or amounts.")
    halves = _halves(curve, data, list(columns))
    names = dict(labels or {})
    rows = []
    notices = []
    for name in columns:
        row = _one(curve, halves, name)
        if row is None:
            notices.append(f"{names.get(name, name)} varies too little, or too few reps have it.")
            continue
        rows.append({"practice": name, "label": names.get(name, _readable(name)), **row})
    if not rows:
        raise NotEnoughData(
            "no practice can be compared",
            remedy=f"At least {_FEWEST_REPS} reps need it in two or more periods.",
        )
    table = pd.DataFrame(rows)
    table["q"] = stats.false_discovery_control(table["p"].to_numpy())
    table["separates"] = table["q"] <= rate
    table = table.sort_values("slope", key=np.abs, ascending=False, ignore_index=True)
    return Practices(table, rate, curve.confidence, _findings(table), tuple(notices))


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _halves(
    curve: PerformanceCurve, data: pd.DataFrame, columns: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rep means of value, practices and controls over the even and over the odd periods."""
    controls = [c for c in curve.covariates if pd.api.types.is_numeric_dtype(data[c])]
    groups = [c for c in curve.covariates if c not in controls]
    value = curve.value_column
    kept = list(dict.fromkeys([value, *columns, *controls]))
    frame = data[[curve.rep_column, curve.period_column, *kept]].copy()
    for name in groups:
        dummies = pd.get_dummies(data[name].astype(object), prefix=name, dtype=float)
        frame = frame.join(dummies.iloc[:, 1:])
    for name in controls:
        if name.startswith("tenure"):
            frame[name] = ramp_shortfall(frame[name].to_numpy(dtype=float))
    # The calendar moves practices and sales together; compare reps within a period.
    period = frame[curve.period_column]
    numbers = frame.drop(columns=[curve.rep_column, curve.period_column]).astype(float)
    centred = numbers - numbers.groupby(period).transform("mean") + numbers.mean()
    centred[curve.rep_column] = frame[curve.rep_column]
    odd = (pd.factorize(period, sort=True)[0] % 2).astype(bool)
    even_means, odd_means = (
        centred[part].groupby(curve.rep_column, sort=False).mean() for part in (~odd, odd)
    )
    return even_means, odd_means


def _one(
    curve: PerformanceCurve, halves: tuple[pd.DataFrame, pd.DataFrame], name: str
) -> dict[str, float] | None:
    value = curve.value_column
    first, second = halves
    reps = first.index[first[name].notna()].intersection(second.index[second[name].notna()])
    if len(reps) < _FEWEST_REPS:
        return None
    first, second = first.loc[reps], second.loc[reps]
    practice = np.concatenate([first[name].to_numpy(), second[name].to_numpy()])
    sales = np.concatenate([second[value].to_numpy(), first[value].to_numpy()])
    spread = float((practice[: len(reps)] + practice[len(reps) :]).std(ddof=1)) / 2
    level = float(sales.mean())
    if not spread > 1e-12 * max(abs(float(practice.mean())), 1e-300) or not level > 0:
        return None
    others = [c for c in first.columns if c in _controls(curve, first)]
    # Controls of the outcome's half: the opportunity in which those sales were made.
    control = np.vstack([second[others].to_numpy(), first[others].to_numpy()])
    side = np.repeat([0.0, 1.0], len(reps))
    design = np.column_stack([practice / spread, np.ones(2 * len(reps)), side, control])
    slope, error, freedom = _clustered(design, sales / level, np.tile(np.arange(len(reps)), 2))
    half = float(stats.t.ppf(0.5 + curve.confidence / 2, freedom)) * error
    tier = curve.reps.set_index(curve.rep_column)["tier"].reindex(reps)
    both = (first[name] + second[name]) / 2
    return {
        "reps": len(reps),
        "star": float(both[tier == "star"].mean()),
        "core": float(both[tier == "core"].mean()),
        "slope": slope,
        "low": slope - half,
        "high": slope + half,
        "p": float(2 * stats.t.sf(abs(slope) / error, freedom)) if error > 0 else math.nan,
    }


def _controls(curve: PerformanceCurve, frame: pd.DataFrame) -> set[str]:
    return {
        column
        for column in frame.columns
        for name in curve.covariates
        if (column == name or str(column).startswith(f"{name}_")) and frame[column].std() > 0
    }


def _clustered(design: Floats, y: Floats, groups: NDArray[np.int64]) -> tuple[float, float, float]:
    """First coefficient, its standard error clustered by rep (CR1), degrees of freedom."""
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ (design.T @ y)
    left = y - design @ beta
    n = int(groups.max()) + 1
    scores = np.column_stack(
        [np.bincount(groups, weights=column * left, minlength=n) for column in design.T]
    )
    freedom = max(n - design.shape[1] + 1, 1)
    covariance = bread @ (scores.T @ scores) @ bread * n / freedom
    return float(beta[0]), float(np.sqrt(max(covariance[0, 0], 0.0))), float(freedom)


def _findings(table: pd.DataFrame) -> tuple[Finding, ...]:
    apart = int(table["separates"].sum())
    found = [
        Finding(
            "practices",
            Estimate(float(apart), unit="count", n=int(table["reps"].max())),
            words.practices(table, len(table)),
        )
    ]
    for row in table[table["separates"]].to_dict(orient="records"):
        estimate = Estimate(
            row["slope"], row["low"], row["high"], unit="share", n=row["reps"],
            method="regression across periods, clustered by rep",
        )  # fmt: skip
        found.append(Finding(f"practice_{row['practice']}", estimate, words.practice(row)))
    return tuple(found)
