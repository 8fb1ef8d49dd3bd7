"""The other definition: an event that happened. Months until a rep first did something, reps not
there yet censored, reps hired before the data entering late, leaving as a competing event."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.learning_curve import GROUP_COLUMNS
from salesops_lib.analyses.ramp_time_cost.spells import MATURE_AFTER, Spells, channel_names
from salesops_lib.dataset.month_numbers import month_numbers
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.survival import (
    SurvivalCurve,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
)

FEWEST_IN_GROUP = 5
# Mature reps that tell what a month was worth in a year.
FEWEST_MATURE = 5
# Correlation of quotas with the year before from which quotas count as set by it.
TIED = 0.6
METHOD = "Kaplan–Meier, log-log limits"


@dataclass(frozen=True, eq=False)
class Times:
    """One row a rep followed: rep, entry, months, reached, left, channel, cohort.

    Attributes
    ----------
    spells
        The months that the times were read from.
    naive_median
        Median of those seen from the start who got there: what a spreadsheet reports.
    """

    frame: pd.DataFrame
    naive_median: float
    notices: tuple[str, ...]
    spells: Spells

    def curve(self, frame: pd.DataFrame | None = None) -> SurvivalCurve:
        rows = self.frame if frame is None else frame
        return kaplan_meier(rows["months"], rows["reached"], entry=rows["entry"])


def hits(
    spells: Spells, *, target: float, quota: str | None, event: str | None
) -> tuple[np.ndarray, str, list[str]]:
    """Which months meet the milestone, what it is called, and what to know about it."""
    rows = spells.rows
    notices: list[str] = []
    if event is not None:
        return _held(rows, event), event.replace("_", " "), notices
    share = wording.percent(target)
    if quota is not None:
        of_quota = "quota" if target == 1 else f"{share} of quota"
        level = pd.to_numeric(rows[f"extra_{quota}"], errors="coerce") * target
        # A new rep's first quotas are often 0: nothing sold would reach it in the first month.
        if not (level > 0).any():
            raise NotEnoughData("no quota above 0 is known", column=quota, remedy="Add quotas.")
        notices += ratchet(spells, quota)
        met = (rows["value"] >= level).to_numpy() & (level > 0).to_numpy()
        return met, f"a month at {of_quota}", notices
    means = spells.mature_means.set_index("channel")["value"]
    level = rows["channel"].map(means)
    out = sorted(rows.loc[level.isna(), "channel"].unique())
    if level.isna().all():
        raise NotEnoughData(
            f"no rep has been on the job longer than {MATURE_AFTER} months, so there is no mature "
            f"level to reach",
            remedy="Name a quota= or an event= column, or use the learning curve.",
        )
    if out:
        notices.append(
            f"Nobody in {channel_names(spells, out)} has been on the job for over {MATURE_AFTER} months; "
            f"reps there are measured against the mean of the other channels."
        )
    level = level.fillna(means.mean()) * target * rows["exposure"] * drift(spells)
    met = (rows["value"] >= level).to_numpy() & (level > 0).to_numpy()
    return met, f"a month at {share} of the mature mean of the channel", notices


def _held(rows: pd.DataFrame, event: str) -> np.ndarray:
    """(rows,): whether the event holds; a blank is no, and a count is yes from one on."""
    column = rows[f"extra_{event}"]
    # Any word is true to Python, "no" as well.
    words = [one for one in column.dropna().unique() if isinstance(one, str)]
    if words:
        raise DataError(
            f"holds words such as '{words[0]}'",
            column=event,
            remedy="Turn it into true and false.",
        )
    return column.where(column.notna(), False).astype(bool).to_numpy()


def drift(spells: Spells) -> np.ndarray:
    """(rows,): what a mature month was worth in the year around each row, relative to all of them.

    Where a company grows, the mean of its whole history is too high a bar for who began early and too low
    a one for who began late. One for all channels; where `FEWEST_MATURE` reps do not tell it, that of the
    month before them, or else after, in which they do; 1 where they never do.
    """
    if not spells.dated:
        return np.ones(len(spells.rows))
    rows = spells.rows
    month = month_numbers(rows["period"])
    mature = rows[rows["tenure"] > MATURE_AFTER].assign(month=month)
    own = rows["channel"].map(spells.mature_means.set_index("channel")["value"])
    full = mature["exposure"] * own[mature.index]
    around: dict[int, float] = {}
    for one in month.unique():
        # Whole years, also at the ends: each month of the year once.
        centre = max(min(one, month.max() - 5), month.min() + 6)
        near = (mature["month"] - centre).between(-6, 5)
        told = mature.loc[near, "rep"].nunique() >= FEWEST_MATURE and full[near].sum() > 0
        around[one] = mature.loc[near, "value"].sum() / full[near].sum() if told else math.nan
    index = pd.Series(around).sort_index().ffill().bfill().fillna(1.0)
    return np.asarray(month.map(index), dtype=np.float64)


def ratchet(spells: Spells, quota: str) -> list[str]:
    """A warning where quota follows a rep's own past: then attainment hides ramp."""
    rows = spells.rows
    past = (
        rows.groupby("rep")["value"]
        .rolling(12, min_periods=6)
        .mean()
        .groupby(level=0)
        .shift(1)
        .reset_index(level=0, drop=True)
    )
    both = pd.DataFrame({"quota": rows[f"extra_{quota}"], "past": past}).dropna()
    both = both[(both > 0).all(axis=1)]
    if len(both) < 30:
        return []
    logs = np.log(both)
    if (logs.std() < 1e-9).any() or float(logs.corr().iloc[0, 1]) < TIED:
        return []
    return [
        "Quotas here follow what each rep sold before, so a weak start lowers the bar: reaching "
        "quota does not show that a rep has ramped."
    ]


