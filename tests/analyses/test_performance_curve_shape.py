"""The verdict: only where the data decide, and never against the truth more often than claimed."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib import fit_families, performance_curve
from salesops_lib.analyses.performance_curve import shape_verdict, shape_words
from tests.analyses.curve_frames import rep_months


def _draw(name: str, n: int, rng: np.random.Generator) -> np.ndarray:
    return {
        "normal": lambda: rng.normal(100, 20, n),
        "lognormal": lambda: rng.lognormal(4, 0.8, n),
        "gamma": lambda: rng.gamma(2, 50, n),
        "pareto": lambda: 50 * (1 + rng.pareto(1.3, n)),
    }[name]()


def test_weights_and_columns() -> None:
    fits = fit_families(_draw("lognormal", 60, np.random.default_rng(1)), samples=50)
    assert len(fits) == 7
    assert fits["weight"].sum() == pytest.approx(1)
    assert fits.loc[fits["aicc"].idxmin(), "weight"] == fits["weight"].max()
    assert fits["gof_p"].between(1 / 51, 1).all()


@pytest.mark.parametrize(
    ("truth", "verdict"),
    [("lognormal", "skewed"), ("gamma", "skewed"), ("pareto", "heavy-tailed")],
)
def test_many_reps_decide(truth: str, verdict: str) -> None:
    x = _draw(truth, 600, np.random.default_rng(2))
    assert shape_verdict(fit_families(x)) == verdict


def test_a_bell_curve_of_many_reps_is_not_called_anything_else() -> None:
    verdicts = {
        shape_verdict(fit_families(_draw("normal", 2_000, np.random.default_rng(seed))))
        for seed in range(5)
    }
    assert "normal" in verdicts
    assert verdicts <= {"normal", "undetermined"}


@pytest.mark.parametrize("exponent", [1.5, 2.0])
def test_a_power_law_tail_is_seen_through_luck(exponent: float) -> None:
    """400 reps whose skill is a power law, times a year's luck (log sd .27): no family fits from the
    first rep on, but the upper tenth reaches further than any thinner family allows."""
    rng = np.random.default_rng(12)
    verdicts = []
    for _ in range(10):
        x = (1 + rng.pareto(exponent, 400)) * rng.lognormal(0, 0.27, 400)
        fits = fit_families(x, samples=99, rng=rng)
        assert fits["gof_p"].max() <= 0.05
        verdicts.append(shape_verdict(fits))
    assert set(verdicts) <= {"heavy-tailed", "undetermined"}
    assert verdicts.count("heavy-tailed") >= 6


def test_two_groups_are_not_a_heavy_tail() -> None:
    """A quarter of the reps sells three times as much: no family fits, and no tail is heavy."""
    rng = np.random.default_rng(13)
    x = np.where(rng.random(400) < 0.25, rng.normal(300, 40, 400), rng.normal(100, 20, 400))
    fits = fit_families(x, samples=99)
    assert fits["gof_p"].max() <= 0.05
    assert shape_verdict(fits) == "undetermined"


def test_few_reps_do_not_decide() -> None:
    assert shape_verdict(fit_families(_draw("normal", 20, np.random.default_rng(4)))) == (
        "undetermined"
    )


@pytest.mark.parametrize("truth", ["normal", "lognormal", "gamma", "pareto"])
def test_another_shape_is_declared_no_more_often_than_claimed(truth: str) -> None:
    """80 samples of 30 at level .05: at most .05 + 2 binomial errors (.05)."""
    right = {"normal": "normal", "pareto": "heavy-tailed"}.get(truth, "skewed")
    rng = np.random.default_rng(5)
    wrong = [
        shape_verdict(fit_families(_draw(truth, 30, rng), samples=99, rng=rng))
        not in {right, "undetermined"}
        for _ in range(80)
    ]
    assert np.mean(wrong) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 80)


def test_currency_changes_nothing() -> None:
    x = _draw("gamma", 80, np.random.default_rng(6))
    one, two = fit_families(x, samples=99), fit_families(1e6 * x, samples=99)
    assert two["gof_p"].to_numpy() == pytest.approx(one["gof_p"].to_numpy())
    assert two["weight"].to_numpy() == pytest.approx(one["weight"].to_numpy(), abs=1e-9)
    assert (two["log_likelihood"] - one["log_likelihood"]).to_numpy() == pytest.approx(
        -80 * np.log(1e6)
    )


def test_a_few_zeros_are_set_aside_for_all_families_and_counted() -> None:
    x = np.append(_draw("lognormal", 98, np.random.default_rng(7)), [0.0, 0.0])
    fits = fit_families(x, samples=20)
    assert fits.attrs["set_aside"] == 2
    same = fit_families(x[:98], samples=20)
    assert fits["aicc"].to_numpy() == pytest.approx(same["aicc"].to_numpy())


def test_many_negative_values_leave_the_normal_only() -> None:
    x = np.random.default_rng(8).normal(0, 1, 100)
    fits = fit_families(x, samples=20).set_index("family")
    assert np.isfinite(fits.loc["normal", "aicc"])
    assert fits.drop("normal")["aicc"].isna().all()
    assert shape_verdict(fits.reset_index()) == "undetermined"


def test_the_sentence_says_cannot_tell_when_it_cannot() -> None:
    rng = np.random.default_rng(9)
    few = performance_curve(rep_months(rng.normal(1e5, 2e4, 20), 12, rng, sd=0.2), draws=400)
    assert few.verdict == "undetermined"
    assert "cannot tell" in few.finding("shape_verdict").sentence
    # Not a list of names that only a statistician knows.
    assert "shapes fit, the bell curve among them." in few.finding("shape_verdict").sentence
    many = performance_curve(rep_months(rng.lognormal(11, 0.7, 300), 12, rng), draws=400)
    assert many.verdict == "skewed"
    assert "not a bell curve" in many.finding("shape_verdict").sentence


def test_a_heavy_tail_is_described() -> None:
    """Skill x^-2.2 from 50 on: twice the level is reached by 2^-1.2 = 44%, plus what luck adds."""
    rng = np.random.default_rng(10)
    skill = 5e4 * (1 - rng.random(400)) ** (-1 / 1.2)
    curve = performance_curve(rep_months(skill, 12, rng, sd=0.01), draws=400)
    assert curve.verdict == "heavy-tailed"
    tail = curve.finding("tail").estimate
    assert tail.low <= 2**-1.2 <= tail.high


def test_one_shape_that_fits_is_one() -> None:
    """It was "1 of 7 shapes fit, the bell curve among them", of totals below zero, for which there is no other."""
    below = fit_families(np.random.default_rng(2).normal(-100, 20, 24))
    assert shape_words.shape("undetermined", 24, below) == (
        "Bell curve or skewed: cannot tell. With 24 reps, one shape that can be tried fits, and it is the bell "
        "curve. No conclusion here leans on the shape."
    )
    above = below.assign(gof_p=[0.01, 0.5, *[0.01] * 5])
    assert "one shape fits, and it is not the bell curve" in shape_words.shape(
        "undetermined", 24, above
    )
