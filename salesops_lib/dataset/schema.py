"""The canonical tables: their columns, which of them a table cannot do without, and the other
names under which they are recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "timestamp", "month", "week", "number", "status"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Attributes
    ----------
    kind
        How its cells are read: `id` exactly as it came, `text` trimmed, `date` a day, `timestamp`
        a moment, `month` the month's first day, `week` the week's Monday, `number` a float,
        `status` open, won or lost.
    required
        The table cannot be used without it, and a row without a value is set aside.
    low, high
        Bounds of a number, both allowed.
    also
        Other names it is recognised under (see `canonical`).
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table.

    Attributes
    ----------
    key
        Columns that no two accepted rows share; empty where repeated rows are meaningful.
    also
        Other file or table names it is recognised under.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns if one.required)

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)


_REP = (
    "rep",
    "owner_id",
    "ownerid",
    "sales_rep_id",
    "salesperson_id",
    "employee_id",
    "user_id",
    "owner",
    "sales_rep",
    "salesperson",
    "sales_agent",
    "deal_owner",
    "opportunity_owner",
)


REPS = Table(
    "reps",
    "people who sell, one row a person and spell of employment",
    (
        Column("rep_id", "id", "who", required=True, also=(*_REP, "id")),
        Column("name", "text", "how reports call the rep", also=("rep_name", "full_name")),
        Column("team", "text", "the rep's team", also=("team_name",)),
        Column(
            "region",
            "text",
            "where the rep sells; joins markets",
            also=("territory", "sales_region"),
        ),
        Column("channel", "text", "through which channel", also=("sales_channel",)),
        Column("manager_id", "id", "rep_id or name of the manager", also=("manager",)),
        Column("role", "text", "what the rep does", also=("job_title", "title", "position")),
        Column(
            "hire_date",
            "date",
            "first day on the job",
            also=("hired", "hired_on", "start_date", "date_hired"),
        ),
        Column(
            "end_date",
            "date",
            "last day on the job, empty while employed",
            also=("left", "left_on", "leave_date", "termination_date"),
        ),
        Column(
            "annual_cost",
            "number",
            "pay and on-costs, money a year",
            low=0,
            also=("salary", "annual_salary", "yearly_cost"),
        ),
    ),
    key=("rep_id", "hire_date"),
    also=("rep", "sales_reps", "salespeople", "users", "owners"),
)

QUOTAS = Table(
    "quotas",
    "what each rep should book, one row a rep and month",
    (
        Column("rep_id", "id", "who", required=True, also=_REP),
        Column("month", "month", "the month", required=True, also=("period", "quota_month")),
        Column("quota", "number", "money a month", required=True, low=0, also=("target", "goal")),
    ),
    key=("rep_id", "month"),
    also=("quota", "targets"),
)

DEALS = Table(
    "deals",
    "opportunities, one row a deal, as they stand today",
    (
        Column(
            "deal_id",
            "id",
            "which deal",
            required=True,
            also=("opportunity_id", "deal", "record_id", "id"),
        ),
        Column("rep_id", "id", "whose deal", required=True, also=_REP),
        Column(
            "status", "status", "open, won or lost", required=True, also=("deal_status", "outcome")
        ),
        Column(
            "amount",
            "number",
            "money; needed where won, negative for a return",
            also=("deal_amount", "value", "close_value", "bookings"),
        ),
        Column(
            "created_date",
            "date",
            "first day",
            also=("created", "created_at", "createdate", "create_date"),
        ),
        Column(
            "close_date",
            "date",
            "day of winning or losing; needed where won",
            also=("closed", "closed_at", "closedate", "closed_date"),
        ),
        Column(
            "expected_close_date",
            "date",
            "when an open deal should close",
            also=("expected_close", "forecast_close_date"),
        ),
        Column("stage", "text", "pipeline stage today", also=("stage_name", "deal_stage")),
        Column("account_id", "id", "the customer", also=("account", "customer_id", "customer")),
        Column("segment", "text", "kind of customer", also=("customer_segment",)),
        Column("product", "text", "what is sold", also=("product_name", "product_id")),
        Column("source", "text", "where the deal came from", also=("lead_source",)),
        Column("competitor", "text", "against whom", also=("main_competitor",)),
        Column("list_amount", "number", "money before discount", low=0, also=("list_price",)),
        Column("quoted_date", "date", "day of the quote", also=("quote_date", "quoted_at")),
        Column("ordered_date", "date", "day of the order", also=("order_date", "ordered_at")),
    ),
    key=("deal_id",),
    also=("deal", "opportunities", "opportunity", "sales_pipeline"),
)

STAGE_CHANGES = Table(
    "stage_changes",
    "the history of each deal's stage, amount and expected close, one row a change",
    (
        Column("deal_id", "id", "which deal", required=True, also=("opportunity_id", "deal")),
        Column(
            "changed_at",
            "timestamp",
            "when it changed",
            required=True,
            also=("changed", "changed_date", "change_date", "date", "created_at", "created_date"),
        ),
        Column(
            "stage",
            "text",
            "the stage from then on",
            required=True,
            also=("stage_name", "to_stage"),
        ),
        Column("amount", "number", "money expected from then on", also=("deal_amount", "value")),
        Column(
            "expected_close_date",
            "date",
            "expected close from then on",
            also=("close_date", "expected_close"),
        ),
        Column(
            "forecast_category",
            "text",
            "what the rep calls the deal from then on: commit, best case or pipeline",
            also=("forecast_category_name", "manual_forecast_category"),
        ),
    ),
    also=("stage_history", "deal_history", "opportunity_history"),
)

ACTIVITIES = Table(
    "activities",
    "where hours went, one row a rep, week and activity",
    (
        Column("rep_id", "id", "who", required=True, also=_REP),
        Column("week", "week", "any day of the week", required=True, also=("week_start", "date")),
        Column(
            "activity", "text", "what; activities.toml says its kind", required=True, also=("type",)
        ),
        Column(
            "hours", "number", "hours", required=True, low=0, high=168, also=("duration_hours",)
        ),
    ),
    also=("activity", "time_use", "timesheets"),
)

CHANNELS = Table(
    "channels",
    "ways to the customer",
    (
        Column("channel", "text", "its name, as in reps", required=True, also=("name",)),
        Column("kind", "text", "direct or partner", also=("type", "channel_kind")),
    ),
    key=("channel",),
    also=("channel",),
)

MARKETS = Table(
    "markets",
    "facts of a region's market, one row a region and month, plus any market columns",
    (
        Column("region", "text", "as in reps", required=True, also=("territory",)),
        Column("month", "month", "the month", required=True, also=("period", "date")),
    ),
    key=("region", "month"),
    also=("market",),
)

TABLES: dict[str, Table] = {
    one.name: one for one in (REPS, QUOTAS, DEALS, STAGE_CHANGES, ACTIVITIES, CHANNELS, MARKETS)
}

STATUSES = ("open", "won", "lost")
# What CRMs call them, as `plain_name` writes it.
STATUS_ALIASES = {
    "closed_won": "won",
    "closedwon": "won",
    "win": "won",
    "closed_lost": "lost",
    "closedlost": "lost",
    "loss": "lost",
    "in_progress": "open",
    "pending": "open",
}


def plain_name(text: str) -> str:
    """A heading in the form that names are compared in: `Close Date ` → `close_date`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(text).strip())
    return re.sub(r"[^0-9a-z]+", "_", spaced.lower()).strip("_")


def table_named(text: str) -> Table | None:
    """The canonical table that a file or database table of this name holds, if any."""
    name = plain_name(text)
    if name in TABLES:
        return TABLES[name]
    return next((one for one in TABLES.values() if name in one.also), None)


def canonical(table: Table, headings: list[str]) -> dict[str, str]:
    """Heading → canonical column, for those recognised. A column under its own name wins over one
    under an alias, and of several aliases the one listed first in the schema."""
    plain = {heading: plain_name(heading) for heading in headings}
    found: dict[str, str] = {}
    for column in table.columns:
        for wanted in (column.name, *column.also):
            # A heading that is itself a canonical name of this table is nobody's alias.
            if wanted != column.name and wanted in table.names:
                continue
            free = [one for one in headings if plain[one] == wanted and one not in found]
            if free:
                # Beside HireDate, hire_date is meant.
                found[wanted if wanted in free else free[0]] = column.name
                break
    return found
