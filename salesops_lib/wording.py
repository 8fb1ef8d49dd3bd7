"""Numbers as a reader wants them. The one place where anything is rounded.

Two significant digits are what sales data can carry; an interval is printed in the unit of its
value so that its three numbers can be compared at a glance.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable

from salesops_lib.estimate import Estimate

CANNOT_TELL = "cannot tell"
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, ""))
# Characters of a name from the data; longer ones leave no room for what is said about them.
LONGEST_NAME = 60
# Without a shape of their own: soft hyphens, zero-width characters, direction marks and overrides
# (which would turn round the numbers after a name), annotations, tags, halves of characters.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
    # Joiners shape Persian and Indic words and emoji; beside a Latin letter they do nothing.
    "|[\u200c\u200d]+(?=[\x00-\x7f]|$)|(?:^|(?<=[\x00-\x7f]))[\u200c\u200d]+"
)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_TIMES = frozenset({"months", "days", "hours"})
_PER = {"money/month": " a month", "money/year": " a year"}


def money(value: float, currency: str = "$", *, like: float | None = None, more: int = 0) -> str:
    """`$1.9M`, `−$640K`, `$0`; `like` fixes the scale so that a row of numbers agrees, but for an
    amount too small to be seen in it; `more` digits beyond the usual.

    >>> money(450_000, like=1_200_000), money(4_000, like=1_200_000), money(450_000, more=1)
    ('$0.45M', '$4.0K', '$450.0K')
    """
    if not math.isfinite(value):
        return _unbounded(value)
    size = abs(value)
    reference = size if like is None or not math.isfinite(like) else abs(like)
    scale, letter = _scale(reference)
    if 0 < size < 0.0995 * scale:
        scale, letter = _scale(size)
    text = _decimals(size / scale, more) if size >= 0.995 * scale else _few(size / scale, more)
    if size < _nothing(more):
        text, letter = "0", ""
    sign = "−" if value < 0 and text != "0" else ""
    return f"{sign}{currency}{text}{letter}"


def _nothing(more: int) -> float:
    """What amounts of money must reach to be seen: where two are told apart, cents count."""
    return float(0.05 / 10**more)


def percent(value: float, *, signed: bool = False, more: int = 0) -> str:
    """A share as `34%`, `3.4%`, `<0.1%`; `more` digits beyond the usual."""
    if not math.isfinite(value):
        return _unbounded(value)
    sign = "−" if value < 0 else ("+" if signed and value > 0 else "")
    points = abs(value) * 100
    if 0 < points < 0.1:
        return "<0.1%" if value > 0 else "0.0%"
    return f"{sign}{_decimals(points, more)}%"


def probability(value: float, *, more: int = 0) -> str:
    """`34%`, `7%`, `>99%`, `<1%`: counted from draws, which can tell neither certainty nor what never
    is, nor a tenth of a percent; `more` digits beyond whole percents.

    >>> probability(0.34), probability(0.0731), probability(0.9996), probability(0.0)
    ('34%', '7%', '>99%', '<1%')
    """
    if 0.99 < value <= 1:
        return ">99%"
    if 0 <= value < 0.01:
        return "<1%"
    return f"{100 * value:.{more}f}%" if 0 <= value <= 1 else percent(value, more=more)


def chance(value: float) -> str:
    """A probability inside a sentence, where signs are words.

    >>> chance(0.34), chance(0.9996), chance(0.0)
    ('34%', 'more than 99%', 'less than 1%')
    """
    return probability(value).replace(">", "more than ").replace("<", "less than ")


def tenths(value: float) -> str:
    """`11.4`, `−0.6`, `0.0`: where a tenth tells and a number may be small.

    >>> tenths(-0.04), tenths(11.36)
    ('0.0', '11.4')
    """
    if not math.isfinite(value):
        return _unbounded(value)
    text = f"{abs(value):,.1f}"
    return f"−{text}" if value < 0 and text != "0.0" else text


def number(value: float, *, more: int = 0) -> str:
    """`1,240`, `34`, `3.4`, `0.34`; `more` digits beyond the usual."""
    if not math.isfinite(value):
        return _unbounded(value)
    sign = "−" if value < 0 else ""
    size = abs(value)
    if size >= 10 or size == 0:
        return f"{sign}{size:,.{more}f}"
    return f"{sign}{size:.{1 + more}f}" if size >= 1 else f"{sign}{_few(size, more)}"


def ratio(value: float, *, more: int = 0) -> str:
    """`1.10x`, `53x`; `more` digits beyond the usual.

    >>> ratio(1.096), ratio(53.46), ratio(9.999)
    ('1.10x', '53x', '10x')
    """
    if not math.isfinite(value):
        return _unbounded(value)
    # A hundredth tells of what is close to one, not of ten times as much.
    return f"{value:.{(0 if abs(value) >= 9.995 else 2) + more}f}x".replace("-", "−")


def quantity(
    value: float, unit: str, currency: str = "$", *, like: float | None = None, more: int = 0
) -> str:
    """`value` in `unit` (one of `estimate.UNITS`), without its interval."""
    if unit.startswith("money") and not math.isfinite(value):
        return _unbounded(value)
    if unit.startswith("money"):
        return money(value, currency, like=like, more=more) + _PER.get(unit, "")
    if unit == "probability":
        return probability(value, more=more)
    if unit == "share":
        return percent(value, more=more)
    if unit == "ratio":
        return ratio(value, more=more)
    if unit == "count" and math.isfinite(value):
        return f"{value:,.0f}".replace("-", "−")
    if unit in _TIMES and math.isfinite(value):
        text = number(value, more=more)
        return f"{text} {unit[:-1] if text == '1' else unit}"
    return number(value, more=more)


def told_apart(low: float, high: float, say: Callable[[float, int], str]) -> int:
    """How many digits beyond the usual `say(value, digits)` takes for two amounts that differ to read
    differently, at most two: what is known that well may be written that well.

    >>> told_apart(2.20e9, 2.24e9, lambda value, more: money(value, more=more))
    1
    """
    if low == high or not (math.isfinite(low) and math.isfinite(high)):
        return 0
    return next((more for more in range(2) if say(low, more) != say(high, more)), 2)


def _more(value: Estimate, currency: str) -> int:
    def say(x: float, more: int) -> str:
        return quantity(x, value.unit, currency, like=value.size, more=more)

    return told_apart(value.low, value.high, say)


def level(confidence: float) -> str:
    """A confidence as a reader says it: `90%`, `99.95%`."""
    return f"{confidence * 100:.6g}%"


def interval(estimate: Estimate, currency: str = "$", *, more: int | None = None) -> str:
    """`90% interval $0.60M to $3.4M`, `90% interval 3.1 to 4.8 months`, `3.1 months or more`,
    `26 days at both ends`; with `more` digits beyond the usual, by default as tell the limits apart."""
    named = f"{level(estimate.confidence)} interval"
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return "no interval"
    per, more = _PER.get(estimate.unit, ""), _more(estimate, currency) if more is None else more

    def digits(x: float) -> int:
        # A limit close to nothing beside the other: 0.01 to 3.3, not 0.0099.
        near = 0 < abs(x) < min(0.1 * estimate.size, 9.5)
        return more - 1 if near and estimate.unit in (*_TIMES, "index") else more

    def say(x: float) -> str:
        text = quantity(x, estimate.unit, currency, like=estimate.size, more=digits(x))
        return text.removesuffix(per)

    # A ratio of 0.00x or more may be anything.
    nothing_below = math.isinf(estimate.low) or (estimate.unit == "ratio" and estimate.low == 0)
    if math.isinf(estimate.high) and nothing_below:
        return f"{named} unbounded"
    if math.isinf(estimate.high):
        return f"{named} {say(estimate.low)} or more"
    if math.isinf(estimate.low):
        return f"{named} {say(estimate.high)} or less"
    low, high = say(estimate.low), say(estimate.high)
    if low == high == f"{currency}0" and (estimate.low or estimate.high):
        # Known to be hardly anything is not known to be nothing.
        return f"{named} within {currency}{_nothing(more):g} of {high}"
    if low == high:
        return f"{named} {high} at both ends"
    if estimate.unit in _TIMES:
        low = number(estimate.low, more=digits(estimate.low))
    return f"{named} {low} to {high}"


def estimate(value: Estimate, currency: str = "$") -> str:
    """`$1.9M a year (90% interval $0.60M to $3.4M)`; `not known` where there is no value."""
    if math.isnan(value.value):
        return "not known"
    return f"{alone(value, currency)} ({interval(value, currency)})"


def alone(value: Estimate, currency: str = "$", *, more: int | None = None) -> str:
    """The value without its interval, written as it stands beside it: `$0.45M a year`; `more` as in
    `interval`."""
    more = _more(value, currency) if more is None else more
    return quantity(value.value, value.unit, currency, like=value.size, more=more)


def with_limits(value: float, low: float, high: float, currency: str = "$") -> tuple[str, str, str]:
    """An amount of money and its limits, each written as its sentence writes it: for pictures and tables.

    >>> with_limits(664_000, -750_000, 2_400_000)
    ('$0.66M', '−$0.75M', '$2.4M')
    """
    whole = Estimate(value, low, high)
    more = _more(whole, currency)
    first, second, third = (
        money(x, currency, like=whole.size, more=more) for x in (value, low, high)
    )
    return first, second, third


def with_difference(a: float, b: float, currency: str = "$") -> tuple[str, str, str]:
    """Two amounts of money and how far they are apart, with as many digits, at most two beyond the
    usual, as a reader needs to see that it is so far.

    >>> with_difference(13.37e6, 11.98e6)
    ('$13.4M', '$12.0M', '$1.4M')
    """
    like, apart = max(abs(a), abs(b)), abs(a - b)
    scale, _ = _scale(like)

    def hidden(more: int) -> bool:
        seen = (float(_decimals(abs(x) / scale, more)) * math.copysign(scale, x) for x in (a, b))
        return abs(abs(next(seen) - next(seen)) - apart) > 0.1 * apart

    more = next((digits for digits in range(2) if not hidden(digits)), 2)
    first, second = (money(x, currency, like=like, more=more) for x in (a, b))
    return first, second, money(apart, currency)


def coarse(values: Iterable[float], currency: str = "$") -> list[str]:
    """Amounts of money of 0 or more in one column that have no intervals beside them: all to the second
    digit of the largest, what is less than one of these `<$1K`, what is not known `–`.

    >>> coarse([65_200, 1_510, 320, 0.0])
    ['$65K', '$2K', '<$1K', '$0']
    """
    amounts = list(values)
    top = max((one for one in amounts if math.isfinite(one)), default=0.0)
    if top <= 0:
        return ["–" if math.isnan(one) else money(one, currency) for one in amounts]
    step = 10.0 ** (math.floor(math.log10(float(f"{top:.1e}"))) - 1)
    scale, letter = _scale(top)
    places = max(-round(math.log10(step / scale)), 0)

    def say(one: float) -> str:
        if math.isnan(one) or one == 0:
            return "–" if one else f"{currency}0"
        below, whole = ("<", step) if one < step / 2 else ("", max(round(one / step), 1) * step)
        return f"{below}{currency}{whole / scale:.{places}f}{letter}"

    return [say(one) for one in amounts]


def count(n: int, noun: str, plural: str | None = None) -> str:
    """`1 rep`, `24 reps`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def stated(value: float) -> str:
    """A number that somebody stated, or that was counted: a part of one is not rounded away.

    >>> stated(12.0), stated(2.5), stated(37.5), stated(0.4)
    ('12', '2.5', '37.5', '0.40')
    """
    if value == round(value):
        return f"{value:,.0f}"
    return number(value, more=1) if abs(value) >= 10 else number(value)


