"""Rank the levers that other analyses measured, without adding what overlaps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from salesops_lib.analyses.executive_brief import words
from salesops_lib.errors import DataError, ParameterError
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.registry import ANALYSES, Analysis, Lever
from salesops_lib.statistics.mover import difference_interval
from salesops_lib.statistics.picked import picked_interval

PAYS, LOSES, UNSURE = "pays", "does not pay", "cannot tell"


@dataclass(frozen=True)
class ExecutiveBrief(Result):
    """The ranked levers.

    Attributes
    ----------
    levers
        One row a lever with a number, best first: rank, lever, finding, analysis, value, low, high
        (money a year), confidence, n, says (the finding's sentence), verdict (pays, does not pay,
        cannot tell), overlaps (labels of the levers that count partly the same money), gap_low and
        gap_high (interval of the best lever's value minus this one's).
    unknown
        One row a registered lever without a number: lever, analysis, reason.
    what_ifs
        One row a lever with a number that hangs on a condition, shown and not ranked: lever,
        finding, analysis, value, low, high, confidence, n, says, condition, reason.
    picked
        What the lever to push is worth with regard to its being picked from all that were measured
        (money/year): wider than its own interval. NaN where nothing pays.
    assumptions
        Names of the assumptions that the levers with a number lean on.
    notices
        What to know of the pick.
    reported
        Names of the analyses with levers whose report is there.
    findings
        `lever_to_push` (money/year; value NaN where nothing pays), `levers_that_pay` (count).
    """

    levers: pd.DataFrame
    unknown: pd.DataFrame
    what_ifs: pd.DataFrame
    findings: tuple[Finding, ...]
    picked: Estimate
    assumptions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()

    @property
    def nothing_ranked(self) -> dict[str, str]:
        """`because` and `remedy` of a brief without a ranked lever."""
        return words.nothing_ranked(reported=bool(self.reported))

    @property
    def not_ranked(self) -> pd.DataFrame:
        """What-ifs and unknown levers, with the reason: lever, analysis, reason."""
        columns = ["lever", "analysis", "reason"]
        return pd.concat([self.what_ifs[columns], self.unknown[columns]], ignore_index=True)


def executive_brief(
    findings: Mapping[str, Result | Sequence[Finding | Result] | None],
    *,
    analyses: Sequence[Analysis] = ANALYSES,
    currency: str = "$",
) -> ExecutiveBrief:
    """Rank the registered levers by annual money.

    Parameters
    ----------
    findings
        Analysis name → its findings for one period and scope, or the results that hold them, such as
        `{"performance_curve": [curve, levers]}`; an analysis without an entry has not reported.
    analyses
        The analyses with their levers, by default the registered ones.
    currency
        Symbol in sentences.

    Returns
    -------
    ExecutiveBrief

    Raises
    ------
    DataError
        If a lever's finding is not in money a year.
    ParameterError
        For what holds no findings, or holds a lever's under a name that is no analysis's.

    Notes
    -----
    Levers are compared by the interval of their difference (MOVER), as if independent. They rest
    on the same reps, mostly with positive dependence, which makes the comparison cautious: it says
    "cannot tell" more often than a joint analysis would.
    """
    findings = _told(findings, analyses)
    rows: list[dict[str, object]] = []
    unknown: list[dict[str, object]] = []
    what_ifs: list[dict[str, object]] = []
    for one in analyses:
        for lever in one.levers:
            found = _lever_finding(findings.get(one.name), lever)
            if found is None or math.isnan(found.estimate.value):
                reason = words.why_unknown(one, found, reported=one.name in findings)
                unknown.append({"lever": lever.label, "analysis": one.name, "reason": reason})
            elif found.condition:
                what_ifs.append(_what_if(one, lever, found, currency))
            else:
                rows.append(_row(one, lever, found))
    levers = _ranked(_with_overlaps(rows, what_ifs, analyses))
    missing = pd.DataFrame(unknown, columns=["lever", "analysis", "reason"])
    beside = pd.DataFrame(what_ifs, columns=_WHAT_IF_COLUMNS)
    push = _push(levers)
    reported = tuple(one.name for one in analyses if one.levers and one.name in findings)
    told = _findings(levers, missing, beside, push, currency, reported=bool(reported))
    picked = _picked(push, len(levers))
    return ExecutiveBrief(
        levers,
        missing,
        beside,
        told,
        picked,
        _leaning(analyses, {*levers["finding"], *beside["finding"]}),
        (*words.picked_from(levers, picked, currency), *words.levels_differ(levers)),
        reported,
    )


def _told(given: object, analyses: Sequence[Analysis]) -> dict[str, tuple[Finding, ...]]:
    """The findings of each analysis, of whatever holds them."""
    if not isinstance(given, Mapping):
        raise ParameterError(
            f"findings is a {type(given).__name__}, must map names of analyses to findings or results, as in "
            '{"deal_desk": desk}.'
        )
    told = {name: _findings_in(name, held) for name, held in given.items()}
    if any(one.name in told for one in analyses):
        return told
    home = {lever.finding: one.name for one in analyses for lever in one.levers}
    for name, found in told.items():
        lost = next((one.name for one in found if one.name in home), None)
        if lost is not None:
            # Or it would be said that nothing has been published.
            raise ParameterError(
                f"{name!r} is no analysis, and holds the finding {lost!r}: name it {home[lost]!r}."
            )
    return told


def _findings_in(name: object, held: object) -> tuple[Finding, ...]:
    if isinstance(held, Result):
        return held.findings
    if isinstance(held, Finding):
        return (held,)
    if held is None:
        return ()
    if isinstance(held, Sequence) and not isinstance(held, str):
        return tuple(one for part in held for one in _findings_in(name, part))
    raise ParameterError(
        f"findings[{name!r}] holds a {type(held).__name__}, must be a result or its findings."
    )


def _leaning(analyses: Sequence[Analysis], measured: set[object]) -> tuple[str, ...]:
    """The assumptions of the levers `measured`, each once."""
    names = (
        name
        for one in analyses
        for lever in one.levers
        if lever.finding in measured
        for name in lever.assumptions
    )
    return tuple(dict.fromkeys(names))


def _lever_finding(found: Sequence[Finding] | None, lever: Lever) -> Finding | None:
    for one in found or ():
        if one.name == lever.finding:
            if one.estimate.unit != "money/year":
                raise DataError(
                    f"finding '{one.name}' is in {one.estimate.unit}, a lever must be money/year",
                    remedy="Report the lever's annual money in the analysis.",
                )
            return one
    return None


def _row(analysis: Analysis, lever: Lever, found: Finding) -> dict[str, object]:
    estimate = found.estimate
    verdict = PAYS if estimate.low > 0 else LOSES if estimate.high < 0 else UNSURE
    return _measured(analysis, lever, found) | {"verdict": verdict}


def _with_overlaps(
    rows: list[dict[str, object]], what_ifs: list[dict[str, object]], analyses: Sequence[Analysis]
) -> list[dict[str, object]]:
    """Each row with the labels of the levers that count partly its money; a lever without a number
    counts none."""
    named = {lever.finding: set(lever.overlaps) for one in analyses for lever in one.levers}
    measured = [(str(one["finding"]), one["lever"]) for one in (*rows, *what_ifs)]

    def share(first: str, second: str) -> bool:
        # Money shared is shared both ways, whichever of the two levers names the other.
        return second in named[first] or first in named[second]

    return [
        one
        | {"overlaps": tuple(label for name, label in measured if share(str(one["finding"]), name))}
        for one in rows
    ]


def _what_if(analysis: Analysis, lever: Lever, found: Finding, currency: str) -> dict[str, object]:
    return _measured(analysis, lever, found) | {
        "condition": found.condition,
        "reason": words.why_not_ranked(found.estimate, found.condition, currency),
    }


def _measured(analysis: Analysis, lever: Lever, found: Finding) -> dict[str, object]:
    estimate = found.estimate
    return {
        "lever": lever.label,
        "finding": lever.finding,
        "analysis": analysis.name,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "confidence": estimate.confidence,
        "n": estimate.n,
        "says": found.sentence,
    }


_WHAT_IF_COLUMNS = [
    *("lever", "finding", "analysis", "value", "low", "high", "confidence", "n", "says"),
    *("condition", "reason"),
]
_COLUMNS = [
    *("rank", "lever", "finding", "analysis", "value", "low", "high", "confidence", "n", "says"),
    *("verdict", "overlaps", "gap_low", "gap_high"),
]


def _ranked(rows: list[dict[str, object]]) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame(columns=_COLUMNS)
    frame = pd.DataFrame(rows).sort_values("value", ascending=False, ignore_index=True)
    limits = list(frame[["value", "low", "high"]].itertuples(index=False, name=None))
    gaps = [difference_interval(limits[0], one) for one in limits]
    frame["rank"] = range(1, len(frame) + 1)
    frame["gap_low"] = [low for _, low, _ in gaps]
    frame["gap_high"] = [high for _, _, high in gaps]
    # The best lever against itself is no comparison.
    frame.loc[0, ["gap_low", "gap_high"]] = math.nan
    return frame[_COLUMNS]


def _push(levers: pd.DataFrame) -> Estimate:
    """What the best of the levers that pay is worth, as its report says it."""
    paying = levers[levers["verdict"] == PAYS]
    if paying.empty:
        return Estimate(math.nan, unit="money/year", method="no lever's interval lies above zero")
    best = paying.iloc[0]
    return Estimate(
        float(best["value"]),
        float(best["low"]),
        float(best["high"]),
        float(best["confidence"]),
        "money/year",
        int(best["n"]),
        f"finding {best['finding']} of {best['analysis']}",
    )


def _picked(push: Estimate, among: int) -> Estimate:
    if math.isnan(push.value):
        return push
    _, low, high = picked_interval(
        (push.value, push.low, push.high), confidence=push.confidence, among=among
    )
    return replace(push, low=low, high=high, method=f"{push.method}, picked from {among}")


def _findings(
    levers: pd.DataFrame,
    unknown: pd.DataFrame,
    what_ifs: pd.DataFrame,
    push: Estimate,
    currency: str,
    *,
    reported: bool,
) -> tuple[Finding, ...]:
    paying = levers[levers["verdict"] == PAYS]
    count = Estimate(len(paying), len(paying), len(paying), unit="count", n=len(levers))
    lever = f"“{paying.iloc[0]['lever']}”" if len(paying) else ""
    sentence = words.which_to_push(levers, what_ifs, currency, reported=reported)
    return (
        Finding("lever_to_push", push, sentence, lever),
        Finding("levers_that_pay", count, words.how_many_pay(levers, unknown, what_ifs)),
    )
