"""Growth that begins late: planted delays, hand-worked sums, and what a curve through the origin makes
of them."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.growth_delay import start_of
from salesops_lib.statistics.learning_curve import (
    Repeated,
    fit_delayed_growth,
    fit_growth,
    shortfall,
    time_to,
)

# Of 90% in four months; what a month of such a climb loses on average over its days.
U = 0.1**0.25
DAYS = (1 - U) / -np.log(U)


def planted(
    seed: int, delay: float, units: int = 40, times: int = 24, *, by_day: bool = False
) -> Repeated:
    """Counts of three a month on average once grown, each of random size; 90% four months after the
    delay. Units are seen from their start for 6 to `times` months. `by_day` counts climb from the first
    day on: a month's share is the mean over its days, and not that at its end."""
    rng = np.random.default_rng(seed)
    seen = rng.integers(6, times + 1, units)
    unit = np.repeat(np.arange(units), seen)
    time = np.concatenate([np.arange(1.0, n + 1) for n in seen])
    level = np.exp(0.3 * rng.standard_normal(units) - 0.045)
    share = 1 - 0.1 ** (np.maximum(time - delay, 0) / 4)
    if by_day:
        share = 1 - U ** (time - 1) * DAYS
    count = rng.poisson(3 * level[unit] * share)
    size = np.exp(0.8 * rng.standard_normal(int(count.sum())) - 0.32)
    value = np.bincount(np.repeat(np.arange(len(unit)), count), size, minlength=len(unit))
    return Repeated.build(value, time, unit)


class TestSums:
    def test_time_to_the_target(self) -> None:
        assert time_to(0.1**0.25, 0.9, 2.5) == pytest.approx(6.5)
        assert time_to(0.0, 0.9, 2.5) == 2.5

    @pytest.mark.parametrize("delay", [0.0, 0.4, 1.0, 2.75, 30.0])
    def test_shortfall_is_the_sum_of_its_times(self, delay: float) -> None:
        times = np.arange(1, 13)
        by_hand = (0.6 ** np.maximum(times - delay, 0.0)).sum()
        assert shortfall(0.6, 12, delay) == pytest.approx(by_hand)

    def test_values_after_a_delay(self) -> None:
        """The second unit is gone by then."""
        data = Repeated.build([1.0, 2, 3, 4], [1, 2, 3, 1], [1, 1, 1, 2]).after(1.5)
        assert data.value.tolist() == [2, 3]
        assert data.time.tolist() == [0.5, 1.5]
        assert data.n_units == 1


class TestStart:
    def test_a_curve_without_noise(self) -> None:
        time = np.tile(np.arange(1.0, 25), 4)
        value = 100 * (1 - 0.1 ** (np.maximum(time - 2.3, 0) / 4))
        data = Repeated.build(value, time, np.repeat(np.arange(4), 24))
        delay, _ = start_of(data, np.log([100.0]), longest=10, slowest=60)
        assert delay == pytest.approx(2.3, abs=0.11)

    def test_late_starts_are_found_without_bias(self) -> None:
        """A curve through the origin takes 6 months for more than 9, and a shortfall of 3.3 for 4.5."""
        fits = [fit_delayed_growth(planted(seed, 2.0), slowest=60) for seed in range(30)]
        plain = [fit_growth(planted(seed, 2.0), slowest=60) for seed in range(30)]
        assert np.median([one.time_to(0.9)[0] for one in plain]) > 9
        assert np.median([one.time_to(0.9)[0] for one in fits]) == pytest.approx(6, rel=0.1)
        lost = 2 + shortfall(0.1**0.25, 22)
        assert np.median([one.shortfall(24)[0] for one in plain]) > 1.3 * lost
        assert np.median([one.shortfall(24)[0] for one in fits]) == pytest.approx(lost, rel=0.06)
        for of, truth in (("time_to", 6.0), ("shortfall", lost)):
            limits = [getattr(one, of)(0.9 if of == "time_to" else 24)[1:] for one in fits]
            assert np.mean([low <= truth <= high for low, high in limits]) >= 0.8

    def test_a_start_in_time_has_no_delay_most_often(self) -> None:
        found = [fit_delayed_growth(planted(seed, 0.0), slowest=60).delay for seed in range(30)]
        assert np.mean(np.array(found) > 0) <= 0.3

    def test_a_climb_from_the_first_day_is_held(self) -> None:
        """No delay of whole months, but half a month later than the curve of whole ones: 4.5 months to
        90%. Through the origin it reads a fifth longer, and limits of that curve alone miss as often as
        not; those that hold a delay as well do not."""
        truth = 1 + np.log(0.1 / DAYS) / np.log(U)
        data = [planted(100 + seed, 0.0, by_day=True) for seed in range(40)]
        plain = [fit_growth(one, slowest=60).time_to(0.9) for one in data]
        found = [fit_delayed_growth(one, slowest=60).time_to(0.9) for one in data]
        assert np.median([one[0] for one in plain]) > 1.15 * truth
        held = [np.mean([low <= truth <= high for _, low, high in of]) for of in (plain, found)]
        assert held[0] < 0.75
        assert held[1] >= 0.8

    def test_where_it_is_not_sure_the_limits_hold_both(self) -> None:
        """Whether there is a delay does not alone decide what the limits are: those without one reach to
        the curves with one, a standard error earlier and later."""
        unsure = 0
        for seed in range(12):
            data = planted(seed, 0.0, by_day=True)
            fit, plain = fit_delayed_growth(data, slowest=60), fit_growth(data, slowest=60)
            if fit.delay > 0 or not fit.others:
                continue
            unsure += 1
            delays = sorted(delay for _, delay in fit.others)
            assert delays[0] < delays[1] < delays[2]
            value, low, high = fit.time_to(0.9)
            usual = plain.time_to(0.9)
            assert value == usual[0]
            there = [time_to(u, 0.9, delay) for u, delay in fit.others]
            # Independent of the curve's own errors, so that squares add.
            assert low == pytest.approx(
                value - np.hypot(value - usual[1], value - min(value, *there))
            )
            assert high == pytest.approx(
                value + np.hypot(usual[2] - value, max(value, *there) - value)
            )
        assert unsure >= 6
