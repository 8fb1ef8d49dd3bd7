"""The batched bootstrap does what a loop over resampled rows does."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics import oaxaca
from salesops_lib.statistics.cluster_bootstrap import (
    bootstrap_decomposition,
    bootstrap_ratio,
    counts,
)
from salesops_lib.statistics.design import encode
from salesops_lib.statistics.oaxaca_problem import pose
from tests.statistics.test_oaxaca import random_problem, random_rows


@pytest.mark.parametrize(("kind", "weight"), [
    ("twofold", "pooled"), ("twofold", "cotton"), ("twofold", "neumark"), ("twofold", 0.3),
    ("threefold", "pooled"),
])  # fmt: skip
def test_each_sample_is_a_decomposition_of_the_resampled_rows(kind: str, weight) -> None:
    frame, y, codes, in_a = random_rows(7, 20, 4)
    names = ["m", "p"]
    problem = pose(encode(frame, names), y, codes, in_a, np.ones(len(y)))
    samples = bootstrap_decomposition(problem, kind=kind, reference=weight, draws=5, rng=11)
    drawn = counts((10, 10), 5, 11)
    for draw in range(5):
        times = np.concatenate([drawn[0][draw], drawn[1][draw]]).astype(int)
        rows = np.concatenate([
            np.flatnonzero(codes == c) for c in np.repeat(np.arange(20), times)
        ])  # fmt: skip
        again = np.repeat(
            np.arange(times.sum()), np.bincount(codes)[np.repeat(np.arange(20), times)]
        )
        sides = in_a[np.repeat(np.arange(20), times)]
        resampled = frame.iloc[rows].reset_index(drop=True)
        one = pose(encode(resampled, names), y[rows], again, sides, np.ones(len(rows)))
        found = oaxaca.threefold(one) if kind == "threefold" else oaxaca.twofold(one, weight)
        for name, component in found.items():
            expected = [part.value for part in component.detail]
            np.testing.assert_allclose(samples[name][draw], expected, atol=1e-8)


def test_samples_sum_to_their_gap_and_spread_as_the_delta_method_says() -> None:
    problem = random_problem(8, reps=60)
    samples = bootstrap_decomposition(problem, draws=800, rng=3)
    explained = samples["explained"].sum(axis=1)
    gap = explained + samples["unexplained"].sum(axis=1)
    analytic = oaxaca.gap_of(problem).std_error()
    assert np.std(gap) == pytest.approx(analytic, rel=0.12)
    part = oaxaca.explained_total(problem, "pooled")
    assert np.std(explained) == pytest.approx(part.std_error("ignore"), rel=0.15)


def test_the_seed_fixes_the_samples() -> None:
    problem = random_problem()
    one, same, other = (
        bootstrap_decomposition(problem, draws=9, rng=seed)["explained"] for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one != other).any()


def test_ratio_by_hand_and_with_few_clusters() -> None:
    value, low, high = bootstrap_ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert value == 1.0 and low < 1 < high
    assert np.isnan(bootstrap_ratio(np.array([1.0]), np.array([2.0]))[1])
    assert bootstrap_ratio(np.full(6, 3.0), np.full(6, 4.0)) == (0.75, 0.75, 0.75)


def test_ratio_interval_holds_skewed_clusters_where_percentiles_do_not() -> None:
    """A dozen clusters, numerator lognormal: 90% asked for."""
    rng, inside, plain = np.random.default_rng(8), 0, 0
    for _ in range(300):
        below = rng.lognormal(0, 0.5, 12)
        above = below * rng.lognormal(-0.32, 0.8, 12)
        _, low, high = bootstrap_ratio(above, below, draws=499, rng=rng)
        inside += low <= 1 <= high
        times = rng.multinomial(12, np.full(12, 1 / 12), size=499)
        ends = np.quantile((times @ above) / (times @ below), [0.05, 0.95])
        plain += ends[0] <= 1 <= ends[1]
    assert inside / 300 > 0.83 and inside > plain
