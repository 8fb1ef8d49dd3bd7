"""What a colleague hands to the brief by hand: results instead of their findings, and names of her own."""

from __future__ import annotations

import pytest

from salesops_lib import ParameterError, executive_brief, moving_the_middle, performance_curve
from salesops_lib.estimate import Result
from salesops_lib.registry import ANALYSES
from tests.analyses.own_frames import months


@pytest.fixture(scope="module")
def results() -> tuple[Result, Result]:
    curve = performance_curve(months(), samples=0, draws=400)
    return curve, moving_the_middle(curve, star_deal_value=3e4, programme_cost=5e4)


def test_results_stand_for_their_findings(results: tuple[Result, Result]) -> None:
    """ "LeverTable object is not iterable"; a table of findings had no truth value."""
    curve, levers = results
    wanted = executive_brief(
        {"performance_curve": (*curve.findings, *levers.findings)}, analyses=ANALYSES
    )
    assert len(wanted.levers)
    for given in (levers, [curve, levers], (curve, *levers.findings)):
        assert executive_brief({"performance_curve": given}) == wanted
    assert executive_brief({"performance_curve": None}).levers.empty
    for wrong in (levers.to_frame(), "levers", 3.0, [levers.levers]):
        with pytest.raises(ParameterError, match="must be a result or its findings"):
            executive_brief({"performance_curve": wrong})
    for wrong in ([levers], levers, months()):
        with pytest.raises(
            ParameterError, match="must map names of analyses to findings or results"
        ):
            executive_brief(wrong)


def test_a_name_that_is_no_analysis(results: tuple[Result, Result]) -> None:
    """It was said that no report had been published."""
    _, levers = results
    with pytest.raises(
        ParameterError, match=r"'curve' is no analysis.*name it 'performance_curve'"
    ):
        executive_brief({"curve": levers})
    # A notebook beside the registered ones may print what they do.
    both = executive_brief({"performance_curve": levers, "curve": levers})
    assert both == executive_brief({"performance_curve": levers})


def test_intervals_of_different_levels_are_said(results: tuple[Result, Result]) -> None:
    """At 50% a lever "clearly pays" that at 90% does not."""
    curve = performance_curve(months(), samples=0, draws=400, confidence=0.5)
    half, whole = moving_the_middle(curve), results[1]
    mixed = (half.finding("moving_the_middle"), whole.finding("replacement"))
    found = executive_brief({"performance_curve": mixed})
    wanted = "“Move the middle” has an interval of 50% and “Replace under-performers” one of 90%"
    assert any(text.startswith(wanted) for text in found.notices)
    for alike in (half, whole):
        told = executive_brief({"performance_curve": alike}).notices
        assert not any("Give all analyses one confidence" in text for text in told)
