"""Latest errors unlike any before: pointed out, and answered by limits that reach further."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import intervals
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.surprise import FURTHER, missed, misses
from tests.analyses.test_forecast_series import forecast, months, seasonal


def shifted(ago: int, by: float, series: int = 30) -> pd.DataFrame:
    """Five years, the level of whose last `ago` months is `by` times the one before."""
    level = np.where(np.arange(60) >= 60 - ago, by, 1.0)
    return pd.concat([months(seasonal(60, seed=k) * level, f"s{k}") for k in range(series)])


@pytest.mark.parametrize(("by", "way"), [(0.5, "below"), (2.0, "above")])
def test_a_level_that_is_new_is_pointed_out(by: float, way: str) -> None:
    result = forecast(shifted(4, by), levels=(80,), partial="keep")
    assert result.origins is not None
    found = missed(result.origins)
    assert (found == (1 if way == "above" else -1)).mean() > 0.5
    assert any(f"{way} what would have been forecast" in one for one in result.notices)


def test_an_old_level_and_ordinary_noise_are_not() -> None:
    """Of 60 series without a shift, one is pointed out now and then: less than 1 in 20."""
    for frame in (shifted(14, 0.6), shifted(0, 1.0, series=60)):
        result = forecast(frame, levels=(80,), partial="keep")
        assert result.origins is not None
        assert np.mean(missed(result.origins) != 0) <= 0.05


def errors_of(error: np.ndarray) -> Origins:
    """Origins whose one-step errors (cuts − 1, n), newest first, are these; some series in logs, the
    others in units of changes that were larger once."""
    cuts, n = len(error) + 1, error.shape[1]
    mean = np.full((3, cuts, n, 1), 100.0)
    actual = np.full((cuts, n, 1), np.nan)
    positive = np.tile(np.arange(n) % 2 == 0, (cuts, 1))
    logged = positive[1:]
    scale = np.tile(5.0 + 0.5 * np.arange(cuts)[:, None], (1, n))
    actual[1:, :, 0] = np.where(logged, 100 * np.exp(error), 100 + scale[1:] * error)
    return Origins(mean, actual, scale, scale, positive, positive)


def loop(error: list[float]) -> float:
    """Newest first: the mean of three to one side, beyond 1.5 times any three before their run."""
    latest = error[:3]
    if any(np.isnan(latest)) or len({np.sign(one) for one in latest}) > 1:
        return 0.0
    run = 0
    while run < len(error) and np.sign(error[run]) == np.sign(error[0]):
        run += 1
    before = [
        abs(np.mean(error[at : at + 3]))
        for at in range(max(run, 3), len(error) - 2)
        if not np.isnan(error[at : at + 3]).any()
    ]
    if len(error) < 15 - 1 or len(before) < 10:
        return 0.0
    mean = float(np.mean(latest))
    return mean if abs(mean) > 1.5 * max(before) else 0.0


def test_misses_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(4)
    error = rng.standard_normal((40, 60))
    error[:4, ::3] += 3.0
    error[9:13, ::5] -= 4.0
    error[rng.random(error.shape) < 0.01] = np.nan
    logs, plain = misses(errors_of(error))
    found = np.where(np.arange(60) % 2 == 0, logs, plain)
    wanted = [[loop(list(error[cut:, row])) for row in range(60)] for cut in range(41)]
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert (np.array(wanted[0]) != 0).sum() >= 5
    assert (np.array(wanted[9]) != 0).sum() >= 3


def test_limits_reach_half_of_the_miss_further_to_both_sides() -> None:
    error = np.random.default_rng(8).normal(0, 0.1, (40, 2))
    error[:3] = 0.6
    usual = errors_of(error)
    size = intervals.sizes(usual)
    calm = dataclasses.replace(size, log_miss=size.log_miss * 0, plain_miss=size.plain_miss * 0)
    target = intervals.step(usual, 0)
    now, before = (intervals.limits(target, usual, 0, (0.8,), size=one) for one in (size, calm))
    assert FURTHER == 0.5
    np.testing.assert_allclose(np.log(before.low / now.low)[0, 0], 0.3)
    np.testing.assert_allclose(np.log(now.high / before.high)[0, 0], 0.3)
    np.testing.assert_allclose((before.low - now.low)[0, 1], 0.3 * 5)
    np.testing.assert_allclose((now.high - before.high)[0, 1], 0.3 * 5)
    # A sum of three steps misses by three times as much, or by the same factor.
    np.testing.assert_allclose(size.further(0, np.array([True, False]), 3), [0.3, 0.9], atol=1e-12)


@pytest.mark.parametrize("ago", [3, 4])
def test_a_new_level_is_inside_the_interval(ago: int) -> None:
    """A fall of 40%, three or four months ago, that lasts: 80% intervals held a half of the months
    to come. Series are alike in length only; each rests on its own errors. Binomial error of 40
    series, whose six months stand or fall together: .06."""
    horizon, held = 6, []
    for seed in range(40):
        level = np.where(np.arange(60 + horizon) >= 60 - ago, 0.6, 1.0)
        y = seasonal(60 + horizon, seed=seed) * level
        result = forecast(months(y[:60]), levels=(80,), partial="keep", horizon=horizon)
        limits = result.forecast
        held.append(np.mean((limits["lo-80"] <= y[60:]) & (y[60:] <= limits["hi-80"])))
    assert np.mean(held) > 0.8 - 2 * 0.06
