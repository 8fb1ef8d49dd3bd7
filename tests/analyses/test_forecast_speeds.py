"""Parts of a company that sell at different speeds: none of them stands elsewhere than it always did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.dataset import Dataset

AMOUNT = 1000.0


@pytest.fixture(scope="module")
def steady() -> Dataset:
    """Every day two deals begin in each of three regions: one is won, after 20 days in North, 27 in East
    and 34 in South, one is lost, three weeks later."""
    regions = (("North", 20), ("East", 27), ("South", 34))
    rows = [
        (
            f"{region}-{day:%j%y}-{status}",
            region,
            status,
            AMOUNT,
            day,
            day + pd.Timedelta(days=days),
        )
        for day in pd.date_range("2023-06-01", "2026-04-30")
        for region, length in regions
        for status, days in (("won", length), ("lost", length + 21))
    ]
    columns = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date"]
    names = [region for region, _ in regions]
    reps = pd.DataFrame({"rep_id": names, "name": names, "region": names})
    return Dataset.from_frames({"reps": reps, "deals": pd.DataFrame(rows, columns=columns)})


@pytest.mark.parametrize("day", ["2026-02-28", "2026-03-01", "2026-03-14"])
def test_every_month_brings_what_it_always_did(steady: Dataset, day: str) -> None:
    """One win a day and region. Fast regions were taken for ones that had risen, slow ones for ones that
    had fallen: on the first of a month the months ahead were forecast a fifth too low."""
    made = forecast_bookings(steady, as_of=day, horizon=3, draws=300, by="region", origins=3)
    months = made.forecast[made.forecast["ds"] > pd.Timestamp(day)]
    for node, part in months.groupby("unique_id"):
        wins = part["mean"].to_numpy() / AMOUNT / (3 if node == "company" else 1)
        assert wins.mean() == pytest.approx(30.4, rel=0.08), node
    today = made.ahead.views.today
    assert today.levels.wins.ahead(3) == pytest.approx(np.ones((3, 4)), abs=0.05)


def test_a_fast_part_has_the_early_wins(steady: Dataset) -> None:
    """Of deals begun in a month North wins a third in it, South none."""
    made = forecast_bookings(steady, as_of="2026-03-31", horizon=3, draws=300, by="region")
    today = made.ahead.views.today
    wins = dict(zip(made.ahead.views.history.leaves["region"], today.new.wins, strict=True))
    assert wins["North"][1] == pytest.approx(10, abs=1.5)
    assert wins["South"][1] == pytest.approx(0, abs=0.5)
    assert wins["South"][3] == pytest.approx(30, rel=0.1)
