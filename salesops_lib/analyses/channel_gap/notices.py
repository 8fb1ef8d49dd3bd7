"""What a reader must know before trusting the numbers: what was done to rows and covariates."""

from __future__ import annotations

from collections.abc import Sequence

from salesops_lib import wording
from salesops_lib.analyses.channel_gap.labels import REST, label, plural

# Nearer than this to none or all, points bend: what halves the odds moves hardly a point.
RARE = 0.1


def too_few_reps(name: str, count: int) -> str:
    return f"'{name}' has {wording.count(count, 'rep')}, so nothing tells channel from rep"


def few_reps(name: str, count: int) -> str:
    return (
        f"{name} has only {wording.count(count, 'rep')}: intervals are very wide, and one unusual "
        "rep can make the gap."
    )


def picked(a: str, b: str, among: int) -> str:
    return (
        f"{a} and {b} are compared because, of {among} pairs, their gap is the largest, partly by luck: "
        "every interval is wider for it. Name the pair beforehand to have it narrower."
    )


def many_factors(factors: int, reps: int) -> str:
    return (
        f"{factors} factors are weighed on {wording.count(reps, 'rep')}: that is too many to tell "
        "them well apart. Name the few that matter."
    )


def rows_without_outcome(count: int, total: int, outcome: str) -> str:
    have, are = ("has", "is") if count == 1 else ("have", "are")
    return f"{count:,} of {total:,} rows {have} no {label(outcome)} and {are} left out of the comparison."


def parts_of_months(count: int) -> str:
    return (
        f"{wording.count(count, 'rep-month')} in which a rep began or left "
        f"{'is' if count == 1 else 'are'} left out: only whole months are compared."
    )


def moved_between(count: int, group: str) -> str:
    who = "1 rep sells" if count == 1 else f"{count} reps sell"
    return (
        f"{who} on both sides: what a rep does in either {label(group)} counts there, and the "
        "comparison allows for its being the same person."
    )


def filled(name: str, count: int, total: int) -> str:
    return (
        f"{label(name).capitalize()} is not known in {count:,} of {total:,} rows; the rep's own "
        "average stands in there."
    )


def too_rarely_seen(name: str, unseen: tuple[float, float], names: tuple[str, str]) -> str:
    share, who = max(zip(unseen, names, strict=True))
    return (
        f"{label(name).capitalize()} is left out: {wording.percent(share)} of the reps of {who} "
        "never show it."
    )


def inseparable(name: str, market: bool, differs: bool, names: tuple[str, str]) -> str:
    said = label(name).capitalize()
    if not differs:
        return f"{said} is the same everywhere and explains nothing here."
    if market:
        return (
            f"{said} does not vary within {names[0]} or within {names[1]}, so its effect cannot be "
            "told from the channel's own: it is in the unexplained part, and may be behind some of "
            "the practice."
        )
    return (
        f"{said} does not vary among the reps of either channel, so what it brings cannot be told: "
        "it is in the unexplained part."
    )


def alike(name: str) -> str:
    return f"{label(name).capitalize()} is the same on both sides and explains nothing of the gap."


def collinear(name: str, market: bool) -> str:
    said = label(name).capitalize()
    if market:
        return (
            f"{said} follows from the channel and the other market factors, so it is left out; its "
            "effect is in theirs or in the unexplained part."
        )
    return f"{said} follows from the other factors, so it is left out; its effect is in theirs."


def not_in_reference(name: str, who: str) -> str:
    return (
        f"{label(name).capitalize()} cannot be weighed with the figures of {who} alone and is left "
        "out; the reference 'pooled' keeps it."
    )


def one_sided(name: str, levels: Sequence[str], who: str) -> str:
    more = [f"{len(levels) - 4} more"] if len(levels) > 4 else []
    shown = wording.listed([*(f"'{one}'" for one in levels[:4]), *more])
    return (
        f"{label(name).capitalize()} {shown} is seen in {who} only: nothing on the other side "
        "can be compared with it, and its effect rests on that channel alone."
    )


def varies_once(name: str, who: str) -> str:
    return (
        f"{label(name).capitalize()} does not vary within {who}: what it brings is judged by the "
        "other channel alone."
    )


def no_overlap(name: str) -> str:
    return (
        f"The channels have no {label(name)} in common: its part rests on drawing the line on "
        "beyond what either shows."
    )


def no_market(named: bool) -> str:
    if named:
        return (
            "No market factor could be told apart from the channel, so practice is not net of the "
            "market: how much of it training can change is not known."
        )
    return (
        "No market facts are given, so practice is not net of the market: how much of it training "
        "can change is not known."
    )


def left_out_small(name: str) -> str:
    return f"{name} has a single rep and is left out of the comparison."


def yes_or_no(outcome: str, mean: float) -> str:
    text = (
        f"{label(outcome).capitalize()} is yes or no: differences are in percentage points, and the "
        "split takes what a factor brings as the same number of points everywhere"
    )
    rare = mean < RARE or mean > 1 - RARE
    return (
        f"{text}, which is rough where hardly any or nearly all are a yes." if rare else f"{text}."
    )


# ── What may be shown ─────────────────────────────────────────────────────────────────────────


def pooled(channels: int, needed: int, by: str) -> str:
    return (
        f"{channels} {plural(by)} of fewer than {_people(needed)} are taken together as “{REST}”: "
        "alone, their people could be recognised."
    )


def withheld(channels: int, needed: int, by: str) -> str:
    said = (
        f"1 {label(by)} of fewer than {_people(needed)} is"
        if channels == 1
        else f"{channels} {plural(by)} of fewer than {_people(needed)} are"
    )
    return f"{said} left out: people could be recognised."


def instead_of(asked: str, by: str, *, there: bool) -> str:
    why = (
        f"No two {plural(asked)} are large enough to be compared"
        if there
        else f"Nothing says who or what belongs to which {label(asked)}"
    )
    return f"{why}, so {plural(by)} are compared instead."


def asked_too_small(needed: int) -> tuple[str, str]:
    return (
        f"a channel that was asked for has fewer than {_people(needed)}, and a group that small "
        "would be recognisable in a report that the whole company reads",
        "Name larger channels, or none.",
    )


def nothing_to_compare(needed: int) -> tuple[str, str]:
    if needed <= 2:
        return "no channel, region or team holds two groups of two reps", (
            "Give the reps table a channel."
        )
    return (
        f"no channel, region or team holds two groups of at least {_people(needed)}, and a smaller "
        "group would be recognisable in a report that the whole company reads",
        "Give the reps table a channel with larger groups, or compare by what the deals say: "
        "segment, product or source.",
    )


def _people(count: int) -> str:
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return f"{words[count - 2] if 2 <= count <= 10 else count} people"
