"""What is carried on of a season that was seen once, or nearly twice."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics import seasonality


def test_half_of_one_season_by_hand() -> None:
    """Distances from the mean of 3 are −2, −1, 0 and 3."""
    found = seasonality.first_profile(np.array([[1.0, 2, 3, 6]]), np.array([0]), 4)
    np.testing.assert_allclose(found, [[-1.0, -0.5, 0.0, 1.5]])


def test_two_thirds_of_what_was_seen_twice_by_hand() -> None:
    """Six quarters of the same season: two of its quarters were seen twice."""
    season = np.array([4.0, -4, 0, 0])
    rows = np.array([[*season, *(season[:2])]])
    found = seasonality.first_profile(rows, np.array([0]), 4)
    # Columns are the last four periods: third, fourth, first and second quarter.
    np.testing.assert_allclose(found, [[0.0, 0.0, 4 * 2 / 3, -4 * 2 / 3]])
    np.testing.assert_allclose(seasonality.laid_ahead(found, 2), [[0.0, 0.0]])


def test_growth_that_was_seen_is_no_season() -> None:
    """A straight line of 1 a quarter: of seven quarters three were seen twice, 4 higher, which counts
    three quarters, so a line of 1/4 a quarter is left. (Half of the whole one would span 1.5.)"""
    rows = np.arange(7.0)[None, :]
    found = seasonality.first_profile(rows, np.array([0]), 4)
    # Distances from the mean, less the line of 3/4: in the latest season −.375, −.125, .125, .375;
    # in the first season the first period of the latest stands last.
    latest, earliest = np.array([-3, -1, 1, 3]) / 8, np.array([3, -3, -1, 1]) / 8
    wanted = 0.5 * (latest + earliest) * np.array([1 / 2, 2 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(found[0], wanted - wanted.mean())
    assert np.ptp(found) == pytest.approx(1 / 3)


def test_nothing_is_carried_on_before_a_season_is_whole() -> None:
    rows = np.array([[np.nan, np.nan, 1.0, 5.0, 2.0]])
    assert not seasonality.first_profile(rows, np.array([2]), 4).any()
    assert seasonality.first_profile(np.array([[7.0, 3.0, 1.0, 5.0, 2.0]]), np.array([0]), 4).any()


@pytest.mark.parametrize("season", [4, 12])
def test_ragged_rows_are_those_of_a_plain_loop(season: int) -> None:
    rng = np.random.default_rng(season)
    width = 2 * season - 1
    starts = rng.integers(0, season + 2, 30)
    rows = rng.normal(size=(30, width))
    rows[np.arange(width)[None, :] < starts[:, None]] = np.nan
    found = seasonality.first_profile(rows, starts, season)
    for row, start, shape in zip(rows, starts, found, strict=True):
        y = row[start:]
        wanted = np.zeros(season)
        if len(y) >= season:
            pairs = [y[at + season] - y[at] for at in range(len(y) - season)]
            slope = sum(pairs) / (len(pairs) + 1) / season
            for j in range(season):
                last = len(y) - season + j
                seen = [at for at in (last - season, last) if at >= 0]
                first, latest = y[:season], y[-season:]
                # In the first season the period stands where it was seen first.
                line = slope * (seen[0] - (season - 1) / 2) + slope * (j - (season - 1) / 2)
                distance = 0.5 * (y[seen[0]] - first.mean() + y[last] - latest.mean() - line)
                wanted[j] = distance * (2 / 3 if len(seen) == 2 else 1 / 2)
            wanted -= wanted.mean()
        np.testing.assert_allclose(shape, wanted, atol=1e-12)
        assert abs(shape.sum()) < 1e-9
