"""A level that jumps: against a plain matrix of chances, by identities, and with planted jumps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics import level_shifts
from salesops_lib.statistics.level_shifts import (
    RATES,
    RETURN,
    of_counts,
    of_means,
    settled,
    split_of_counts,
    split_of_means,
)


def loop(likelihood: list[np.ndarray]) -> np.ndarray:
    """(rate, grid) posterior by a written-out matrix of chances for each rate, weighed by evidence."""
    out = joint_of(likelihood)
    return out / out.sum()


def joint_of(likelihood: list[np.ndarray]) -> np.ndarray:
    """The same, not yet divided by the evidence."""
    grid = settled().grid
    home = len(grid) // 2
    places = stats.norm.pdf(grid, -(level_shifts.SPREAD**2) / 2, level_shifts.SPREAD)
    places /= places.sum()
    rows = []
    for rate in RATES:
        move = np.zeros((len(grid), len(grid)))
        for place in range(len(grid)):
            move[place] = rate * places
            move[place, place] += 1 - rate - RETURN
            move[place, home] += RETURN
        joint = np.eye(len(grid))[home] / len(RATES)
        for one in likelihood:
            joint = (joint @ move) * one
        rows.append(joint)
    return np.array(rows)


def test_counts_are_followed_as_by_a_plain_matrix() -> None:
    observed, expected = [12, 7, 0, 5, 4], [11.0, 10.0, 0.0, 12.0, 9.5]
    grid = settled().grid
    likelihood = [
        stats.poisson.pmf(o, e * np.exp(grid)) if e else np.ones(len(grid))
        for o, e in zip(observed, expected, strict=True)
    ]
    found = of_counts(np.array(observed, dtype=float), np.array(expected))
    np.testing.assert_allclose(found.chances, loop(likelihood), atol=1e-12)


def test_means_are_followed_as_by_a_plain_matrix() -> None:
    mean, error = np.array([0.1, np.nan, -0.4, -0.5]), np.array([0.2, 0.2, 0.15, 0.3])
    grid = settled().grid
    likelihood = [
        np.ones(len(grid)) if np.isnan(m) else stats.norm.pdf(m, grid, s)
        for m, s in zip(mean, error, strict=True)
    ]
    np.testing.assert_allclose(of_means(mean, error).chances, loop(likelihood), atol=1e-12)


def test_draws_have_the_mean_and_spread_that_are_said() -> None:
    level = of_counts(np.array([50.0] * 12 + [30.0, 33.0]), np.full(14, 50.0))
    mean, spread = level.ahead(6)
    drawn = level.draw(np.random.default_rng(0), 40_000, 6)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, rtol=0.01)
    np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.04)


def test_a_level_never_seen_to_move_is_expected_where_it_is() -> None:
    """Jumps up and down weigh the same: the mean factor is 1 in every month ahead."""
    np.testing.assert_allclose(settled().ahead(24)[0], 1.0, atol=1e-9)
    steady = of_counts(np.full(36, 20.0), np.full(36, 20.0))
    assert steady.ahead(3)[0] == pytest.approx(1.0, abs=0.005)
    assert steady.away < 0.05


def test_years_without_a_jump_make_one_less_likely() -> None:
    """Ahead of a month with a thousand events a month: five years of calm leave a third of the risk."""
    short, long = (of_counts(np.full(n, 1e3), np.full(n, 1e3)).ahead(12)[1][12] for n in (1, 120))
    assert long < 0.7 * short


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_new_level_is_taken_up_and_an_old_one_left_alone(factor: float) -> None:
    """24 months of 40 expected, the last six of them at `factor` times as much."""
    expected = np.full(24, 40.0)
    observed = np.round(expected * np.where(np.arange(24) >= 18, factor, 1.0))
    level = of_counts(observed, expected)
    assert level.ahead(0)[0][0] == pytest.approx(factor, rel=0.06)
    assert (level.away > 0.99) == (factor != 1.0)
    low, high = level.limits(0.9)
    assert low <= factor <= high


def planted(rng: np.random.Generator, months: int) -> np.ndarray:
    """(month + 1,) log levels after a start at home: drawn with normals, not from the grid."""
    rate, at, out = rng.choice(RATES), 0.0, []
    for _ in range(months + 1):
        fate = rng.random()
        if fate < rate:
            at = rng.normal(-(level_shifts.SPREAD**2) / 2, level_shifts.SPREAD)
        elif fate < rate + RETURN:
            at = 0.0
        out.append(at)
    return np.array(out)


def test_planted_levels_are_held_as_often_as_said() -> None:
    """800 courses over 48 months of 15 expected events: 90% intervals hold at least nine in ten (at
    home the whole cell counts), and the expected factor is right on average."""
    rng = np.random.default_rng(7)
    held, off, said = [], [], []
    for _ in range(800):
        course = planted(rng, 48)
        expected = np.full(48, 15.0)
        level = of_counts(rng.poisson(expected * np.exp(course[:48])).astype(float), expected)
        low, high = level.limits(0.9)
        half = np.exp(0.5 * (level.grid[1] - level.grid[0]))
        held.append(low / half <= np.exp(course[47]) <= high * half)
        mean, spread = level.ahead(1)
        off.append(np.exp(course[48]) - mean[1])
        said.append(spread[1])
    assert np.mean(held) >= 0.90 - 2 * np.sqrt(0.9 * 0.1 / 800)
    assert np.mean(off) == pytest.approx(0.0, abs=3 * np.std(off) / np.sqrt(800))
    assert np.std(off) == pytest.approx(np.sqrt(np.mean(np.square(said))), rel=0.12)


class TestParts:
    observed = np.array([[30.0, 28, 33, 18, 16, 20], [31, 29, 30, 32, 27, 30]])
    expected = np.full((2, 6), 30.0)

    def test_chance_of_moving_apart_is_that_of_the_plain_evidence(self) -> None:
        """Evens before; the evidence of each is the sum of its joint chances, of all counts."""
        grid = settled().grid

        def pmf(part: int) -> list[np.ndarray]:
            return [
                stats.poisson.pmf(o, e * np.exp(grid))
                for o, e in zip(self.observed[part], self.expected[part], strict=True)
            ]

        own = joint_of(pmf(0)).sum() * joint_of(pmf(1)).sum()
        whole = joint_of([a * b for a, b in zip(pmf(0), pmf(1), strict=True)]).sum()
        found = split_of_counts(self.observed, self.expected)
        assert found.apart == pytest.approx(own / (own + whole), rel=1e-6)
        np.testing.assert_allclose(found.parts[0].chances, loop(pmf(0)), atol=1e-12)

    def test_one_part_is_the_whole(self) -> None:
        found = split_of_counts(self.observed[:1], self.expected[:1])
        alone = of_counts(self.observed[0], self.expected[0])
        assert found.apart == 0
        np.testing.assert_array_equal(found.ahead(3)[0], alone.ahead(3)[0])

    def test_parts_that_fall_together_are_one_whole(self) -> None:
        both = np.vstack([self.observed[0], self.observed[0]])
        assert split_of_counts(both, self.expected).apart < 0.2
        assert split_of_counts(self.observed, self.expected).apart > 0.5

    def test_means_of_parts_are_those_of_the_whole(self) -> None:
        """Two parts of the same errors: the whole follows their mean, with an error √2 smaller."""
        mean = np.array([[0.1, -0.4, -0.5], [0.0, -0.5, -0.2]])
        found = split_of_means(mean, np.full((2, 3), 0.2))
        alone = of_means(mean.mean(axis=0), np.full(3, 0.2 / np.sqrt(2)))
        np.testing.assert_allclose(found.whole.chances, alone.chances, atol=1e-12)

    def test_draws_have_the_mean_spread_and_tie_that_are_said(self) -> None:
        split = split_of_counts(self.observed, self.expected)
        drawn = split.draw(np.random.default_rng(0), 60_000, 2)
        np.testing.assert_allclose(drawn.mean(axis=0), split.ahead(2), rtol=0.01)
        shocks = split.shocks(2)
        now = np.stack([one[:, 0] for one in shocks])
        np.testing.assert_allclose(np.cov(drawn[:, :, 0].T), now.T @ now, rtol=0.06, atol=2e-4)
