"""Outcomes of 0 or 1, deals won or lost: a linear split of percentage points, in a logistic world."""

from __future__ import annotations

import re
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import channel_gap, decompose_gap

RISE, OWN, AHEAD, PASSED, BETWEEN_REPS = 0.5, 0.6, 0.5, 0.4, 0.4


def logistic(index: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-index))


def planted(base: float, draws: int = 400_000) -> dict[str, float]:
    """The parts of the difference in win probability: what market, practice net of market and the
    rest add when each is switched from b to a, averaged over all orders (Shapley)."""
    rng = np.random.default_rng(0)
    m, p, rep = rng.normal(size=draws), rng.normal(size=draws), rng.normal(size=draws)

    def mean(market: int, practice: int, rest: int) -> float:
        here = m + AHEAD * market
        own = PASSED * here + p + AHEAD * practice
        return float(
            logistic(base + 0.1 * rest + RISE * here + OWN * own + BETWEEN_REPS * rep).mean()
        )

    parts, orders = np.zeros(3), list(permutations(range(3)))
    for order in orders:
        state = [0, 0, 0]
        before = mean(*state)
        for one in order:
            state[one] = 1
            after = mean(*state)
            parts[one] += (after - before) / len(orders)
            before = after
    return {"market": parts[0], "practice": parts[1], "unexplained": parts[2],
            "difference": parts.sum()}  # fmt: skip


def deals(rng: np.random.Generator, base: float, reps: int = 24, each: int = 40) -> pd.DataFrame:
    in_a = np.arange(reps) < reps // 2
    rep = np.repeat(np.arange(reps), rng.integers(each // 2, each * 3 // 2, reps))
    here, n = in_a[rep], len(rep)

    def covariate() -> np.ndarray:
        return (rng.normal(size=reps)[rep] + rng.normal(size=n)) / np.sqrt(2) + AHEAD * here

    market = covariate()
    practice = PASSED * market + covariate()
    chance = logistic(base + 0.1 * here + RISE * market + OWN * practice
                      + BETWEEN_REPS * rng.normal(size=reps)[rep])  # fmt: skip
    return pd.DataFrame({
        "rep_id": rep, "channel": np.where(here, "a", "b"), "market": market,
        "practice": practice, "won": rng.random(n) < chance,
    })  # fmt: skip


def compared(data: pd.DataFrame, **options):
    return channel_gap(data, outcome="won", a="a", b="b", market=["market"], practice=["practice"],
                       permutations=9, **options)  # fmt: skip


@pytest.mark.parametrize("base", [-1.0, 0.5])
def test_the_linear_split_holds_what_a_logistic_world_plants(base: float) -> None:
    """At win rates of .3 and .6, 12 + 12 reps: 90% intervals hold the planted points in 90% of 150
    companies, to three binomial errors, and are off by less than a fifteenth of the gap on average."""
    truth = planted(base)
    rng, held, errors = np.random.default_rng(11), [], []
    for _ in range(150):
        gap = compared(deals(rng, base))
        found = {name: getattr(gap, name) for name in truth}
        held.append([found[name].low <= truth[name] <= found[name].high for name in truth])
        errors.append([found[name].value - truth[name] for name in truth])
    coverage = np.mean(held, axis=0)
    assert (np.abs(coverage - 0.9) <= 3 * np.sqrt(0.9 * 0.1 / 150)).all(), coverage
    sampling = 3 * np.std(errors, axis=0) / np.sqrt(150)
    bias = np.abs(np.mean(errors, axis=0))
    assert (bias <= sampling + truth["difference"] / 15).all(), bias


def test_zero_and_one_is_split_as_least_squares_splits_it() -> None:
    """The explained part against statsmodels on the rows; true and false are 1 and 0."""
    import statsmodels.api as sm

    data = deals(np.random.default_rng(1), -1.0)
    rows = decompose_gap(
        data, outcome="won", group="channel", a="a", b="b", covariates=["market", "practice"],
        scale="share", detailed=False,
    ).set_index("component")  # fmt: skip
    x = sm.add_constant(data[["market", "practice"]].assign(a=data["channel"] == "a").astype(float))
    slopes = sm.OLS(data["won"].astype(float), x).fit().params
    means = data.groupby("channel")[["market", "practice"]].mean()
    expected = (means.loc["a"] - means.loc["b"]) @ slopes[["market", "practice"]]
    assert rows.loc["explained", "value"] == pytest.approx(expected)


def test_points_are_said_as_points() -> None:
    gap = compared(deals(np.random.default_rng(2), -1.0, each=200))
    assert gap.scale == "share"
    text = " ".join(one.sentence for one in gap.findings)
    assert re.search(r"In share of deals won, a is \d+ points \(90% interval", text)
    assert "  " not in text
    assert "$" not in text
    assert gap.notices[0].startswith(
        "Share of deals won is yes or no: differences are in percentage"
    )
    assert "rough" not in gap.notices[0]
    nothing = compared(deals(np.random.default_rng(3), -1.0, each=6))
    assert nothing.finding("correctable_money_year").sentence.startswith("Cannot tell whether")


def test_rare_wins_are_called_rough() -> None:
    gap = compared(deals(np.random.default_rng(4), -4.0, each=100))
    assert "rough where hardly any" in gap.notices[0]
