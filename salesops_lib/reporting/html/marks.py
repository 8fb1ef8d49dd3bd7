"""Small drawings inside the page: the interval strip under an answer, the sparkline in the index.

Plain SVG elements with attributes only (a style attribute would break the security policy);
colours come from classes in page.css, so both follow light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from salesops_lib import wording
from salesops_lib.story.published import read_finding

_WIDTH, _HEIGHT, _EDGE = 560.0, 46.0, 8.0
# What stands back to back is two numbers, not one: "−$12K" and "0" are no "−$12K0".
_ASIDE = {"end": -8.0, "middle": 0.0, "start": 8.0}


def interval_strip(finding: dict[str, Any], currency: str = "$") -> Markup:
    """The value as a dot on its interval, with zero (or parity) where it lies within reach.

    Empty where there is no finite interval.
    """
    value, low, high = finding.get("value"), finding.get("low"), finding.get("high")
    if value is None or low is None or high is None or not low <= high:
        return Markup("")
    unit = str(finding.get("unit", "money"))
    null = 1.0 if unit == "ratio" else 0.0
    span = high - low or abs(value) or 1.0
    left, right = low - 0.15 * span, high + 0.15 * span
    shows_null = low - span <= null <= high + span
    if low < null < high:
        # A limit close to the null is written outwards, and letters are large on a small screen.
        left, right = low - 0.3 * span, high + 0.3 * span
    if shows_null:
        left, right = min(left, null - 0.05 * span), max(right, null + 0.05 * span)

    def x(number: float) -> str:
        return f"{_EDGE + (number - left) / (right - left) * (_WIDTH - 2 * _EDGE):.1f}"

    size = read_finding(finding).estimate.size

    def say(number: float) -> str:
        text = wording.quantity(number, unit, currency, like=size)
        return str(escape(text.removesuffix(" a year").removesuffix(" a month")))

    level = wording.level(float(finding.get("confidence") or 0.9))
    alt = escape(f"{say(value)}, {level} interval from {say(low)} to {say(high)}")
    parts = [
        f'<svg class="strip" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" aria-label="{alt}">'
    ]
    if shows_null:
        parts.append(f'<line class="null" x1="{x(null)}" x2="{x(null)}" y1="4" y2="28"/>')
    parts.append(
        f'<line class="range" x1="{x(low)}" x2="{x(high)}" y1="16" y2="16"/>'
        f'<circle class="dot" cx="{x(value)}" cy="16" r="6"/>'
    )
    parity = "no difference" if null == 1.0 else "0"
    close = 0.12 * (right - left) if shows_null else -1.0
    parts += [
        f'<text class="tick" x="{float(x(number)) + _ASIDE[anchor]:.1f}" y="42" '
        f'text-anchor="{anchor}">'
        f"{parity if number == null else say(number)}</text>"
        for number, anchor in _ticks(low, high, null if shows_null else None, close)
    ]
    parts.append("</svg>")
    return Markup("".join(parts))


def _ticks(low: float, high: float, null: float | None, close: float) -> list[tuple[float, str]]:
    """The numbers to write under a strip, each with the end of its text that stands at its place.

    A limit close to zero is what a reader must see: it and the zero stand back to back. Beside the
    longer words for parity there is no room for it.
    """
    limits = [one for one in (low, high) if null is None or abs(one - null) > close]
    ticks = [(one, "middle") for one in limits]
    if null is None:
        return ticks
    near = [one for one in (low, high) if one not in limits and one != null]
    if null != 0.0 or not near:
        return [(null, "middle"), *ticks]
    right = near[0] > null
    return [(null, "end" if right else "start"), (near[0], "start" if right else "end"), *ticks]


def sparkline(points: Sequence[Mapping[str, Any]], label: str) -> Markup:
    """The course of a headline figure over periods, oldest first, in the band of its intervals, so
    that a rise within noise looks like one; empty below two known values.

    Parameters
    ----------
    points
        One finding a period: `value`, and `low` and `high` where there is a finite interval.
    """
    drawn = [
        (place, *values) for place, one in enumerate(points) if (values := _finite(one)) is not None
    ]
    if len(drawn) < 2:
        return Markup("")
    bottom, top = min(min(one[1:]) for one in drawn), max(max(one[1:]) for one in drawn)
    span = top - bottom or 1.0
    width, height, edge = 112.0, 30.0, 4.0
    step = (width - 2 * edge) / (len(points) - 1)

    def at(place: int, number: float) -> str:
        across, up = edge + place * step, (number - bottom) / span * (height - 2 * edge)
        return f"{across:.1f},{height - edge - up:.1f}"

    line = " ".join(at(place, value) for place, value, _, _ in drawn)
    band = [at(place, high) for place, _, _, high in drawn]
    band += [at(place, low) for place, _, low, _ in reversed(drawn)]
    end_x, end_y = line.rsplit(" ", 1)[1].split(",")
    return Markup(
        f'<svg class="spark" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(label)}"><polygon class="band" points="{" ".join(band)}"/>'
        f'<polyline points="{line}"/><circle cx="{end_x}" cy="{end_y}" r="2.5"/></svg>'
    )


def _finite(finding: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Value, low and high; without a finite interval the value alone, without a value nothing."""
    value, low, high = (finding.get(key) for key in ("value", "low", "high"))
    if value is None or not math.isfinite(value):
        return None
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        low = high = value
    return float(value), float(low), float(high)
