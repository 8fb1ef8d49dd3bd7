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
        real = _beyond_noise(now, then)
        if now["name"] != lead and not real:
            continue
        label = "The answer" if now["name"] == lead else now["name"].replace("_", " ").capitalize()
        said.append(_sentence(label, now, then, since, real, currency))
    return said


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
    if old == new:
        return f"{label} has not moved since {since}: {new}."
    verdict = {
        True: "more than noise",
        False: "no more than noise would move it",
        None: "we cannot tell whether that is more than noise",
    }[real]
    return f"{label} was {old} in {since} and is {new} now: {verdict}."


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
