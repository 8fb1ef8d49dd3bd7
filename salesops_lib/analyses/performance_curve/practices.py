"""What goes with skill: practices in which better reps differ, at equal opportunity.

Luck would connect a practice with sales by itself: a lucky month has a high win rate. So practices
of the even periods are set against sales of the odd ones and the other way round, where the luck of
a month cannot meet itself. The reps of whom one speaks are told apart by the practice of all periods,
so its variance is what that covariance is divided by: the variance of half the periods holds twice the
noise, and slopes over it are too small (by a sixth where a fifth of the year's spread is noise).

Many practices are looked at, so the false-discovery rate is controlled (Benjamini & Hochberg 1995).
Findings are of those that were picked because they stand out, so their intervals are at the level that
keeps nine in ten of the picked ones right, `1 - (1 - confidence) * picked / tested` (Benjamini &
Yekutieli 2005, JASA 100, 71-81). The table has limits of that level for all (where none was picked, as
if one had been), which pictures draw, so that they tell what sentences do; beside them stand those of a
practice looked at for itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses import leave
from salesops_lib.analyses.columns import time_labels, whole_periods
from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.panel import ramp_shortfall
from salesops_lib.analyses.performance_curve.result import PerformanceCurve, Practices
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding

Floats = NDArray[np.float64]

_FEWEST_REPS = 10
_PERMUTATIONS = 1_999
_MOST_PERMUTED = 400
_LEAST_SHARE = 0.02


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
    # Who came or left in the middle of a period, or is on leave, would show a practice that goes with sales.
    names = {"rep": curve.rep_column, "period": curve.period_column, "value": curve.value_column}
    worked = data[~leave.on_leave(data, **names)]
    whole = whole_periods(worked, curve.exposure_column)
    halves, unknown = _known(_halves(curve, whole, list(columns)), curve, columns)
    called = dict(labels or {})
    rows = []
    notices = []
    if len(whole) < len(worked):
        notices.append(words.parts_left_out(len(worked) - len(whole)))
    if unknown:
        notices.append(
            f"{wording.count(unknown, 'rep is', 'reps are')} left out of the practices: not all is "
            "known of what they are held equal on."
        )
    for name in columns:
        row = _one(curve, halves, name)
        if row is None:
            notices.append(f"{called.get(name, name)} varies too little, or too few reps have it.")
            continue
        rows.append({"practice": name, "label": called.get(name, _readable(name)), **row})
    if not rows:
        raise NotEnoughData(
            "no practice can be compared",
            remedy=f"At least {_FEWEST_REPS} reps need it in two or more periods.",
        )
    table = pd.DataFrame(rows)
    table["q"] = stats.false_discovery_control(table["p"].to_numpy())
    table["separates"] = _separating(table, rate, curve.confidence)
    table = table.sort_values("slope", key=np.abs, ascending=False, ignore_index=True)
    half = _picked_half(table, max(int(table["separates"].sum()), 1), curve.confidence)
    table = table.assign(told_low=table["slope"] - half, told_high=table["slope"] + half)
    findings = _findings(table, curve.confidence)
    table = table.drop(columns=["error", "freedom"])
    return Practices(table, rate, curve.confidence, findings, tuple(notices))


def with_product_mix(
    months: pd.DataFrame,
    deals: pd.DataFrame,
    *,
    rep: str = "rep_id",
    month: str = "month",
    product: str = "product",
    amount: str = "amount",
    status: str = "status",
    closed: str = "close_date",
) -> tuple[pd.DataFrame, dict[str, str]]:
    """`months` with a column for each product: its share of what the rep won in the month, missing
    where nothing was won. And the labels of the new columns, which are practices like any other.

    Products below 2% of the whole are left out, as is everything where there is but one.

    Examples
    --------
    >>> months = pd.DataFrame({"rep_id": ["A"], "month": [pd.Timestamp("2026-01-01")]})
    >>> deals = pd.DataFrame({"rep_id": ["A", "A"], "product": ["Core", "Plus"], "status": "won",
    ...                       "amount": [3.0, 1.0], "close_date": pd.Timestamp("2026-01-09")})
    >>> with_product_mix(months, deals)[0]["share of Core"].tolist()
    [0.75]
    """
    won = deals[(deals[status] == "won") & (deals[amount] > 0) & deals[product].notna()]
    when = won[closed].dt.to_period("M").dt.to_timestamp()
    won = won.assign(**{month: when})
    won = won.merge(months[[rep, month]].drop_duplicates(), on=[rep, month])
    if won.empty:
        return months, {}
    sold = won.pivot_table(index=[rep, month], columns=product, values=amount, aggfunc="sum")
    share = sold.fillna(0.0).div(sold.sum(axis=1), axis=0)
    whole = sold.sum() / sold.sum().sum()
    kept = [name for name in whole.index if _LEAST_SHARE <= whole[name] < 1]
    labels = {f"share of {name}": f"Share of {name} in sales" for name in kept}
    columns = share[kept].set_axis(list(labels), axis=1).reset_index()
    return months.merge(columns, on=[rep, month], how="left").set_axis(months.index), labels


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
    times = time_labels(period, curve.period_column)
    odd = (pd.factorize(times, sort=True)[0] % 2).astype(bool)
    even_means, odd_means = (
        centred[part].groupby(curve.rep_column, sort=False).mean() for part in (~odd, odd)
    )
    return even_means, odd_means


def _known(
    halves: tuple[pd.DataFrame, pd.DataFrame], curve: PerformanceCurve, columns: Sequence[str]
) -> tuple[tuple[pd.DataFrame, pd.DataFrame], int]:
    """The halves without reps whose opportunity is not known, and how many those are: deals name
    people whom the reps table does not know."""
    first, second = halves
    controls = [one for one in first if one not in {curve.value_column, *columns}]
    unknown = {rep for half in halves for rep in half.index[half[controls].isna().any(axis=1)]}
    return (
        first.drop(index=unknown & set(first.index), errors="ignore"),
        second.drop(index=unknown & set(second.index), errors="ignore"),
    ), len(unknown)


def _one(
    curve: PerformanceCurve, halves: tuple[pd.DataFrame, pd.DataFrame], name: str
) -> dict[str, float] | None:
    value = curve.value_column
    first, second = halves
    reps = first.index[first[name].notna()].intersection(second.index[second[name].notna()])
    if len(reps) < _FEWEST_REPS:
        return None
    first, second = first.loc[reps], second.loc[reps]
    both = (first[name] + second[name]) / 2
    level = float((first[value] + second[value]).mean()) / 2
    spread = float(both.std(ddof=1))
    if not spread > 1e-12 * max(abs(float(both.mean())), 1e-300) or not level > 0:
        return None
    controls = _controls(curve, (first + second) / 2)
    practice = [_left(half[name].to_numpy() / spread, controls) for half in (first, second)]
    sales = [_left(half[value].to_numpy() / level, controls) for half in (second, first)]
    freedom = max(len(reps) - 2 - controls.shape[1], 1)
    slope, error = _slope(practice, sales)
    half_width = float(stats.t.ppf(0.5 + curve.confidence / 2, freedom)) * error
    tier = curve.reps.set_index(curve.rep_column)["tier"].reindex(reps)
    return {
        "reps": len(reps),
        "star": float(both[tier == "star"].mean()),
        "core": float(both[tier == "core"].mean()),
        "slope": slope,
        "low": slope - half_width,
        "high": slope + half_width,
        "error": error,
        "freedom": freedom,
        "p": _chance(practice, sales, slope / error if error > 0 else math.inf, freedom),
    }


def _controls(curve: PerformanceCurve, means: pd.DataFrame) -> Floats:
    """Rep means of the covariates: the opportunity that is held fixed."""
    columns = [
        column
        for column in means.columns
        for name in curve.covariates
        if (column == name or str(column).startswith(f"{name}_")) and means[column].std() > 0
    ]
    return means[list(dict.fromkeys(columns))].to_numpy(dtype=float)


def _left(values: Floats, controls: Floats) -> Floats:
    """What the controls (and a constant) leave of `values`."""
    design = np.column_stack([np.ones(len(values)), controls])
    fit, *_ = np.linalg.lstsq(design, values, rcond=None)
    return np.asarray(values - design @ fit, dtype=np.float64)


def _slope(practice: list[Floats], sales: list[Floats]) -> tuple[float, float]:
    """Slope over both directions on the practice of both halves, and its error by leaving out one rep
    at a time."""
    top = np.sum([p * s for p, s in zip(practice, sales, strict=True)], axis=0)
    bottom = np.sum(practice, axis=0) ** 2 / 2
    without = (top.sum() - top) / (bottom.sum() - bottom)
    n = len(without)
    error = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    return float(top.sum() / bottom.sum()), error


def _chance(practice: list[Floats], sales: list[Floats], ratio: float, freedom: int) -> float:
    """P(a slope as large without any connection): sales are dealt anew among the reps, both halves
    of a rep together, because with a few dozen reps and skewed sales the t distribution calls
    twice as many false ones as it says."""
    n = len(practice[0])
    if n > _MOST_PERMUTED:
        return float(2 * stats.t.sf(abs(ratio), freedom))
    order = _deals(n)
    dealt = sum(s[order] @ p for p, s in zip(practice, sales, strict=True))
    seen = sum(float(p @ s) for p, s in zip(practice, sales, strict=True))
    return float((1 + (np.abs(dealt) >= abs(seen) * (1 - 1e-12)).sum()) / (_PERMUTATIONS + 1))


@lru_cache(maxsize=4)
def _deals(n: int) -> NDArray[np.int64]:
    """Random orders of n reps, from a fixed stream: the same question has the same answer,
    whatever else is asked."""
    return np.argsort(np.random.default_rng(0).random((_PERMUTATIONS, n)), axis=1)


def _separating(table: pd.DataFrame, rate: float, confidence: float) -> NDArray[np.bool_]:
    """Those of few false ones whose limits as picked leave 0 out, too: the deals and the jackknife need
    not agree, and what is said to go with skill by 2% less to 89% more is not said to."""
    picked = (table["q"] <= rate).to_numpy()
    while picked.any():
        clear = picked & (table["slope"].abs() > _picked_half(table, int(picked.sum()), confidence))
        if (clear == picked).all():
            break
        picked = clear
    return picked


def _picked_half(table: pd.DataFrame, picked: int, confidence: float) -> Floats:
    """Half-widths for the `picked` ones: see the top of this file."""
    level = 1 - (1 - confidence) * picked / len(table)
    return np.asarray(stats.t.ppf(0.5 + level / 2, table["freedom"]) * table["error"], np.float64)


def _findings(table: pd.DataFrame, confidence: float) -> tuple[Finding, ...]:
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
            row["slope"], row["told_low"], row["told_high"], confidence, "share",
            row["reps"], "regression across periods, jackknife over reps, widened for the picking",
        )  # fmt: skip
        name = f"practice_{row['practice']}"
        found.append(Finding(name, estimate, words.practice(str(row["label"]), estimate)))
    return tuple(found)
