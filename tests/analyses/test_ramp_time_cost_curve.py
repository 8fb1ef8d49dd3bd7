"""Time to productivity by the learning curve: exact curves, season, channels, groups, levels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time
from tests.analyses.ramp_frames import dated, noisy, smooth


class TestExactCurves:
    @pytest.mark.parametrize("months", [1.5, 4.0, 9.0])
    def test_a_true_length_is_read(self, months: float) -> None:
        ramp = ramp_time(smooth(ramp=months), value="bookings")
        assert ramp.median_months.value == pytest.approx(months, rel=0.01)

    def test_months_lost_are_the_sum_of_what_is_missing(self) -> None:
        """Σ 0.1^(t/4) over months 1 to 24 = 1.2849."""
        ramp = ramp_time(smooth(), value="bookings")
        expected = sum(0.1 ** (t / 4) for t in range(1, 25))
        assert ramp.restricted_mean_months.value == pytest.approx(expected, rel=0.01)

    def test_the_horizon_cuts_the_sum(self) -> None:
        ramp = ramp_time(smooth(), value="bookings", horizon=2)
        assert ramp.restricted_mean_months.value == pytest.approx(0.1**0.25 + 0.1**0.5, rel=0.01)
        assert ramp.learning_curve["month"].tolist() == [1, 2]

    def test_another_target_is_another_month_of_the_same_curve(self) -> None:
        """Half of the level after 4 × ln 2 / ln 10 months."""
        ramp = ramp_time(smooth(), value="bookings", target=0.5)
        assert ramp.median_months.value == pytest.approx(4 * math.log10(2), rel=0.01)

    def test_no_ramp_is_none(self) -> None:
        ramp = ramp_time(noisy(ramp=0.0, noise=0.3), value="bookings")
        assert ramp.median_months.value < 1
        assert ramp.median_months.low == 0
        assert "need no ramp" in ramp.finding("time_to_productivity").sentence

    def test_a_threshold_on_the_same_months_reports_months_of_ramp(self) -> None:
        """The trap: reps productive from month 1, log-noise of sd .8, two months in a row."""
        data = noisy(ramp=0.0, reps=200)
        milestone = ramp_time(data, value="bookings", definition="milestone")
        assert 5 <= milestone.median_months.value <= 8
        assert ramp_time(data, value="bookings").median_months.value < 1

    def test_the_curve_table(self) -> None:
        table = ramp_time(noisy(), value="bookings").learning_curve
        assert list(table) == ["month", "expected", "low", "high"]
        assert (table["low"] <= table["expected"]).all()
        assert (table["expected"] <= table["high"]).all()
        assert table["expected"].is_monotonic_increasing


class TestOtherEffects:
    def test_season_and_growth_are_not_ramp(self) -> None:
        """Strong season and growth of 40% a year over reps without ramp, hired all along."""
        data = dated(noisy(ramp=0.0, noise=0.2, months=30), apart=1)
        month = data["month"].dt.month
        age = (data["month"] - data["month"].min()).dt.days / 365
        lifted = data.assign(
            bookings=data["bookings"] * (1 + 0.5 * np.cos(month / 12 * 2 * np.pi)) * 1.4**age
        )
        with_dates = ramp_time(lifted, value="bookings")
        without = ramp_time(lifted, value="bookings", period=None)
        assert with_dates.median_months.value < 1
        assert without.median_months.value > 4

    def test_channels_have_their_own_mature_level(self) -> None:
        """Hires only in a channel that sells a quarter: against everyone they would never ramp."""
        old = smooth(reps=10, months=12, ramp=0.0, level=4000.0)
        old = old.assign(tenure_months=old["tenure_months"] + 30, channel="direct")
        new = smooth(reps=10, months=18, level=1000.0).assign(channel="partner")
        data = pd.concat([old, new.assign(rep_id=new["rep_id"] + 100)])
        ramp = ramp_time(data, value="bookings")
        assert ramp.median_months.value == pytest.approx(4, rel=0.02)
        levels = ramp.mature_levels.set_index("channel")["value"]
        assert levels["direct"] == pytest.approx(4000, rel=0.01)
        assert levels["partner"] == pytest.approx(1000, rel=0.01)
        assert ramp.mature_level.value == pytest.approx(2500, rel=0.01)

    def test_the_mature_level_is_that_of_an_average_month_of_the_year(self) -> None:
        """Season of ±60% around 1,000: its mean is 1,000, its geometric mean 900."""
        data = dated(smooth(reps=24, months=24, ramp=0.0), apart=1)
        season = 1 + 0.6 * np.cos(data["month"].dt.month / 12 * 2 * np.pi)
        ramp = ramp_time(data.assign(bookings=data["bookings"] * season), value="bookings")
        assert ramp.mature_level.value == pytest.approx(1000, rel=0.01)

    def test_market_columns_are_taken_out(self) -> None:
        data = noisy(ramp=0.0, noise=0.2, reps=60)
        data = data.assign(demand=np.log(data["tenure_months"]) + (data["rep_id"] % 7) / 3)
        data["bookings"] *= np.exp(0.5 * data["demand"])
        assert ramp_time(data, value="bookings").median_months.value > 4
        adjusted = ramp_time(data, value="bookings", market=("demand",))
        assert adjusted.median_months.low == 0

    def test_a_part_month_counts_for_its_part(self) -> None:
        """Hired in mid-month: half the bookings of half a month are full production."""
        data = smooth(ramp=0.0).assign(month_share=1.0)
        first = data["tenure_months"] == 1
        data.loc[first, ["bookings", "month_share"]] = [500.0, 0.5]
        assert ramp_time(data, value="bookings").median_months.value < 0.5
        assert ramp_time(data, value="bookings", exposure=None).median_months.value > 0.5

    def test_a_part_of_a_first_month_tells_nothing_of_the_climb(self) -> None:
        """Whether hires of the middle of a month sold in its last days or not: how the first weeks go is
        nobody's ramp, and a curve of months is bent by them."""
        data = noisy().assign(month_share=1.0)
        first = data["tenure_months"] == 1
        data.loc[first, "month_share"] = 0.5
        some, none = (data.assign(bookings=data["bookings"].where(~first, x)) for x in (400.0, 0.0))
        one, other = (ramp_time(of, value="bookings") for of in (some, none))
        assert one.median_months == other.median_months
        # Hired on the first Monday, that is a whole month.
        data.loc[first, "month_share"] = 0.94
        assert len(ramp_time(data, value="bookings").basis.spells.rows) == len(data)


