"""What the data cannot say and money figures lean on: margins, costs, hours; and whose work each
activity is. Read from assumptions.toml and activities.toml beside the tables."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.parsing import EARLIEST, LATEST
from salesops_lib.dataset.schema import plain_name
from salesops_lib.errors import DataError
from salesops_lib.estimate import UNITS

DEFAULT_SOURCE = "default, replace with your own"
OWNERS = ("sales", "marketing", "sales-ops primary", "sales-ops supporting", "other")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number that somebody decided.

    Attributes
    ----------
    name
        Machine name, the heading in assumptions.toml.
    label
        What a reader calls it.
    value
        In `unit`, one of `estimate.UNITS`.
    source
        Who says so.
    """

    name: str
    label: str
    value: float
    unit: str
    source: str = DEFAULT_SOURCE

    def text(self, currency: str = "$") -> str:
        """`70%`, `$120K a year`, `3 months`, `2.5`."""
        if self.unit == "count":
            # Sentences tell of 2.5 hires, and the table beside them of no other number.
            return wording.stated(self.value)
        if self.unit == "hours" and self.value != round(self.value):
            return f"{wording.stated(self.value)} hours"
        return wording.quantity(self.value, self.unit, currency)

    @property
    def is_default(self) -> bool:
        return self.source == DEFAULT_SOURCE


def whose(chosen: Sequence[Assumption]) -> list[str]:
    """Which of them are not the company's own numbers, as a sentence; empty where all are."""
    ours = [one.label for one in chosen if one.is_default]
    if not ours:
        return []
    if len(ours) == len(chosen):
        which = "This is" if len(ours) == 1 else "All of these are"
    else:
        named = [ours[0], *(wording.within(one) for one in ours[1:])]
        which = f"{wording.listed(named)} {'is' if len(ours) == 1 else 'are'}"
    what = "a default" if len(ours) == 1 else "defaults"
    return [
        f"{which} {what} of this workbench, not your own: money that leans on "
        f"{'it' if len(ours) == 1 else 'them'} moves with {'it' if len(ours) == 1 else 'them'}. "
        "Put your own into assumptions.toml."
    ]


class ActivityKind(NamedTuple):
    """Whether an activity is selling, and whose work it is (one of `OWNERS`)."""

    selling: bool
    owner: str


def _default(name: str, label: str, value: float, unit: str) -> tuple[str, Assumption]:
    return name, Assumption(name, label, value, unit)


DEFAULTS: dict[str, Assumption] = dict(
    (
        _default("gross_margin", "Gross margin on bookings", 0.70, "share"),
        _default("annual_cost", "Pay and on-costs of a rep", 110_000, "money/year"),
        _default("hiring_cost", "Cost of hiring one rep", 30_000, "money"),
        _default("vacancy_months", "Time until a vacancy is filled", 3, "months"),
        _default("severance_cost", "Cost of letting one rep go", 20_000, "money"),
        _default("hires_per_year", "Reps hired in a year", 12, "count"),
        _default("training_manager_salary", "Salary of a training manager", 120_000, "money/year"),
        _default(
            "programme_cost",
            "Training programme: a full-time training manager with on-costs",
            150_000,
            "money/year",
        ),
        _default("months_saved", "Ramp time that training saves", 2, "months"),
        _default("gap_closed", "Part of the correctable gap that training closes", 0.5, "share"),
        _default("ramp_target", "Share of a mature rep's bookings that counts as ramped", 0.9, "share"),
        _default("middle_lift", "Lift of the middle", 0.05, "share"),
        _default("middle_gap_closed", "Part of its gap to the stars that the middle closes", 0.2, "share"),
        _default("star_deals_year", "Extra deals a year from each star", 1, "count"),
        _default("star_deal_cost", "Cost of winning one extra star deal", 0, "money"),
        _default("star_premium", "Extra pay of a star hired from elsewhere", 30_000, "money/year"),
        _default("coaching_cost", "Coaching of one rep in the middle", 2_000, "money/year"),
        _default("working_hours_week", "Working hours in a week", 40, "hours"),
        _default("working_weeks_year", "Working weeks in a year", 46, "count"),
        _default("hours_freed_week", "Hours a week that sales operations could take over", 3, "hours"),
        _default("freed_hours_sold", "Part of a freed hour that becomes selling", 0.5, "share"),
        _default("sales_ops_hour_cost", "An hour of sales operations", 45, "money"),
        _default("approval_cost", "Cost of one more approval step", 40, "money"),
        _default("approval_threshold", "Discount above which a deal needs approval", 0.20, "share"),
        _default("discount_excess_closed", "Part of the discount beyond the average rep's that is taken back", 0.5, "share"),
        _default("quota_confidence", "Chance of reaching quota that is planned for", 0.8, "probability"),
    )
)  # fmt: skip

