# ruff: noqa: PD003, PD004 - these are Ibis expressions, where isnull is the only name.
"""One row a rep and month of employment, computed in DuckDB through Ibis expressions, so that the
same query runs in the database of whoever has the tables there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd
from ibis import _

COLUMNS = (
    "rep_id",
    "month",
    "month_share",
    "tenure_months",
    "bookings",
    "deals_won",
    "deals_lost",
    "deals_created",
    "deals_closed",
    "open_deals",
    "win_rate",
    "mean_amount",
    "cycle_days",
    "discount",
    "quota",
    "attainment",
    "hours",
    "selling_hours",
    "selling_share",
    "name",
    "team",
    "region",
    "channel",
    "manager_id",
    "role",
    "hire_date",
    "end_date",
    "annual_cost",
)
PRACTICES = (
    "win_rate",
    "cycle_days",
    "discount",
    "mean_amount",
    "deals_created",
    "selling_hours",
    "selling_share",
)
# Days between two spells of a rep up to which the later goes on with the earlier: who moves to another
# team or channel has a row for each, and is not new.
MOVED_WITHIN = 31
_COUNTS = ("deals_won", "deals_lost", "deals_created", "deals_closed", "open_deals")
_ATTRIBUTES = ("name", "team", "region", "channel", "manager_id", "role", "annual_cost")
_DAYS = {"hire_date", "end_date", "month"}
Expression = Any


@dataclass(frozen=True)
class Window:
    """The days that the records cover: the first month that counts, and the last day known."""

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def months(self) -> pd.DataFrame:
        """month, month_end, known_end (its last day within the records), month_days."""
        first = pd.date_range(self.start.to_period("M").to_timestamp(), self.end, freq="MS")
        last = (first + pd.offsets.MonthEnd(1)).normalize()
        return pd.DataFrame(
            {
                "month": first,
                "month_end": last,
                "known_end": last.where(last <= self.end, self.end),
                "month_days": last.day.astype("int64"),
            }
        )

    @property
    def weeks(self) -> pd.DataFrame:
        """week (its Monday), month, part: the share of the week's working days in the month."""
        days = pd.DataFrame({"day": pd.bdate_range(self.start, self.end)})
        days["week"] = days["day"] - pd.to_timedelta(days["day"].dt.dayofweek, unit="D")
        days["month"] = days["day"].dt.to_period("M").dt.to_timestamp()
        parts = days.groupby(["week", "month"]).size().rename("days").reset_index()
        return parts.assign(part=parts["days"] / 5)[["week", "month", "part"]]


def rep_months(
    reps: Expression,
    deals: Expression,
    quotas: Expression,
    activities: Expression,
    markets: Expression,
    months: Expression,
    weeks: Expression,
    kinds: Expression,
) -> Expression:
    """The expression of all rep-months, from the canonical tables and from

    months
        `Window.months`: the months that count.
    weeks
        `Window.weeks`: which part of a week lies in which month.
    kinds
        activity (as written in activities), selling (true or false).
    """
    rows = _employed(_spells(reps, deals, months), months)
    for part in (
        _closed(deals),
        _created(deals),
        _open(deals, months),
        quotas.group_by("rep_id", "month").aggregate(quota=_.quota.sum()),
        _hours(activities, kinds, weeks),
    ):
        rows = _joined(rows, part, ("rep_id", "month"))
    rows = _joined(rows, markets, ("region", "month"))
    facts = [name for name in markets.columns if name not in ("region", "month")]
    rows = rows.mutate(
        bookings=_.bookings.fill_null(0.0),
        **{name: rows[name].fill_null(0).cast("int64") for name in _COUNTS},
    )
    rows = rows.mutate(
        win_rate=_ratio(_.deals_won, _.deals_closed),
        attainment=_ratio(_.bookings, _.quota),
        selling_share=_ratio(_.selling_hours, _.hours),
    )
    return rows.select(*COLUMNS, *facts).order_by("rep_id", "month")


def _ratio(top: Any, bottom: Any) -> Any:
    return top.cast("float64") / bottom.cast("float64").nullif(0.0)


def _joined(left: Expression, right: Expression, on: tuple[str, ...]) -> Expression:
    joined = left.left_join(right, list(on))
    return joined.drop(*(f"{name}_right" for name in on if f"{name}_right" in joined.columns))


