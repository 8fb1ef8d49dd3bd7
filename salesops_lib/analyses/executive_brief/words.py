"""The sentences of the executive brief."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.assumptions import Assumption
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.registry import Analysis
from salesops_lib.statistics.mover import difference_interval

# So many assumptions are named in a sentence; the reports list them all.
_NAMED = 4


def which_to_push(
    levers: pd.DataFrame, what_ifs: pd.DataFrame, currency: str, *, reported: bool
) -> str:
    """The lever to push first, the ones it cannot be told from, and the what-ifs that would be
    worth more if their condition held."""
    paying = levers[levers["verdict"] == "pays"]
    if levers.empty:
        because = nothing_ranked(reported=reported)["because"]
        said = f"There is nothing to rank: {because}."
        return said + _what_ifs(what_ifs[what_ifs["low"] > 0], currency)
    if paying.empty:
        return _nothing_pays(levers) + _what_ifs(what_ifs[what_ifs["low"] > 0], currency)
    best = paying.iloc[0]
    worth = wording.estimate(_money(best), currency)
    rivals = paying.iloc[1:]
    close = [r["lever"] for _, r in rivals.iterrows() if _overlap(best, r)]
    text = f"Push “{best['lever']}” first: it is worth {worth}."
    unsure = levers[(levers["verdict"] == "cannot tell") & (levers["value"] > best["value"])]
    if len(unsure):
        names = wording.listed([f"“{name}”" for name in unsure["lever"]])
        pays = "it pays" if len(unsure) == 1 else "they pay"
        text += f" {names} may be worth more, but we cannot tell that {pays} at all."
    # After a word about others, "it" would be one of them.
    it = f"“{best['lever']}”" if len(unsure) else "it"
    if close:
        any_of = wording.listed([f"“{name}”" for name in close], "or")
        text += f" We cannot tell whether {it} is worth more than {any_of}, so the cheaper "
        text += f"or quicker {'of the two' if len(close) == 1 else 'of them'} may go first."
        text += _surest(best, rivals[rivals["lever"].isin(close)], currency)
    else:
        subject, maybes = it if len(unsure) else "It", _maybes(levers, best)
        if len(rivals):
            text += f" {subject} is clearly ahead of every other lever that pays{maybes}."
        elif maybes:
            text += f" {subject} is the only one that clearly pays{maybes}."
    shared = [name for name in best["overlaps"] if name in set(levers["lever"])]
    if shared:
        names = wording.listed([f"“{name}”" for name in shared])
        text += f" Do not add “{best['lever']}” to {names}: they count partly the same money."
    return text + _what_ifs(what_ifs[what_ifs["value"] > best["value"]], currency)


def _nothing_pays(levers: pd.DataFrame) -> str:
    """Why none is to be pushed: more months help where it cannot be told, and not where it can."""
    if (levers["verdict"] == "does not pay").all():
        each = "each costs" if len(levers) > 1 else "the one there is costs"
        return f"No measured lever pays: {each} more than it brings, at both ends of its interval."
    why = "every interval reaches zero or below"
    if levers["low"].isna().all():
        why = "how far the amounts may be off is not known"
    return (
        f"We cannot tell that any lever pays: {why}. Collect more months before committing money."
    )


def _what_ifs(worth_more: pd.DataFrame, currency: str) -> str:
    """What would be worth more than all that is ranked if its condition held."""
    text = ""
    for _, one in worth_more.sort_values("value", ascending=False).iterrows():
        said = (
            f"would be worth {wording.alone(_money(one), currency)}; that cannot be counted on, so it "
            "is not ranked"
        )
        if not one["low"] > 0:
            said = "may be worth more, but even then we cannot tell that it pays at all"
        text += f" If {one['condition']}, “{one['lever']}” {said}."
    return text


def _maybes(levers: pd.DataFrame, best: pd.Series) -> str:
    """Levers of which we cannot tell that they pay, nor that they bring less: "clearly ahead" would be
    read as ahead of them."""
    maybe = levers[(levers["verdict"] == "cannot tell") & (levers["value"] <= best["value"])]
    names = [f"“{row['lever']}”" for _, row in maybe.iterrows() if _overlap(best, row)]
    return f", but {wording.listed(names, 'or')} may bring more" if names else ""


def _surest(best: pd.Series, close: pd.DataFrame, currency: str) -> str:
    """Which of the levers that cannot be told apart is worth most at the low end of its interval,
    where that is not the one to push."""
    surest = close.loc[close["low"].astype(float).idxmax()]
    if surest["low"] <= best["low"]:
        return ""
    _, low, _ = worth(surest, currency)
    return f" “{surest['lever']}” is the surer: its interval begins higher, at {low}."


def levels_differ(levers: pd.DataFrame) -> tuple[str, ...]:
    """Where a narrow interval may be one of half the level: what pays, and what is ahead, is told by intervals."""
    if levers["confidence"].nunique() < 2:
        return ()
    low, high = (
        levers.loc[levers["confidence"].idxmin()],
        levers.loc[levers["confidence"].idxmax()],
    )
    return (
        f"“{low['lever']}” has an interval of {wording.level(low['confidence'])} and “{high['lever']}” one of "
        f"{wording.level(high['confidence'])}: which of them pays, and which is ahead, is not told alike. Give all "
        "analyses one confidence.",
    )


def picked_from(levers: pd.DataFrame, picked: Estimate, currency: str) -> tuple[str, ...]:
    """What the lever to push may be worth, seeing that the largest guess is large partly by luck;
    nothing where it is ahead by more than luck."""
    paying = levers[levers["verdict"] == "pays"]
    if paying.empty:
        return ()
    best = paying.iloc[0]
    others = levers[levers["finding"] != best["finding"]]
    if not any(_overlap(best, row) for _, row in others.iterrows()):
        return ()
    low, high = (
        wording.money(one, currency, like=picked.size) for one in (picked.low, picked.high)
    )
    doubt = "" if picked.low > 0 else ", so that it pays is less sure than its interval says"
    return (
        f"“{best['lever']}” was picked from {wording.count(len(levers), 'lever')} for its "
        "large guess, and such a guess is more often too high than too low. Allowing for that, "
        f"it is worth anything from {low} to {high} a year{doubt}.",
    )


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


def how_many_pay(levers: pd.DataFrame, unknown: pd.DataFrame, what_ifs: pd.DataFrame) -> str:
    """How many levers the evidence supports, and how many it does not know."""
    if levers.empty:
        if unknown.empty:
            return "What each lever is worth supposes something that nobody can count on."
        if len(what_ifs):
            others = "the other is" if len(what_ifs) == 1 else f"the other {len(what_ifs)} are"
            return (
                f"None of {wording.count(len(unknown) + len(what_ifs), 'lever')} could be ranked: "
                f"{len(unknown)} could not be measured, and what {others} worth supposes something "
                "that nobody can count on."
            )
        return f"None of {wording.count(len(unknown), 'lever')} could be measured."
    paying = int((levers["verdict"] == "pays").sum())
    measured = wording.count(len(levers), "measured lever")
    text = f"{paying} of {measured} clearly {'pays' if paying == 1 else 'pay'}."
    if paying == 0 < len(levers):
        text = f"None of {measured} clearly pays."
        if len(levers) == 1:
            text = "The one measured lever does not clearly pay."
    elif paying == len(levers) == 1:
        text = "The one measured lever clearly pays."
    elif paying == len(levers) > 1:
        text = f"All {measured} clearly pay."
    if len(unknown):
        text += f" {wording.count(len(unknown), 'lever')} could not be measured."
    return text


def leans_on(chosen: Sequence[Assumption], currency: str) -> list[str]:
    """Which assumptions behind the amounts are not the company's own, as a sentence; empty where
    all are."""
    ours = [one for one in chosen if one.is_default]
    if not ours:
        return []
    named = [f"{wording.within(one.label)} ({one.text(currency)})" for one in ours[:_NAMED]]
    if len(ours) > _NAMED:
        named = [*named[:-1], f"{len(ours) - _NAMED + 1} more, which the reports list"]
    return [
        f"The amounts on this page lean on {wording.count(len(ours), 'assumption')} that "
        f"{'is a default' if len(ours) == 1 else 'are defaults'} of this workbench and not your "
        f"company's own: {wording.listed(named)}. Put your own into assumptions.toml before money "
        "is committed."
    ]


def worth(row: pd.Series, currency: str) -> tuple[str, str, str]:
    """Value and limits of a lever, written as its sentence writes them."""
    return wording.with_limits(row["value"], row["low"], row["high"], currency)


def nothing_ranked(*, reported: bool) -> dict[str, str]:
    """Why no lever is ranked, and what to do about it: reports that are there and could not measure
    any are not made otherwise by being made again."""
    if reported:
        return {
            "because": "none of the reports could put a number on a lever that can be counted on",
            "remedy": "What each of them lacks stands below and in the report itself.",
        }
    return {
        "because": "no other report of this period and data has been published",
        "remedy": "Run make report, or salesops run default on your data; then run this again.",
    }


def why_not_ranked(worth: Estimate, condition: str, currency: str) -> str:
    """Why a lever with a number stands beside the ranking."""
    amount = wording.estimate(worth, currency)
    if worth.high < 0:
        return f"Even if {condition}, which cannot be counted on, it does not pay: {amount}."
    if not worth.low > 0:
        return f"Even if {condition}, which cannot be counted on, we cannot tell that it pays: {amount}."
    return f"Worth {amount} if {condition}; that cannot be counted on, so it is not ranked."


def why_unknown(analysis: Analysis, found: Finding | None, *, reported: bool) -> str:
    """Why a lever has no number."""
    if not reported:
        return f"The report “{analysis.question}” has not been published for this period."
    if found is None:
        return "The data could not answer it; the report says what is missing."
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
