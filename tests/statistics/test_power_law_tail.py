"""Tails: Moby Dick, and planted exponents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salesops_lib.statistics.power_law_tail import power_law_tail
from tests.reference import performance_curve as published


def test_words_of_moby_dick(reference_files: Path) -> None:
    words = np.loadtxt(reference_files / "words.txt")
    tail = power_law_tail(words, discrete=True)
    assert tail.start == published.WORDS_START
    assert tail.exponent == pytest.approx(published.WORDS_EXPONENT, abs=5e-5)
    assert tail.size == published.WORDS_TAIL


def test_a_planted_tail_is_found() -> None:
    """Uniform up to 10, then x^-2.5: exponent within three of its standard errors."""
    rng = np.random.default_rng(5)
    body, tail = rng.uniform(0, 10, 3_000), 10 * (1 - rng.random(2_000)) ** (-1 / 1.5)
    found = power_law_tail(np.concatenate([body, tail]))
    assert found.start == pytest.approx(10, rel=0.25)
    assert found.exponent == pytest.approx(2.5, abs=3 * 1.5 / np.sqrt(found.size) + 0.05)


def test_scale_carries_through() -> None:
    x = np.random.default_rng(1).pareto(1.5, 500) + 1
    one, two = power_law_tail(x), power_law_tail(1_000 * x)
    assert two.start == pytest.approx(1_000 * one.start)
    assert two.exponent == pytest.approx(one.exponent)


def test_too_few_values_are_named() -> None:
    with pytest.raises(ValueError, match="fewer than three"):
        power_law_tail(np.array([1.0, 1.0, 2.0]))
