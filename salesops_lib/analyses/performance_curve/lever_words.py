"""The sentences and labels of the levers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate

LEVER_LABELS = {
    "moving_the_middle": "Move the middle",
    "star_deal": "{deals} from each star",
    "replacement": "Replace under-performers by average hires",
    "replacement_star": "Replace under-performers by stars (what-if)",
}
_TO_DO = {
    "moving_the_middle": "move the middle",
    "star_deal": "get {deals} from each star",
    "replacement": "replace under-performers by average hires",
}
_NOBODY = "nobody who is still there is ranked at the bottom"
NOT_VALUED = {
    "star_deal": "Cannot tell what {deals} from each star would be worth: too few deals of the stars "
    "are known.",
    "replacement": f"There is nobody to replace by average hires: {_NOBODY}.",
    "replacement_star": f"There is nobody to replace by stars: {_NOBODY}.",
}
# A lever pays most where the chance that it does is at least as high as an interval's level.
SETTLED = 0.90
# Months ahead for which nobody plans.
_NO_PLAN = 120
# Shown beside the levers, never ranked as if available: nobody can count on hiring stars.
WHAT_IFS = ("replacement_star",)
_FREE = "it costs nothing to win"


def lever(
    row: Mapping[str, Any],
    net: Estimate,
    *,
    lift: float,
    gap_closed: float | None,
    deals_year: float,
    years: float,
    unlucky: float,
    currency: str,
) -> str:
    """One lever: what it is, what it brings a year, and whether it pays."""
    people = int(row["reps"])
    what = {
        "moving_the_middle": _middle(people, lift, gap_closed),
        "star_deal": f"{_deals(deals_year)} a year from "
        + (f"each of {people} stars" if people > 1 else "the one star"),
        "replacement": f"Replacing {_whom(people, 'an average hire', 'average hires')}",
        "replacement_star": f"Replacing {_whom(people, 'a star', 'stars')}, if "
        f"{'one' if people == 1 else 'they'} can be found,",
    }[row["lever"]]
    known = net.low == net.high
    worth = wording.quantity(net.value, net.unit, currency) if known else wording.estimate(
        net, currency
    )  # fmt: skip
    several = row["lever"] == "star_deal" and deals_year != 1
    text = f"{what} {'are' if several else 'is'} worth {worth}"
    if row["once"] > 0 and row["lever"].startswith("replacement"):
        text += (
            f" after {wording.money(row['once'], currency)} paid once, spread over {years:g} years"
        )
    elif row["cost"] > 0:
        text += f" after {wording.money(row['cost'], currency)} of cost a year"
    elif row["lever"] == "star_deal":
        text += f", if {_FREE}"
    if row["lever"] == "replacement" and unlucky >= 0.5:
        text += (
            "; that rep would more likely than not be off the bottom with luck taken out"
            if people == 1
            else f"; about {wording.about(unlucky, of=people)} of the {people:,} would not be at the bottom with luck taken out"
        )
    nobody_knows = row["lever"] != "star_deal" and math.isnan(row["p_pays"])
    if nobody_knows or net.low < 0 < net.high:
        return f"{text}. Whether it pays: {wording.CANNOT_TELL}."
    if net.high <= 0:
        return f"{text}: it does not pay."
    return f"{text}."


def lever_label(lever: str, cost: float, deals_year: float = 1.0) -> str:
    """What a lever is called in tables and pictures."""
    free = lever == "star_deal" and not cost > 0
    called = LEVER_LABELS[lever].format(deals=_deals(deals_year))
    return called + (", at no cost" if free else "")


def may_not_pay(row: Mapping[str, Any] | pd.Series) -> bool:
    """Whether the interval of what a lever leaves after its cost holds nothing, or less."""
    return not float(row["net_low"]) > 0


def condition(row: Mapping[str, Any] | pd.Series) -> str:
    """What the worth of a lever supposes and nobody can count on; no text where it is nothing."""
    if row["lever"] == "star_deal":
        return "" if row["cost"] > 0 else _FREE
    return "stars can be hired" if row["lever"] in WHAT_IFS else ""


def _whom(people: int, one: str, many: str) -> str:
    return f"{wording.count(people, 'under-performer')} by {one if people == 1 else many}"


def not_valued(there: set[str], deals_year: float = 1.0) -> list[tuple[str, str]]:
    """Name and sentence of each lever that is not among those valued."""
    deals = _deals(deals_year).lower()
    return [
        (name, said.format(deals=deals)) for name, said in NOT_VALUED.items() if name not in there
    ]


def _middle(people: int, lift: float, gap_closed: float | None) -> str:
    if gap_closed is None:
        return f"Lifting {wording.count(people, 'core rep')} by {wording.percent(lift)}"
    return (
        f"Closing {wording.percent(gap_closed)} of the gap between "
        f"{wording.count(people, 'core rep')} and the stars"
    )


def _deals(deals_year: float) -> str:
    if deals_year == 1:
        return "One more deal"
    return f"{wording.number(deals_year).removesuffix('.0')} more deals"


def ratio(value: Estimate) -> str:
    """The published claim, computed from the data instead of quoted."""
    if math.isnan(value.value):
        return (
            "Whether the same percentage lift brings more on the core or on the stars: "
            f"{wording.CANNOT_TELL}; returns may outweigh what one of them sells."
        )
    text = (
        f"The same percentage lift on the core brings {wording.ratio(value.value)} what it brings "
        f"on the stars ({wording.interval(value)})"
    )
    if not math.isnan(value.low) and value.low <= 1 <= value.high:
        return f"{text}: we {wording.CANNOT_TELL} which of the two brings more."
    return f"{text}."


def best(table: pd.DataFrame, deals_year: float = 1.0) -> str:
    """The best of the levers in the company's own hands, and whether stars would beat it."""
    if table["p_best_own"].isna().all():
        return f"Which lever pays most: {wording.CANNOT_TELL}."
    top = table.loc[table["p_best_own"].idxmax()]
    what = _TO_DO[str(top["lever"])].format(deals=_deals(deals_year).lower())
    supposed = condition(top)
    what += f", if {supposed}," if supposed else ""
    chance = wording.chance(float(top["p_best_own"]))
    if top["net"] <= 0:
        said = "None of the levers is expected to pay back its cost."
    elif top["p_best_own"] < SETTLED:
        said = (
            f"Which lever pays most: {wording.CANNOT_TELL}; the likeliest is to {what} "
            f"(probability {chance})."
        )
    else:
        said = f"The lever that pays most is to {what} (probability {chance})"
        said += (
            f", if any does: whether it pays, we {wording.CANNOT_TELL}."
            if may_not_pay(top)
            else "."
        )
    what_if = table[table["lever"].isin(WHAT_IFS)]
    if what_if.empty or float(what_if["p_best"].iloc[0]) < 0.5:
        return said
    return (
        f"{said} Replacing under-performers by stars would pay more than any of these with a "
        f"probability of {wording.chance(float(what_if['p_best'].iloc[0]))}, but nobody can count "
        "on hiring stars: it is shown as a what-if and not ranked."
    )


def break_even(value: float, unit: str) -> str:
    """`3.2% lifted`, `0.4 deals each`, `18 months`, `more than 120 months`, `never`."""
    if value == 0 or math.isinf(value):
        return "never" if value else "at once"
    if unit == "months" and value > _NO_PLAN:
        return f"more than {_NO_PLAN} months"
    if unit.startswith("share"):
        return f"{wording.percent(value)} {unit.removeprefix('share ')}"
    return f"{wording.number(value)} {unit}"
