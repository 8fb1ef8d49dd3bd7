"""Effects of the places of a cycle: a case by hand, planted effects, and what is no effect."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.cycle_effects import cycle_effects, neighbours
from salesops_lib.statistics.level_shifts import evidence_of_means

YEAR = np.arange(48)
PLACE, TURN = YEAR % 12, YEAR // 12
SWING = 0.3 * np.sin(2 * np.pi * np.arange(12) / 12)


def test_two_places_by_hand() -> None:
    """Turn levels 1 and 5; place 0 lies 2 above its turn's mean, place 1 2 below. The error of an
    effect is .01 / 2; with that little noise nothing is drawn away."""
    mean = np.array([3.0, -1.0, 7.0, 3.0])
    found = cycle_effects(
        mean, np.full(4, 0.01), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), np.eye(2)
    )
    assert found.effect == pytest.approx([2.0, -2.0], rel=1e-3)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([0.005, 0.005], rel=1e-3)
    assert found.covariance[0, 1] == pytest.approx(-found.covariance[0, 0])
    assert found.used == pytest.approx(1.0, abs=1e-3)


def test_the_posterior_is_that_of_brute_force() -> None:
    """Two places: the effect d and -d, its spread integrated on a grid of d and spread by hand."""
    error = 0.1
    noisy = np.array([0.13, -0.11, 0.07, -0.12, 0.02, 0.05])
    place, turn = np.arange(6) % 2, np.arange(6) // 2
    found = cycle_effects(noisy, np.full(6, error), place, turn, np.eye(2))
    difference = noisy[::2] - noisy[1::2]
    d = np.linspace(-1, 1, 4001)
    left = ((difference / 2 - difference.mean() / 2) ** 2).sum() / error**2
    noise = max(2 * left / 2, 1.0)  # 6 means, 3 turns, 1 effect: 2 degrees of freedom
    likelihood = np.exp(-((d - difference.mean() / 2) ** 2) / (2 * noise * error**2 / 6))
    spreads = np.concatenate([[0.0], np.geomspace(0.01, 1.0, 25)])
    prior = np.gradient(spreads) / (1 + (spreads / 0.1) ** 2)
    narrow = np.maximum(spreads, 1e-9)[:, None]
    density = np.exp(-0.5 * (d / narrow) ** 2) / narrow
    density[0] = (np.abs(d) < 1e-12) / (d[1] - d[0]) * np.sqrt(2 * np.pi)
    posterior = prior @ density * likelihood
    posterior /= posterior.sum()
    mean = float(posterior @ d)
    assert found.effect[0] == pytest.approx(mean, rel=0.01)
    assert found.covariance[0, 0] == pytest.approx(float(posterior @ (d - mean) ** 2), rel=0.01)


def test_planted_effects_are_found_through_growth_and_held() -> None:
    """Effects as often of any size as is supposed before anything is seen: limits hold as they say.
    400 years of twelve places that go together make some 2,000 of their own."""
    alike = neighbours(12, 2.0)
    root = np.linalg.cholesky(alike + 1e-9 * np.eye(12))
    inside, errors = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        effect = 0.1 * abs(rng.standard_cauchy()) * (root @ rng.normal(0, 1, 12))
        effect = np.clip(effect - effect.mean(), -5, 5)
        effect -= effect.mean()
        mean = 0.2 * TURN + effect[PLACE] + rng.normal(0, 0.1, 48)
        found = cycle_effects(mean, np.full(48, 0.1), PLACE, TURN, alike)
        errors.append(found.effect - effect)
        spread = np.sqrt(np.diag(found.covariance))
        inside.append(np.abs(found.effect - effect) <= 1.645 * spread)
    assert np.abs(np.mean(errors, axis=0)).max() < 0.01
    # The noise is never taken for less than the means' errors say, which makes them a little wide.
    assert 0.88 < np.mean(inside) < 0.95


def test_chance_is_drawn_to_next_to_nothing_and_left_in_doubt() -> None:
    sizes, doubts = [], []
    for seed in range(50):
        mean = np.random.default_rng(seed).normal(0, 0.1, 48)
        found = cycle_effects(mean, np.full(48, 0.1), PLACE, TURN, np.eye(12))
        sizes.append(np.sqrt((found.effect**2).mean()))
        doubts.append(np.sqrt(np.diag(found.covariance)).mean())
    # Raw means of four differ by .05.
    assert np.mean(sizes) < 0.02
    assert min(doubts) > 0.005


def test_what_was_not_seen_twice_has_no_effects() -> None:
    mean = np.where(np.arange(24) == 3, np.nan, SWING[np.arange(24) % 12])
    place, turn = np.arange(24) % 12, np.arange(24) // 12
    found = cycle_effects(mean, np.full(24, 0.01), place, turn, np.eye(12))
    assert not found.effect.any()
    assert not found.covariance.any()
    again = cycle_effects(SWING[place], np.full(24, 0.01), place, turn, np.eye(12))
    assert again.effect == pytest.approx(SWING, abs=0.002)


def test_neighbours_fall_off_round_the_cycle() -> None:
    alike = neighbours(12, 2.0)
    assert np.diag(alike) == pytest.approx(np.ones(12))
    assert alike[0, 2] == pytest.approx(np.exp(-0.5))
    assert alike[0, 11] == pytest.approx(alike[0, 1])
    assert alike[0, 1] > alike[0, 6]
    assert np.linalg.eigvalsh(alike).min() > -1e-9


def test_effects_that_hold_by_chance_only_are_weighed() -> None:
    found = cycle_effects(SWING[PLACE], np.full(48, 0.01), PLACE, TURN, np.eye(12))
    half = found.weighed(0.5)
    assert half.effect == pytest.approx(found.effect / 2)
    # There, or nothing: each half of the time, so half of the effect off on either side.
    assert np.diag(half.covariance) == pytest.approx(
        0.5 * np.diag(found.covariance) + (found.effect / 2) ** 2
    )
    assert not found.weighed(0.0).effect.any()


def test_the_evidence_tells_a_jump_from_a_season() -> None:
    rng = np.random.default_rng(3)
    jump = np.where(YEAR >= 42, -0.4, 0.0) + rng.normal(0, 0.05, 48)
    season = SWING[PLACE] + rng.normal(0, 0.05, 48)
    error = np.full(48, 0.05)
    for mean, is_season in ((jump, False), (season, True)):
        found = cycle_effects(mean, error, PLACE, TURN, neighbours(12, 2.0))
        without = evidence_of_means(mean - mean.mean(), error)
        better = evidence_of_means(mean - mean.mean() - found.effect[PLACE], error)
        assert (better - without - found.used > 5) == is_season
