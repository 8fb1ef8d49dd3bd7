"""Conformal limits of series, alone and among others, by a plain loop over series and origins."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.analyses.forecast import intervals
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.statistics import conformal

CUTS, SERIES, HORIZON = 40, 12, 3


@pytest.fixture(scope="module")
def origins() -> Origins:
    """Twelve series forecast at forty origins, every third of amounts that may be below zero, one with a
    short past, and scales that change."""
    rng = np.random.default_rng(11)
    shape = (CUTS, SERIES, HORIZON)
    mean = rng.uniform(60, 140, (3, *shape))
    scale = rng.uniform(3, 9, (CUTS, SERIES)) * (1 + np.arange(CUTS)[:, None] / 20)
    positive = np.tile(np.arange(SERIES) % 3 > 0, (CUTS, 1))
    actual = np.where(
        positive[:, :, None],
        mean[0] * np.exp(0.2 * rng.standard_normal(shape)),
        mean[0] + scale[:, :, None] * rng.standard_normal(shape),
    )
    for back in range(CUTS):
        actual[back, :, back:] = np.nan
    actual[12:, 4] = np.nan
    never_below = positive | (np.arange(SERIES) == 0)
    mean[0, 0, 0] = 2.0
    return Origins(mean, actual, scale, scale, positive, never_below)


def _residual(target: intervals.Target, origins: Origins, cut: int, at: int, logged: bool) -> float:
    mean, actual = target.mean[cut, at], target.actual[cut, at]
    if logged:
        return abs(float(np.log(actual / mean)))
    return abs(float((actual - mean) / origins.scale[cut, at]))


def _reach(
    target: intervals.Target, origins: Origins, cut: int, level: float, pool: bool
) -> list[float]:
    """Radius of each series; the misses of the latest periods are left to the tests of `surprise`."""
    logged = origins.positive[cut]
    made = intervals.sizes(origins)
    known = range(cut + target.known_at, CUTS)
    scores = [
        [_residual(target, origins, one, at, logged[at]) for one in known] for at in range(SERIES)
    ]
    if not pool:
        return [
            float(conformal.radius(conformal.newest(np.array([one]), level), level)[0])
            for one in scores
        ]
    size = np.where(logged, made.log, made.plain)
    relative = [
        score / size[one, at]
        for at in range(SERIES)
        for one, score in zip(known, scores[at][:24], strict=False)
        if not np.isnan(score / size[one, at])
    ]
    return (float(conformal.radius(np.array([relative]), level)[0]) * size[cut]).tolist()


@pytest.mark.parametrize("pool", [True, False], ids=["among others", "alone"])
@pytest.mark.parametrize("cut", [0, 5])
def test_limits_are_those_of_a_plain_loop(origins: Origins, cut: int, pool: bool) -> None:
    """A step and a sum, from what was known at the cut and nothing later."""
    for target, known_at, steps in (
        (intervals.step(origins, 1), 2, 1),
        (intervals.total(origins, 0, 2), 3, 3),
    ):
        assert (target.known_at, target.steps) == (known_at, steps)
        found = intervals.limits(target, origins, cut, (0.8, 0.9), pool=pool)
        made = intervals.sizes(origins)
        for i, level in enumerate((0.8, 0.9)):
            reach = _reach(target, origins, cut, level, pool)
            for at in range(SERIES):
                mean, logged = target.mean[cut, at], origins.positive[cut, at]
                more = made.further(cut, origins.positive[cut], target.steps)[at]
                far = reach[at] + more
                if logged:
                    low, high = mean * np.exp(-far), mean * np.exp(far)
                else:
                    low, high = (mean + sign * far * origins.scale[cut, at] for sign in (-1, 1))
                if origins.never_below[cut, at]:
                    low = max(low, 0.0)
                assert (found.low[i, at], found.high[i, at]) == pytest.approx(
                    (low, high), nan_ok=True
                ), (level, at)


def test_where_each_limit_comes_from(origins: Origins) -> None:
    """Twelve series are enough to lend each other 90%, not 95%; the one of eleven outcomes supports 90% by
    itself and no more."""
    target = intervals.step(origins, 0)
    found = intervals.limits(target, origins, 0, (0.8, 0.9, 0.95))
    assert found.residuals.tolist() == [39 if at != 4 else 11 for at in range(SERIES)]
    assert (found.source[:2] == intervals.OWN).all()
    assert found.source[2].tolist() == [
        intervals.OWN if at != 4 else intervals.NONE for at in range(SERIES)
    ]
    assert np.isnan(found.low[2, 4])
    # At a cut where one series has no outcome of its own yet, it has the others'.
    later = intervals.limits(target, origins, 10, (0.8,))
    assert later.residuals[4] == 1 and later.source[0, 4] == intervals.POOLED
    assert np.isfinite(later.low[0, 4])
    alone = intervals.limits(target, origins, 10, (0.8,), pool=False)
    assert alone.source[0, 4] == intervals.NONE and np.isnan(alone.low[0, 4])


def test_residuals_are_what_came_over_what_was_forecast(origins: Origins) -> None:
    """Above the forecast is above nothing, in logs and in units of the scale alike."""
    target = intervals.step(origins, 0)
    found = intervals.residuals(target, origins, 0)
    ratio = np.log(target.actual[1, 1] / target.mean[1, 1])
    plain = (target.actual[1, 0] - target.mean[1, 0]) / origins.scale[1, 0]
    assert found[[1, 0], 0] == pytest.approx([ratio, plain])


def test_swings_are_held_against_the_level_that_is_forecast(origins: Origins) -> None:
    """In logs a change by once the level is a factor of two; in plain units every series swings by one."""
    made = intervals.sizes(origins)
    swing = origins.scale / origins.mean[0].mean(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.abs(np.log(origins.actual / origins.mean[0]))
    ratio[~origins.positive] = np.nan
    away = np.abs(origins.actual - origins.mean[0]) / origins.scale[:, :, None]
    np.testing.assert_allclose(made.log, intervals.error_size(ratio, np.log1p(swing)))
    np.testing.assert_allclose(made.plain, intervals.error_size(away, np.ones_like(swing)))
