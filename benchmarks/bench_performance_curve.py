"""The performance curve against what a user would call instead, in one run.

10,000 reps x 36 months: the whole analysis (skill with posterior draws, ranks, tiers, seven families
with goodness of fit, halves) against one statsmodels MixedLM, which gives a point estimate and
nothing else of it. Sixty reps: the families with their bootstrap against a loop of scipy fits.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.performance_curve import (
    fit_families,
    moving_the_middle,
    performance_curve,
)

SAMPLES = 199


def months(reps: int, periods: int, seed: int = 1) -> pd.DataFrame:
    """Lognormal skill (sd .25) and noise (sd .8), a row a rep and month."""
    rng = np.random.default_rng(seed)
    skill = 1e5 * np.exp(0.25 * rng.standard_normal(reps))
    values = skill[:, None] * np.exp(0.8 * rng.standard_normal((reps, periods)) - 0.32)
    return pd.DataFrame(
        {
            "rep_id": np.repeat([f"R{i:05d}" for i in range(reps)], periods),
            "month": np.tile(pd.date_range("2023-01-01", periods=periods, freq="MS"), reps),
            "bookings": values.ravel(),
        }
    )


def mixed_lm(frame: pd.DataFrame) -> None:
    import statsmodels.formula.api as smf

    logged = frame.assign(y=np.log(frame["bookings"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smf.mixedlm("y ~ C(month)", logged, groups=logged["rep_id"]).fit(reml=True)


def scipy_loop(values: np.ndarray) -> None:
    """Five families that scipy has, refitted to each bootstrap sample."""
    families = (
        (stats.norm, {}),
        (stats.lognorm, {"floc": 0}),
        (stats.gamma, {"floc": 0}),
        (stats.weibull_min, {"floc": 0}),
        (stats.expon, {"floc": 0}),
    )
    rng = np.random.default_rng(0)
    for family, fixed in families:
        fitted = family(*family.fit(values, **fixed))
        for _ in range(SAMPLES):
            sample = fitted.rvs(len(values), random_state=rng)
            stats.kstest(sample, family(*family.fit(sample, **fixed)).cdf)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run() -> pd.DataFrame:
    """One row a comparison: seconds of both, and their ratio."""
    large, small = months(10_000, 36), months(24, 12)
    values = np.random.default_rng(2).lognormal(11, 0.4, 60)
    performance_curve(small)  # imports and first calls are not what is compared
    rows = []
    for what, ours, theirs_name, theirs in (
        (
            "whole curve and levers, 10,000 reps x 36 months",
            lambda: moving_the_middle(performance_curve(large)),
            "statsmodels MixedLM, point estimates only",
            lambda: mixed_lm(large),
        ),
        (
            "whole curve and levers, 24 reps x 12 months",
            lambda: moving_the_middle(performance_curve(small)),
            "statsmodels MixedLM, point estimates only",
            lambda: mixed_lm(small),
        ),
        (
            f"seven families, {SAMPLES} bootstrap samples each, 60 reps",
            lambda: fit_families(values, samples=SAMPLES),
            "loop of scipy fits, five families",
            lambda: scipy_loop(values),
        ),
    ):
        mine, other = seconds(ours), seconds(theirs)
        rows.append(
            {
                "what": what,
                "ours_seconds": mine,
                "theirs": theirs_name,
                "theirs_seconds": other,
                "ratio": other / mine,
            }
        )
    return pd.DataFrame(rows)