# Without activities.toml, the names that leave little doubt.
DEFAULT_ACTIVITIES: dict[str, ActivityKind] = {
    "prospecting": ActivityKind(True, "sales"),
    "calls": ActivityKind(True, "sales"),
    "customer calls": ActivityKind(True, "sales"),
    "customer meetings": ActivityKind(True, "sales"),
    "demos": ActivityKind(True, "sales"),
    "demos and trials": ActivityKind(True, "sales"),
    "negotiation": ActivityKind(True, "sales"),
    "account management": ActivityKind(True, "sales"),
    "lead generation": ActivityKind(False, "marketing"),
    "lead qualification": ActivityKind(False, "marketing"),
    "lead research": ActivityKind(False, "marketing"),
    "marketing material": ActivityKind(False, "marketing"),
    "proposals": ActivityKind(False, "sales-ops supporting"),
    "quotes and proposals": ActivityKind(False, "sales-ops supporting"),
    "quotes": ActivityKind(False, "sales-ops primary"),
    "contracts": ActivityKind(False, "sales-ops supporting"),
    "forecasting": ActivityKind(False, "sales-ops primary"),
    "forecasting and reporting": ActivityKind(False, "sales-ops primary"),
    "reporting": ActivityKind(False, "sales-ops primary"),
    "crm entry": ActivityKind(False, "sales-ops primary"),
    "crm data entry": ActivityKind(False, "sales-ops primary"),
    "data entry": ActivityKind(False, "sales-ops primary"),
    "order processing": ActivityKind(False, "sales-ops primary"),
    "training": ActivityKind(False, "sales-ops supporting"),
    "internal meetings": ActivityKind(False, "other"),
    "admin": ActivityKind(False, "other"),
    "travel": ActivityKind(False, "other"),
    "travel and admin": ActivityKind(False, "other"),
}


_PARTS = {"share", "probability"}


@dataclass(frozen=True)
class Settled:
    """assumptions.toml as read: the assumptions over the defaults, and the settings beside them."""

    assumptions: dict[str, Assumption]
    currency: str | None = None
    data_through: pd.Timestamp | None = None
    notices: tuple[str, ...] = ()


