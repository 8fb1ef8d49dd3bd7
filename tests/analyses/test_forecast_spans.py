"""Which quarters and years end within a horizon, and what they are called: by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_series
from salesops_lib.analyses.forecast.totals import _spans


def spans(end: int, horizon: int, kind: str = "quarter") -> list[tuple[int, int, int]]:
    calendar = SimpleNamespace(quarters=lambda at: at // 3, years=lambda at: at // 12)
    return _spans(SimpleNamespace(calendar=calendar), end, horizon, kind)


def test_only_what_ends_within_the_horizon_has_a_total() -> None:
    """Months from 0, January; the last known is 11, December, or 12, the January after."""
    assert spans(11, 2) == [] and spans(11, 3) == spans(11, 5) == [(4, 0, 2)]
    assert spans(11, 6) == [(4, 0, 2), (5, 3, 5)]
    assert spans(12, 4) == [(4, 0, 1)] and spans(12, 5) == [(4, 0, 1), (5, 2, 4)]
    assert spans(11, 12, "year") == [(1, 0, 11)] and spans(11, 11, "year") == []
    assert spans(12, 22, "year") == [(1, 0, 10)] and spans(12, 23, "year")[-1] == (2, 11, 22)


def test_what_is_booked_is_of_the_quarter_that_has_begun() -> None:
    """Five years of 100 a month to February 2026: 200 of the first quarter are there, of the second none;
    the year has them too."""
    days = pd.date_range("2021-01-01", "2026-02-01", freq="MS")
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"unique_id": "all", "ds": days, "y": 100 + rng.normal(0, 1e-3, len(days))})
    found = forecast_series(rows, horizon=10, season_length=12).totals.set_index("period")
    assert found["so_far"].round(1).to_dict() == {
        "2026-Q1": 200.0, "2026-Q2": 0.0, "2026-Q3": 0.0, "2026-Q4": 0.0, "2026": 200.0,
    }  # fmt: skip
    assert found["periods"].to_dict() == {
        "2026-Q1": 1, "2026-Q2": 3, "2026-Q3": 3, "2026-Q4": 3, "2026": 10,
    }  # fmt: skip
    days_of = found[["first", "last"]].apply(lambda one: one.dt.strftime("%y-%m"))
    assert days_of.loc[["2026-Q1", "2026-Q2", "2026"]].to_numpy().tolist() == [
        ["26-03", "26-03"], ["26-04", "26-06"], ["26-03", "26-12"],
    ]  # fmt: skip
    for period, value in (("2026-Q1", 300), ("2026-Q2", 300), ("2026", 1200)):
        row = found.loc[period]
        assert row["mean"] == pytest.approx(value, rel=0.01)
        limits = row.filter(like="lo-").tolist() + row.filter(like="hi-").tolist()
        assert limits == pytest.approx([value] * len(limits), rel=0.01)
