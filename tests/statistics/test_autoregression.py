"""Ridge autoregression against least squares row by row, and how much of a trend is believed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.autoregression import believed, differences


def by_least_squares(row: np.ndarray, horizon: int, lags: int, ridge: float) -> np.ndarray:
    """Changes about their mean on those before, none before the first; the penalty as further rows."""
    seen = row[~np.isnan(row)]
    changes = np.diff(seen)
    away = np.concatenate([np.zeros(lags), changes - changes.mean()])
    x = np.array([[away[t - k] for k in range(1, lags + 1)] for t in range(lags, len(away))])
    penalty = ridge * (away**2).sum() / len(changes)
    more = np.diag(np.sqrt(penalty * np.arange(1, lags + 1)))
    weight = np.linalg.lstsq(
        np.vstack([x, more]), np.concatenate([away[lags:], np.zeros(lags)]), rcond=None
    )[0]
    path = away.tolist()
    for _ in range(horizon):
        path.append(sum(weight[k] * path[-1 - k] for k in range(lags)))
    return seen[-1] + np.cumsum(path[-horizon:])


def test_forecasts_are_those_of_least_squares() -> None:
    """Three histories, of which one begins later; twelve lags and three of them."""
    rows = np.cumsum(np.random.default_rng(0).standard_normal((3, 30)), axis=1)
    rows[1, :11] = np.nan
    for lags, ridge in ((12, 5.0), (3, 0.5)):
        found = differences(rows, 4, lags=lags, ridge=ridge)
        expected = [by_least_squares(row, 4, lags, ridge) for row in rows]
        assert found == pytest.approx(np.array(expected))


def test_a_history_that_never_changes_stays() -> None:
    assert differences(np.full((1, 20), 7.0), 3) == pytest.approx(np.full((1, 3), 7.0))


def test_how_much_of_a_trend_is_believed_by_hand() -> None:
    """Seasons of two. Changes from season to season of 1, 3, 1 and 3 are 2 on average with variance 1, and
    as two seasons' worth of them bear witness, t² is 2²·2 = 8: 1 − 3/8 is believed, of a doubt of 4 half.
    Where the second history begins two later, 1 and 3 are one season: t² = 4, and a quarter."""
    rows = np.array([[0, 0, 1, 3, 2, 6], [np.nan, np.nan, 0, 0, 1, 3], [0, 0, 1, -1, 0, 0]], float)
    assert believed(rows, 2) == pytest.approx([5 / 8, 1 / 4, 0.0])
    assert believed(rows, 2, doubt=4.0) == pytest.approx([1 / 2, 0.0, 0.0])