def _spells(reps: Expression, deals: Expression, months: Expression) -> Expression:
    """From when to when each rep worked. Without a hire date: from the first deal, to the last one (or the end
    date); a rep without either is not seen in any month, nor one whose end date lies before the first deal. The
    months in which the records begin and end are whole: that nothing closed in the last days says nothing of
    leaving, and who closes little would have that month left out, or counted as a shorter one, for it."""
    seen = (
        deals.mutate(day=ibis.coalesce(deals.created_date, deals.close_date))
        .mutate(late=ibis.coalesce(_.close_date, _.created_date))
        .group_by("rep_id")
        .aggregate(
            first_deal=ibis.least(_.day.min(), _.late.min()).cast("timestamp"),
            last_deal=ibis.greatest(_.day.max(), _.late.max()).cast("timestamp"),
        )
    )
    whole = months.month_end.max(where=months.known_end == months.month_end)
    edges = months.aggregate(
        today=months.known_end.max(),
        opening=months.month.min().truncate("M"),
        closing=ibis.coalesce(whole, months.known_end.max()).truncate("M"),
    )
    spells = _joined(reps, seen, ("rep_id",)).cross_join(edges)
    first_month, last_month = spells.first_deal.truncate("M"), spells.last_deal.truncate("M")
    month_end = last_month + ibis.interval(months=1) - ibis.interval(days=1)
    first = ibis.ifelse(first_month == spells.opening, first_month, spells.first_deal)
    last = ibis.ifelse(spells.last_deal >= spells.closing, month_end, spells.last_deal)
    spells = spells.mutate(
        begins=ibis.coalesce(spells.hire_date.cast("timestamp"), first),
        ends=ibis.ifelse(
            spells.hire_date.notnull(),
            ibis.coalesce(spells.end_date, spells.today),
            ibis.coalesce(spells.end_date, last),
        ).cast("timestamp"),
    ).filter(_.begins.notnull() & (_.ends >= _.begins))
    in_order = ibis.window(group_by="rep_id", order_by="begins")
    so_far = ibis.cumulative_window(group_by="rep_id", order_by="begins")
    away = _.begins.cast("date").delta(_.ends.lag().over(in_order).cast("date"), unit="day")
    spells = spells.mutate(away=away).mutate(
        stay=(_.away.isnull() | (_.away > MOVED_WITHIN)).cast("int64").sum().over(so_far)
    )
    first = _.hire_date.min().over(ibis.window(group_by=["rep_id", "stay"]))
    # Who goes on in another row has not left.
    on = _.begins.lead().over(in_order).cast("date").delta(_.end_date.cast("date"), unit="day")
    spells = spells.mutate(on=on).mutate(
        end_date=ibis.ifelse(_.on <= MOVED_WITHIN, ibis.null("timestamp"), _.end_date)
    )
    return spells.mutate(started=ibis.ifelse(_.hire_date.notnull(), first, ibis.null("timestamp")))


def _employed(spells: Expression, months: Expression) -> Expression:
    """One row a rep and month; where a rep left and came back within one month, the shares add up
    and the later spell describes the rep."""
    crossed = spells.inner_join(
        months, [spells.begins <= months.known_end, spells.ends >= months.month]
    )
    first = ibis.greatest(crossed.begins, crossed.month)
    last = ibis.least(crossed.ends, crossed.known_end)
    days = last.cast("date").delta(first.cast("date"), unit="day") + 1
    tenure = (_.month.year() - _.started.year()) * 12 + _.month.month() - _.started.month() + 1
    rows = crossed.mutate(
        month_share=days.cast("float64") / crossed.month_days.cast("float64"),
    ).mutate(tenure_months=tenure.cast("float64"))
    latest = ibis.window(group_by=["rep_id", "month"], order_by=[ibis.desc("begins")])
    together = ibis.window(group_by=["rep_id", "month"])
    return (
        rows.mutate(
            place=ibis.row_number().over(latest), month_share=_.month_share.sum().over(together)
        )
        .filter(_.place == 0)
        .select(
            "rep_id", "month", "month_share", "tenure_months", *_ATTRIBUTES, "hire_date", "end_date"
        )
    )