def attainment_notices(spells: Spells, quota: str) -> list[str]:
    """A warning where what is followed is attainment, and the quotas under it follow past sales."""
    sold = spells.rows["value"] * pd.to_numeric(spells.rows[f"extra_{quota}"], errors="coerce")
    rows = spells.rows.assign(value=sold)
    if not ratchet(Spells(rows, spells.reps, spells.dated, ()), quota):
        return []
    return [
        "Attainment is the wrong scale here: quotas follow what each rep sold before, so it rises "
        "and falls with the quota. Use what was sold, as a share of the mature mean."
    ]


def times_to(spells: Spells, met: np.ndarray, *, sustained: int) -> Times:
    """Months until `sustained` met months in a row, the run's last month counting.

    A rep first seen after hiring who meets the milestone in the first months seen may have met it
    before: when is unknown, so the rep is left out. Others enter late.
    """
    rows = spells.rows
    run = _run_lengths(rows["rep"].to_numpy(), rows["tenure"].to_numpy(), met)
    first = rows[run >= sustained].groupby("rep")["tenure"].first()
    reps = spells.reps.set_index("rep")
    reached = reps.index.to_series().map(first)
    # Counted from the day of hire to the end of the month, as for who began on its first day.
    until = reached.fillna(reps["last"]).to_numpy(dtype=float) - reps["begun"].to_numpy()
    entry = reps["entry"].to_numpy(dtype=float)
    frame = pd.DataFrame(
        {
            "rep": reps.index,
            "entry": np.where(entry > 0, entry - reps["begun"], 0.0),
            "months": until,
            "reached": reached.notna().to_numpy(),
            "left": (reached.isna() & reps["left"]).to_numpy(dtype=bool),
            "channel": reps["channel"].to_numpy(),
            "cohort": reps["cohort"].to_numpy(),
        }
    )
    unknown = (frame["entry"] > 0) & frame["reached"]
    unknown &= frame["months"] - frame["entry"] <= sustained
    notices = []
    if unknown.any():
        notices.append(
            f"{wording.count(int(unknown.sum()), 'rep')} hired before the data begins had the "
            f"milestone behind them when first seen; when it happened is not known, so they are "
            f"left out."
        )
    frame = frame[~unknown].reset_index(drop=True)
    late = int((frame["entry"] > 0).sum())
    if late:
        notices.append(
            f"{wording.count(late, 'rep')} hired before the data begins "
            f"{'counts' if late == 1 else 'count'} only from the month first seen."
        )
    if frame.empty:
        raise NotEnoughData("every rep had the milestone behind them when the data begins")
    done = frame.loc[frame["reached"] & (frame["entry"] == 0), "months"]
    naive = float(done.median()) if len(done) else math.nan
    return Times(frame, naive, tuple(notices), spells)


def reach(curve: SurvivalCurve, wanted: int) -> int:
    """Months that a restricted mean may count.

    Past the last month that anybody was followed the curve is unknown. It is taken on flat to the
    months wanted where that can add less than a standard error; otherwise the mean stops there.
    """
    last = math.floor(curve.last)
    if last >= wanted:
        return wanted
    beyond = float(curve.at(curve.last)) * (wanted - last)
    return wanted if beyond <= curve.restricted_mean(float(wanted))[1] else last


