"""What goes with a quick ramp: how many times as long it takes with one unit more of each fact about
a rep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.ramp_time_cost import comparison_words
from salesops_lib.analyses.ramp_time_cost.milestone import Times
from salesops_lib.analyses.ramp_time_cost.result import RampFactors, RampTime
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.statistics.means import holm
from salesops_lib.statistics.picked import all_at_once
from salesops_lib.statistics.weibull import EVENTS_A_COEFFICIENT, weibull_aft

# Fewer reps than this on either side say something about persons, not about the fact.
FEWEST = 5
# Of the canonical reps table: what names a rep, places one, or is another clock.
_NO_FACTS = frozenset(
    {"rep_id", "name", "team", "region", "manager_id", "hire_date", "end_date", "annual_cost"}
)
_COHORT = "cohort"


def facts_about(reps: pd.DataFrame) -> tuple[str, ...]:
    """Columns of a reps table that may go with ramp: those of the user's own (training attended,
    prior experience), role, channel, and the year of hire.

    Whole numbers of which no two are alike name reps and are no facts about them.
    """
    found = [
        one for one in reps.columns if one not in _NO_FACTS and len(reps[one].dropna().unique()) > 1
    ]
    own = [one for one in found if not _names_reps(reps[one])]
    return (*own, _COHORT)


def ramp_factors(
    ramp: RampTime,
    facts: pd.DataFrame | None = None,
    *,
    covariates: Sequence[str],
    rep: str = "rep_id",
) -> RampFactors:
    """Weibull accelerated failure time regression of the months until a milestone.

    Parameters
    ----------
    ramp
        A milestone, from `ramp_time` or `usual_milestones`.
    facts
        One row a rep, or more of which the first value of each counts: prior experience, training
        attended, role. Not needed for `channel` and `cohort`, the year of hire.
    covariates
        Columns of `facts`, in the order of interest. Categories are compared with the most common
        one; those of fewer than five reps are left out, with a notice.
    rep
        Column of `facts` that names the rep.

    Returns
    -------
    RampFactors. All facts stand in one regression where there are five events a coefficient and none
    follows from others, and each alone otherwise. Whether one stands out is judged by Holm's p, with
    regard to how many were looked at, and the limits are Bonferroni's, so that they also hold for the
    one that is picked because it stands out.

    Raises
    ------
    DataError
        If `ramp` is a learning curve or a column is missing.
    NotEnoughData
        If there are too few events for any of the facts.

    Notes
    -----
    Only reps seen from their first month count. Of one seen later it is known that a milestone came
    late, if it had not come before; that selects slow reps among the early hires, and would read as
    later hires being quicker.

    Errors of maximum likelihood are too small with few events: as in a linear regression they are
    taken times √(events / (events − coefficients)), with t instead of the normal. Of 30 and 60 reps
    with four facts that do not matter, one is then said to matter in 9 to 12 of 100 companies at
    90%, and in 14 to 25 without it.
    """
    times = ramp.basis
    if not isinstance(times, Times):
        raise DataError("times until an event are needed", remedy='Say definition="milestone".')
    frame = times.frame[times.frame["entry"] == 0].reset_index(drop=True)
    notices: list[str] = []
    blocks = [_coded(frame, _values(frame, facts, name, rep), name, notices) for name in covariates]
    blocks = [block for block in blocks if block.shape[1]]
    events = int(frame["reached"].sum())
    width = sum(block.shape[1] for block in blocks)
    enough = EVENTS_A_COEFFICIENT * width <= events
    tied = _tied(blocks) if enough else []
    together = len(blocks) < 2 or (enough and not tied)
    if not together:
        notices.append(comparison_words.each_alone(tied))
    tables = []
    for group in [blocks] if together and blocks else [[block] for block in blocks]:
        try:
            tables.append(_fit(frame, pd.concat(group, axis=1)))
        except NotEnoughData:
            names = [str(one) for one in dict.fromkeys(c[0] for b in group for c in b.columns)]
            notices.append(comparison_words.too_few_events(names, events))
    if not tables:
        raise NotEnoughData(comparison_words.not_compared(events), column=", ".join(covariates))
    found = RampFactors(
        milestone=ramp.milestone,
        together=together,
        confidence=ramp.confidence,
        table=_judged(pd.concat(tables, ignore_index=True), ramp.confidence),
        notices=tuple(notices),
    )
    return comparison_words.with_factor_words(found)


def _values(frame: pd.DataFrame, facts: pd.DataFrame | None, name: str, rep: str) -> pd.Series:
    """The fact of each rep followed."""
    if facts is not None and name in facts:
        if rep not in facts:
            raise DataError(
                "the facts have no such column", column=rep, remedy="Name it with rep=."
            )
        return frame["rep"].map(facts.groupby(rep)[name].first())
    if name == _COHORT:
        return pd.to_numeric(frame[name], errors="coerce")
    if name in frame:
        return frame[name]
    raise DataError("the facts have no such column", column=name)


def _coded(frame: pd.DataFrame, values: pd.Series, name: str, notices: list[str]) -> pd.DataFrame:
    """Columns (fact, level, compared with): numbers as they are, categories as 0/1 against the most
    common; NaN where the rep is left out of the fact."""
    if all(isinstance(one, bool | np.bool_) for one in values.dropna()):
        values = values.map({True: "yes", False: "no"})
    if pd.api.types.is_numeric_dtype(values):
        if values.nunique() < 2 or values.notna().sum() < 2 * FEWEST:
            return pd.DataFrame(index=frame.index)
        return pd.DataFrame({(name, "", ""): values.astype(float)})
    labels = values.astype(object).where(values.notna(), "unknown").astype(str)
    counts = labels.value_counts()
    kept = counts[counts >= FEWEST].index
    rare = int(counts[counts < FEWEST].sum())
    if rare and len(kept) >= 2:
        notices.append(comparison_words.rare_levels(name, rare, FEWEST))
    if len(kept) < 2:
        return pd.DataFrame(index=frame.index)
    # Training attended is compared with not attended, whichever is more common.
    common = "no" if set(kept) == {"yes", "no"} else str(kept[0])
    inside = labels.isin(kept)
    return pd.DataFrame(
        {
            (name, str(one), common): (labels == one).astype(float).where(inside)
            for one in sorted(kept)
            if one != common
        }
    )


def _fit(frame: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """One row a coefficient: log of how many times as long, its standard error and its freedom."""
    use = design.notna().all(axis=1)
    columns = [f"x{i}" for i in range(design.shape[1])]
    data = pd.concat([frame, design.set_axis(columns, axis=1)], axis=1)[use]
    # Seen at a month's end, an event came half a month before it on average; who is not there is
    # followed to the end itself.
    data = data.assign(months=data["months"] - 0.5 * data["reached"])
    fit = weibull_aft(data, duration="months", event="reached", covariates=tuple(columns))
    rows = fit.coefficients.iloc[1:]
    events = int(data["reached"].sum())
    freedom = events - len(fit.coefficients)
    return pd.DataFrame(
        {
            "factor": [one[0] for one in design.columns],
            "level": [one[1] for one in design.columns],
            "compared_with": [one[2] for one in design.columns],
            "reps": [
                int(data[c].sum()) if one[1] else len(data)
                for c, one in zip(columns, design.columns, strict=True)
            ],
            "log": rows["coefficient"].to_numpy(),
            "error": rows["std_error"].to_numpy() * np.sqrt(events / freedom),
            "freedom": freedom,
        }
    )


def _tied(blocks: list[pd.DataFrame]) -> list[str]:
    """The facts of which one follows from others, so that they cannot stand in one regression."""
    if len(blocks) < 2:
        return []

    def rank(some: list[pd.DataFrame]) -> int:
        design = pd.concat([pd.DataFrame({"": 1.0}, index=blocks[0].index), *some], axis=1)
        return int(np.linalg.matrix_rank(design.dropna().to_numpy(dtype=float)))

    every = rank(blocks)
    apart = [
        every - rank([one for one in blocks if one is not block]) == block.shape[1]
        for block in blocks
    ]
    return [
        str(block.columns[0][0]) for block, alone in zip(blocks, apart, strict=True) if not alone
    ]


def _judged(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """With limits that hold for all comparisons at once, and p by Holm."""
    log, error, freedom = (table[one].to_numpy(dtype=float) for one in ("log", "error", "freedom"))
    p = 2 * stats.t.sf(np.abs(log) / error, freedom)
    half = stats.t.ppf(0.5 + all_at_once(confidence, len(table)) / 2, freedom) * error
    return table.drop(columns=["log", "error", "freedom"]).assign(
        times_as_long=np.exp(log),
        low=np.exp(log - half),
        high=np.exp(log + half),
        p=p,
        p_holm=holm(p),
    )


def _names_reps(column: pd.Series) -> bool:
    numbers = pd.to_numeric(column, errors="coerce").dropna()
    whole = len(numbers) and (numbers == numbers.round()).all()
    return bool(whole and numbers.is_unique and len(numbers) > 2 * FEWEST)
