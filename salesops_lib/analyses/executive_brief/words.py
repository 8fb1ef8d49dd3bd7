"""The sentences of the executive brief."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.registry import Analysis
from salesops_lib.statistics.mover import difference_interval


def which_to_push(levers: pd.DataFrame, what_ifs: pd.DataFrame, currency: str) -> str:
    """The lever to push first, the ones it cannot be told from, and the what-ifs that would be
    worth more if their condition held."""
    paying = levers[levers["verdict"] == "pays"]
    if levers.empty:
        return "No analysis has reported a lever in money yet, so there is nothing to rank."
    if paying.empty:
        return (
            "We cannot tell that any lever pays: every interval reaches zero or below. "
            "Collect more months before committing money."
        )
    best = paying.iloc[0]
    worth = wording.estimate(_money(best), currency)
    rivals = paying.iloc[1:]
    close = [r["lever"] for _, r in rivals.iterrows() if _overlap(best, r)]
    text = f"Push “{best['lever']}” first: it is worth {worth}."
    unsure = levers[(levers["verdict"] == "cannot tell") & (levers["value"] > best["value"])]
    if len(unsure):
        names = wording.listed([f"“{name}”" for name in unsure["lever"]])
        text += f" {names} may be worth more, but we cannot tell that it pays at all."
    # After a word about others, "it" would be one of them.
    it = f"“{best['lever']}”" if len(unsure) else "it"
    if close:
        names = wording.listed([f"“{name}”" for name in close])
        text += f" We cannot tell {it} from {names}, so the cheaper or quicker one may go first."
    elif len(rivals):
        subject = it if len(unsure) else "It"
        text += f" {subject} is clearly ahead of every other lever that pays."
    shared = [name for name in best["overlaps"] if name in set(levers["lever"])]
    if shared:
        names = wording.listed([f"“{name}”" for name in shared])
        text += f" Part of {it} is the same money as {names}: do not add them."
    for one in what_ifs[what_ifs["value"] > best["value"]].itertuples():
        text += (
            f" If {one.condition}, “{one.lever}” would be worth {wording.money(one.value, currency)}"
            " a year; that cannot be counted on, so it is not ranked."
        )
    return text


def ranking_title(levers: pd.DataFrame) -> str:
    """The message of the picture: which lever leads, and whether by more than noise."""
    paying = levers[levers["verdict"] == "pays"]
    if paying.empty:
        return "No lever can be told to pay"
    best, rivals = paying.iloc[0], paying.iloc[1:]
    if rivals.empty:
        return f"Only “{best['lever']}” can be told to pay"
    if any(_overlap(best, row) for _, row in rivals.iterrows()):
        return f"“{best['lever']}” leads those that pay, but not by more than noise"
    return f"“{best['lever']}” is worth most of those that pay"


def how_many_pay(levers: pd.DataFrame, unknown: pd.DataFrame) -> str:
    """How many levers the evidence supports, and how many it does not know."""
    paying = int((levers["verdict"] == "pays").sum())
    text = f"{paying} of {wording.count(len(levers), 'measured lever')} clearly pay."
    if paying == 1:
        text = f"1 of {wording.count(len(levers), 'measured lever')} clearly pays."
    if len(unknown):
        text += f" {wording.count(len(unknown), 'lever is', 'levers are')} not known."
    return text


def why_not_ranked(worth: Estimate, condition: str, currency: str) -> str:
    """Why a lever with a number stands beside the ranking."""
    return (
        f"worth {wording.estimate(worth, currency)} if {condition}; that cannot be counted on, so "
        "it is not ranked"
    )


def why_unknown(analysis: Analysis, found: Finding | None, *, reported: bool) -> str:
    """Why a lever has no number."""
    if not reported:
        return f"the report “{analysis.question}” has not been published for this period"
    if found is None:
        return "the data could not answer it; the report says what is missing"
    return found.sentence


def comparison(first: pd.Series, second: pd.Series, currency: str) -> str:
    """Whether one lever can be told from another."""
    ahead, behind = (first, second) if first["value"] >= second["value"] else (second, first)
    a, b = (wording.estimate(_money(row), currency) for row in (ahead, behind))
    text = f"“{ahead['lever']}” is worth {a}, “{behind['lever']}” {b}."
    if behind["lever"] in ahead["overlaps"] or ahead["lever"] in behind["overlaps"]:
        text += " They count partly the same money."
    if _overlap(ahead, behind):
        return f"{text} We cannot tell which is worth more."
    return f"{text} The first is worth more."


def _overlap(first: pd.Series, second: pd.Series) -> bool:
    _, low, _ = difference_interval(
        (first["value"], first["low"], first["high"]),
        (second["value"], second["low"], second["high"]),
    )
    return not low > 0


def _money(row: pd.Series) -> Estimate:
    return Estimate(
        row["value"], row["low"], row["high"], row["confidence"], "money/year", int(row["n"])
    )
