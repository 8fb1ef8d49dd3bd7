"""Levels of wins and amounts: which are said, what they are held against, and how much months scatter."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from salesops_lib.analyses.forecast import levels
from salesops_lib.analyses.forecast.amounts import FEWEST, Logs, Season
from salesops_lib.analyses.forecast.levels import Levels, _noise, _of_logs, _usual
from salesops_lib.statistics.level_shifts import split_of_counts, split_settled
from tests.analyses.forecast_company import AS_OF, planted
from tests.analyses.test_forecast_levels import levels_of

PARTS = np.array([0, 0, 1])  # of three leaves


def level(factor: float, away: float = 0.9) -> SimpleNamespace:
    """What is asked of a level: where it is, and the chance that it moved."""
    return SimpleNamespace(
        away=away, limits=lambda _: (0.1, 9.0), ahead=lambda _: (np.array([factor]), None)
    )


def split(whole: SimpleNamespace, *parts: SimpleNamespace, apart: float = 0.1) -> SimpleNamespace:
    return SimpleNamespace(whole=whole, parts=parts, apart=apart)


def test_a_move_is_said_from_a_tenth_and_an_even_chance_on() -> None:
    """exp(0.1) is 1.105, exp(−0.1) is 0.905. Where parts move on their own, theirs are said."""
    still = split(level(1.0, away=0.0))

    def moved(one: SimpleNamespace) -> list[tuple[float, int]]:
        found = Levels(one, still, still, PARTS).moved(0.9)
        assert all(move.what == "wins" for move in found)
        return [(move.factor.value, move.among) for move in found]

    assert moved(split(level(0.8))) == [(0.8, 0)] and moved(split(level(1.2))) == [(1.2, 0)]
    assert moved(split(level(0.91))) == moved(split(level(1.1))) == []
    assert moved(split(level(0.5, away=0.4))) == []
    both = (level(0.7), level(1.0), level(1.3))
    assert moved(split(level(0.9), *both, apart=0.6)) == [(0.7, 3), (1.3, 3)]
    assert moved(split(level(0.9), *both, apart=0.4)) == [(0.9, 0)]


def test_a_deal_has_the_factor_of_its_part_and_of_whether_its_amount_was_stated() -> None:
    typical, stated = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])
    known = Levels(
        split(level(1.0)), SimpleNamespace(ahead=lambda _: typical),
        SimpleNamespace(ahead=lambda _: stated), PARTS,
    )  # fmt: skip
    found = known.value(np.array([False, True, True]), np.array([2, 1, 2]), 1)
    assert found.tolist() == [[3, 4], [5, 6], [7, 8]]


def test_seasons_and_what_a_part_always_had_are_no_move() -> None:
    """The same scatter, with small Augusts and one part that brings a seventh of the other: no other level."""
    rng = np.random.default_rng(0)
    month, leaf = np.repeat(np.arange(24 * 12, 24 * 12 + 24), 6), np.tile([0, 1, 2], 48)
    plain = rng.normal(0, 0.3, len(month))
    for part in (0, 1):
        plain[PARTS[leaf] == part] -= plain[PARTS[leaf] == part].mean()
    factor = np.ones(12)
    factor[7] = 0.3
    flat, summer = (Season(one, np.zeros((12, 12))) for one in (np.ones(12), factor))
    season = np.where(month % 12 == 7, math.log(0.3), 0.0)
    odd = plain + season - 2.0 * PARTS[leaf]
    last = int(month.max())
    one, other = (
        _of_logs(Logs(value, month, leaf), by, PARTS, last)
        for value, by in ((plain, flat), (odd, summer))
    )
    for mine, theirs in zip((one.whole, *one.parts), (other.whole, *other.parts), strict=True):
        np.testing.assert_allclose(mine.chances, theirs.chances, atol=1e-9)
    settled = split_settled(2).whole.chances
    for many, known in ((FEWEST - 1, False), (FEWEST, True)):
        few = _of_logs(Logs(plain[:many], month[:many], leaf[:many]), flat, PARTS, last)
        assert (not np.array_equal(few.whole.chances, settled)) == known


def test_scatter_of_months_by_hand() -> None:
    """4 and 16 for 10 are 7.2 squared errors by what was expected; with twelve usual months, 19.2 of 14. A
    month of which nothing was expected tells nothing, and counts are not taken for steadier than chance."""
    found = _noise(np.array([4.0, 16.0, 3.0]), np.array([10.0, 10.0, 0.0]))
    assert found == pytest.approx(19.2 / 14)
    assert _noise(np.array([10.0, 10.0]), np.array([10.0, 10.0])) == 1


def test_what_parts_usually_win_at_once_is_held_against_the_company() -> None:
    """All win twice the expected: none is apart. Of two alike one wins 200 and one 600: about 1/2 and 3/2
    of the usual; months that are not known yet do not count."""
    seen = np.array([True, True, False])
    won = np.array([[100.0, 100, 900], [200, 200, 0]])
    assert _usual(won, won / 2, seen).tolist() == [[1.0], [1.0]]
    apart = _usual(np.array([[100.0, 100, 0], [300, 300, 0]]), np.full((2, 3), 100.0), seen)
    assert apart.ravel() == pytest.approx([0.5, 1.5], rel=0.02)
    assert _usual(0 * won, won, seen).tolist() == [[1.0], [1.0]]


def test_every_win_is_held_against_what_was_expected_of_its_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wins by region and month counted in the deals; of all that was expected about as many came."""
    seen: list[np.ndarray] = []

    def kept(observed: np.ndarray, expected: np.ndarray) -> object:
        seen.extend([observed, expected])
        return split_of_counts(observed, expected)

    monkeypatch.setattr(levels, "split_of_counts", kept)
    monkeypatch.setattr(levels, "_noise", lambda *_: 2.0)
    tables = planted(3, months=10, deals_a_month=20, days_to_win=30.0, days_to_lose=40.0).tables
    found = levels_of(tables, by=("region",))
    observed, expected = seen
    won = tables["deals"].query("status == 'won'")
    won = won[won["close_date"] <= AS_OF].merge(tables["reps"][["rep_id", "region"]], on="rep_id")
    month = won["close_date"].dt.to_period("M")
    counted = (
        won.groupby(["region", month]).size().unstack(fill_value=0).iloc[:, -observed.shape[1] :]
    )
    assert len(found.part) == len(counted) == len(observed)
    # Counts that scatter twice as much as chance makes them tell half.
    np.testing.assert_allclose(2 * observed, counted.to_numpy())
    assert expected.sum() == pytest.approx(observed.sum(), rel=0.05)
