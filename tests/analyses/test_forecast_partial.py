"""Periods that are not over: which are cut, by the day and by their looks, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_series
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.panel import Panel, panel_of
from salesops_lib.analyses.forecast.partial import without_running, without_unfinished
from salesops_lib.errors import NotEnoughData


def panel(**last: tuple[int, str]) -> Panel:
    """Series that count up from 1 over so many months to a last one."""
    frames = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range(end=end, periods=count, freq="MS"),
                "y": np.arange(1.0, count + 1),
            }
        )
        for name, (count, end) in last.items()
    ]
    return panel_of(pd.concat(frames), 12)


def rows(of: Panel) -> dict[str, list[float]]:
    """What each series still holds."""
    return {
        name: of.values[row, of.starts[row] :].tolist() for row, name in enumerate(of.ids)
    }  # fmt: skip


def test_each_series_loses_only_what_was_not_over() -> None:
    """On the 10th of November: A loses December and November, B, which stops in November, that; C,
    which ends in September, nothing, and D, which began in November, is not there."""
    whole = panel(
        A=(5, "2025-12-01"), B=(4, "2025-11-01"), C=(3, "2025-09-01"), D=(2, "2025-12-01")
    )
    left = without_running(whole, "2025-11-10")
    assert rows(left) == {"A": [1, 2, 3], "B": [1, 2, 3], "C": [1, 2, 3]}
    assert left.calendar.dates(left.ends).astype("datetime64[M]").astype(str).tolist() == [
        "2025-10", "2025-10", "2025-09",
    ]  # fmt: skip
    for row in range(3):
        first = left.starts[row]
        assert left.observed[row, first:].all() and not left.observed[row, :first].any()
        assert np.isnan(left.values[row, :first]).all()
    assert left.notices[-1].startswith("The last 2 months of the data were not over on 2025-11-10")


def test_series_that_end_together_lose_the_same() -> None:
    left = without_running(panel(A=(5, "2025-12-01"), B=(3, "2025-12-01")), "2025-12-30")
    assert rows(left) == {"A": [1, 2, 3, 4], "B": [1, 2]}
    assert left.notices == (
        "The month that was not over on 2025-12-30 is left out and forecast as a whole.",
    )
    with pytest.raises(NotEnoughData, match="no period is over"):
        without_running(panel(A=(3, "2025-12-01"), B=(3, "2025-12-01")), "2025-10-05")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-12-31", ()),
        ("2026-01-30", ()),
        ("2026-01-31", "The data hold nothing of the month that ended by 2026-01-31 last: the"),
        ("2026-03-31", "The data hold nothing of the 3 months that ended by 2026-03-31 last: the"),
    ],
)
def test_months_of_silence_are_told(day: str, said: object) -> None:
    told = without_running(panel(A=(4, "2025-12-01")), day)
    assert rows(told) == {"A": [1, 2, 3, 4]}
    assert told.notices == said if said == () else told.notices[0].startswith(str(said))


def origins(share: float, *, off: float = 0.05, cuts: int = 10, n: int = 1) -> Origins:
    """One step ahead 100 was expected of every series and came, but for `off` more and less in turns,
    and `share` of it in the last period."""
    came = 100 * (1 + off * np.where(np.arange(cuts) % 2, 1.0, -1.0))
    came[1:2] = 100 * share
    actual = np.full((cuts, n, 2), 100.0)
    actual[:, :, 0] = came[:, None]
    actual[0] = np.nan
    flags = np.ones((cuts, n), dtype=bool)
    return Origins(np.full((3, cuts, n, 2), 100.0), actual, flags * 1.0, flags * 1.0, flags, flags)


def is_cut(of: Panel, made: Origins, how: str = "auto") -> bool:
    left, _ = without_unfinished(of, made, how)
    return left.values.shape[1] < of.values.shape[1]


ONE = panel(A=(24, "2025-12-01"))


def test_a_last_period_looks_unfinished_where_it_falls_far_short() -> None:
    """Errors of .05 are usual: half of them −log .95 = .0513, half log 1.05 = .0488, the median .05, and
    four of 1.4826 times that are .30 in logs, or .74 of the forecast; yet nothing is unfinished
    unless below .7 of it."""
    assert is_cut(ONE, origins(0.69))
    assert not is_cut(ONE, origins(0.7))
    assert is_cut(ONE, origins(0.0))
    # Returns beyond what was sold are no unfinished period.
    assert not is_cut(ONE, origins(-0.1))
    # Errors of a fifth: (−log .8 + log 1.2) / 2 = .203, four of 1.4826 times that 1.20, or .30 of it.
    assert is_cut(ONE, origins(0.295, off=0.2))
    assert not is_cut(ONE, origins(0.305, off=0.2))


def test_a_fall_seen_before_is_no_unfinished_period() -> None:
    """Once before .4 came of 100: one and a half times that shortfall in logs is .4^1.5 = .253."""
    made = origins(0.26)
    made.actual[5, 0, 0] = 40.0
    assert not is_cut(ONE, made)
    made = origins(0.25)
    made.actual[5, 0, 0] = 40.0
    assert is_cut(ONE, made)


def test_where_nothing_came_before_the_last_period_is_no_unfinished_one() -> None:
    """A series that ended, or that has a deal now and then: it was said to hold less than any month before."""
    made = origins(0.0)
    made.actual[4, 0, 0] = 0.0
    assert not is_cut(ONE, made)
    # Of the month in which a company is closed next to nothing is expected: it is another kind of month.
    made.mean[:, 4, 0, 0] = 49.0
    assert is_cut(ONE, made)
    made.mean[:, 4, 0, 0] = 50.0
    assert not is_cut(ONE, made)


def test_a_product_that_ended_is_forecast_from_what_it_sold_last() -> None:
    y = np.r_[np.full(30, 5.0), np.zeros(18)]
    frame = pd.DataFrame(
        {"unique_id": "p", "ds": pd.date_range("2021-01-01", periods=48, freq="MS"), "y": y}
    )
    made = forecast_series(frame, horizon=3, season_length=12)
    assert made.forecast["ds"].iloc[0] == pd.Timestamp("2025-01-01")
    assert not any("unfinished" in one for one in made.notices)


def test_six_periods_before_it_are_needed() -> None:
    assert is_cut(ONE, origins(0.1, cuts=8))
    assert not is_cut(ONE, origins(0.1, cuts=7))
    assert not is_cut(ONE, origins(0.1, cuts=1), "drop")
    assert is_cut(ONE, origins(1.0, cuts=2), "drop")
    assert not is_cut(ONE, origins(0.1), "keep")


def test_all_series_together_are_judged() -> None:
    """One of two that fell to nothing, the other as ever: half of what was expected."""
    two = panel(A=(24, "2025-12-01"), B=(24, "2025-12-01"))
    made = origins(1.0, n=2)
    made.actual[1, 0, 0] = 0.0
    left, _ = without_unfinished(two, made, "auto")
    assert rows(left)["B"] == [float(k) for k in range(1, 24)]
    assert "(2025-12-31) holds 50% of what was expected" in left.notices[-1]
    made.actual[1, 0, 0] = 60.0  # 80% of both
    assert not is_cut(two, made)
    # A series that is not known there counts on neither side.
    made.actual[1, :, 0] = np.nan, 50.0
    assert is_cut(two, made)
    # One that ended before says nothing, and then the last periods are not the same.
    early = panel(A=(24, "2025-11-01"), B=(24, "2025-12-01"))
    assert not is_cut(early, made)


def test_an_unfinished_period_is_no_outcome_of_a_past_forecast() -> None:
    """Cut 1 becomes cut 0, and what came of the last period is unknown at each lead that reached it."""
    made = origins(0.1)
    made = replace(made, mean=made.mean * np.arange(1, 11)[None, :, None, None])
    _, left = without_unfinished(ONE, made, "drop")
    assert left.cuts == 9
    assert (left.mean[0, :, 0, 0] == 100 * np.arange(2, 11)).all()
    np.testing.assert_array_equal(np.isnan(left.actual[:, 0, :]), np.arange(9)[:, None] == [0, 1])
    np.testing.assert_array_equal(left.actual[2:, 0, 0], made.actual[3:, 0, 0])
    assert made.actual[1, 0, 0] == 10.0
