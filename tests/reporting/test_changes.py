"""Hand-worked: what is said of a change between two reports."""

from __future__ import annotations

from typing import Any

from salesops_lib.reporting.changes import change_sentences


def finding(value: float | None, low: float | None = None, high: float | None = None, **more: Any):
    return {"name": "gain", "value": value, "low": low, "high": high, "unit": "money/year", **more}


def before(*findings: dict[str, Any]) -> dict[str, Any]:
    return {"period": "2026-Q2", "findings": list(findings)}


def test_a_move_within_noise_is_called_noise() -> None:
    said = change_sentences([finding(1.9e6, 1e6, 2.8e6)], before(finding(1.6e6, 0.7e6, 2.5e6)))
    assert said == [
        "The answer was $1.6M a year in 2026-Q2 and is $1.9M a year now: no more than noise would "
        "move it."
    ]


def test_a_move_beyond_noise_is_called_real() -> None:
    said = change_sentences([finding(3e6, 2.7e6, 3.3e6)], before(finding(1e6, 0.6e6, 1.4e6)))
    assert said[0].endswith("more than noise.")


def test_without_intervals_nobody_can_tell() -> None:
    said = change_sentences([finding(3e6)], before(finding(1e6)))
    assert "cannot tell" in said[0]


def test_no_move_is_said_so() -> None:
    said = change_sentences([finding(3.01e6, 2e6, 4e6)], before(finding(3e6, 2e6, 4e6)))
    assert said == ["The answer has not moved since 2026-Q2: $3.0M a year."]


def test_others_are_named_only_if_the_change_is_real() -> None:
    now = [finding(1e6, 0, 2e6), finding(9.0, 8, 10, name="ramp", unit="months")]
    then = before(now[0], finding(3.0, 2, 4, name="ramp", unit="months"))
    said = change_sentences(now, then)
    assert said[1] == "Ramp was 3.0 months in 2026-Q2 and is 9.0 months now: more than noise."


def test_a_first_report_has_no_before() -> None:
    assert change_sentences([finding(1.0, 0, 2)], None) == []


def test_what_was_not_known_before_is_not_a_change() -> None:
    assert change_sentences([finding(1.0, 0, 2)], before(finding(None))) == []


def test_another_lever_or_another_pair_is_told_and_not_compared() -> None:
    """An amount that moved because it is about something else has not moved."""
    then = finding(1e6, 0.9e6, 1.1e6, subject="“Shorten ramp”")
    now = finding(3e6, 2.9e6, 3.1e6, subject="“Move the middle”")
    said = change_sentences([now], before(then))
    assert said == [
        "The answer was $1.0M a year for “Shorten ramp” in 2026-Q2 and is $3.0M a year for “Move the "
        "middle” now: not the same thing, so not compared."
    ]
    same = change_sentences([now], before({**then, "subject": now["subject"]}))
    assert same[0].endswith("more than noise.")
    # A report from before subjects were written down is compared as it was.
    assert change_sentences([now], before({**then, "subject": ""})) == same
    # Beside the answer, such a number is no news at all.
    lead = finding(1e6, 0.0, 2e6)
    others = [{**one, "name": "part"} for one in (then, now)]
    assert len(change_sentences([lead, others[1]], before(lead, others[0]))) == 1


def test_a_forecast_of_another_quarter_says_which() -> None:
    then = finding(
        13e6, 12e6, 15e6, unit="money", target={"start": "2026-07-01", "end": "2026-09-30"}
    )
    now = finding(
        14e6, 13e6, 16e6, unit="money", target={"start": "2026-10-01", "end": "2026-12-31"}
    )
    assert change_sentences([now], before(then)) == [
        "The answer was $13M in 2026-Q2, for 2026-07 to 2026-09, and is $14M now, for 2026-10 to "
        "2026-12: no more than noise would move it."
    ]


def test_others_that_moved_within_noise_are_not_told() -> None:
    now = [finding(1e6, 0, 2e6), finding(4.0, 2, 6, name="ramp", unit="months")]
    said = change_sentences(now, before(now[0], finding(3.0, 2, 4, name="ramp", unit="months")))
    assert len(said) == 1 and said[0].startswith("The answer")


def test_both_numbers_are_told_in_the_unit_of_the_larger() -> None:
    """950 thousand is .95 of a million beside 12 million, and so beside 12 million less than nothing."""
    for other, text in ((12e6, "$12M"), (-12e6, "−$12M")):
        up = change_sentences([finding(other)], before(finding(0.95e6)))[0]
        down = change_sentences([finding(0.95e6)], before(finding(other)))[0]
        assert "$0.95M" in up and "$0.95M" in down
        assert text in up and text in down


def test_a_target_without_its_end_names_no_months() -> None:
    half = {"target": {"start": "2026-10-01"}}
    said = change_sentences([finding(3e6, **half)], before(finding(1e6, **half)))
    assert said[0].startswith("The answer was $1.0M a year in 2026-Q2 and is $3.0M a year now:")
