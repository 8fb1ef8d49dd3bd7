"""The default definition: when the expected month of a new hire reaches the target share of the
mature level of the same channel, season and market set apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.closed_months import SEASONAL, without_closed_months
from salesops_lib.analyses.ramp_time_cost.result import Pace
from salesops_lib.analyses.ramp_time_cost.spells import Spells, channel_names
from salesops_lib.dataset.month_numbers import month_numbers
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import (
    GrowthFit,
    Repeated,
    fit_delayed_growth,
    fit_growth,
    score_at,
)

# The longest time constant tried, in months: with it 90% takes 11 years.
SLOWEST = 60.0
# Reps that must be seen in their first half year, and for a row of a group table.
FEWEST, FEWEST_IN_GROUP = 3, 5
EARLY = 6
# Who began later than this share of the first month did not begin with it, but for a weekend.
LEAST_BEGUN = 0.1
# Begins the name of a month's effect.
_MONTH = "month_"
# Logs below the highest fitted level at which a level counts as none.
_LOWEST = 30.0
METHOD = "learning curve, score interval by rep"


@dataclass(frozen=True, eq=False)
class Design:
    """Log-linear effects beside ramp: channel, season, trend, market; `now` is their mean row of the last
    twelve months, in no season, and `open_share` what part of the year is not closed."""

    matrix: np.ndarray
    now: np.ndarray
    names: tuple[str, ...]
    channels: tuple[str, ...]
    notices: tuple[str, ...]
    open_share: float = 1.0


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit, the months it was made on, and the same months free of other effects."""

    fit: GrowthFit
    spells: Spells
    clean: Spells


def fit_curve(
    spells: Spells, *, market: tuple[str, ...], confidence: float, noise: str
) -> tuple[GrowthFit, Design, Spells]:
    """The learning curve over all reps of `spells`.

    Raises
    ------
    NotEnoughData
        If hardly anybody is seen in the first months, or nobody sells.
    """
    spells = _whole_first_months(_selling_channels(spells))
    spells, open_share = without_closed_months(spells)
    early = spells.rows.loc[spells.rows["tenure"] <= EARLY, "rep"].nunique()
    if early < FEWEST:
        raise NotEnoughData(
            f"{wording.count(early, 'rep')} of {spells.rows['rep'].nunique()} "
            f"{'is' if early == 1 else 'are'} seen in the first {EARLY} months on the job; "
            f"a learning curve needs at least {FEWEST}",
            remedy="Use a longer history, or dates of hire that fall inside it.",
        )
    design = replace(_design(spells, market), open_share=open_share)
    data = repeated(spells.rows, design.matrix)
    fit = fit_delayed_growth(
        data,
        confidence=confidence,
        noise=noise,
        slowest=SLOWEST,
        at=design.now,
    )
    return fit, design, spells


def repeated(rows: pd.DataFrame, matrix: np.ndarray | None = None) -> Repeated:
    return Repeated.build(
        rows["value"], rows["time"], rows["rep"], design=matrix, exposure=rows["exposure"]
    )


def pace_of(fit: GrowthFit, level_error: float) -> Pace:
    """The curve in one number; `level_error` as `mature_levels` gives it."""
    return Pace(
        u=fit.u,
        low=fit.u_low,
        high=fit.u_high,
        df=fit.df,
        log_error=fit.log_rate_error,
        p_none=fit.p_none,
        p_shape=fit.p_shape,
        noise=fit.noise,
        level_at_low=math.exp(fit.level_shift[0]),
        level_at_high=math.exp(fit.level_shift[1]),
        level_error=level_error,
        delay=fit.delay,
        others=fit.others,
    )


def estimates(fit: GrowthFit, *, target: float, horizon: int, n: int) -> tuple[Estimate, Estimate]:
    """Months to the target, and months of production lost."""
    return (
        Estimate(*fit.time_to(target), fit.confidence, "months", n, METHOD),
        Estimate(*fit.shortfall(horizon), fit.confidence, "months", n, METHOD),
    )


def expected(fit: GrowthFit, horizon: int) -> pd.DataFrame:
    months = np.arange(1, horizon + 1)
    share, low, high = fit.share(months)
    return pd.DataFrame({"month": months, "expected": share, "low": low, "high": high})


