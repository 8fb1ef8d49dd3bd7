"""The channel gap's heavy steps against what a user would call instead."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from benchmarks.calibration.channel_gap import Planted
from salesops_lib.analyses.channel_gap import channel_gap, decompose_gap
from salesops_lib.statistics.permutation import permutation_p, welch_t

DRAWS = 999
# The loop takes a minute for 999 draws: this many are timed and scaled up.
TIMED = 60
COVARIATES = ["market_0", "practice_0", "practice_1"]


def loop(data: pd.DataFrame, draws: int, seed: int = 0) -> np.ndarray:
    """Resample reps with pandas, fit ordinary least squares with statsmodels, decompose."""
    rng = np.random.default_rng(seed)
    by_rep = dict(iter(data.groupby("rep_id")))
    sides = {name: part["rep_id"].unique() for name, part in data.groupby("channel")}
    out = []
    for _ in range(draws):
        picked = [
            by_rep[rep]
            for name in ("a", "b")
            for rep in rng.choice(sides[name], size=len(sides[name]))
        ]
        sample = pd.concat(picked, ignore_index=True)
        first = sample["channel"] == "a"
        x = sm.add_constant(sample[COVARIATES].assign(first=first.astype(float)))
        slopes = sm.OLS(sample["bookings"], x).fit().params[COVARIATES]
        means = sample.groupby("channel")[COVARIATES].mean()
        out.append(float((means.loc["a"] - means.loc["b"]) @ slopes))
    return np.array(out)


def best(call: Callable[[], object], repeats: int) -> float:
    """Seconds of the quickest of some calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def run() -> pd.DataFrame:
    """Seconds and ratios, all measured in one run on one machine."""
    data = Planted().draw(np.random.default_rng(0))

    def ours() -> pd.DataFrame:
        return decompose_gap(
            data, outcome="bookings", group="channel", a="a", b="b", covariates=COVARIATES,
            cluster="rep_id", errors="bootstrap", draws=DRAWS, detailed=False,
        )  # fmt: skip

    start = time.perf_counter()
    slow = loop(data, TIMED)
    loop_seconds = (time.perf_counter() - start) * DRAWS / TIMED
    quick = float(ours().set_index("component").loc["explained", "std_error"])
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.5, 1, 12), rng.normal(0, 1, 12)

    def scipy_permutation() -> float:
        def statistic(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
            return stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic

        return float(
            stats.permutation_test(
                (a, b), statistic, n_resamples=9999, vectorized=True, rng=1
            ).pvalue
        )

    def whole() -> object:
        return channel_gap(
            data, outcome="bookings", a="a", b="b", market=["market_0"],
            practice=["practice_0", "practice_1"],
        )  # fmt: skip

    rows = [
        (
            f"cluster bootstrap, {DRAWS} draws, 24 reps x 12 months",
            best(ours, 5),
            f"pandas + OLS loop ({TIMED} draws timed, scaled)",
            loop_seconds,
            f"standard error {quick:.3f} against {slow.std(ddof=1):.3f}",
        ),
        (
            "studentised permutation, 9,999, 12 against 12",
            best(lambda: permutation_p(a, b), 5),
            "scipy permutation_test, vectorised",
            best(scipy_permutation, 3),
            f"p {permutation_p(a, b):.4f} against {scipy_permutation():.4f}, t {welch_t(a, b):.3f}",
        ),
        (
            "channel_gap whole: decomposition, tests, sensitivity, sentences",
            best(whole, 5),
            "cluster bootstrap by pandas + OLS loop, explained part only",
            loop_seconds,
            "analytic errors need no draws",
        ),
    ]
    table = pd.DataFrame(
        rows, columns=["what", "ours_seconds", "theirs", "theirs_seconds", "agree"]
    )
    table.insert(4, "ratio", table["theirs_seconds"] / table["ours_seconds"])
    return table
