"""The strip under an answer: where its limits and its zero are written."""

from __future__ import annotations

import re

from salesops_lib.reporting.html.marks import interval_strip
from tests.reporting.html import pages


def test_the_strip_shows_zero_only_within_reach() -> None:
    near = interval_strip(pages.FINDINGS[0])
    far = interval_strip({**pages.FINDINGS[0], "value": 50e6, "low": 49e6, "high": 51e6})
    assert 'class="null"' in near
    assert 'class="null"' not in far


def _ticks(low: float, high: float) -> list[tuple[str, str]]:
    strip = interval_strip(
        {**pages.FINDINGS[0], "value": (low + high) / 2, "low": low, "high": high}
    )
    return re.findall(r'text-anchor="(\w+)">([^<]+)<', strip)


def test_the_limit_close_to_zero_is_written() -> None:
    """Whether a lever pays hangs on it; it gave way to the zero beside it."""
    assert _ticks(0.1e6, 2e6) == [("end", "0"), ("start", "$0.10M"), ("middle", "$2.0M")]
    assert _ticks(-2e6, -0.1e6) == [("start", "0"), ("end", "−$0.10M"), ("middle", "−$2.0M")]
    assert _ticks(0.0, 2e6) == [("middle", "0"), ("middle", "$2.0M")]
    assert _ticks(0.8e6, 2e6) == [("middle", "0"), ("middle", "$0.80M"), ("middle", "$2.0M")]


def test_a_limit_written_outwards_has_room_on_a_small_screen() -> None:
    """ "−$0.15M" beside 0 began left of the page on a phone: "$0.15M" was read, a gain."""
    strip = interval_strip({**pages.FINDINGS[0], "value": 1.3e6, "low": -0.15e6, "high": 3.6e6})
    (place,) = re.findall(r'x="([\d.]+)" y="42" text-anchor="end"', strip)
    assert float(place) > 95


def test_numbers_back_to_back_stand_apart() -> None:
    """ "−$12K0" was read on a phone."""
    strip = interval_strip({**pages.FINDINGS[0], "value": -1.9e6, "low": -3.8e6, "high": -0.012e6})
    near, null = (
        float(re.findall(rf'x="([\d.]+)" y="42" text-anchor="{side}"', strip)[0])
        for side in ("end", "start")
    )
    assert null - near > 15
