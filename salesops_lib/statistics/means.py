"""Tests on group means. The only module that calls pingouin; nothing here is rounded."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from salesops_lib.statistics.cluster_moments import Array


@dataclass(frozen=True)
class Welch:
    """A t test of two means: Welch's, or of pairs.

    Attributes
    ----------
    difference, std_error, df, t, p
        Mean of a minus mean of b, and the rest of the test.
    """

    difference: float
    std_error: float
    df: float
    t: float
    p: float

    def interval(self, confidence: float) -> tuple[float, float]:
        half = float(special.stdtrit(self.df, 0.5 + confidence / 2)) * self.std_error
        return self.difference - half, self.difference + half


def welch(a: Array, b: Array) -> Welch:
    """Welch's t test of independent samples, one value a unit; at least two each.

    >>> round(welch(np.array([1.0, 2, 3]), np.array([2.0, 4, 9])).df, 4)
    2.3059
    """
    with warnings.catch_warnings():
        # Of a sample all alike scipy warns that its spread is of last digits; next to the other's it is nothing.
        warnings.filterwarnings("ignore", "Precision loss occurred")
        one = stats.ttest_ind(a, b, equal_var=False)
    difference = float(np.mean(a) - np.mean(b))
    error = float(np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)))
    return Welch(difference, error, float(one.df), float(one.statistic), float(one.pvalue))


def paired(a: Array, b: Array) -> Welch:
    """Student's t test of the differences within pairs; at least two.

    >>> round(paired(np.array([1.0, 2, 3]), np.array([2.0, 4, 9])).t, 4)
    -1.964
    """
    apart = np.asarray(a, float) - np.asarray(b, float)
    one = stats.ttest_rel(a, b)
    error = float(np.std(apart, ddof=1) / np.sqrt(len(apart)))
    df = float(len(apart) - 1)
    return Welch(float(apart.mean()), error, df, float(one.statistic), float(one.pvalue))


@dataclass(frozen=True)
class OneWay:
    """A one-way analysis of variance: Fisher's F, and Welch's for unequal spreads."""

    f: float
    p: float
    welch_f: float
    welch_df: float
    welch_p: float


def one_way(values: Array, groups: np.ndarray) -> OneWay:
    """Whether the means of several groups differ.

    The values are centred first, in the precision they come in: large, close numbers lose their
    last digits in sums of squares, and already in double precision itself (NIST's SmLs09 has
    F = 2001; read as doubles it is 2001.13, read as `np.longdouble` it is right).
    """
    import pingouin  # slow to import, needed here only

    centred = (values - np.mean(values)).astype(float)
    parts = [centred[groups == one] for one in pd.unique(groups)]
    plain = stats.f_oneway(*parts)
    frame = pd.DataFrame({"value": centred, "group": groups})
    if any(len(part) < 2 or np.var(part) == 0 for part in parts):
        return OneWay(float(plain.statistic), float(plain.pvalue), np.nan, np.nan, np.nan)
    table = pingouin.welch_anova(data=frame, dv="value", between="group").iloc[0]
    return OneWay(
        float(plain.statistic),
        float(plain.pvalue),
        float(table["F"]),
        float(table["ddof2"]),
        float(table["p_unc"]),
    )


def games_howell(values: Array, groups: np.ndarray, *, confidence: float = 0.90) -> pd.DataFrame:
    """All pairs of group means, with simultaneous intervals for unequal spreads and sizes.

    Returns
    -------
    a, b, difference, std_error, df, p, low, high: one row a pair, intervals and p for all pairs
    together.

    References
    ----------
    Games and Howell (1976), Journal of Educational Statistics 1, 113–125.
    """
    import pingouin

    frame = pd.DataFrame({"value": values - np.mean(values), "group": groups})
    table = pingouin.pairwise_gameshowell(data=frame, dv="value", between="group")
    count = frame["group"].nunique()
    error = table["se"].to_numpy(float)
    df = table["df"].to_numpy(float)
    reach = stats.studentized_range.ppf(confidence, count, df) / np.sqrt(2) * error
    difference = table["diff"].to_numpy(float)
    return pd.DataFrame(
        {
            "a": table["A"].to_numpy(),
            "b": table["B"].to_numpy(),
            "difference": difference,
            "std_error": error,
            "df": df,
            "p": table["pval"].to_numpy(float),
            "low": difference - reach,
            "high": difference + reach,
        }
    )


def holm(p: Array) -> Array:
    """Holm's step-down adjustment of p-values.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    steps = (len(p) - np.arange(len(p))) * p[order]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
