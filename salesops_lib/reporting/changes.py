"""What moved since the last report, and whether it moved by more than noise."""

from __future__ import annotations

from typing import Any

from salesops_lib import wording
from salesops_lib.statistics.mover import difference_interval


def change_sentences(
    findings: list[dict[str, Any]],
    previous: dict[str, Any] | None,
    currency: str = "$",
    *,
    first: str | None = None,
) -> list[str]:
    """One sentence for the headline, and one for each other finding that moved by more than noise.

    Two estimates are compared by the interval of their difference, as if independent. Trailing
    windows overlap from report to report, so successive estimates move together and the test is
    cautious: a change it calls real is real, one it calls noise may not be.
    """
    if not previous:
        return []
    before = {one["name"]: one for one in previous.get("findings", [])}
    since = str(previous.get("period", "the last report"))
    lead = first or (findings[0]["name"] if findings else None)
    said = []
    for now in findings:
        then = before.get(now["name"])
        if then is None or now.get("value") is None or then.get("value") is None:
            continue
        about = tuple(str(one.get("subject") or "") for one in (then, now))
        if all(about) and about[0] != about[1]:
            if now["name"] == lead:
                said.append(_another(now, then, about, since, currency))
            continue
        real = _beyond_noise(now, then)
        if now["name"] != lead and not real:
            continue
        label = "The answer" if now["name"] == lead else now["name"].replace("_", " ").capitalize()
        said.append(_sentence(label, now, then, since, real, currency))
    return said


def _another(
    now: dict[str, Any], then: dict[str, Any], about: tuple[str, ...], since: str, currency: str
) -> str:
    """Numbers about different things are told side by side, not compared."""
    unit = str(now.get("unit") or "index")
    old, new = (
        wording.quantity(one["value"], unit, currency) + (f" for {subject}" if subject else "")
        for one, subject in zip((then, now), about, strict=True)
    )
    return f"The answer was {old} in {since} and is {new} now: not the same thing, so not compared."


def _sentence(
    label: str,
    now: dict[str, Any],
    then: dict[str, Any],
    since: str,
    real: bool | None,
    currency: str,
) -> str:
    unit = str(now.get("unit") or "index")
    biggest = max(abs(now["value"]), abs(then["value"]))
    old, new = (wording.quantity(one["value"], unit, currency, like=biggest) for one in (then, now))
    before, after = _span(then), _span(now)
    today = "now"
    if before != after and before and after:
        since, today = f"{since}, for {before},", f"now, for {after}"
    elif old == new:
        return f"{label} has not moved since {since}: {new}."
    verdict = {
        True: "more than noise",
        False: "no more than noise would move it",
        None: "we cannot tell whether that is more than noise",
    }[real]
    return f"{label} was {old} in {since} and is {new} {today}: {verdict}."


def _span(finding: dict[str, Any]) -> str:
    """The months that a forecast is about, in words; empty where the finding is none."""
    target = finding.get("target") or {}
    months = [str(target.get(key) or "")[:7] for key in ("start", "end")]
    return " to ".join(dict.fromkeys(months)) if all(months) else ""


def _beyond_noise(now: dict[str, Any], then: dict[str, Any]) -> bool | None:
    first, second = _limits(now), _limits(then)
    if first is None or second is None:
        return None
    _, low, high = difference_interval(first, second)
    return low > 0 or high < 0


def _limits(one: dict[str, Any]) -> tuple[float, float, float] | None:
    value, low, high = one.get("value"), one.get("low"), one.get("high")
    if value is None or low is None or high is None:
        return None
    return float(value), float(low), float(high)