class TestGroups:
    def test_cohorts_that_ramp_apart_are_told_apart(self) -> None:
        slow = dated(noisy(1, ramp=9.0, reps=30, noise=0.3), start="2022-01")
        fast = dated(noisy(2, ramp=2.0, reps=30, noise=0.3), start="2024-01")
        data = pd.concat([slow, fast.assign(rep_id=fast["rep_id"] + 100)])
        ramp = ramp_time(data, value="bookings", by="cohort")
        months = ramp.groups.set_index("group")["median_months"]
        assert months["2022"] > 6
        assert months["2024"] < 3
        assert ramp.group_p < 0.01
        assert set(ramp.group_curves["group"]) == {"2022", "2024"}

    def test_alike_groups_are_rarely_told_apart(self) -> None:
        found = [
            ramp_time(
                noisy(seed, noise=0.5).assign(half=lambda f: f["rep_id"] % 2),
                value="bookings",
                by="half",
            ).group_p
            for seed in range(40)
        ]
        assert np.mean(np.array(found) < 0.1) < 0.1 + 3 * math.sqrt(0.09 / 40)

    def test_small_groups_have_no_number(self) -> None:
        data = noisy(reps=20).assign(half=lambda f: np.where(f["rep_id"] < 3, "few", "many"))
        groups = ramp_time(data, value="bookings", by="half").groups.set_index("group")
        assert math.isnan(groups.loc["few", "median_months"])
        assert groups.loc["few", "reps"] == 3


class TestIdentities:
    def test_currency_rows_and_labels_change_nothing(self) -> None:
        data = noisy(3)
        one = ramp_time(data, value="bookings").median_months
        mixed = data.sample(frac=1, random_state=1).assign(
            bookings=lambda f: f["bookings"] * 1e-3, rep_id=lambda f: "r" + f["rep_id"].astype(str)
        )
        other = ramp_time(mixed, value="bookings").median_months
        assert (other.value, other.low, other.high) == pytest.approx(
            (one.value, one.low, one.high), rel=2e-3
        )

    def test_the_input_is_not_changed(self) -> None:
        data = dated(noisy(4), apart=1).assign(channel="direct")
        before = data.copy()
        ramp_time(data, value="bookings", by="cohort")
        pd.testing.assert_frame_equal(data, before)

    def test_more_confidence_is_a_wider_interval(self) -> None:
        data = noisy(5)
        narrow = ramp_time(data, value="bookings", confidence=0.8).median_months
        wide = ramp_time(data, value="bookings", confidence=0.95).median_months
        assert wide.low < narrow.low < narrow.high < wide.high
