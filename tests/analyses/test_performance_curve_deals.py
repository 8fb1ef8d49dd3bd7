"""Bookings that deals add up to, whose number is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib import Estimate, moving_the_middle, performance_curve
from salesops_lib.analyses.performance_curve import PerformanceCurve
from salesops_lib.analyses.performance_curve.deal_luck import squared_variation_of_deals
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.analyses.performance_curve.skill import estimate_skill
from salesops_lib.analyses.performance_curve.star_deals import star_deals
from salesops_lib.analyses.performance_curve.variation import (
    _moments,
    deals_behind,
    squared_variation,
)
from salesops_lib.errors import DataError
from tests.analyses.curve_frames import deal_months

NAMES = {"rep": "rep_id", "period": "month", "value": "bookings", "deals": "deals_won"}


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
        moments: Σ((o − e)² − e) = 20·(36 − 12) = 480 over Σe² = 2,880, a sixth, so 6 events. One over a
        gamma of shape 6 + 6 and rate 12 + 6 is expected to be 18/11, and 18/23 with 18 deals."""
        few = np.repeat([0, 1], 10)
        panel = read_panel(
            pd.DataFrame({
                "rep_id": np.repeat(np.arange(20), 6), "month": np.tile(np.arange(6), 20),
                "bookings": np.repeat(np.where(few, 3.0, 1.0), 6),
                "deals": np.repeat(np.where(few, 3.0, 1.0), 6),
            }), rep="rep_id", period="month", value="bookings", deals="deals",
        )  # fmt: skip
        behind = deals_behind(panel, np.full(20, 6.0))
        assert behind == pytest.approx(np.where(few, 23 / 18, 11 / 18))

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

    @pytest.mark.parametrize(
        "spoilt", ["logs skewed", "a deal of nothing", "bookings without deals"]
    )
    def test_what_is_no_sum_of_lognormal_deals_is_measured_by_moments(self, spoilt: str) -> None:
        data = self.frame(reps=60)
        if spoilt == "logs skewed":
            data["bookings"] = data["deals_won"] * np.exp(
                np.random.default_rng(1).exponential(1, 720)
            )
        else:
            there = (data["deals_won"] > 0) == (spoilt == "a deal of nothing")
            data.loc[data.index[there][:1], "bookings"] = 0.0 if spoilt[0] == "a" else 500.0
        panel = read_panel(data, **NAMES)
        assert squared_variation_of_deals(panel, np.ones(720)) is None
        level, middle, often = (
            panel.observed,
            np.array([0.5]),
            deals_behind(panel, np.full(60, 12.0)),
        )
        by_moments = _moments(panel, panel.value, often * level.mean(), np.ones(720), often)[0]
        found = squared_variation(panel, panel.value, panel.value, level, middle)
        assert found == pytest.approx([by_moments])

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
        relative variance for who sells as often as 1; the average rep does e^.045 times. Months taken as
        all alike said 2.25 times as much."""
        frame, _ = self.company(np.random.default_rng(1), 600)
        panel = read_panel(frame, **NAMES)
        weight = self.SIZES[panel.period]
        rate = panel.value / weight
        level = np.bincount(panel.rep, weights=panel.value) / 12
        scale = squared_variation(panel, rate, rate, level, np.array([0.5]), weight)[0]
        relative = scale / self.SIZES.sum() * np.exp(0.3**2 / 2)
        assert relative == pytest.approx(np.exp(self.SPREAD**2) / (12 * self.RATE), rel=0.05)

    def test_a_month_of_twice_the_weight_varies_half_as_much(self) -> None:
        frame, _ = self.company(np.random.default_rng(2), 30)
        panel = read_panel(frame, **NAMES)
        level = np.bincount(panel.rep, weights=panel.value) / 12
        plain, error = _moments(panel, panel.value, level)
        doubled = _moments(panel, panel.value, level, np.full(360, 2.0))
        assert doubled == pytest.approx((2 * plain, error))

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


class TestFewHeavyDeals:
    """Eight deals a year of log sd 1.3: kappa is e^1.69 = 5.42, and months vary by it over their deals."""

    RATE, SPREAD = 0.7, 1.3

    def test_the_luck_of_a_month(self) -> None:
        """Over 20 companies of 50 reps, its mean known to 4%. By moments the middle one was .88."""
        found = []
        for seed in range(20):
            frame, _ = deal_months(np.random.default_rng([6, seed]), 50, self.RATE, self.SPREAD)
            value, error = squared_variation_of_deals(read_panel(frame, **NAMES), np.ones(600))
            found.append(value * np.exp(0.3**2 / 2) * self.RATE / np.exp(self.SPREAD**2))
            assert 0.05 < error < 0.3
        assert np.mean(found) == pytest.approx(1.0, abs=0.1)

    def test_counts_that_come_in_bursts_vary_more(self) -> None:
        """Deals of one size, won in every other month twice as often: counts of 0 and 4 about 2 vary by
        4 · 12/11 over 2 expected, months by that over 2 deals."""
        counts = np.tile([0, 4], (40, 6)).ravel()
        rng = np.random.default_rng(7)
        order = rng.permuted(counts.reshape(40, 12), axis=1).ravel()
        frame = pd.DataFrame({
            "rep_id": np.repeat(np.arange(40), 12), "month": np.tile(np.arange(12), 40),
            "bookings": order * rng.lognormal(0, 0.05, 480), "deals_won": order,
        })  # fmt: skip
        value, _ = squared_variation_of_deals(read_panel(frame, **NAMES), np.ones(480))
        assert value == pytest.approx(4 * 12 / 11 / 2 / 2, rel=0.06)

    def test_reps_do_not_seem_to_differ_more_than_they_do(self) -> None:
        """Planted truth: 16 companies of 200 reps, log sd .3 in how often they sell. What stars are ahead
        of the core came to 1.5 times the truth, and its 90% interval held in .7."""
        found, truth, held = [], [], []
        for seed in range(16):
            rng = np.random.default_rng([8, seed])
            frame, skill = deal_months(rng, 200, self.RATE, self.SPREAD)
            fit = estimate_skill(read_panel(frame, **NAMES), rng, draws=600)
            order = np.argsort(-fit.adjusted)
            star, core = order[:40], order[40:160]
            drawn = fit.draws[:, star].mean(axis=1) - fit.draws[:, core].mean(axis=1)
            true = self.RATE * (skill[star].mean() - skill[core].mean())
            low, high = np.quantile(drawn, [0.05, 0.95])
            found.append(drawn.mean())
            truth.append(true)
            held.append(low <= true <= high)
        assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.2)
        assert np.sum(held) >= 12

    def test_the_worth_of_a_stars_deal(self) -> None:
        """Deals all from one pot, of mean 1: the stars are those of the largest. Drawn towards those of all
        as if means of eight heavy deals were normal they came to 1.10, now to 1.06, as nobody can know
        that reps do not differ at all. 40 companies, known to 1.3%."""
        worth = []
        curve = performance_curve(TestDealsCounted.frame(), samples=0, draws=200)
        for seed in range(40):
            rng = np.random.default_rng([9, seed])
            count = np.maximum(rng.poisson(12 * self.RATE, 100), 1)
            rep = np.repeat(np.arange(100), count)
            amount = rng.lognormal(-(self.SPREAD**2) / 2, self.SPREAD, len(rep))
            deals = pd.DataFrame(
                {"rep_id": rep, "status": "won", "amount": amount, "close_date": 0}
            )
            total = np.bincount(rep, weights=amount)
            reps = pd.DataFrame({"rep_id": np.arange(100), "tier": "core"})
            reps.loc[np.argsort(-total)[:20], "tier"] = "star"
            worth.append(star_deals(replace(curve, reps=reps), deals).mean())
        assert np.mean(worth) == pytest.approx(1.0, abs=0.08)


class TestEachLeverByItself:
    """What is assumed of one lever, or the order in which deals are written, changes no other number."""

    @pytest.fixture(scope="class")
    @staticmethod
    def curve() -> PerformanceCurve:
        return performance_curve(TestDealsCounted.frame(), samples=0, draws=500)

    DEALS = pd.Series(np.random.default_rng(3).lognormal(8, 1, 60), index=np.repeat([1, 2, 3], 20))
    HIRES = {"ramp_months": Estimate(3, 2, 4.5, 0.9), "hiring_cost": 1_000.0}  # noqa: RUF012

    def test_more_star_deals_leave_the_other_levers(self, curve: PerformanceCurve) -> None:
        """Of replacements drawn after the deals, the lower limit moved by an eighth on the sample."""
        one, two = (
            moving_the_middle(
                curve, star_deal_value=self.DEALS, replacement=self.HIRES, star_deals_year=count
            ).levers.set_index("lever")
            for count in (1, 2)
        )
        columns = ["value", "low", "high", "cost", "net", "net_low", "net_high", "p_pays"]
        others = ["moving_the_middle", "replacement", "replacement_star"]
        pd.testing.assert_frame_equal(one.loc[others, columns], two.loc[others, columns])
        assert two.loc["star_deal", "value"] == pytest.approx(2 * one.loc["star_deal", "value"])

    def test_the_order_of_deals_decides_nothing(self, curve: PerformanceCurve) -> None:
        shuffled = self.DEALS.sample(frac=1, random_state=1)
        first, second = (
            moving_the_middle(curve, star_deal_value=deals, replacement=self.HIRES).levers
            for deals in (self.DEALS, shuffled)
        )
        pd.testing.assert_frame_equal(first, second)
