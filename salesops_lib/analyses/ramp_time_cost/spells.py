"""Rep-months read as spells of employment: who is seen starting, who left, what cannot be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses import leave
from salesops_lib.analyses.columns import with_measures
from salesops_lib.analyses.people import without_managers
from salesops_lib.analyses.ramp_time_cost import cells
from salesops_lib.errors import DataError, NotEnoughData

# A month of which less than this share was worked says little about ability.
LEAST_SHARE = 0.1
# Past so many months on the job a rep counts as ramped where a mature level is a plain mean.
MATURE_AFTER = 12
# Reps first seen later than this have their ramp behind them for most of it.
SEEN_STARTING = 3
# Fewer reps than this in a channel, and naming it would name them.
FEWEST_NAMED = 5


@dataclass(frozen=True, eq=False)
class Spells:
    """One spell a rep.

    Attributes
    ----------
    rows
        One row a rep and month, sorted, with rep, tenure, time (see `_since_start`), value,
        exposure, channel, period and the caller's other columns under `extra_<name>`; period is NaT
        where the data has no dates.
    reps
        One row a rep: rep, begun (share of the first calendar month that was over when the rep
        began), entry (tenure before the first month seen), last, left, channel, cohort (year of
        hire), first_period.
    dated
        Whether rows carry a calendar month.
    notices
        What was left out and why.
    """

    rows: pd.DataFrame
    reps: pd.DataFrame
    dated: bool
    notices: tuple[str, ...]

    @property
    def seen_starting(self) -> int:
        """Reps seen from one of their first months on."""
        return int((self.reps["entry"] < SEEN_STARTING).sum())

    @property
    def recent(self) -> np.ndarray:
        """(rows,): whether a row lies in the last twelve months; all of them without dates."""
        if not self.dated:
            return np.ones(len(self.rows), dtype=bool)
        period = self.rows["period"]
        return np.asarray(period > period.max() - pd.DateOffset(months=12))

    @cached_property
    def mature_means(self) -> pd.DataFrame:
        """channel, reps, value: mean month of reps over `MATURE_AFTER` months, reps equal."""
        late = self.rows[self.rows["tenure"] > MATURE_AFTER]
        rate = late.groupby(["channel", "rep"])[["value", "exposure"]].sum()
        means = (rate["value"] / rate["exposure"]).groupby("channel").agg(["size", "mean"])
        return means.reset_index().set_axis(["channel", "reps", "value"], axis=1)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the caller's rep-months hold what; the optional ones are used where the
    frame has them."""

    value: str
    rep: str = "rep_id"
    tenure: str = "tenure_months"
    period: str | None = "month"
    channel: str | None = "channel"
    exposure: str | None = "month_share"


def read_spells(
    data: pd.DataFrame,
    columns: Columns,
    *,
    extra: tuple[str, ...] = (),
    sold_before: Collection[object] = (),
    labels: Mapping[object, str] | None = None,
) -> Spells:
    """Check and sort `data`; keep each rep's first spell.

    Parameters
    ----------
    extra
        Further columns to carry along.
    sold_before
        Reps known to have sold before the hire date on record.
    labels
        How notices call the reps; those without a label are counted, not named. By default all are
        called by their ids.

    Raises
    ------
    DataError
        If a column is missing or holds what it cannot, or two rows are about one rep and month.
    NotEnoughData
        If no tenure is known.
    """
    rep, tenure, value = columns.rep, columns.tenure, columns.value
    cells.check_needed(data, {"rep": rep, "tenure": tenure, "value": value}, extra)
    data = with_measures(data, [], extra)
    cells.check_finite(data, extra)
    data, of_managers = without_managers(data, rep=rep, since=columns.period)
    rows = pd.DataFrame(
        {
            "rep": data[rep].to_numpy(),
            "tenure": cells.whole_months(data, tenure),
            "value": cells.numbers(data, value),
            "row": data.index.to_numpy(),
        }
    )
    rows["exposure"] = cells.shares(data, columns.exposure)
    rows["channel"] = cells.labels(data, columns.channel)
    rows["period"] = cells.months(data, columns.period)
    rows["away"] = leave.on_leave(data, rep=rep, period=columns.period, value=value)
    for name in extra:
        rows[f"extra_{name}"] = data[name].to_numpy()
    if not len(rows) or rows["tenure"].isna().all():
        raise NotEnoughData(
            "no rep's time on the job is known: there are no hire dates",
            column=tenure,
            remedy="Add hire dates to the reps table.",
        )
    notices = list(of_managers)
    dated = bool(rows["period"].notna().all())
    rows = _with_values(rows, value, notices)
    names = Naming(labels)
    rows = _with_tenure(rows, names, notices)
    rows = _first_spell(rows, tenure, dated, names, notices)
    rows = _after_hiring(rows, tenure, set(sold_before), names, notices)
    rows = _since_start(_at_work(rows, names, notices))
    rows = rows[rows["exposure"] >= LEAST_SHARE].sort_values(["rep", "tenure"], kind="stable")
    if rows.empty:
        raise NotEnoughData("no rep-month is left to analyse", column=tenure)
    never = rows.groupby("rep")["value"].sum() == 0
    if never.any():
        notices.append(
            f"{wording.count(int(never.sum()), 'rep')} never sold anything; "
            f"their months count as they are."
        )
    rows = rows.reset_index(drop=True)
    return Spells(rows, _per_rep(rows, dated), dated, tuple(notices))


