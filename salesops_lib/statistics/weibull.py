"""Weibull accelerated failure time regression with delayed entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.errors import NotEnoughData

Floats = NDArray[np.float64]

_TURNS = 60
# A coefficient this far out on the log time scale is running away: a group without any event.
_RUNAWAY = 12.0
# Least against largest curvature at the top, below which a direction is flat: the same factor twice.
_FLAT = 1e-7
EVENTS_A_COEFFICIENT = 5


@dataclass(frozen=True, slots=True)
class WeibullFit:
    """log T = intercept + x'b + scale × extreme value.

    Attributes
    ----------
    coefficients
        Frame with term, coefficient, std_error, low, high, p on the log time scale: exp(b) is how
        many times as long one unit more makes it. The intercept's term is `Intercept`.
    scale, log_likelihood
        As R's survreg prints them.
    """

    coefficients: pd.DataFrame
    scale: float
    log_likelihood: float


@dataclass(frozen=True, eq=False)
class _Sample:
    time: Floats
    event: Floats
    entry: Floats
    design: Floats

    def at(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Log-likelihood at (b, log scale), its gradient and its second derivatives."""
        b, scale = theta[:-1], math.exp(theta[-1])
        centre = self.design @ b
        z = (np.log(self.time) - centre) / scale
        late = self.entry > 0
        before = np.where(late, (np.log(np.where(late, self.entry, 1.0)) - centre) / scale, 0.0)
        d, ez, eb = self.event, np.exp(np.minimum(z, 500)), np.exp(np.minimum(before, 500)) * late
        value = float((d * (z - math.log(scale) - np.log(self.time)) - ez + eb).sum())
        x, left = self.design, d - ez + eb
        slope = ez * z - eb * before
        gradient = np.append(-(x.T @ left) / scale, (-d * (z + 1) + slope).sum())
        cross = (x.T @ (left - slope)) / scale
        last = (d * z - slope - ez * z**2 + eb * before**2).sum()
        top = -(x.T * (ez - eb)) @ x / scale**2
        return value, gradient, np.block([[top, cross[:, None]], [cross[None, :], last]])


def weibull_aft(
    frame: pd.DataFrame,
    *,
    duration: str,
    event: str,
    covariates: tuple[str, ...] = (),
    entry: str | None = None,
    confidence: float = 0.90,
) -> WeibullFit:
    """Maximum likelihood by Newton's method; normal limits from the observed information.

    lifelines gives the same numbers through automatic differentiation, in fifty times the time.

    Raises
    ------
    NotEnoughData
        If there are fewer events than five a covariate or the likelihood has no top.
    """
    wanted = max(EVENTS_A_COEFFICIENT * len(covariates), 2)
    d = frame[event].to_numpy(dtype=float)
    if d.sum() < wanted:
        raise NotEnoughData(f"{d.sum():.0f} events are too few for {len(covariates)} covariates")
    x = frame[list(covariates)].to_numpy(dtype=float)
    # Centred and in their own spread, so that steps are of one size whatever the units.
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(frame)), (x - middle) / spread])
    late = np.zeros(len(frame)) if entry is None else frame[entry].to_numpy(dtype=float)
    sample = _Sample(frame[duration].to_numpy(dtype=float), d, late, design)
    theta, value, hessian = _climb(sample)
    # Back to the units of the covariates.
    back = np.diag(np.concatenate([[1.0], 1 / spread, [1.0]]))
    back[0, 1:-1] = -middle / spread
    covariance = back @ np.linalg.inv(-hessian) @ back.T
    b, error = (back @ theta)[:-1], np.sqrt(np.diag(covariance))[:-1]
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    table = pd.DataFrame(
        {
            "term": ["Intercept", *covariates],
            "coefficient": b,
            "std_error": error,
            "low": b - half,
            "high": b + half,
            "p": 2 * stats.norm.sf(np.abs(b) / error),
        }
    )
    return WeibullFit(table, math.exp(theta[-1]), value)


def _climb(sample: _Sample) -> tuple[Floats, float, Floats]:
    """Newton steps from the exponential model, halved where they do not rise."""
    theta = np.zeros(sample.design.shape[1] + 1)
    theta[0] = math.log((sample.time - sample.entry).sum() / sample.event.sum())
    value, gradient, hessian = sample.at(theta)
    for _ in range(_TURNS):
        if np.abs(gradient).max() < 1e-8 * (1 + abs(value)):
            break
        step = _uphill(hessian, gradient)
        size = min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        while size > 1e-8:
            trial = sample.at(theta + size * step)
            if trial[0] >= value - 1e-12 * abs(value):
                break
            size /= 2
        else:
            raise NotEnoughData("the Weibull regression does not converge")
        theta, (value, gradient, hessian) = theta + size * step, trial
        if np.abs(theta[1:]).max() > _RUNAWAY:
            raise NotEnoughData("the Weibull regression does not converge: a group has no event")
    else:
        raise NotEnoughData("the Weibull regression does not converge")
    curvature = np.linalg.eigvalsh(-hessian)
    if curvature.min() <= _FLAT * curvature.max():
        raise NotEnoughData("the Weibull regression does not converge: nothing holds a coefficient")
    return theta, value, hessian


def _uphill(hessian: Floats, gradient: Floats) -> Floats:
    """Newton's step, every direction turned uphill where the likelihood is not yet concave."""
    values, vectors = np.linalg.eigh(hessian)
    curvature = np.maximum(np.abs(values), 1e-9 * max(float(np.abs(values).max()), 1e-12))
    return np.asarray(vectors @ ((vectors.T @ gradient) / curvature), dtype=np.float64)
