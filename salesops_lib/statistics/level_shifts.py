"""A level that now and then jumps, followed through months of counts or means.

The log level stands at nothing most of the time, jumps with a small chance a month to a place whose
factor is lognormal with mean 1, stays there, and returns with another small chance. Under such a
mixture scatter leaves the level alone and a real change moves it nearly the whole way, where a random
walk would follow both half-way. How often it jumps is learned from the months themselves. The posterior
is exact on a grid (a hidden Markov model; Hamilton 1989, Econometrica 57).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
# Chances a month of a jump, between which the history decides: one in two years to one in thirty.
RATES = np.array([0.0025, 0.005, 0.01, 0.02, 0.04])
# A third up or down by usual, lasting about two years.
SPREAD, RETURN = 0.4, 0.04
_GRID = np.linspace(-2.2, 2.2, 89)
_HOME = len(_GRID) // 2
# So that jumps up and down weigh the same in what is forecast, a factor, their mean factor is 1.
_PLACES = np.exp(-0.5 * (_GRID / SPREAD + SPREAD / 2) ** 2)
_PLACES /= _PLACES.sum()


@dataclass(frozen=True)
class Level:
    """Where the level stands after the last month.

    Attributes
    ----------
    chances
        (rate, grid) joint posterior chance of how often the level jumps (`RATES`) and of each log level
        (`grid`).
    """

    chances: Array
    _courses: dict[int, tuple[Array, Array]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def grid(self) -> Array:
        return _GRID

    @property
    def away(self) -> float:
        """Chance that the level is not where it has been for most of the time."""
        return float(1.0 - self.chances[:, _HOME].sum())

    def limits(self, confidence: float) -> tuple[float, float]:
        """Equal-tailed interval of the factor exp(level) now."""
        reached = np.cumsum(self.chances.sum(axis=0))
        edges = ((1 - confidence) / 2, (1 + confidence) / 2)
        low, high = (int(np.searchsorted(reached, edge)) for edge in edges)
        return float(np.exp(_GRID[low])), float(np.exp(_GRID[min(high, len(_GRID) - 1)]))

    def ahead(self, months: int) -> tuple[Array, Array]:
        """(months + 1,) mean of the factor exp(level), and its standard deviation, now and in each of
        the months ahead."""
        # A forecast asks for the same months again and again.
        if months not in self._courses:
            self._courses[months] = self._course(months)
        return self._courses[months]

    def _course(self, months: int) -> tuple[Array, Array]:
        mean, deviation = np.empty(months + 1), np.empty(months + 1)
        chances, factor = self.chances, np.exp(_GRID)
        for k in range(months + 1):
            there = chances.sum(axis=0)
            mean[k] = there @ factor
            deviation[k] = np.sqrt(max(float(there @ factor**2) - mean[k] ** 2, 0.0))
            chances = _later(chances)
        return mean, deviation

    def draw(self, rng: np.random.Generator, draws: int, months: int) -> Array:
        """(draws, months + 1) factors: possible courses of the level from now on."""
        cell = rng.choice(self.chances.size, draws, p=self.chances.ravel())
        rate, at = RATES[cell // len(_GRID)], cell % len(_GRID)
        out = np.empty((draws, months + 1))
        for k in range(months + 1):
            out[:, k] = np.exp(_GRID[at])
            fate, place = rng.random(draws), rng.choice(len(_GRID), draws, p=_PLACES)
            at = np.where(fate < rate, place, np.where(fate < rate + RETURN, _HOME, at))
        return out


@dataclass(frozen=True)
class SplitLevel:
    """The level of a whole whose parts either move as one or each on its own.

    Which of both holds is weighed by how well each explains the months, evens before any is seen: a
    change of the whole takes one jump in the one and a jump of every part in the other.

    Attributes
    ----------
    whole
        Where the level stands if the parts move as one.
    parts
        Where each stands if they move on their own.
    apart
        Chance that they do.
    """

    whole: Level
    parts: tuple[Level, ...]
    apart: float

    def ahead(self, months: int) -> Array:
        """(part, months + 1) mean factor, now and in each of the months ahead."""
        whole = self.whole.ahead(months)[0]
        own = np.stack([part.ahead(months)[0] for part in self.parts])
        return (1 - self.apart) * whole + self.apart * own

    def shocks(self, months: int) -> list[Array]:
        """(part, months + 1) standard deviations of the factor: each shock is common to the parts,
        and they are independent of each other."""
        whole, spread = self.whole.ahead(months)
        shape = (len(self.parts), months + 1)
        found = [np.sqrt(1 - self.apart) * np.broadcast_to(spread, shape)]
        if self.apart <= 0:
            return found
        own = [part.ahead(months) for part in self.parts]
        for k, (_, deviation) in enumerate(own):
            one = np.zeros(shape)
            one[k] = np.sqrt(self.apart) * deviation
            found.append(one)
        # Which of both holds is not known either.
        between = np.stack([mean for mean, _ in own]) - whole
        found.append(np.sqrt(self.apart * (1 - self.apart)) * between)
        return found

    def draw(self, rng: np.random.Generator, draws: int, months: int) -> Array:
        """(draws, part, months + 1) factors: possible courses from now on."""
        whole = self.whole.draw(rng, draws, months)
        out = np.repeat(whole[:, None, :], len(self.parts), axis=1)
        if self.apart <= 0:
            return out
        alone = rng.random(draws) < self.apart
        for k, part in enumerate(self.parts):
            out[alone, k] = part.draw(rng, int(alone.sum()), months)
        return out


def settled() -> Level:
    """A level of which nothing was seen: where it always was."""
    chances = np.zeros((len(RATES), len(_GRID)))
    chances[:, _HOME] = 1.0 / len(RATES)
    return Level(chances)


def split_settled(parts: int) -> SplitLevel:
    """As `settled`, of a whole of so many parts."""
    return SplitLevel(settled(), (settled(),) * parts, 0.0)


def of_counts(observed: Array, expected: Array) -> Level:
    """Level of counts, Poisson around `expected` × exp(level).

    Parameters
    ----------
    observed, expected
        (month,) oldest first; a month in which nothing was expected tells nothing.
    """
    return _followed(_of_counts(observed, expected)[None])[0][0]


def of_means(mean: Array, error: Array) -> Level:
    """Level of means, normal around it with standard error `error` (month,); NaN tells nothing."""
    return _followed(_of_means(mean, error)[None])[0][0]


def evidence_of_means(mean: Array, error: Array) -> float:
    """Log likelihood of means (month,), as in `of_means`, under a level that jumps, up to what depends on
    their errors alone."""
    return float(_followed(_of_means(mean, error)[None])[1][0])


def split_of_counts(observed: Array, expected: Array) -> SplitLevel:
    """As `of_counts`, of parts: (part, month)."""
    return _split(_of_counts(observed, expected))


def split_of_means(mean: Array, error: Array) -> SplitLevel:
    """As `of_means`, of parts: (part, month)."""
    return _split(_of_means(mean, error))


def _of_counts(observed: Array, expected: Array) -> Array:
    """(…, grid) log likelihood, up to what does not depend on the level."""
    e = np.asarray(expected, dtype=np.float64)[..., None]
    o = np.asarray(observed, dtype=np.float64)[..., None]
    return np.where(e > 0, o * _GRID - e * np.exp(_GRID), 0.0)


def _of_means(mean: Array, error: Array) -> Array:
    m = np.asarray(mean, dtype=np.float64)[..., None]
    s = np.asarray(error, dtype=np.float64)[..., None]
    known = np.isfinite(m) & np.isfinite(s) & (s > 0)
    z = (np.where(known, m, 0.0) - _GRID) / np.where(known, s, 1.0)
    return np.where(known, -0.5 * z**2, 0.0)


def _split(log_likelihood: Array) -> SplitLevel:
    """(part, month, grid): the whole's months are those of all its parts."""
    if len(log_likelihood) == 1:
        (whole,), _ = _followed(log_likelihood)
        return SplitLevel(whole, (whole,), 0.0)
    both = np.concatenate([log_likelihood.sum(axis=0, keepdims=True), log_likelihood])
    levels, evidence = _followed(both)
    apart = float(expit(evidence[1:].sum() - evidence[0]))
    return SplitLevel(levels[0], tuple(levels[1:]), apart)


def _followed(log_likelihood: Array) -> tuple[list[Level], Array]:
    """Levels of each (series, month, grid), and the log evidence of each."""
    series = len(log_likelihood)
    chances = np.broadcast_to(settled().chances, (series, len(RATES), len(_GRID)))
    evidence = np.zeros(series)
    for one in log_likelihood.transpose(1, 0, 2):
        top = one.max(axis=1, keepdims=True)
        chances = _later(chances) * np.exp(one - top)[:, None, :]
        total = chances.sum(axis=(1, 2), keepdims=True)
        chances = chances / total
        evidence += np.log(total[:, 0, 0]) + top[:, 0]
    return [Level(one) for one in chances], evidence


def _later(chances: Array) -> Array:
    """A month on, of (…, rate, grid): most stays, some jumps, some returns."""
    out = chances * (1.0 - RATES - RETURN)[:, None]
    total = chances.sum(axis=-1)
    out += (RATES * total)[..., None] * _PLACES
    out[..., _HOME] += RETURN * total
    return out
