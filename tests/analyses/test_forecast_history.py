"""What was known on a day, on a handful of deals: statuses, snapshots, bookings, levels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_bookings, month_rests
from salesops_lib.analyses.forecast.history import (
    History,
    _known_deals,
    _snapshot_days,
    read_history,
    without_twins,
)
from salesops_lib.analyses.forecast.snapshots import NEVER, day_number, rest_of_month
from tests.analyses.forecast_company import AS_OF, clockwork, opened, reps

NAMES = ["deal_id", "status", "amount", "created_date", "close_date"]


def deals(*rows: tuple[str, str, float, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=NAMES).assign(rep_id="R0")
    for name in ("created_date", "close_date"):
        frame[name] = pd.to_datetime(frame[name], format="mixed")
    return frame


def known(frame: pd.DataFrame, day: pd.Timestamp = AS_OF) -> History:
    return read_history(opened({"reps": reps(), "deals": frame}).as_of(day), as_of=day, by=())


def days(*dates: str) -> list[int]:
    return day_number(pd.Series(pd.to_datetime(list(dates)))).tolist()


def test_deals_stand_as_they_stood_at_the_end_of_the_day() -> None:
    """Closed on the day: closed. Closed the day after, or nobody knows when: open, if it had begun.
    Begun the day after: not there."""
    frame = deals(
        ("on the day", "won", 1.0, "2026-09-01", "2026-09-30 23:00"),
        ("day after", "won", 1.0, "2026-09-01", "2026-10-01"),
        ("no close", "lost", 1.0, "2026-09-01", None),
        ("after, undated", "won", 1.0, None, "2026-10-01"),
        ("begun on it", "open", 1.0, "2026-09-30 12:00", None),
        ("begun after", "open", 1.0, "2026-10-01", None),
        ("undated", "open", 1.0, None, None),
    )
    found = _known_deals(frame, AS_OF).set_index("deal_id")["status"].to_dict()
    assert found == {
        "on the day": "won",
        "day after": "open",
        "no close": "open",
        "begun on it": "open",
        "undated": "open",
    }


def test_bookings_hold_returns_and_no_deal_that_was_lost() -> None:
    """A return takes from its month, and was never a deal that anybody had open. Lost deals say how far
    back closings are on record."""
    history = known(
        deals(
            ("A", "won", 100.0, "2026-08-10", "2026-09-30"),
            ("B", "won", -40.0, "2026-07-01", "2026-08-02"),
            ("C", "won", 10.0, "2026-07-01", "2026-08-02"),
            ("D", "lost", 500.0, "2026-05-01", "2026-06-10"),
            ("E", "open", 70.0, None, None),
        )
    )
    assert history.bookings.tolist() == [[-30.0, 100.0]]
    assert history.first_month == 2026 * 12 + 7 and history.first_close == 2026 * 12 + 5
    assert history.created[history.amount == -40].tolist() == [NEVER]
    assert (history.created[~np.isin(history.amount, (-40, 70))] < NEVER).all()
    assert history.undated_open == 1
    assert history.snaps.tolist() == days(
        "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30"
    )


def test_snapshots_lie_on_the_same_day_of_each_month() -> None:
    """From the month of the first date, be it a beginning or an end, for ten years at most."""
    early, late = np.array(days("2026-01-05")), np.array(days("2026-03-05"))
    day = pd.Timestamp("2026-05-30")
    expected = days("2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30")
    for created, close in ((early, late), (late, early)):
        snaps, months, month_end = _snapshot_days(created, close, day)
        assert snaps.tolist() == expected and not month_end
        assert months.tolist() == [2026 * 12 + k for k in range(5)]
    snaps, _, month_end = _snapshot_days(np.array(days("1999-01-05")), late, AS_OF)
    assert len(snaps) == 121 and month_end


def test_recent_wins_and_beginnings() -> None:
    """Two years back from the day, the day itself included. Deals without a beginning are few where they
    are at most a quarter of a usual month's of the last twelve."""
    history = known(deals(("A", "won", 1.0, "2026-08-10", "2026-09-01")))
    day = int(history.snaps[-1])
    close = np.array([day, day - 729, day - 730, day + 1])
    lately = dataclasses.replace(history, won=np.ones(4, dtype=bool), close=close)
    assert lately.won_lately(len(history.snaps) - 1).tolist() == [True, True, False, False]
    # 47 begun in twelve months and one in the month before them; one undated.
    begun = np.array(days(*["2025-10-15"] * 47, "2025-09-15"))
    assert not dataclasses.replace(history, created=begun, undated_open=1).beginnings_known
    begun[-1] = begun[0]
    assert dataclasses.replace(history, created=begun, undated_open=1).beginnings_known
    assert not dataclasses.replace(history, created=begun, undated_open=2).beginnings_known


def test_levels_that_split_nothing_are_told_apart() -> None:
    """Desks are teams by another name; a continent of several whole teams is a wider level."""
    history = known(deals(("A", "won", 1.0, "2026-08-10", "2026-09-01")))
    leaves = pd.DataFrame({
        "region": ["N", "N", "S"], "team": ["A", "B", "C"], "desk": ["1", "2", "3"],
        "continent": ["E", "E", "E"], "rep_id": ["R0", "R1", "R2"],
    })  # fmt: skip
    left, twins, wider = without_twins(dataclasses.replace(history, leaves=leaves))
    assert left.leaves.columns.tolist() == ["region", "team"]
    assert twins == {"desk": "team", "rep_id": "team"} and wider == {"continent": "team"}
    assert left.also["continent"].tolist() == ["E", "E", "E"]


def test_what_the_rest_of_a_month_brings() -> None:
    """60 on the 15th and 40 on the 20th of every month: after the 15th two fifths are to come, by as many
    days as are left of this month over those that were left of the others."""
    rows = [
        (f"{day}{month}", "won", money, f"2025-{month:02d}-01", f"2026-{month:02d}-{day}")
        for month in range(1, 10)
        for day, money in ((15, 60.0), (20, 40.0))
    ]
    history = known(deals(*rows), pd.Timestamp("2026-09-15"))
    now = len(history.snaps) - 1
    left = rest_of_month(history.snaps)
    assert not history.month_end and history.last_complete_month == 2026 * 12 + 7
    # Of the twelve months before, September to December have nothing.
    expected = 0.4 * left[now] / left[now - 12 : now].mean()
    share = month_rests.shares(history, now + 1)
    assert share[0] == pytest.approx(expected)
    assert abs(left[now] / left[now - 12 : now].mean() - 1) > 0.01
    assert share[now] == pytest.approx(left[0])


def test_last_year_is_repeated_only_where_there_was_one() -> None:
    made = forecast_bookings(opened(clockwork(18)), as_of=AS_OF, horizon=3, draws=100, origins=4)
    assert made.ahead is not None
    seen = made.ahead.views
    assert seen.run_rate is not None and seen.run_rate.panel is not None
    months = seen.run_rate.panel.lengths.max()
    cuts = np.arange(len(seen.naive))
    assert 12 < months < 12 + len(cuts)
    assert np.isnan(seen.naive[:, 0, 1]).tolist() == (months - cuts < 12).tolist()
    assert np.isnan(seen.growth[:, 0, 1]).all()