def observed_shares(fit: GrowthFit, design: Design, spells: Spells, horizon: int) -> pd.DataFrame:
    """What was seen by month on the job, as a share of what a mature rep would have booked.

    Ratio of sums, with limits from the spread between reps.
    """
    rows = spells.rows
    full = rows["exposure"] * np.exp(design.matrix @ fit.beta)
    # Who began in the middle of a month may have two rows nearest to one whole month on the job.
    frame = pd.DataFrame({
        "month": np.floor(rows["time"] + 0.5), "rep": rows["rep"], "value": rows["value"],
        "full": full,
    })  # fmt: skip
    frame = frame[frame["month"] <= horizon].groupby(["month", "rep"], as_index=False).sum()
    sums = frame.groupby("month").agg(
        value=("value", "sum"), full=("full", "sum"), reps=("value", "size")
    )
    share = sums["value"] / sums["full"]
    off = (frame["value"] - frame["full"] * frame["month"].map(share)) ** 2
    n = sums["reps"]
    error = np.sqrt(off.groupby(frame["month"]).sum() * n / np.maximum(n - 1, 1)) / sums["full"]
    t = stats.t.ppf(0.5 + fit.confidence / 2, np.maximum(n - 1, 1))
    return pd.DataFrame(
        {
            "month": share.index.to_numpy(),
            "share": share.to_numpy(),
            "low": np.maximum(share - t * error, 0.0).where(n > 1).to_numpy(),
            "high": (share + t * error).where(n > 1).to_numpy(),
            "reps": n.to_numpy(),
        }
    )


def without_effects(fit: GrowthFit, design: Design, spells: Spells) -> Spells:
    """The same months with channel, season and market taken out: values around 1 when mature."""
    logs = design.matrix @ fit.beta
    # With next to no sales a fitted level can vanish; nothing is divided by nothing.
    level = np.exp(np.maximum(logs, logs.max() - _LOWEST))
    return Spells(
        spells.rows.assign(value=spells.rows["value"] / level), spells.reps, spells.dated, ()
    )


