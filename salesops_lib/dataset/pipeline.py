# ruff: noqa: PD003, PD004 - these are Ibis expressions, where isnull is the only name.
"""What was known on a past day. A deal won later was open then; an amount agreed later was not
known; a deal created later did not exist. Without the history of changes some of that cannot be
had back, and is left missing: a final amount put into a past pipeline would tell the outcome."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
from ibis import _

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


def day(date: pd.Timestamp) -> Expression:
    return ibis.literal(pd.Timestamp(date).normalize()).cast("timestamp")


def known_changes(changes: Expression, date: pd.Timestamp) -> Expression:
    """The changes made up to the end of that day."""
    return changes.filter(changes.changed_at < day(date + pd.Timedelta(days=1)))


def latest_state(changes: Expression) -> Expression:
    """deal_id, its first and latest change, and stage, amount and expected close after it. A change
    that leaves amount or expected close empty leaves them as they were."""

    order = ibis.window(group_by="deal_id", order_by="place")
    stepped = changes.mutate(
        before=_.stage.lag().over(order),
    ).mutate(moved=(_.before.isnull() | (_.before != _.stage)))
    return stepped.group_by("deal_id").aggregate(
        first_change=_.changed_at.min(),
        last_change=_.changed_at.max(),
        stage_since=_.changed_at.max(where=_.moved),
        known_stage=_.stage.argmax(_.place),
        known_amount=_.amount.argmax(_.place, where=_.amount.notnull()),
        known_close=_.expected_close_date.argmax(_.place, where=_.expected_close_date.notnull()),
    )


def deals_as_of(
    deals: Expression, changes: Expression, date: pd.Timestamp, *, history: bool, current: bool
) -> Expression:
    """`deals` as they stood at the end of that day.

    Parameters
    ----------
    history
        Whether there are stage changes at all.
    current
        Whether the day is at or after the last day of the data, so that what stands in `deals`
        today was known.
    """
    till = day(date)
    states = latest_state(known_changes(changes, date))
    joined = deals.left_join(states, "deal_id")
    rows = joined.drop("deal_id_right") if "deal_id_right" in joined.columns else joined
    begun = ibis.coalesce(rows.created_date, rows.first_change)
    closed = rows.status.isin(["won", "lost"]) & (rows.close_date <= till)
    closed = closed.fill_null(False)
    if current:
        # A lost deal without a date is lost by now; an open deal without dates is there by now.
        closed = closed | ((rows.status == "lost") & rows.close_date.isnull())
        undated = (rows.status == "open") & begun.isnull()
    else:
        undated = ibis.literal(False)
    placed = (rows.status != "lost") | rows.close_date.notnull() | closed
    rows = rows.mutate(was_closed=closed).filter(closed | ((begun <= till) & placed) | undated)
    still = current & (rows.status == "open")
    kept = rows.was_closed | still
    nothing = {name: ibis.null(deals[name].type()) for name in deals.columns}
    quoted = (rows.quoted_date <= till).fill_null(False)

    def known(name: str, then: Expression) -> Expression:
        """Today's value where it was already so, else what the history says."""
        return ibis.ifelse(kept, rows[name], then)

    past_amount = rows.known_amount if history else nothing["amount"]
    past_stage = rows.known_stage if history else nothing["stage"]
    past_close = rows.known_close if history else nothing["expected_close_date"]
    changed = {
        "status": ibis.ifelse(rows.was_closed, rows.status, ibis.literal("open")),
        "close_date": ibis.ifelse(rows.was_closed, rows.close_date, nothing["close_date"]),
        "amount": known("amount", past_amount),
        "stage": known("stage", past_stage),
        "expected_close_date": known("expected_close_date", past_close),
        "quoted_date": ibis.ifelse(quoted, rows.quoted_date, nothing["quoted_date"]),
        "list_amount": ibis.ifelse(kept | quoted, rows.list_amount, nothing["list_amount"]),
        "ordered_date": ibis.ifelse(
            (rows.ordered_date <= till).fill_null(False),
            rows.ordered_date,
            nothing["ordered_date"],
        ),
    }
    if history:
        # The history may know more of a deal open today than its row does.
        for name, then in (("amount", past_amount), ("stage", past_stage)):
            changed[name] = ibis.ifelse(
                rows.was_closed, rows[name], ibis.coalesce(then, changed[name])
            )
        changed["expected_close_date"] = ibis.ifelse(
            rows.was_closed,
            rows.expected_close_date,
            ibis.coalesce(past_close, changed["expected_close_date"]),
        )
    return rows.mutate(**changed).select(*deals.columns)


def pipeline(
    deals: Expression, changes: Expression, reps: Expression, date: pd.Timestamp
) -> Expression:
    """The deals open at the end of that day, from tables as they stood that day."""
    states = latest_state(known_changes(changes, date)).select(
        "deal_id", "first_change", "stage_since"
    )
    open_deals = deals.filter(deals.status == "open")
    joined = open_deals.left_join(states, "deal_id")
    rows = joined.drop("deal_id_right") if "deal_id_right" in joined.columns else joined
    latest = ibis.window(group_by="rep_id", order_by=ibis.desc("hire_date"))
    people = (
        reps.mutate(place=ibis.row_number().over(latest))
        .filter(_.place == 0)
        .select("rep_id", "channel", "region", "team", "manager_id")
    )
    with_reps = rows.left_join(people, "rep_id")
    with_reps = with_reps.drop("rep_id_right") if "rep_id_right" in with_reps.columns else with_reps
    till = day(date).cast("date")
    begun = ibis.coalesce(with_reps.created_date, with_reps.first_change.truncate("D"))
    dated = with_reps.mutate(created_date=begun)
    return (
        dated.mutate(
            age_days=till.delta(dated.created_date.cast("date"), unit="day").cast("float64"),
            stage_age_days=till.delta(dated.stage_since.cast("date"), unit="day").cast("float64"),
        )
        .select(*COLUMNS)
        .order_by("deal_id")
    )