def read_toml(path: Path) -> dict[str, Any]:
    """The file as a dict.

    Raises
    ------
    DataError
        If it is not TOML; the message holds the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not UTF-8", remedy="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"{path.name} cannot be read: {error}", remedy="Correct that line; text must be quoted."
        ) from None


def settle(given: Mapping[str, Any] | None) -> Settled:
    """The assumptions that hold: `given` over the defaults.

    Parameters
    ----------
    given
        Name → number, or a table with value, unit, source and label; `currency` and
        `data_through` beside them.

    Raises
    ------
    DataError
        Naming the assumption, if its value is no number or below 0, its unit unknown or another than the
        default's, or a share outside 0–1.
    """
    chosen = dict(DEFAULTS)
    notices = []
    given = dict(given or {})
    currency = given.pop("currency", None)
    if currency is not None and (not isinstance(currency, str) or not currency.strip()):
        raise DataError(
            f"assumption 'currency' is {currency!r}", remedy='Write a symbol, as in currency = "$".'
        )
    through = given.pop("data_through", None)
    for name, value in given.items():
        chosen[name] = _assumption(name, value)
        if name not in DEFAULTS:
            close = difflib.get_close_matches(name, DEFAULTS, n=1, cutoff=0.75)
            if close:
                notices.append(
                    f"assumption '{name}' is not one the analyses use; '{close[0]}' is, "
                    "and still has its default."
                )
    return Settled(chosen, currency, _day(through), tuple(notices))


def _day(value: Any) -> pd.Timestamp | None:
    if value is None:
        return None
    try:
        # 03/04/2026 is two days, by who writes it.
        day = pd.to_datetime(str(value), format="ISO8601").tz_localize(None).normalize()
    except ValueError:
        day = pd.NaT
    if pd.isna(day) or not EARLIEST <= day <= LATEST:
        raise DataError(
            f"assumption 'data_through' is {str(value)!r}, not a date from {EARLIEST.year} to "
            f"{LATEST.year}",
            remedy="Write it as 2026-09-30.",
        )
    return day


def _assumption(name: str, given: Any) -> Assumption:
    known = DEFAULTS.get(name)
    if isinstance(given, Assumption):
        return given
    body: Mapping[str, Any] = given if isinstance(given, Mapping) else {"value": given}
    unknown = sorted(set(body) - {"value", "unit", "source", "label"})
    if unknown:
        raise DataError(
            f"assumption '{name}' has the unknown entry '{unknown[0]}'",
            remedy="It may have value, unit, source and label.",
        )
    value = body.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError(
            f"assumption '{name}' is {value!r}, not a number",
            remedy=f"Write [{name}] with value = a number, unit and source.",
        )
    unit = str(body.get("unit", known.unit if known else "count"))
    if unit not in UNITS:
        raise DataError(
            f"assumption '{name}' has the unit {unit!r}", remedy=f"Use one of {', '.join(UNITS)}."
        )
    if known is not None and unit != known.unit and {unit, known.unit} != _PARTS:
        # 9,000 a month taken for a year's pay, or 68 as a count for a share, moves every amount that leans on it.
        raise DataError(
            f"assumption '{name}' has the unit {unit!r}, and is counted in {known.unit}",
            remedy=f"Write value in {known.unit}.",
        )
    if unit in _PARTS and not 0 <= value <= 1:
        raise DataError(
            f"assumption '{name}' is {value:g}, and a {unit} lies between 0 and 1",
            remedy="Write 70% as 0.70.",
        )
    if known is not None and value < 0:
        raise DataError(
            f"assumption '{name}' is {value:g}, and cannot be below 0",
            remedy="Write costs, months and hours as they are counted, without a sign.",
        )
    if known is None:
        label = str(body.get("label", name.replace("_", " ").capitalize()))
        return Assumption(name, label, float(value), unit, str(body.get("source", "your settings")))
    return replace(
        known,
        value=float(value),
        unit=unit,
        label=str(body.get("label", known.label)),
        source=str(body.get("source", "your settings")),
    )


def activity_kinds(given: Mapping[str, Any] | None) -> dict[str, ActivityKind]:
    """Activity → kind, from the content of activities.toml; defaults for common names without it.

    Raises
    ------
    DataError
        Naming the activity, if selling is no true/false, the owner none of `OWNERS` or an entry is neither.
    """
    if given is None:
        return dict(DEFAULT_ACTIVITIES)
    kinds: dict[str, ActivityKind] = {}
    for name, body in given.items():
        if isinstance(body, Mapping):
            unknown = sorted(set(body) - {"selling", "owner"})
            if unknown:
                raise DataError(
                    f"activity '{name}' has the unknown entry '{unknown[0]}'",
                    remedy="It may have selling and owner.",
                )
            selling, owner = body.get("selling"), body.get("owner")
        elif isinstance(body, tuple | list) and len(body) == 2:
            selling, owner = body
        else:
            selling, owner = body, None
        if not isinstance(selling, bool):
            raise DataError(
                f"activity '{name}' does not say whether it is selling",
                remedy=f'Write ["{name}"] with selling = true or false, and owner.',
            )
        owner = owner or ("sales" if selling else "other")
        if owner not in OWNERS:
            raise DataError(
                f"activity '{name}' has the owner {owner!r}",
                remedy=f"Use one of {', '.join(OWNERS)}.",
            )
        kind = ActivityKind(selling, str(owner))
        twin = next((one for one in kinds if plain_name(one) == plain_name(str(name))), None)
        if twin is not None and kinds[twin] != kind:
            raise DataError(
                f"activities '{twin}' and '{name}' are one, and said to be of two kinds",
                remedy="Leave one of them.",
            )
        kinds[str(name)] = kind
    return kinds
