"""Ramp against what a user would call instead: lifelines for milestones, SciPy's curve_fit with a
bootstrap over reps for learning curves."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.calibration.ramp_time_cost import rep_months
from salesops_lib.analyses.ramp_time_cost import ramp_time
from salesops_lib.statistics.survival import kaplan_meier
from salesops_lib.statistics.weibull import weibull_aft

BOOTSTRAPS = 200


def run() -> pd.DataFrame:
    """Seconds of each, best of a few, and the ratio."""
    rng = np.random.default_rng(5)
    duration, event = 1 + rng.integers(0, 18, 60), rng.random(60) < 0.7
    data = rep_months(rng, 40, "deals", 4.0, company=True)
    facts = pd.DataFrame(
        {"months": duration + 2.0, "there": event, "entry": rng.integers(0, 3, 60) * 1.0}
    ).assign(trained=rng.random(60) < 0.5, experience=rng.integers(0, 9, 60))
    rows = [
        (
            "median and limits of 60 reps",
            _seconds(lambda: kaplan_meier(duration, event).quantile(), 50),
            "lifelines KaplanMeierFitter",
            _seconds(lambda: _lifelines(duration, event), 5),
        ),
        (
            "Weibull regression of 60 reps on two facts, late entry",
            _seconds(lambda: _weibull(facts), 20),
            "lifelines WeibullAFTFitter",
            _seconds(lambda: _lifelines_weibull(facts), 3),
        ),
        (
            "time to 90% with limits, 60 reps × 36 months, channels, season, leavers' table",
            _seconds(lambda: ramp_time(data, value="bookings"), 5),
            f"scipy curve_fit, {BOOTSTRAPS} bootstraps over reps (no season, no channels)",
            _seconds(lambda: _curve_fit(data), 1),
        ),
    ]
    table = pd.DataFrame(rows, columns=["what", "ours_seconds", "theirs", "theirs_seconds"])
    return table.assign(ratio=table["theirs_seconds"] / table["ours_seconds"])


def _lifelines(duration: np.ndarray, event: np.ndarray) -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    fitter = KaplanMeierFitter(alpha=0.1).fit(duration, event)
    median_survival_times(fitter.confidence_interval_)


def _weibull(facts: pd.DataFrame) -> None:
    weibull_aft(
        facts,
        duration="months",
        event="there",
        covariates=("trained", "experience"),
        entry="entry",
    )


def _lifelines_weibull(facts: pd.DataFrame) -> None:
    from lifelines import WeibullAFTFitter

    WeibullAFTFitter(alpha=0.1).fit(facts.astype(float), "months", "there", entry_col="entry")


def _curve_fit(data: pd.DataFrame) -> tuple[float, float]:
    from scipy.optimize import OptimizeWarning, curve_fit

    def curve(t: np.ndarray, a: float, k: float) -> np.ndarray:
        return a * -np.expm1(-np.abs(k) * t)

    rng = np.random.default_rng(0)
    reps = [one.to_numpy() for _, one in data.groupby("rep_id")[["tenure_months", "bookings"]]]
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        for _ in range(BOOTSTRAPS):
            drawn = np.concatenate([reps[i] for i in rng.integers(0, len(reps), len(reps))])
            fitted, _ = curve_fit(
                curve, drawn[:, 0], drawn[:, 1], p0=[drawn[:, 1].mean(), 0.5], maxfev=5000
            )
            found.append(np.log(10) / abs(fitted[1]))
    low, high = np.quantile(found, [0.05, 0.95])
    return float(low), float(high)


def _seconds(call: Callable[[], object], times: int) -> float:
    """Best of a few after a warm-up."""
    call()
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return float(best)
