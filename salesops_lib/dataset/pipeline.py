# ruff: noqa: PD003, PD004 - these are Ibis expressions, where isnull is the only name.
"""What was known on a past day. A deal won later was open then; an amount agreed later was not
known; a deal created later did not exist. Without the history of changes some of that cannot be
had back, and is left missing: a final amount put into a past pipeline would tell the outcome.

The day asked for is a row of a table (`asked`: till, tomorrow, current), so that one compiled query
serves every day. `current` says that the day is at or after the last day of the data, so that what
stands in `deals` today was known.
"""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
from ibis import _

from salesops_lib.dataset import rep_months

Expression = Any

COLUMNS = (
    "deal_id",
    "rep_id",
    "stage",
    "amount",
    "expected_close_date",
    "created_date",
    "stage_since",
    "age_days",
    "stage_age_days",
    "channel",
    "region",
    "team",
    "manager_id",
)


def asked(day: pd.Timestamp, *, current: bool) -> pd.DataFrame:
    """The table of the day asked for."""
    tomorrow = day + pd.Timedelta(days=1)
    return pd.DataFrame({"till": [day], "tomorrow": [tomorrow], "current": [current]})


def in_order(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes with their `place` in time (of two at one moment the later row holds) and whether
    the stage `moved`: neither depends on the day that is asked about."""
    ordered = changes.sort_values("changed_at", kind="stable", ignore_index=True)
    before = ordered.groupby("deal_id", sort=False)["stage"].shift()
    return ordered.assign(place=range(len(ordered)), moved=before != ordered["stage"])


def _joined(left: Expression, right: Expression, on: str) -> Expression:
    rows = left.left_join(right, on)
    return rows.drop(f"{on}_right") if f"{on}_right" in rows.columns else rows


def latest_state(changes: Expression, day: Expression) -> Expression:
    """For each deal, from the changes made up to the end of the day: its first change, the last
    change of stage, and stage, amount and expected close since then. A change that leaves amount or
    expected close empty leaves them as they were.

    `changes` is what `in_order` makes.
    """
    known = changes.cross_join(day).filter(_.changed_at < _.tomorrow)
    return known.group_by("deal_id").aggregate(
        first_change=_.changed_at.min(),
        stage_since=_.changed_at.max(where=_.moved),
        known_stage=_.stage.argmax(_.place),
        known_amount=_.amount.argmax(_.place, where=_.amount.notnull()),
        known_close=_.expected_close_date.argmax(_.place, where=_.expected_close_date.notnull()),
    )


def deals_as_of(deals: Expression, changes: Expression, day: Expression) -> Expression:
    """`deals` as they stood at the end of the day, with `first_change` and `stage_since`."""
    rows = _joined(deals, latest_state(changes, day), "deal_id").cross_join(day)
    begun = ibis.coalesce(rows.created_date, rows.first_change)
    ended = rows.status.isin(["won", "lost"])
    back = (rows.status == "won") & (rows.amount < 0).fill_null(False)
    # A lost deal without a date is lost by now, and nowhere to be placed before.
    closed = ended & ibis.coalesce(rows.close_date <= rows.till, rows.current)
    rows = rows.mutate(
        was_closed=closed,
        # What stands in the row today was so that day too.
        holds=closed | (rows.current & (rows.status == "open")),
    ).filter(
        closed
        # Money given back is a booking of its day, and no deal that anybody had open before.
        | ((begun <= rows.till) & ~(ended & rows.close_date.isnull()) & ~back)
        # An open deal without any date is there by now.
        | (rows.current & (rows.status == "open") & begun.isnull())
    )
    quoted = (rows.quoted_date <= rows.till).fill_null(False)
    ordered = (rows.ordered_date <= rows.till).fill_null(False)

    def then(name: str, known: str) -> Expression:
        """Of a closed deal its row, of an open one the history; where that is silent and the day
        is today, again its row."""
        today = ibis.ifelse(rows.holds, rows[name], ibis.null(deals[name].type()))
        return ibis.ifelse(rows.was_closed, rows[name], ibis.coalesce(rows[known], today))

    def only(name: str, condition: Expression) -> Expression:
        return ibis.ifelse(condition, rows[name], ibis.null(deals[name].type()))

    return rows.mutate(
        status=ibis.ifelse(rows.was_closed, rows.status, ibis.literal("open")),
        close_date=only("close_date", rows.was_closed),
        amount=then("amount", "known_amount"),
        stage=then("stage", "known_stage"),
        expected_close_date=then("expected_close_date", "known_close"),
        quoted_date=only("quoted_date", quoted),
        list_amount=only("list_amount", rows.holds | quoted),
        ordered_date=only("ordered_date", ordered),
    ).select(*deals.columns, "first_change", "stage_since")


def pipeline(
    deals: Expression, changes: Expression, reps: Expression, day: Expression
) -> Expression:
    """The deals open at the end of the day, with `reps` as they were known then; without money known to be
    given back."""
    known = deals_as_of(deals, changes, day)
    rows = known.filter(_.status == "open", ~rep_months.returned(known)).cross_join(day)
    latest = ibis.window(group_by="rep_id", order_by=ibis.desc("hire_date"))
    people = (
        reps.mutate(spell=ibis.row_number().over(latest))
        .filter(_.spell == 0)
        .select("rep_id", "channel", "region", "team", "manager_id")
    )
    placed = _joined(rows, people, "rep_id")
    dated = placed.mutate(
        created_date=ibis.coalesce(placed.created_date, placed.first_change.truncate("D"))
    )
    till = dated.till.cast("date")
    return (
        dated.mutate(
            age_days=till.delta(dated.created_date.cast("date"), unit="day").cast("float64"),
            stage_age_days=till.delta(dated.stage_since.cast("date"), unit="day").cast("float64"),
        )
        .select(*COLUMNS)
        .order_by("deal_id")
    )
