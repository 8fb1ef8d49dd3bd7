"""Weights and stretches over several nodes, against plain loops; and where one view is all there is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from salesops_lib.analyses.forecast import blend
from salesops_lib.analyses.forecast.blend import PRIOR_WEIGHT, Window

CUTS, LEADS = 16, 7
DEPTH = np.array([0, 1, 1, 2, 2, 2, 2, 2])


@pytest.fixture
def views() -> Any:
    """A company, two regions and five teams; a region that books nothing, views that miss some origins,
    and outcomes that are known where they have come."""
    rng = np.random.default_rng(7)
    shape = (CUTS, len(DEPTH), LEADS)
    actual = rng.uniform(50, 150, shape)
    actual[:, 2] = 0.0
    for cut in range(CUTS):
        actual[cut, :, cut + 1 :] = np.nan
    pipe, series = actual + rng.normal(3, 20, shape), actual + rng.normal(-5, 30, shape)
    known = np.isnan(actual)
    pipe[known], series[known] = 100.0, 90.0
    pipe[12:], series[13:] = np.nan, np.nan
    pipe[5, 1] = np.nan
    spread = {
        Window(1, 3): rng.uniform(10, 40, shape[:2]),
        Window(4, 6): rng.uniform(20, 60, shape[:2]),
    }
    spread[Window(1, 3)][4, 3] = 0.0
    return SimpleNamespace(
        actual=actual, pipe=pipe, series=series, depth=DEPTH, leads=LEADS - 1, nodes=list(DEPTH),
        spread=spread, trusted=True, gone=np.zeros(shape),
    )  # fmt: skip


def weight(views: Any, cut: int, first: int, last: int) -> float:
    """The naive twin: over the company and its regions, errors as shares of what came there on average."""
    errors: list[tuple[int, float, float]] = []
    for node in (0, 1, 2):
        mine = []
        for past in range(cut + last, CUTS):
            came, pipe, series = (
                each[past, node, first : last + 1].sum()
                for each in (views.actual, views.pipe, views.series)
            )
            if np.isfinite(came) and np.isfinite(pipe) and np.isfinite(series):
                mine.append((past, came, pipe - came, series - came))
        size = np.mean([abs(came) for _, came, _, _ in mine]) if mine else 0.0
        errors += [(past, a / size, b / size) for past, _, a, b in mine if size > 0]
    if not errors:
        return PRIOR_WEIGHT
    best = sum(b * (b - a) for _, a, b in errors) / sum((b - a) ** 2 for _, a, b in errors)
    separate = len({past for past, _, _ in errors}) / (last - first + 1)
    return (separate * min(max(best, 0), 1) + 4 * PRIOR_WEIGHT) / (separate + 4)


@pytest.mark.parametrize("cut", [0, 3, 8, 10])
def test_weights_are_those_of_a_plain_loop(views: Any, cut: int) -> None:
    for first, last in ((1, 3), (4, 6)):
        found = blend._weight(views, cut, Window(first, last))
        assert found == pytest.approx(weight(views, cut, first, last))
    # Of a longer stretch only what is forecast is looked at.
    views.leads = 5
    assert blend._weight(views, cut, Window(4, 12)) == pytest.approx(weight(views, cut, 4, 5))


def test_a_company_that_booked_nothing_leaves_the_prior(views: Any) -> None:
    views.actual[:, :3] = 0.0
    assert blend._weight(views, 0, Window(1, 3)) == pytest.approx(PRIOR_WEIGHT)


def test_each_origin_is_blended_by_its_weight(views: Any) -> None:
    """The coming quarter and this month by one weight, the months after by another; where one view is
    missing the other stands alone, and where both are nothing does."""
    found = blend.blend(views)
    for cut in range(CUTS):
        near, far = weight(views, cut, 1, 3), weight(views, cut, 4, 6)
        by_lead = np.array([near] * 4 + [far] * 3)
        mixed = by_lead * views.pipe[cut] + (1 - by_lead) * views.series[cut]
        alone = np.where(np.isnan(views.pipe[cut]), views.series[cut], views.pipe[cut])
        np.testing.assert_allclose(found.mean[cut], np.where(np.isnan(mixed), alone, mixed))
        if cut < 12:
            assert found.weight[cut] == pytest.approx(by_lead)
    assert (found.weight[12:] == 0).all()
    np.testing.assert_array_equal(found.mean[5, 1], views.series[5, 1])
    assert np.isnan(found.mean[13:]).all()
    views.series[3] = np.nan
    again = blend.blend(views)
    assert (again.weight[3] == 1).all()
    np.testing.assert_array_equal(again.mean[3], views.pipe[3])
    views.trusted = False
    series = blend.blend(views)
    np.testing.assert_array_equal(series.mean, views.series)
    assert (series.weight == 0).all()


@pytest.mark.parametrize("cut", [0, 4])
def test_stretches_are_those_of_a_plain_loop(views: Any, cut: int) -> None:
    """By level: the mean squared error in units of the spread, drawn by twelve errors to 1, and for the
    quarter after the coming one to that of the coming one. Of a level no more than four nodes count."""
    mean = np.where(np.isnan(views.pipe), views.series, views.pipe)
    prior = np.ones(len(DEPTH))
    for window in (Window(1, 3), Window(4, 6)):
        factor, freedom = blend.stretch(views, mean, window, cut)
        wanted = prior.copy()
        for depth in (0, 1, 2):
            nodes = np.flatnonzero(depth == DEPTH)
            squares: list[float] = []
            origins = set()
            for past in range(cut + window.last, CUTS):
                for node in nodes:
                    span = slice(window.first, window.last + 1)
                    error = views.actual[past, node, span].sum() - mean[past, node, span].sum()
                    spread = views.spread[window][past, node]
                    if np.isfinite(error) and spread > 0:
                        squares.append((error / spread) ** 2)
                        origins.add(past)
            separate = len(origins) / 3 * min(len(nodes), 4)
            assert freedom[nodes] == pytest.approx(separate + 12)
            wanted[nodes] = (separate * np.mean(squares) + 12 * prior[nodes]) / (separate + 12)
        assert factor**2 == pytest.approx(wanted)
        scale, same = blend.spread_of(views, mean, window, cut)
        assert scale == pytest.approx(views.spread[window][cut] * factor)
        np.testing.assert_array_equal(same, freedom)
        prior = wanted


def test_nothing_known_is_no_stretch(views: Any) -> None:
    factor, freedom = blend.stretch(views, views.pipe, Window(1, 3), CUTS - 2)
    assert (factor == 1).all() and (freedom == 12).all()


@pytest.mark.parametrize(
    ("kept", "asked", "speaks"),
    [
        ("1-3 4-6 1-12", "4-6", "4-6"),
        ("1-3 4-6 1-12", "1-1", "1-3"),
        ("1-3 4-6 1-12", "2-3", "1-3"),
        ("1-3 4-6 1-12", "2-5", "4-6"),
        ("1-3 4-6 1-12", "5-7", "1-12"),
        ("1-3 4-6 1-12", "1-6", "4-6"),
        ("1-3 4-6 1-12", "9-9", "4-6"),
        ("1-3 4-6", "5-10", "4-6"),
        ("1-3", "5-10", "1-3"),
        ("1-3", "4-4", "1-3"),
        ("1-1", "4-6", "1-1"),
        ("4-6", "1-2", "4-6"),
    ],
)
def test_which_past_errors_speak_for_a_stretch(kept: str, asked: str, speaks: str) -> None:
    def window(text: str) -> Window:
        first, _, last = text.partition("-")
        return Window(int(first), int(last))

    views: Any = SimpleNamespace(spread=dict.fromkeys(map(window, kept.split())))
    assert blend.like(views, window(asked)) == window(speaks)


@pytest.mark.parametrize(("pipe", "series", "best"), [(110.0, 120.0, 1.0), (120.0, 110.0, 0.0)])
def test_no_view_weighs_less_than_nothing(pipe: float, series: float, best: float) -> None:
    """One 10 too high, the other 20: twice the nearer less the farther would be exact. It counts once,
    at 13 origins of three months, 13 / 3 separate ones."""
    actual = np.full((CUTS, 1, LEADS), 100.0)
    both = {"pipe": np.full(actual.shape, pipe), "series": np.full(actual.shape, series)}
    both["gone"] = np.zeros(actual.shape)
    views: Any = SimpleNamespace(actual=actual, depth=np.zeros(1), leads=LEADS - 1, **both)
    separate = (CUTS - 3) / 3
    wanted = (separate * best + 4 * PRIOR_WEIGHT) / (separate + 4)
    assert blend._weight(views, 0, Window(1, 3)) == pytest.approx(wanted)
