"""Hand-worked values: days that came as moments of UTC, and moments that are no midnights."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, parsing

DAYS = pd.date_range("2025-01-01", "2026-12-31", freq="11D")
SHIFTED = ["midnights of another time zone read as the days that begin with them"]


def stamps(zone: str, *, written: str = "%Y-%m-%dT%H:%M:%SZ") -> pd.Series:
    """The midnights of `DAYS` in a zone, as moments of UTC."""
    return pd.Series(DAYS.tz_localize(zone).tz_convert("UTC").strftime(written), dtype=object)


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "Europe/Athens",
        "Africa/Lagos",
        "Asia/Dubai",
        "Asia/Kolkata",
        "Asia/Singapore",
        "Asia/Tokyo",
        "Australia/Sydney",
        "Pacific/Auckland",
        "Europe/London",
        "UTC",
        "America/New_York",
        "America/Los_Angeles",
    ],
)
@pytest.mark.parametrize("keep_time", [False, True])
def test_midnights_anywhere_are_the_days_that_were_meant(zone: str, keep_time: bool) -> None:
    cells = stamps(zone)
    parsed = parsing.as_date(cells, keep_time=keep_time)
    east = not zone.startswith(("America", "UTC"))
    assert parsed.values.dt.normalize().tolist() == list(DAYS)
    assert parsed.notes == (SHIFTED if east else [])
    if east:
        assert parsed.values.tolist() == list(DAYS)


def test_the_farthest_midnight_in_summer_is_fourteen_hours_ahead() -> None:
    """Samoa in 2020: 11:00 of UTC in winter, 10:00 in summer."""
    days = pd.date_range("2019-01-01", "2020-12-31", freq="11D")
    cells = days.tz_localize("Pacific/Apia").tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    assert sorted({one[11:16] for one in cells}) == ["10:00", "11:00"]
    assert parsing.as_date(pd.Series(cells, dtype=object)).values.tolist() == list(days)


def test_columns_with_a_type_are_read_alike() -> None:
    moments = pd.Series(DAYS.tz_localize("Europe/Berlin").tz_convert("UTC"))
    assert parsing.as_date(moments).values.tolist() == list(DAYS)
    assert parsing.as_date(moments.astype(object)).values.tolist() == list(DAYS)
    # Summer and winter tell it, where no zone is given; in their own zone there is nothing to do.
    assert parsing.as_date(moments.dt.tz_localize(None)).values.tolist() == list(DAYS)
    own = parsing.as_date(moments.dt.tz_convert("Europe/Berlin"))
    assert (own.values.tolist(), own.notes) == (list(DAYS), [])


@pytest.mark.parametrize(
    "cells",
    [
        # An hour at which the books are closed, with no word of UTC.
        [f"2026-0{m}-{d:02} 17:00:00" for m in range(1, 7) for d in (3, 17)],
        # The same where only some say that they are moments of UTC.
        [f"2026-0{m}-{d:02} 17:00:00{'Z' * (d == 3)}" for m in range(1, 7) for d in (3, 17)],
        # Noon, as days are written to be safe from zones.
        [f"2026-0{m}-{d:02}T12:00:00Z" for m in range(1, 7) for d in (3, 17)],
        # The last second of a day.
        [f"2026-0{m}-{d:02}T23:59:59Z" for m in range(1, 7) for d in (3, 17)],
        # Summer and winter, but two hours apart, as no zone has them.
        [f"2026-0{m}-{d:02}T{21 + 2 * (m > 3)}:00:00Z" for m in range(1, 8) for d in (3, 17)],
        # Two hours that do not keep to summer and winter.
        [f"2026-0{m}-{d:02}T{21 + d % 2}:00:00Z" for m in range(1, 7) for d in (3, 16)],
        # Moments of all kinds, and too few to tell.
        [f"2026-0{m}-{d:02}T22:{m}0:00Z" for m in range(1, 6) for d in (3, 17)],
        ["2026-03-31T22:00:00Z"] * 9,
    ],
)
def test_what_is_no_midnight_is_read_as_written(cells: list[str]) -> None:
    parsed = parsing.as_date(pd.Series(cells, dtype=object))
    assert [f"{one:%Y-%m-%d}" for one in parsed.values] == [one[:10] for one in cells]
    assert parsed.notes == []


def test_a_quarter_gets_the_deals_that_were_won_in_it() -> None:
    """Twelve deals of 100 won in Berlin on the first of each month of 2026; empty cells and one that
    cannot be read change nothing."""
    first = pd.date_range("2026-01-01", periods=12, freq="MS")
    cells = first.tz_localize("Europe/Berlin").tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.000Z")
    deals = pd.DataFrame(
        {
            "deal_id": [f"D{k}" for k in range(14)],
            "rep_id": "R1",
            "status": ["won"] * 12 + ["open", "won"],
            "amount": 100.0,
            "close_date": [*cells, "", "someday"],
        }
    )
    data = Dataset.from_frames({"deals": deals})
    won = data.deals().query("status == 'won'")
    assert won["close_date"].tolist() == list(first)
    assert data.quality.tables.loc[0, "rows_quarantined"] == 1
    assert any("midnights of another time zone" in str(one) for one in data.quality.tables["notes"])