def _with_values(rows: pd.DataFrame, value: str, notices: list[str]) -> pd.DataFrame:
    empty = rows["value"].isna()
    if empty.all():
        raise NotEnoughData("there is no value at all", column=value)
    if empty.any():
        notices.append(
            f"{wording.count(int(empty.sum()), 'rep-month')} without a value "
            f"{'was' if empty.sum() == 1 else 'were'} left out."
        )
    return rows[~empty]


def _with_tenure(rows: pd.DataFrame, names: Naming, notices: list[str]) -> pd.DataFrame:
    unknown = rows.loc[rows["tenure"].isna(), "rep"].unique()
    if len(unknown):
        notices.append(
            f"{wording.count(len(unknown), 'rep')} without a hire date "
            f"{'was' if len(unknown) == 1 else 'were'} left out{names.of(unknown)}."
        )
    return rows[~rows["rep"].isin(unknown)]


def _first_spell(
    rows: pd.DataFrame, tenure: str, dated: bool, names: Naming, notices: list[str]
) -> pd.DataFrame:
    """Rows of each rep's first employment; tenure that starts again marks a rehire."""
    if dated:
        rows = rows.sort_values(["rep", "period", "tenure"], kind="stable")
        again = rows.groupby("rep")["tenure"].diff() < 0
        later = again.groupby(rows["rep"]).cumsum() > 0
        if later.any():
            who = rows.loc[later, "rep"].unique()
            notices.append(
                f"{wording.count(len(who), 'rep')} came back after leaving{names.of(who)}: only "
                f"the first employment counts, {wording.count(int(later.sum()), 'later month')} "
                f"left out."
            )
            rows = rows[~later]
    twice = rows.duplicated(["rep", "tenure"], keep=False)
    if twice.any():
        raise DataError(
            "more than one row for the same rep and month on the job",
            column=tenure,
            rows=rows.loc[twice, "row"],
            remedy="Sum them to one row a rep and month, or give period= so that rehires are seen.",
        )
    return rows


def _at_work(rows: pd.DataFrame, names: Naming, notices: list[str]) -> pd.DataFrame:
    """Without months of leave, which are no months on the job either: of hires away for two of their first
    six months a third would seem to need half as long again."""
    rows = rows.assign(until=rows["period"])
    if not rows["away"].any():
        return rows
    who = rows.loc[rows["away"], "rep"]
    follows = f"left out, and no months on the job{names.of(who.unique())}"
    notices.append(leave.said(who, follows))
    rows = rows.sort_values(["rep", "tenure"], kind="stable")
    so_far = rows.groupby("rep")["away"].cumsum()
    # Who is away at the end has not left.
    by_rep = rows.groupby("rep")
    ends_away = by_rep["away"].transform("last")
    rows["until"] = rows["period"].mask(ends_away, by_rep["period"].transform("last"))
    kept = rows.assign(so_far=so_far)[~rows["away"]]
    # Leave before the first month seen is in the tenure that the records begin with.
    since = kept["so_far"] - kept.groupby("rep")["so_far"].transform("first")
    return kept.assign(tenure=kept["tenure"] - since).drop(columns="so_far")


def _after_hiring(
    rows: pd.DataFrame, tenure: str, sold_before: set[object], names: Naming, notices: list[str]
) -> pd.DataFrame:
    """Rows of reps whose start is on record: a sale before it says that the date is wrong."""
    before = rows["tenure"] < 1
    early = rows.loc[before, "rep"].unique()
    first = rows.groupby("rep")["tenure"].min()
    if len(early) > 0.5 * len(first) and (first >= 0).all() and (first[early] == 0).all():
        raise DataError(
            "months on the job start at 0", column=tenure, remedy="Count the first month as 1."
        )
    who = rows.loc[before | rows["rep"].isin(sold_before), "rep"].unique()
    if not len(who):
        return rows
    notices.append(
        f"{wording.count(len(who), 'rep')} sold before the hire date on record{names.of(who)}: "
        f"that date cannot be the start, so {'this rep is' if len(who) == 1 else 'they are'} "
        f"left out."
    )
    return rows[~rows["rep"].isin(who)]


