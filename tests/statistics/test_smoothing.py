"""Vectorised smoothing against plain loops over one row and one parameter."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics import seasonal_smoothing, seasonality, smoothing
from salesops_lib.statistics.smoothing import Grid


def ragged(seed: int, count: int = 5, width: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, width - 26, count)
    rows = rng.normal(size=(count, width)).cumsum(axis=1)
    rows[np.arange(width)[None, :] < starts[:, None]] = np.nan
    return rows, starts


def test_one_point_of_the_grid_is_a_plain_loop() -> None:
    rows, starts = ragged(1)
    alpha, beta, phi, horizon = 0.3, 0.2, 0.9, 4
    found = smoothing.smooth(rows, starts, horizon, Grid.of((alpha,), (beta,), (phi,)))
    for row, start, ahead in zip(rows, starts, found, strict=True):
        y = row[start:]
        x = np.arange(1, 9)
        trend, before = np.polyfit(x, y[:8], 1)
        level = before
        for value in y:
            error = value - (level + phi * trend)
            level = level + phi * trend + alpha * error
            trend = phi * trend + alpha * beta * error
        reach = np.cumsum(phi ** np.arange(1, horizon + 1))
        np.testing.assert_allclose(ahead, level + reach * trend)


def test_weights_follow_the_likelihood() -> None:
    """SSE 1 against 2 with 4 observations: odds 2² to 1."""
    weight = smoothing.likelihood_weights(np.array([[1.0, 2.0]]), np.array([4]))
    np.testing.assert_allclose(weight, [[0.8, 0.2]])


def test_rows_do_not_touch_each_other() -> None:
    rows, starts = ragged(2, count=30)
    for function in (
        lambda r, s: smoothing.smooth(r, s, 3, smoothing.LEVEL),
        lambda r, s: smoothing.smooth_or_drift(r, s, 3),
        lambda r, s: seasonal_smoothing.smooth(r, s, 4, 3),
    ):
        together = function(rows, starts)
        alone = np.vstack([function(rows[[i]], starts[[i]]) for i in range(len(rows))])
        np.testing.assert_allclose(together, alone, rtol=1e-10)


def test_a_noisy_line_gets_three_quarters_of_its_slope_and_a_smooth_curve_its_latest() -> None:
    time = np.arange(60.0)
    noisy = 2.0 * time + np.random.default_rng(5).normal(size=60) * 30
    ahead = smoothing.smooth_or_drift(np.array([noisy]), np.array([0]), 10)
    assert (ahead[0, -1] - ahead[0, 0]) / 9 == pytest.approx(
        0.75 * smoothing.slope(noisy[None], np.array([0]))[0], rel=0.15
    )
    curve = np.exp(time / 20)
    ahead = smoothing.smooth_or_drift(curve[None], np.array([0]), 4)
    np.testing.assert_allclose(ahead[0], np.exp(np.arange(60, 64) / 20), rtol=0.05)


def test_a_straight_line_is_carried_on() -> None:
    line = 5.0 + 2.0 * np.arange(34.0)
    ahead = smoothing.drift(line[None, :30], np.array([0]), 4)
    np.testing.assert_allclose(ahead[0], line[30:])


@pytest.mark.parametrize("season_length", [4, 5, 12])
def test_a_pure_season_is_found(season_length: int) -> None:
    shape = np.sin(np.arange(season_length) * 2 * np.pi / season_length)
    shape -= shape.mean()
    row = np.tile(shape, 6)[None, :] + 10.0
    found = seasonality.profile(row, np.array([0]), season_length)
    np.testing.assert_allclose(found[0], shape, atol=1e-9)
    np.testing.assert_allclose(
        seasonality.laid_back(found, row.shape[1])[0], row[0] - 10, atol=1e-9
    )
    ahead = seasonal_smoothing.smooth(row, np.array([0]), season_length, 2 * season_length)
    np.testing.assert_allclose(ahead[0], np.tile(shape, 2) + 10, atol=1e-6)


def test_one_point_of_the_moving_season_is_a_plain_loop() -> None:
    rows, starts = ragged(6, width=44)
    rows += np.tile([3.0, -1.0, -4.0, 2.0], 11)
    alpha, share, phi, gamma, horizon = 0.3, 0.2, 0.9, 0.2, 6
    grid = seasonal_smoothing.Grid(*(np.array([x]) for x in (alpha, alpha * share, phi, gamma)))
    found = seasonal_smoothing.smooth(rows, starts, 4, horizon, grid)
    for row, start, ahead in zip(rows, starts, found, strict=True):
        y = row[start:]
        first, second = y[:4].mean(), y[4:8].mean()
        trend = (second - first) / 4
        line = (first + second) / 2 + trend * (np.arange(8) - 3.5)
        season = (y[:8] - line).reshape(2, 4).mean(axis=0)
        season -= season.mean()
        level = second + 1.5 * trend
        for t in range(8, len(y)):
            error = y[t] - (level + phi * trend + season[t % 4])
            level += phi * trend + max(alpha, 1 / (t + 1)) * error
            trend = phi * trend + alpha * share * error
            season[t % 4] += max(gamma, 1 / (t // 4 + 1)) * error
        reach = np.cumsum(phi ** np.arange(1, horizon + 1))
        later = (len(y) + np.arange(horizon)) % 4
        np.testing.assert_allclose(ahead, level + reach * trend + season[later])


def test_a_smoothing_counts_by_its_corrected_akaike_criterion() -> None:
    """40 errors of mean square 1 against 1.1, 7 parameters against 9."""
    weight = seasonal_smoothing._weights(np.array([[44.0, 40.0]]), np.array([40]), np.array([7, 9]))
    small, large = 40 * np.log(1.1) + 14 * 40 / 32, 18 * 40 / 30
    assert weight[0, 0] / weight[0, 1] == pytest.approx(np.exp((large - small) / 2))


def test_noise_has_next_to_no_season() -> None:
    rows = np.random.default_rng(3).normal(size=(200, 48))
    found = seasonality.profile(rows, np.zeros(200, dtype=int), 12, memory=1.0)
    raw = seasonality.detrended(rows, np.zeros(200, dtype=int), 12)
    unshrunk = np.nanmean(raw.reshape(200, 4, 12), axis=1)
    assert found.std() < 0.5 * unshrunk.std()


def test_under_two_seasons_there_is_no_season() -> None:
    rows = np.random.default_rng(4).normal(size=(3, 23))
    assert not seasonality.profile(rows, np.zeros(3, dtype=int), 12).any()