def about(value: float, of: float = math.inf) -> str:
    """A count that was estimated, to two significant digits: what comes after them nobody knows. No more
    than those that it is a part `of`.

    >>> about(30_795), about(743.4), about(12.3), about(0.4), about(116.2, of=118)
    ('31,000', '740', '12', '0', '118')
    """
    # A number below ten is rounded once: 3.47 is not 3.5, and so 4.
    return f"{min(round(value if abs(value) < 10 else float(f'{value:.2g}')), of):,}"


def rounded_up(value: float) -> int:
    """To two significant digits, upwards: how many more of something it takes, give or take.

    >>> rounded_up(7_352), rounded_up(36), rounded_up(-1)
    (7400, 36, 0)
    """
    if value <= 0:
        return 0
    step = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return int(math.ceil(value / step) * step)


def listed(items: list[str] | tuple[str, ...], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; `last` is the word before the last. Names with a comma inside stand apart by
    semicolons.

    >>> listed(["Lee, Ann", "Ray, Bob", "Orr, Cy"])
    'Lee, Ann; Ray, Bob and Orr, Cy'
    """
    if len(items) <= 1:
        return "".join(items)
    apart = "; " if any(", " in one for one in items[:-1]) else ", "
    return f"{apart.join(items[:-1])} {last} {items[-1]}"


def opened(text: str) -> str:
    """`text` as a sentence or heading opens: a name of the data may begin small."""
    return text[:1].upper() + text[1:]


def within(label: str) -> str:
    """A heading inside a sentence: only its first letter is small, a name keeps its capitals."""
    return label[:1].lower() + label[1:]


def short(text: str, most: int = 60) -> str:
    """`text`, cut to `most` characters with an ellipsis where it is longer.

    >>> short("Alexandrina Featherstonehaugh", 12)
    'Alexandrina…'
    """
    if len(text) <= most:
        return text
    # What `named` cut stays told apart.
    mark = re.search(r"…[0-9a-f]{6}$", text)
    tail = mark.group() if mark else "…"
    return text[: most - len(tail)].rstrip() + tail


def named(text: str) -> str:
    """A name from the data, where anyone types, as it may stand in a sentence: one line, nothing
    that cannot be seen, at most `LONGEST_NAME` characters. What is cut ends in a mark of the whole,
    so that names with the same beginning stay apart.

    >>> named(" North\\u200b  East\\n")
    'North East'
    >>> named("x" * 10_000)[-12:]
    'xxxxx…e4ee97'
    """
    plain = _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()
    if len(plain) <= LONGEST_NAME:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return plain[: LONGEST_NAME - 7].rstrip() + "…" + mark


def _scale(size: float) -> tuple[float, str]:
    """What an amount of `size` is counted in, and its letter."""
    return next(((s, c) for s, c in _SCALES if _two_digits(size) >= s), (1.0, ""))


def _two_digits(size: float) -> float:
    """`size` rounded to two significant digits, so that 999,600 reads $1.0M, not $1000K."""
    return float(f"{size:.2g}") if size < 1e3 or size >= 9.95e2 else size


def _decimals(size: float, more: int = 0) -> str:
    return f"{size:.{more}f}" if size >= 9.95 or size == 0 else f"{size:.{1 + more}f}"


def _few(size: float, more: int) -> str:
    """Two significant digits and `more`: `0.70` beside `0.75`, but cents as they are."""
    if size < 0.0995:
        return f"{size:.{2 + more}g}"
    return f"{size:#.{2 + more}g}".removesuffix(".")


def _unbounded(value: float) -> str:
    if math.isnan(value):
        return "not known"
    return "no upper limit" if value > 0 else "no lower limit"
