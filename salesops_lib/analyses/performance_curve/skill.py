"""Skill and luck: each rep's expected value a period, in posterior draws on the original scale."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.noise import (
    Noise,
    additive_noise,
    choose_scale,
    log_noise,
    means_noise,
)
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.sizes import in_proportion
from salesops_lib.statistics import shrinkage

Floats = NDArray[np.float64]

# Draws x reps kept in memory: 4,000 draws up to 1,500 reps, fewer for more.
_CELLS = 6_000_000
_MOST_DRAWS, _FEWEST_DRAWS = 4_000, 400


@dataclass(frozen=True)
class Skill:
    """The posterior of skill.

    Attributes
    ----------
    model
        `log`, `means`, `additive` or `observed` (no noise could be estimated).
    adjusted
        Each rep's observed mean a period at average covariates and an average period.
    draws
        Expected value a period (draws x reps), original scale.
    population
        Expected value of a rep not yet seen, one a draw.
    reliability
        Share of the spread between reps that repeats, one a draw; NaN for `observed`.
    """

    model: str
    adjusted: Floats
    draws: Floats
    population: Floats
    reliability: Floats
    drawn: shrinkage.ShrinkageDraws | None
    noise: Noise | None
    notices: tuple[str, ...] = ()

    @cached_property
    def expected(self) -> Floats:
        """(reps,) what each rep is expected to sell a period: the mean of the draws, or their middle where a
        few draws of a tail that hardly anything bounds carry the mean beyond nineteen in twenty of them."""
        mean = self.draws.mean(0)
        low, middle, high = np.quantile(self.draws, [0.025, 0.5, 0.975], axis=0)
        return np.where((mean < low) | (mean > high), middle, mean)

    def hires(self, count: int, rng: np.random.Generator) -> Floats:
        """Expected value a period of `count` new reps (draws x count), drawn from the
        population."""
        if self.drawn is None or self.noise is None:
            return rng.choice(self.adjusted, size=(len(self.draws), count))
        fresh = shrinkage.draw_new(self.drawn, count, rng)
        return self.noise.original(fresh, self.drawn.node)


def multiple(above: Floats, below: Floats, confidence: float) -> tuple[float, float, float]:
    """Middle and limits of `above` over `below`, two amounts in draws. NaN where returns may outweigh either:
    of an amount below zero three times as much is less, and the sign of a ratio says nothing."""
    tail = (1 - confidence) / 2
    if np.quantile(above, tail) < 0 or not np.quantile(below, tail) > 0:
        return (math.nan,) * 3
    low, middle, high = np.quantile(above / below, [tail, 0.5, 1 - tail])
    return float(middle), float(low), float(high)


def n_draws(n_reps: int) -> int:
    """How many draws fit the memory budget."""
    return int(np.clip(_CELLS // n_reps, _FEWEST_DRAWS, _MOST_DRAWS))


def estimate_skill(panel: Panel, rng: np.random.Generator, *, draws: int | None = None) -> Skill:
    """Fit the model whose noise the data show, and draw from its posterior."""
    count = draws or n_draws(panel.n_reps)
    model, notices = choose_scale(panel)
    if model == "observed":
        return _as_observed(panel, count, notices)
    if model in {"log", "means"}:
        panel = in_proportion(panel)
    noise = {"log": log_noise, "means": means_noise, "additive": additive_noise}[model](panel)
    wobble = _wobble(noise, count, rng)
    drawn = shrinkage.shrink(
        noise.means,
        noise.nodes,
        draws=count,
        rng=rng,
        prior="reference" if noise.transform == "log" else "gap",
        wobble=wobble,
    )
    units = drawn.units
    if noise.silent.any():
        units = _silent(units, noise, drawn, rng)
    noise = _held(noise, units, drawn.node)
    typical = 1 / np.mean(1 / noise.nodes.variance[:, ~noise.silent], axis=1)[drawn.node]
    return Skill(
        model,
        noise.adjusted,
        noise.original(units, drawn.node),
        noise.population(drawn),
        drawn.tau**2 / (drawn.tau**2 + typical),
        drawn,
        noise,
        (*notices, *words.lasting_luck(noise.persistence, panel.called)),
    )


def _held(noise: Noise, units: Floats, node: NDArray[np.int64]) -> Noise:
    """`noise` with the level at which all reps together are expected to sell what they sold in all.

    Where deals are counted, the means of those who sell often are the better known ones and weigh more
    in the common level. It comes out too high for all, by 3% at three deals a month and 7% at one.
    """
    if noise.worked is None:
        return noise
    expected = float(noise.worked @ noise.original(units, node).mean(axis=0))
    sold = float(noise.worked @ noise.adjusted)
    return dataclasses.replace(noise, offset=noise.offset + np.log(sold / expected))


def _wobble(noise: Noise, draws: int, rng: np.random.Generator) -> Floats | None:
    """Errors of the estimated adjustments, shared by the reps that they move together."""
    if noise.contrasts is None:
        return None
    values, vectors = np.linalg.eigh(noise.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    loadings = noise.contrasts @ root
    return rng.standard_normal((draws, root.shape[1])) @ loadings.T


def _silent(
    units: Floats, noise: Noise, drawn: shrinkage.ShrinkageDraws, rng: np.random.Generator
) -> Floats:
    """Reps who sold nothing at all. The likelihood of a mean of 0 falls as level^-k with k months
    over the squared coefficient of variation, which tilts a normal prior by k tau^2 downwards."""
    months = noise.effective[noise.silent]
    strength = months / noise.nodes.scale[drawn.node][:, None]
    fresh = shrinkage.draw_new(drawn, int(noise.silent.sum()), rng)
    units = units.copy()
    units[:, noise.silent] = fresh - strength * drawn.tau[:, None] ** 2
    return units


def _as_observed(panel: Panel, draws: int, notices: tuple[str, ...]) -> Skill:
    adjusted = panel.observed
    nothing = np.full(draws, np.nan)
    return Skill(
        "observed",
        adjusted,
        np.broadcast_to(adjusted, (draws, len(adjusted))),
        np.full(draws, adjusted.mean()),
        nothing,
        None,
        None,
        notices,
    )
