"""What speeds ramp: how many times as long it takes with one unit more of each fact about a rep."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.ramp_time_cost import milestone as milestone_topic
from salesops_lib.analyses.ramp_time_cost.spells import read_spells
from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.survival import weibull_aft


def ramp_factors(
    data: pd.DataFrame,
    *,
    covariates: tuple[str, ...],
    value: str,
    rep: str = "rep_id",
    tenure: str = "tenure_months",
    period: str | None = "month",
    channel: str | None = "channel",
    exposure: str | None = "month_share",
    target: float = 0.9,
    sustained: int = 2,
    quota: str | None = None,
    event: str | None = None,
    confidence: float = 0.90,
) -> pd.DataFrame:
    """Weibull accelerated failure time regression of the months until a milestone.

    Parameters
    ----------
    covariates
        Columns of facts about a rep (experience, training attended, hiring class, channel); the
        first value of each rep counts. Categorical ones are compared with their most common level.
    value, rep, tenure, period, channel, exposure, target, sustained, quota, event
        As in `ramp_time` with `definition="milestone"`.

    Returns
    -------
    Frame with factor, times_as_long, low, high, p: 0.8 means ramp takes a fifth less time.

    Raises
    ------
    NotEnoughData
        If there are too few events for so many factors.
    """
    extra = tuple(dict.fromkeys((*covariates, *(one for one in (quota, event) if one))))
    spells = read_spells(
        data,
        rep=rep,
        tenure=tenure,
        value=value,
        period=period,
        channel=channel,
        exposure=exposure,
        extra=extra,
    )
    met, _, _ = milestone_topic.hits(spells, target=target, quota=quota, event=event)
    times = milestone_topic.times_to(spells, met, sustained=1 if event else sustained)
    facts = spells.rows.groupby("rep")[[f"extra_{name}" for name in covariates]].first()
    design = _coded(facts.reindex(times.frame["rep"]).set_axis(list(covariates), axis=1))
    frame = pd.concat(
        [times.frame.reset_index(drop=True), design.reset_index(drop=True)], axis=1
    ).dropna(subset=list(design.columns))
    if frame.empty:
        raise NotEnoughData("no rep has all of the facts", column=", ".join(covariates))
    fit = weibull_aft(
        frame.assign(reached=frame["reached"].astype(int)),
        duration="months",
        event="reached",
        covariates=tuple(design.columns),
        entry="entry" if (frame["entry"] > 0).any() else None,
        confidence=confidence,
    )
    rows = fit.coefficients[fit.coefficients["term"].isin(design.columns)]
    return pd.DataFrame(
        {
            "factor": rows["term"].to_numpy(),
            "times_as_long": np.exp(rows["coefficient"].to_numpy()),
            "low": np.exp(rows["low"].to_numpy()),
            "high": np.exp(rows["high"].to_numpy()),
            "p": rows["p"].to_numpy(),
        }
    )


def _coded(facts: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, categories as 0/1 against the most common."""
    blocks = []
    for name in facts.columns:
        column = facts[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            blocks.append(column.astype(float).to_frame(name))
            continue
        dummies = pd.get_dummies(column.astype(str), dtype=float)
        common = str(column.astype(str).mode().iloc[0])
        kept = dummies.drop(columns=common)
        blocks.append(kept.set_axis([f"{name} {one} (not {common})" for one in kept], axis=1))
    return pd.concat(blocks, axis=1)
