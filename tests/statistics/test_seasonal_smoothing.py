"""Where seasonal smoothing begins, and how members are weighed: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.seasonal_smoothing import Grid, _begun, _weights


def test_two_seasons_on_a_line_begin_on_it() -> None:
    """10, 11, 12, … with a season of −3, 1, 2 on top: the second season's middle is 14, its end 15, from
    where a trend of 1 goes on; without one the level is the season's mean. The season is laid so that it
    ends with the last column: a history that begins two columns later has the same shape."""
    season = np.array([-3.0, 1.0, 2.0])
    row = 10.0 + np.arange(9) + np.tile(season, 3)
    later = 10.0 + np.arange(9) + np.roll(np.tile(season, 3), 2)
    grid = Grid(*np.array([[0.5, 0.5], [0.1, 0.0], [0.9, 0.0], [0.1, 0.1]]))
    level, trend, shape = _begun(np.array([row, later]), np.array([0, 2]), 3, grid)
    assert level == pytest.approx(np.array([[15.0, 14.0], [17.0, 16.0]]))
    assert trend == pytest.approx(np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert shape[:, 0, 0] == pytest.approx(season)
    assert shape[:, 1, 1] == pytest.approx(np.roll(season, 2))


def test_weights_go_with_the_corrected_criterion() -> None:
    """Twenty errors whose squares add to 20 at three parameters and to 10 at five: AICc of 20 · 0 + 6 · 20/16
    = 7.5 and of 20 · log .5 + 10 · 20/14 = .42. A row repeated exactly has all points alike but for their
    parameters."""
    found = _weights(np.array([[20.0, 10.0], [0.0, 0.0]]), np.array([20, 20]), np.array([3, 5]))
    criterion = np.array([7.5, 20 * np.log(0.5) + 200 / 14])
    expected = np.exp(-criterion / 2) / np.exp(-criterion / 2).sum()
    assert found[0] == pytest.approx(expected)
    odds = np.exp((200 / 14 - 7.5) / 2)
    assert found[1] == pytest.approx([odds / (1 + odds), 1 / (1 + odds)])


def test_points_of_the_grid_by_hand() -> None:
    """A trend is smoothed by a share of the level's gain, a season by a share of what the level leaves."""
    grid = Grid.of((0.2, 0.6), (0.5,), (0.9,), (0.1,))
    assert grid.alpha.tolist() == [0.2, 0.2, 0.6, 0.6]
    assert grid.beta == pytest.approx([0.0, 0.1, 0.0, 0.3])
    assert grid.phi.tolist() == [0.0, 0.9, 0.0, 0.9]
    assert grid.gamma == pytest.approx([0.08, 0.08, 0.04, 0.04])
