"""Bookings that deals add up to, whose number is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib import moving_the_middle, performance_curve
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.analyses.performance_curve.variation import (
    _moments,
    deals_behind,
    squared_variation,
)
from salesops_lib.errors import DataError
from tests.analyses.curve_frames import deal_months


class TestDealsCounted:
    """Bookings that deals add up to: a month varies by one over its number of deals."""

    @staticmethod
    def frame(seed: int = 4, reps: int = 30) -> pd.DataFrame:
        """Half of the reps win one deal a month, half four, each of 1,000 times a lognormal."""
        rng = np.random.default_rng(seed)
        often = np.where(np.arange(reps) < reps // 2, 1.0, 4.0)
        counts = rng.poisson(often[:, None], (reps, 12))
        amounts = rng.lognormal(-0.32, 0.8, (reps, 12, int(counts.max())))
        there = np.arange(amounts.shape[2]) < counts[:, :, None]
        return pd.DataFrame({
            "rep_id": np.repeat(np.arange(reps), 12), "month": np.tile(np.arange(12), reps),
            "bookings": 1_000 * (amounts * there).sum(axis=2).ravel(),
            "deals_won": counts.ravel(),
        })  # fmt: skip

    def test_twice_the_deals_are_half_the_variance(self) -> None:
        """Ten reps of 6 and ten of 18 deals in 12 months: .5 and 1.5 of the usual 12. The gamma prior by
        moments: Σ((o − e)² − e) = 20·(36 − 12) = 480 over Σe² = 2,880, a sixth, so 6 events:
        (6 + 6)/(12 + 6) = 2/3 and (18 + 6)/18 = 4/3. One over them, 1.5 and .75, is 1.125 on average."""
        few = np.repeat([0, 1], 10)
        panel = read_panel(
            pd.DataFrame({
                "rep_id": np.repeat(np.arange(20), 6), "month": np.tile(np.arange(6), 20),
                "bookings": np.repeat(np.where(few, 3.0, 1.0), 6),
                "deals": np.repeat(np.where(few, 3.0, 1.0), 6),
            }), rep="rep_id", period="month", value="bookings", deals="deals",
        )  # fmt: skip
        behind = deals_behind(panel, np.full(20, 6.0))
        assert behind == pytest.approx(np.where(few, 4 / 3, 2 / 3) * 1.125)
        assert (1 / behind).mean() == pytest.approx(1.0)

    def test_reps_of_few_deals_are_less_certain(self) -> None:
        data = self.frame()
        without, counted = (
            performance_curve(data, deals=deals, samples=0).reps.set_index("rep_id").sort_index()
            for deals in (None, "deals_won")
        )
        width = [
            np.log(one["shrunk_high"] / one["shrunk_low"]).to_numpy() for one in (without, counted)
        ]
        few = np.arange(30) < 15
        assert (width[1][few] > width[0][few]).mean() > 0.9
        assert (width[1][~few] < width[0][~few]).mean() > 0.9

    def test_months_known_to_be_sums_are_measured_by_moments(self) -> None:
        """Logs of months with a sale say another number: the few deals of a month are no lognormal."""
        data = self.frame(reps=60)
        columns = {"rep": "rep_id", "period": "month", "value": "bookings"}
        panel = read_panel(data, **columns, deals="deals_won")
        level, middle = panel.observed, np.array([0.5])
        by_moments = _moments(panel, panel.value, level)[0]
        counted = squared_variation(panel, panel.value, panel.value, level, middle)
        assert counted == pytest.approx([by_moments])
        bare = replace(panel, deals=None)
        sums = replace(bare, value=np.where(panel.value > 0, np.sqrt(panel.value) * 30, 0.0))
        told = [
            squared_variation(one, one.value, one.value, one.observed, middle)[0]
            for one in (sums, replace(sums, deals=panel.deals))
        ]
        assert told[0] != pytest.approx(told[1], rel=1e-3)

    def test_deals_that_nobody_counted_change_nothing(self) -> None:
        data = self.frame().assign(none=0)
        plain, empty = (
            performance_curve(data, deals=deals, samples=0).reps for deals in (None, "none")
        )
        pd.testing.assert_frame_equal(plain, empty)

    def test_it_is_said(self) -> None:
        said = performance_curve(self.frame(), deals="deals_won", samples=0).notices
        assert any("falls with the deals behind it" in one for one in said)

    def test_counts_below_nothing(self) -> None:
        data = self.frame()
        data.loc[7, "deals_won"] = -1
        with pytest.raises(DataError, match="below 0") as fault:
            performance_curve(data, deals="deals_won", samples=0)
        assert fault.value.column == "deals_won"
        assert list(fault.value.rows) == [7]


class TestMonthsOfDifferentSize:
    """A quarter's last month is four times the others: what reps win follows, and so does their luck."""

    SIZES = np.tile([0.5, 0.5, 2.0], 4)
    RATE, SPREAD = 3.0, 0.8

    def company(self, rng: np.random.Generator, reps: int) -> tuple[pd.DataFrame, np.ndarray]:
        return deal_months(rng, reps, self.RATE, self.SPREAD, sizes=self.SIZES)

    def test_the_noise_of_a_mean_is_that_of_its_deals(self) -> None:
        """36 deals of squared variation e^.64 - 1 stand behind a mean: (1 + .8965) / 36 = .0527 of
        relative variance. Months taken as all alike said 2.25 times as much."""
        frame, _ = self.company(np.random.default_rng(1), 600)
        names = {"rep": "rep_id", "period": "month", "value": "bookings", "deals": "deals_won"}
        panel = read_panel(frame, **names)
        weight = self.SIZES[panel.period]
        rate = panel.value / weight
        level = np.bincount(panel.rep, weights=panel.value) / 12
        scale = squared_variation(panel, rate, rate, level, np.array([0.5]), weight)[0]
        relative = scale * (self.SIZES**2).sum() / self.SIZES.sum() ** 2
        # Over reps who differ, variance goes with the level and is pooled relative to about its square.
        assert relative == pytest.approx(np.exp(self.SPREAD**2) / (12 * self.RATE), rel=0.12)

    def test_months_of_one_size_are_as_they_were(self) -> None:
        frame, _ = self.company(np.random.default_rng(2), 30)
        names = {"rep": "rep_id", "period": "month", "value": "bookings"}
        panel = read_panel(frame, **names)
        level = np.bincount(panel.rep, weights=panel.value) / 12
        plain = _moments(panel, panel.value, level)
        assert _moments(panel, panel.value, level, np.full(360, 2.0)) == pytest.approx(plain)

    def test_reps_are_not_shrunk_for_the_season(self) -> None:
        """Planted truth: moving the middle came to .53 of what it is worth (error .05), and 84% of the
        reps' 90% intervals held. Of 16 companies the mean is known to 9%."""
        found, truth, held = [], [], []
        for seed in range(16):
            frame, skill = self.company(np.random.default_rng([5, seed]), 24)
            curve = performance_curve(frame, deals="deals_won", samples=0, draws=1_000)
            table = curve.reps.set_index("rep_id").sort_index()
            tier, level = table["tier"].to_numpy(), self.RATE * skill
            gap = level[tier == "star"].mean() - level[tier == "core"].mean()
            truth.append(12 * 0.2 * (tier == "core").sum() * gap)
            levers = moving_the_middle(curve, gap_closed=0.2).levers
            found.append(float(levers["value"].iloc[0]))
            held.append(table["shrunk_low"].le(level) & table["shrunk_high"].ge(level))
        assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.25)
        assert np.mean(held) > 0.86
