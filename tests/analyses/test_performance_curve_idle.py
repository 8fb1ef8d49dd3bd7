"""Months without a sale where a year's sales fall into one of them: by hand, and newcomers planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import performance_curve
from salesops_lib.analyses.performance_curve.panel import Panel, read_panel
from salesops_lib.analyses.performance_curve.skill import Skill
from salesops_lib.analyses.performance_curve.variation import idle_share

NAMES = {"rep": "rep_id", "period": "month", "value": "bookings"}


def panel(sold: np.ndarray, *, counted: bool = True) -> Panel:
    """Eight reps of four months each."""
    frame = pd.DataFrame({
        "rep_id": np.repeat([f"R{k}" for k in range(8)], 4),
        "month": np.tile(pd.date_range("2025-01-01", periods=4, freq="MS"), 8),
        "bookings": np.where(sold, 10.0, 0.0), "deals_won": sold.astype(float),
    })  # fmt: skip
    return read_panel(frame, **NAMES, deals="deals_won" if counted else None)


def test_small_months_are_idle_more_often_than_usual_ones() -> None:
    """A usual month is idle one time in four: one of twice the weight once in sixteen, one of half the weight
    every other time. Of 16 and 16 such rows 1 and 8 are."""
    sold = np.ones(32, dtype=bool)
    sold[0], sold[16:24] = False, False
    weight = np.repeat([2.0, 0.5], 16)
    assert idle_share(panel(sold), weight) == pytest.approx(0.25)
    # Of months all alike, and where deals are not counted, the share of the rows.
    assert idle_share(panel(sold), np.ones(32)) == pytest.approx(9 / 32)
    assert idle_share(panel(sold, counted=False), weight) == 9 / 32
    assert idle_share(panel(np.ones(32, dtype=bool)), weight) == 0.0
    # Where the idle ones are those of no weight, no others are; two more of sixteen are one in eight.
    weight = np.repeat([1.0, 0.0], 16)
    sold = weight > 0
    assert idle_share(panel(sold), weight) == 0.0
    sold[:2] = False
    assert idle_share(panel(sold), weight) == pytest.approx(2 / 16)


def december(seed: int, reps: int = 40) -> tuple[pd.DataFrame, np.ndarray]:
    """Four fifths of a year's deals are won in December; a third of the reps begin after it or before. With
    the truth of each rep."""
    rng = np.random.default_rng([seed, 7])
    factor = np.where(np.arange(12) == 2, 9.6, 2.4 / 11)
    skill = np.exp(0.25 * rng.standard_normal(reps) - 0.25**2 / 2)
    rows = []
    for rep in range(reps):
        for month in range(rng.integers(1, 10) if rep < 0.3 * reps else 0, 12):
            deals = rng.poisson(3 * factor[month] * skill[rep])
            size = np.exp(0.8 * rng.standard_normal(deals) - 0.32)
            rows.append((rep, pd.Period("2025-10") + month, size.sum(), deals))
    frame = pd.DataFrame(rows, columns=["rep_id", "month", "bookings", "deals_won"])
    return frame.assign(month=frame["month"].dt.to_timestamp()), 3 * skill


def test_who_began_after_the_season_is_not_known_exactly() -> None:
    """Newcomers of a few thin months were taken to be known exactly: their intervals held the truth 4 times in
    10, and all of the spread seemed skill in three companies of four."""
    inside = []
    for seed in range(6):
        frame, truth = december(seed)
        curve = performance_curve(frame, deals="deals_won", samples=0, draws=1000)
        assert curve.reliability.value < 0.9
        reps = curve.reps[curve.reps["n_periods"] < 10]
        true = truth[reps["rep_id"].to_numpy(dtype=int)]
        inside += list((reps["shrunk_low"] <= true) & (true <= reps["shrunk_high"]))
    assert len(inside) > 40
    assert np.mean(inside) > 0.8


def quarters(seed: int) -> pd.DataFrame:
    """All deals are booked in the last month of a quarter; a third of the reps begin during the year."""
    rng = np.random.default_rng([seed, 3])
    skill = np.exp(0.25 * rng.standard_normal(40) - 0.25**2 / 2)
    rows = []
    for rep in range(40):
        for month in range(rng.integers(1, 8) if rep < 12 else 0, 12):
            deals = rng.poisson(9 * skill[rep]) if month % 3 == 2 else 0
            size = np.exp(0.8 * rng.standard_normal(deals) - 0.32)
            rows.append((rep, pd.Period("2025-10") + month, size.sum(), deals))
    frame = pd.DataFrame(rows, columns=["rep_id", "month", "bookings", "deals_won"])
    return frame.assign(month=frame["month"].dt.to_timestamp())


@pytest.mark.parametrize("deals", ["deals_won", None])
def test_a_month_in_which_nobody_sells_is_nobodys_luck(deals: str | None) -> None:
    """The months between say nothing: with them a rep sells a third as much a month, and all else is the same.
    They made a month six times as lucky, and a seventh of what skill there is was seen."""
    frame = quarters(0)
    sold = frame[frame["bookings"].groupby(frame["month"]).transform("sum") > 0]
    options = {"value": "bookings", "deals": deals, "samples": 0, "draws": 1000}
    whole, part = (performance_curve(one, **options) for one in (frame, sold))
    assert whole.model == part.model == "means"
    assert whole.reliability.value == pytest.approx(part.reliability.value)
    assert whole.reliability.value > 0.3
    by_rep = whole.reps.set_index("rep_id")["shrunk"] / part.reps.set_index("rep_id")["shrunk"]
    assert by_rep.to_numpy() == pytest.approx(1 / 3)


def test_who_was_there_in_dead_months_only_has_sold_nothing() -> None:
    """A rep hired after the last quarter's end stays among the reps, and nothing is known of that rep."""
    frame = quarters(0)
    new = pd.DataFrame({
        "rep_id": 99, "month": frame["month"].max() + pd.DateOffset(months=1), "bookings": 0.0, "deals_won": 0,
    }, index=[0])  # fmt: skip
    curve = performance_curve(pd.concat([frame, new]), deals="deals_won", samples=0, draws=1000)
    reps = curve.reps.set_index("rep_id")
    assert np.isfinite(reps["shrunk"]).all()
    assert reps.loc[99, "shrunk_high"] > 1.5 * reps.loc[99, "shrunk_low"]


def test_a_mean_that_a_few_draws_carry_away_is_no_expectation() -> None:
    """Six reps of a deal every seventh month, not counted: the best one's posterior has a tail that hardly
    anything bounds, and its mean lay thousands of times above all 90% of it."""
    rng = np.random.default_rng(3)
    rows = [
        (f"R{rep}", month, rng.lognormal(10, 0.8, rng.poisson(0.15)).sum())
        for rep in range(6)
        for month in pd.date_range("2025-01-01", periods=12, freq="MS")
    ]
    frame = pd.DataFrame(rows, columns=["rep_id", "month", "bookings"])
    found = performance_curve(frame, value="bookings", period="month", rng=0).reps
    assert found["shrunk"].between(found["shrunk_low"], found["shrunk_high"]).all()
    draws = np.column_stack([np.arange(100.0), np.append(np.arange(99.0) + 1, 1e9)])
    skill = Skill("means", draws[0], draws, draws[:, 0], draws[:, 0], None, None)
    assert skill.expected == pytest.approx([49.5, 50.5])
