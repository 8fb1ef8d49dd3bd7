"""The widget redraws figure and sentence from the result that the report shows."""

from __future__ import annotations

from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.widgets.forecast import explore_forecast
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas


def test_choices_redraw() -> None:
    tables = with_quotas(planted(4, months=30), 50_000.0)
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=200)
    controls, said, picture = explore_forecast(made).children
    node, factor = controls.children
    assert 'alt="Monthly bookings of company' in picture.value
    assert "pipeline as it is" in said.value
    before = said.value
    factor.value = 2.0
    assert said.value != before and "2.00x" in said.value
    node.value = "company/North"
    assert "bookings of North" in picture.value


def test_a_company_without_pipeline_has_nothing_to_slide() -> None:
    tables = planted(4, months=30).tables
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    orders = {"reps": tables["reps"], "deals": won.drop(columns="created_date")}
    made = forecast_bookings(opened(orders), as_of=AS_OF, horizon=3, draws=200)
    controls, said, _ = explore_forecast(made).children
    assert controls.children[1].disabled
    assert "in 2026-Q4" in said.value