def sold_before_hire(deals: pd.DataFrame, reps: pd.DataFrame) -> tuple[object, ...]:
    """rep_ids with a deal won in a month before the one they were hired in, by the records. Money given
    back is no deal won: it is of whoever had the customer before.

    Parameters
    ----------
    deals, reps
        Canonical tables: rep_id, status, close_date, amount where it is known; rep_id, hire_date. Of a
        rep hired twice the earliest date counts.
    """
    if "hire_date" not in reps or "close_date" not in deals:
        return ()
    hired = reps.groupby("rep_id")["hire_date"].min().dropna()
    won = deals[(deals["status"] == "won") & deals["close_date"].notna()]
    if "amount" in won:
        won = won[~(won["amount"] < 0)]
    first = won.groupby("rep_id")["close_date"].min()
    both = pd.concat([hired, first], axis=1, join="inner").apply(pd.to_datetime)
    started = both["hire_date"].dt.to_period("M").dt.to_timestamp()
    return tuple(both.index[both["close_date"] < started])


def _since_start(rows: pd.DataFrame) -> pd.DataFrame:
    """With `begun` and `entry`, see `Spells.reps`, and `time`: whole months on the job whose mean a row is.

    Of a rep who began on the first day of a month that is the tenure. Who began in the middle has been
    there half a month less at every later month, and in the first for half of it: taken by the
    calendar, hires of all days of the month would seem to need half a month more. Reps not seen
    starting are taken to have begun as late in their month as the others did.
    """
    first = rows[rows["tenure"] == 1].groupby("rep")["exposure"].first()
    full = rows.groupby("rep")["exposure"].max()
    # Of the newest, of whom one month is seen, half a month is a late start, as for the others, and no
    # half week for good.
    longer = rows.groupby("rep")["tenure"].max() > 1
    if longer.any():
        full = full.where(longer, full[longer].median())
    late = (1 - first / full).clip(0.0, 1.0)
    # Where nobody is seen in a first month, nothing tells how late in it they began: on its first day.
    usual = float(late.mean()) if late.notna().any() else 0.0
    begun = rows["rep"].map(late).fillna(usual)
    time = (rows["tenure"] - begun).where(rows["tenure"] > 1, 1 - begun / 2)
    entry = rows.groupby("rep")["tenure"].transform("min") - 1
    return rows.assign(begun=begun, entry=entry, time=time)


def _per_rep(rows: pd.DataFrame, dated: bool) -> pd.DataFrame:
    grouped = rows.groupby("rep", sort=True)
    first, last = grouped.head(1), grouped.tail(1)
    reps = pd.DataFrame(
        {
            "rep": first["rep"].to_numpy(),
            "begun": first["begun"].to_numpy(),
            "entry": first["entry"].to_numpy(),
            "last": last["tenure"].to_numpy(),
            "channel": first["channel"].to_numpy(),
            "first_period": first["period"].to_numpy(),
            "last_period": last["period"].to_numpy(),
        }
    )
    if dated:
        months = (first["tenure"].to_numpy() - 1).astype(int)
        hired = pd.PeriodIndex(reps["first_period"], freq="M") - months
        reps["cohort"] = [str(one.year) for one in hired]
        reps["left"] = last["until"].to_numpy() < rows["until"].max()
    else:
        # Without dates nobody can be told to have left: all are followed until their last row.
        reps["cohort"] = "all"
        reps["left"] = False
    return reps


@dataclass(frozen=True, slots=True)
class Naming:
    """How sentences call reps: by `labels`, those without one counted only; by their ids without
    any labels."""

    labels: Mapping[object, str] | None = None

    def of(self, reps: np.ndarray) -> str:
        """` (Ann, Bob, Cy and 3 more)`, or nothing where nobody may be named."""
        known = reps if self.labels is None else [one for one in reps if one in self.labels]
        shown = [str(one if self.labels is None else self.labels[one]) for one in known[:3]]
        if not shown:
            return ""
        more = [f"{len(reps) - len(shown)} more"] if len(reps) > len(shown) else []
        return f" ({wording.listed([*shown, *more])})"


def channel_names(spells: Spells, channels: Collection[str]) -> str:
    """Channels in a sentence; one of few reps would point at persons, so it is not named."""
    reps = spells.rows.groupby("channel")["rep"].nunique()
    large = [str(one) for one in sorted(channels) if reps[one] >= FEWEST_NAMED]
    small = len(channels) - len(large)
    if small:
        large.append(wording.count(small, "channel") + " of few reps")
    return wording.listed(large)
