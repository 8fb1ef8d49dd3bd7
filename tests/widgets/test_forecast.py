"""The widget redraws figure and sentence from the result that the report shows."""

from __future__ import annotations

from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.analyses.forecast.what_if import with_pipeline
from salesops_lib.widgets.controls import paragraphs
from salesops_lib.widgets.forecast import explore_forecast
from tests.analyses.forecast_company import AS_OF, opened, planted, undated_pipeline, with_quotas


def test_choices_redraw() -> None:
    tables = with_quotas(planted(4, months=30), 50_000.0)
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=200)
    controls, said, changed, picture = explore_forecast(made).children
    node, factor = controls.children
    assert 'alt="Monthly bookings of company' in picture.value
    assert "pipeline as it is" in said.value
    assert said.value == paragraphs([with_pipeline(made, node.value, 1.0).sentence])
    before = said.value
    factor.value = 2.0
    assert said.value != before and "2.00x" in said.value
    assert "2.00x the pipeline: $" in changed.value and "quota $" in changed.value
    assert "max-width:100%" in picture.value
    node.value = "company/North"
    assert "bookings of North" in picture.value and "Bookings of North" in changed.value


def test_a_part_sees_itself_and_nothing_beside_it() -> None:
    """West is not a prefix of Western: only what lies within the focus is offered."""
    tables = planted(4, months=30).tables
    reps = tables["reps"].assign(region=tables["reps"]["region"].replace({"South": "Northern"}))
    made = forecast_bookings(
        opened({**tables, "reps": reps}), as_of=AS_OF, horizon=3, draws=100, focus="North"
    )
    node = explore_forecast(made).children[0].children[0]
    names = [label for label, _ in node.options]
    assert names == ["North", "North › Team 0", "North › Team 2", "North › Team 4"]


def test_a_company_without_pipeline_has_nothing_to_slide() -> None:
    tables = planted(4, months=30).tables
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    orders = {"reps": tables["reps"], "deals": won.drop(columns="created_date")}
    made = forecast_bookings(opened(orders), as_of=AS_OF, horizon=3, draws=200)
    controls, said, _, _ = explore_forecast(made).children
    assert controls.children[1].disabled
    assert "in 2026-Q4" in said.value


def test_a_pipeline_that_is_not_trusted_cannot_be_scaled() -> None:
    """Open deals are there, but many have no date: the slider would ask what has no answer."""
    made = forecast_bookings(undated_pipeline(), as_of=AS_OF, horizon=3, draws=100)
    assert len(made.waterfall) and made.methods == "series"
    assert explore_forecast(made).children[0].children[1].disabled
