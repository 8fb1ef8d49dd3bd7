"""What is said of the shape of the spread between reps."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate

FAMILY_LABELS = {
    "normal": "Bell curve (normal)",
    "lognormal": "Lognormal",
    "gamma": "Gamma",
    "weibull": "Weibull",
    "exponential": "Exponential",
    "pareto": "Power law (Pareto)",
    "power_law_cutoff": "Power law with cut-off",
}
# Goodness-of-fit p above which a shape fits.
_FITS = 0.05
_VERDICTS = {
    "normal": "Results per rep follow a bell curve: most reps are close to the average, and the "
    "stars are its upper end, not a class of their own.",
    "skewed": "Results per rep are skewed, not a bell curve: the upper half is spread wider than "
    "the lower, so the average lies above the typical rep.",
    "heavy-tailed": "Results per rep are heavy-tailed: a few reps sell far more than anyone else, "
    "and an average says little.",
}


def shape(verdict: str, n: int, families: pd.DataFrame) -> str:
    """What an executive reads about the curve."""
    if verdict in _VERDICTS:
        return _VERDICTS[verdict]
    if families.empty or families["gof_p"].isna().all():
        return f"Bell curve or not: {wording.CANNOT_TELL} from {wording.count(n, 'rep')}."
    if no_shape(families):
        return (
            "None of seven standard shapes fits the spread of reps: it may be two groups in one. "
            "Look at channels or segments apart."
        )
    fitting = families.loc[families["gof_p"] > _FITS, "family"].tolist()
    who, bell = wording.count(n, "rep"), "normal" in fitting
    fit = f"{len(fitting)} of {len(families)} shapes fit, the bell curve {'' if bell else 'not '}among them"
    if len(fitting) == 1:
        # No shape of what is above zero could be tried on totals below it.
        only = " that can be tried" * int(families["gof_p"].notna().sum() == 1)
        fit = f"one shape{only} fits, and it is {'' if bell else 'not '}the bell curve"
    return f"Bell curve or skewed: {wording.CANNOT_TELL}. With {who}, {fit}. No conclusion here leans on the shape."


def no_shape(families: pd.DataFrame) -> bool:
    """Whether every shape is rejected."""
    tested = [] if families.empty else families["gof_p"].dropna().tolist()
    return bool(tested) and max(tested) <= _FITS


def tail(value: Estimate, start: float, size: int, currency: str, period: str = "month") -> str:
    where = wording.money(start, currency) if start >= 20 else wording.number(start)
    return (
        f"The tail begins at {where} a {period} and holds {wording.count(size, 'rep')}: of those at "
        f"any level in it, {wording.percent(value.value)} sell at least twice as much "
        f"({wording.interval(value)})."
    )