def by_group(
    fit: GrowthFit, clean: Spells, group: pd.Series, *, target: float, horizon: int
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Each group's own curve on months free of other effects, and p of "all alike".

    The test sums the squared score statistics of the groups at the common curve.
    """
    table, curves, statistics = [], [], []
    rows = clean.rows[["rep", "value", "time", "exposure"]].assign(group=group.to_numpy())
    started = clean.reps.loc[clean.reps["entry"] == 0, "rep"]
    for name, part in rows.groupby("group"):
        # A group that is only seen later shows what mature months are worth, not how it started.
        early = int(started.isin(part["rep"]).sum())
        row = {"group": str(name), "reps": early}
        data = _after_start(part, fit.delay)
        if early >= FEWEST_IN_GROUP and data is not None:
            own = fit_growth(
                data,
                confidence=fit.confidence,
                noise=fit.noise,
                slowest=SLOWEST,
                delay=fit.delay,
            )
            months, lost = estimates(own, target=target, horizon=horizon, n=early)
            row |= _limits("median", _seen(months)) | _limits("months", lost)
            curves.append(expected(own, horizon).assign(group=str(name)))
            score = score_at(own.data, own.noise, min(max(fit.u, 1e-6), 0.98))
            statistics.append(stats.norm.isf(stats.t.sf(score.adjusted, score.df)))
        table.append(row)
    frame = pd.DataFrame(table).reindex(columns=GROUP_COLUMNS)
    every = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=CURVE_COLUMNS)
    q = len(statistics)
    p = float(stats.chi2.sf(np.square(statistics).sum(), q - 1)) if q > 1 else math.nan
    return frame, every[CURVE_COLUMNS], p


def _seen(months: Estimate) -> Estimate:
    """Without an end where nobody is seen to take so long: where a group hardly climbs, its curve ends at the
    slowest that is tried."""
    return replace(months, value=math.inf, high=math.inf) if months.value > SLOWEST else months


def _after_start(part: pd.DataFrame, delay: float) -> Repeated | None:
    """Rows of a group in which some of its reps can be seen selling after the delay of all."""
    later = part[part["time"] > delay]
    seen = later["rep"].nunique() >= FEWEST and later["value"].sum() > 0
    return repeated(part) if seen else None


GROUP_COLUMNS = [
    "group",
    "reps",
    "median_months",
    "median_low",
    "median_high",
    "months_lost",
    "months_low",
    "months_high",
]
CURVE_COLUMNS = ["group", "month", "expected", "low", "high"]


def _limits(what: str, estimate: Estimate) -> dict[str, float]:
    value = {"median": "median_months", "months": "months_lost"}[what]
    return {value: estimate.value, f"{what}_low": estimate.low, f"{what}_high": estimate.high}


def _whole_first_months(spells: Spells) -> Spells:
    """Without the first calendar month of who began in the midst of it. What its days are worth hangs on
    how the very first weeks go, which no curve of months tells; and nobody sells in a first week."""
    rows = spells.rows
    partly = (rows["tenure"] == 1) & (rows["begun"] > LEAST_BEGUN)
    return replace(spells, rows=rows[~partly].reset_index(drop=True))


def _subset(spells: Spells, reps: pd.Series) -> Spells:
    keep = set(reps)
    return Spells(
        spells.rows[spells.rows["rep"].isin(keep)].reset_index(drop=True),
        spells.reps[spells.reps["rep"].isin(keep)].reset_index(drop=True),
        spells.dated,
        (),
    )


def _selling_channels(spells: Spells) -> Spells:
    """Without channels that never booked anything: they have no mature level to compare with."""
    sums = spells.rows.groupby("channel")["value"].sum()
    empty = sums.index[sums <= 0]
    if not len(empty):
        return spells
    if len(empty) == len(sums):
        raise NotEnoughData("nobody booked anything, so there is no mature level to reach")
    out = int(spells.reps["channel"].isin(empty).sum())
    names = channel_names(spells, [str(one) for one in empty])
    kept = spells.rows.loc[~spells.rows["channel"].isin(empty), "rep"]
    part = _subset(spells, kept)
    notice = (
        f"Nothing was ever booked in {names}: {wording.count(out, 'rep')} there "
        f"{'was' if out == 1 else 'were'} left out."
    )
    return Spells(part.rows, part.reps, part.dated, (*spells.notices, notice))


def _design(spells: Spells, market: tuple[str, ...]) -> Design:
    rows = spells.rows
    dummies = pd.get_dummies(rows["channel"], dtype=float)
    blocks: list[pd.DataFrame] = [dummies]
    notices: list[str] = []
    if spells.dated:
        index = month_numbers(rows["period"])
        hired = (index - rows["tenure"]).groupby(rows["rep"]).first()
        apart = hired.nunique() >= 6 and index.nunique() >= 12
        if apart and index.nunique() >= SEASONAL and len(rows) >= 150:
            season = pd.get_dummies(
                rows["period"].dt.month, prefix=_MONTH, prefix_sep="", dtype=float
            )
            # Deviations from the mean month, so that a level is that of an average month.
            season = (season - season.iloc[:, [-1]].to_numpy()).iloc[:, :-1]
            blocks.append(season)
        if apart:
            blocks.append(pd.DataFrame({"trend": (index - index.mean()) / 12}))
        else:
            notices.append(
                "Season and trend could not be told from ramp, because everyone was hired at "
                "about the same time or the history is short; they are not taken out."
            )
    for name in market:
        column = rows[f"extra_{name}"]
        empty = int(column.isna().sum())
        if empty:
            notices.append(
                f"{wording.count(empty, 'rep-month')} without {name} "
                f"{'is' if empty == 1 else 'are'} taken as average in it."
            )
        if pd.api.types.is_numeric_dtype(column):
            centred = column.astype(float) - float(column.mean())
            blocks.append(pd.DataFrame({name: centred.fillna(0.0)}))
        else:
            blocks.append(pd.get_dummies(column, prefix=name, drop_first=True, dtype=float))
    frame = pd.concat(blocks, axis=1)
    matrix, names = _full_rank(frame)
    lost = [name for name in market if name in frame and name not in names]
    if lost:
        notices.append(
            f"{wording.listed(lost)} cannot be told from channel, season or trend and "
            f"{'was' if len(lost) == 1 else 'were'} not taken out."
        )
    now = matrix[spells.recent].mean(axis=0)
    # An average month of the year, whichever the rows lie in.
    now[season_columns(names)] = 0.0
    return Design(matrix, now, names, tuple(str(one) for one in dummies.columns), tuple(notices))


def season_columns(names: Sequence[str]) -> list[int]:
    """Places of the months' effects among those of a design."""
    return [at for at, name in enumerate(names) if name.startswith(_MONTH)]


def _full_rank(frame: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    """Columns kept in order while they add something: Gram–Schmidt on the columns' products."""
    matrix = frame.to_numpy(dtype=float)
    gram = matrix.T @ matrix
    kept: list[int] = []
    for j in range(len(gram)):
        own = gram[j, j]
        left = own
        if kept:
            cross = gram[np.ix_(kept, [j])]
            left = own - float((cross.T @ np.linalg.solve(gram[np.ix_(kept, kept)], cross)).item())
        if left > 1e-8 * max(own, 1e-12):
            kept.append(j)
    return matrix[:, kept], tuple(str(frame.columns[j]) for j in kept)