def estimates(
    curve: SurvivalCurve, *, horizon: float, confidence: float
) -> tuple[Estimate, Estimate]:
    """Median with log-log limits, and restricted mean with t on events − 1."""
    median = Estimate(
        *curve.quantile(0.5, confidence=confidence), confidence, "months", curve.n, METHOD
    )
    mean, error = curve.restricted_mean(horizon)
    inside = float(curve.events[curve.times < horizon].sum())
    method = "restricted mean, t with events − 1"
    if inside < 2:
        return median, Estimate(mean, math.nan, math.nan, confidence, "months", curve.n, method)
    t = float(stats.t.ppf(0.5 + confidence / 2, inside - 1))
    low, high = max(mean - t * error, 0.0), min(mean + t * error, float(horizon))
    return median, Estimate(mean, low, high, confidence, "months", curve.n, method)


def curve_table(times: Times, *, horizon: int, confidence: float) -> pd.DataFrame:
    """month, not_yet_ramped, low, high, at_risk, up to the horizon; flat once nobody is at risk."""
    curve = times.curve()
    months = np.arange(0, horizon + 1)
    low, high = curve.interval(months, confidence=confidence)
    entry = np.sort(times.frame["entry"].to_numpy())
    until = np.sort(times.frame["months"].to_numpy())
    at_risk = np.searchsorted(entry, months, "right") - np.searchsorted(until, months, "right")
    return pd.DataFrame(
        {
            "month": months,
            "not_yet_ramped": curve.at(months),
            "low": low,
            "high": high,
            "at_risk": at_risk.astype(int),
        }
    )


def outcome_table(times: Times, *, horizon: int) -> pd.DataFrame:
    """Share ramped, left before ramping, and neither, by month (Aalen–Johansen)."""
    frame = times.frame
    cause = np.where(frame["reached"], 1, np.where(frame["left"], 2, 0))
    months = np.arange(0, min(horizon, int(frame["months"].max())) + 1)
    shares = {}
    for name, code in (("ramped", 1), ("left", 2)):
        found = cumulative_incidence(frame["months"], cause, of=code, entry=frame["entry"])
        place = np.searchsorted(found["time"], months, side="right")
        shares[name] = np.concatenate([[0.0], found["incidence"]])[place]
    table = pd.DataFrame({"month": months, **shares})
    # What is left of 1 where all got there or left is dust, which read as <0.1% or 0.0% of hires.
    return table.assign(neither=(1 - table["ramped"] - table["left"]).round(12).abs())


def by_group(
    times: Times, groups: pd.Series, *, horizon: int, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Each group's curve and the log-rank p of "all alike" over the groups large enough to have
    one; `groups` is indexed by rep."""
    frame = times.frame.assign(group=times.frame["rep"].map(groups).astype(str))
    table, curves = [], []
    for name, part in frame.groupby("group"):
        row: dict[str, object] = {"group": name, "reps": len(part)}
        if len(part) >= FEWEST_IN_GROUP and part["reached"].any():
            own = times.curve(part)
            median, mean = estimates(own, horizon=horizon, confidence=confidence)
            row |= {
                "median_months": median.value,
                "median_low": median.low,
                "median_high": median.high,
                "months_lost": mean.value,
                "months_low": mean.low,
                "months_high": mean.high,
            }
            months = np.arange(0, min(horizon, math.floor(own.last)) + 1)
            low, high = own.interval(months, confidence=confidence)
            curves.append(
                pd.DataFrame(
                    {
                        "group": name,
                        "month": months,
                        "not_yet_ramped": own.at(months),
                        "low": low,
                        "high": high,
                    }
                )
            )
        table.append(row)
    p = math.nan
    if len(curves) > 1:
        shown = frame[frame["group"].isin([str(one["group"].iloc[0]) for one in curves])]
        p = log_rank(shown["months"], shown["reached"], shown["group"], entry=shown["entry"])[2]
    every = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return pd.DataFrame(table).reindex(columns=GROUP_COLUMNS), every, p


def _run_lengths(rep: np.ndarray, tenure: np.ndarray, met: np.ndarray) -> np.ndarray:
    """Length of the run of met months ending at each row; a missing month ends a run."""
    starts = np.ones(len(met), dtype=bool)
    starts[1:] = (rep[1:] != rep[:-1]) | (np.diff(tenure) != 1) | ~met[:-1]
    block = np.cumsum(starts | ~met)
    place = np.arange(len(met))
    first = np.zeros(block[-1] + 1, dtype=int) if len(met) else np.zeros(1, dtype=int)
    first[block[::-1]] = place[::-1]
    return np.where(met, place - first[block] + 1, 0)
