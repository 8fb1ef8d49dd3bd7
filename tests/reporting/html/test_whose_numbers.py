"""Real faults: under a region's or a team's name, a page says whose numbers it gives."""

from __future__ import annotations

from salesops_lib.reporting.html import render_index
from tests.reporting.html.test_report import report, run, text


def test_a_part_of_the_company_is_told_whose_numbers_it_reads() -> None:
    """Under "Region Midwest" stood the whole company's money, as if four reps could bring it."""
    said = "Numbers are the whole company's; the people shown are those of"
    box = text(
        report(scope="region=Midwest", name="performance_curve").split('class="evidence"')[0]
    )
    assert f"{said} region Midwest." in box
    assert f"{said} the team of M07." in text(report(scope="manager=M07", name="ramp_time_cost"))
    # The forecast is the region's own; of a notebook that is not ours nobody here knows.
    for name, scope in (
        ("performance_curve", "company"),
        ("forecast", "region=Midwest"),
        ("mine", "region=Midwest"),
    ):
        assert said not in text(report(scope=scope, name=name))
    assert said not in text(report(scope="region=Midwest", name="deal_desk", findings=[]))


def test_the_index_tells_whose_numbers_a_region_reads() -> None:
    one = run("2026-Q3", scope="region=Midwest")
    own = one["notebooks"][0]
    one["notebooks"] = [own, {**own, "name": "performance_curve", "title": "Who is better?"}]
    before, after = text(render_index([one])).split("Who is better?")
    assert "Numbers of the whole company." not in before
    assert "Numbers of the whole company." in after
    assert "Numbers of the whole company." not in text(render_index([run("2026-Q3")]))