def returned(deals: Expression) -> Expression:
    """Whether a deal is money given back, or to be given back: it takes from bookings, and nobody had it
    open or won it. Lost deals keep their place whatever stands there as their amount."""
    return (deals.status != "lost") & (deals.amount < 0).fill_null(False)


def _closed(deals: Expression) -> Expression:
    """Bookings and outcomes by the month of closing."""
    closed = deals.filter(deals.status.isin(["won", "lost"]), deals.close_date.notnull())
    back = returned(closed)
    won = (closed.status == "won") & ~back
    days = closed.close_date.cast("date").delta(closed.created_date.cast("date"), unit="day")
    # What is given away whole is no discount; the deal desk counts it apart.
    listed = won & (closed.list_amount > 0) & (closed.amount > 0)
    return (
        closed.mutate(
            month=closed.close_date.truncate("M"),
            is_won=won,
            is_lost=closed.status == "lost",
            booked=ibis.ifelse(won | back, closed.amount, ibis.null("float64")),
            won_amount=ibis.ifelse(won, closed.amount, ibis.null("float64")),
            won_days=ibis.ifelse(won & (days >= 0), days, ibis.null("int64")),
            sold=ibis.ifelse(listed, closed.amount, ibis.null("float64")),
            listed=ibis.ifelse(listed, closed.list_amount, ibis.null("float64")),
        )
        .group_by("rep_id", "month")
        .aggregate(
            bookings=_.booked.sum(),
            deals_won=_.is_won.cast("int64").sum(),
            deals_lost=_.is_lost.cast("int64").sum(),
            deals_closed=(_.is_won | _.is_lost).cast("int64").sum(),
            mean_amount=_.won_amount.mean(),
            cycle_days=_.won_days.cast("float64").mean(),
            discount=1 - _.sold.sum() / _.listed.sum(),
        )
    )


def _created(deals: Expression) -> Expression:
    return (
        deals.filter(deals.created_date.notnull(), ~returned(deals))
        .mutate(month=_.created_date.truncate("M"))
        .group_by("rep_id", "month")
        .aggregate(deals_created=_.count())
    )


def _open(deals: Expression, months: Expression) -> Expression:
    """Deals open on at least one day of the month, the day of closing included, so that every deal
    closed in a month was open in it."""
    dated = deals.filter((deals.status == "open") | deals.close_date.notnull(), ~returned(deals))
    spans = dated.mutate(
        opened=ibis.ifelse(
            (dated.close_date < dated.created_date) | dated.created_date.isnull(),
            dated.close_date,
            dated.created_date,
        )
    ).filter(_.opened.notnull())
    crossed = spans.inner_join(
        months,
        [
            spans.opened <= months.month_end,
            ibis.coalesce(spans.close_date, ibis.timestamp("2261-01-01")) >= months.month,
        ],
    )
    return crossed.group_by("rep_id", "month").aggregate(open_deals=_.count())


def _hours(activities: Expression, kinds: Expression, weeks: Expression) -> Expression:
    """Hours by month: a week that lies in two months is split by its working days."""
    rows = _joined(activities.inner_join(weeks, "week"), kinds, ("activity",))
    hours = rows.hours * rows.part
    # Unknown kinds count as hours; selling hours are unknown only where no kind is known at all.
    return (
        rows.mutate(
            spent=hours,
            sold=ibis.ifelse(
                rows.selling.isnull(), ibis.null("float64"), hours * rows.selling.cast("float64")
            ),
        )
        .group_by("rep_id", "month")
        .aggregate(hours=_.spent.sum(), selling_hours=_.sold.sum())
    )


def moving(reps: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Whether each row ends on that day and another of the rep begins soon after: on that day nobody
    knew of the next row, nor that this one had ended."""
    soon = day + pd.Timedelta(days=MOVED_WITHIN)
    going_on = reps.loc[(reps["hire_date"] > day) & (reps["hire_date"] <= soon), "rep_id"]
    return (reps["end_date"] == day) & reps["rep_id"].isin(going_on)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The computed frame with the promised types."""
    out = frame.copy()
    for name in out.columns:
        if name in _DAYS:
            out[name] = out[name].astype("datetime64[ns]")
        elif name in _COUNTS:
            out[name] = out[name].astype("int64")
    return out.reset_index(drop=True)
