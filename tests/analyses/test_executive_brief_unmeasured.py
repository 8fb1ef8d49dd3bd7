"""Real fault: reports that are there and measured nothing, against reports that are not there."""

from __future__ import annotations

from salesops_lib import executive_brief
from salesops_lib.registry import ANALYSES


def test_reports_that_could_measure_nothing_are_not_said_to_be_missing() -> None:
    """All were published; the brief said that none was, and to make them again."""
    said = executive_brief({"performance_curve": (), "forecast": ()}, analyses=ANALYSES)
    assert said.reported == ("performance_curve",)
    assert said.finding("lever_to_push").sentence == (
        "There is nothing to rank: none of the reports could put a number on a lever that can be "
        "counted on."
    )
    assert "published" not in " ".join(said.nothing_ranked.values())
    none = executive_brief({"forecast": ()}, analyses=ANALYSES)
    assert "no other report of this period and data has been published" in (
        none.finding("lever_to_push").sentence
    )
    assert none.nothing_ranked["remedy"].startswith("Run make report")
    # Each reason is a sentence: beside the sentences of the reports it was half of one.
    for reason in said.not_ranked["reason"]:
        assert reason[0].isupper() and reason.endswith(".")
