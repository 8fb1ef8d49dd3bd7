"""How much a month varies: against least squares with a dummy for each rep and month, and planted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib.analyses.performance_curve.deal_luck import (
    _dispersion,
    squared_variation_of_deals,
)
from salesops_lib.analyses.performance_curve.noise import means_noise
from salesops_lib.analyses.performance_curve.panel import Panel, read_panel
from salesops_lib.analyses.performance_curve.variation import _moments, squared_variation
from salesops_lib.statistics.log_variance import log_variance


def _panel(rng: np.random.Generator, reps: int = 24, months: int = 12) -> Panel:
    """Skill .25, luck .8, a strong calendar, a tenth of months without a sale, and newcomers."""
    skill, season = rng.lognormal(0, 0.25, reps), rng.lognormal(0, 0.3, months)
    luck = rng.lognormal(-0.32, 0.8, (reps, months)) * (rng.random((reps, months)) >= 0.1)
    values = skill[:, None] * season * luck
    first = np.where(rng.random(reps) < 0.2, rng.integers(1, 9, reps), 0)
    rep, month = np.nonzero(np.arange(months) >= first[:, None])
    frame = pd.DataFrame({"rep": rep, "month": month, "value": values[rep, month]})
    return read_panel(frame, rep="rep", period="month", value="value")


def test_logs_against_dummies() -> None:
    panel = _panel(np.random.default_rng(3))
    sold = panel.value > 0
    design = np.hstack(
        [np.eye(panel.n_reps)[panel.rep[sold]], np.eye(12)[panel.period[sold]][:, 1:]]
    )
    logs = np.log(panel.value[sold])
    left = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    sigma2 = left @ left / (len(logs) - design.shape[1])
    expected = np.exp(sigma2) / sold.mean() - 1
    # At many degrees of freedom the middle of a chi-squared one is its mean less 2/3.
    found = squared_variation(panel, panel.value, panel.value, panel.observed, np.array([0.5]))
    freedom = len(logs) - design.shape[1]
    middle = np.exp(sigma2 * freedom / (freedom - 2 / 3)) / sold.mean() - 1
    assert found[0] == pytest.approx(middle, rel=1e-4)
    assert abs(expected - middle) < 0.02 * expected


def test_a_calendar_to_be_estimated_does_not_make_months_look_steadier() -> None:
    """Mean over 150 companies within two and a half standard errors, 1.6%: divided by estimated
    factors, months would look 3% steadier than they are."""
    rng = np.random.default_rng(4)
    planted = np.exp(0.64) / 0.9 - 1
    found = [means_noise(_panel(rng)).nodes.scale[2] for _ in range(150)]
    error = np.std(np.log(found)) / np.sqrt(150)
    assert np.log(np.array(found) / planted).mean() == pytest.approx(0, abs=2.5 * error)
    assert error < 0.014


def moments_by_loop(
    panel: Panel, rate: np.ndarray, level: np.ndarray, weight: np.ndarray, often: np.ndarray
) -> tuple[float, float]:
    """Rep by rep: variance and squared mean of who has several months, relative to a level half-way
    between the rep's own and that of all; and the jackknife over these reps."""
    tops, bottoms = [], []
    for rep in range(panel.n_reps):
        x, w = rate[panel.rep == rep], weight[panel.rep == rep]
        if len(x) < 2:
            continue
        mean = (w * x).sum() / w.sum()
        variance = ((w * (x - mean)) ** 2).sum() / (w.sum() - (w**2).sum() / w.sum())
        scale = (max(level[rep], 0.0) + level.mean()) / 2
        tops.append((len(x) - 1) * variance / scale**2)
        bottoms.append((len(x) - 1) * (mean**2 - variance / w.sum()) / often[rep] / scale**2)
    n = len(tops)
    without = [
        np.log((sum(tops) - tops[k]) / (sum(bottoms) - bottoms[k])) for k in range(len(tops))
    ]
    spread = sum((one - sum(without) / n) ** 2 for one in without)
    return sum(tops) / sum(bottoms), float(np.sqrt((n - 1) / n * spread))


@pytest.mark.parametrize("weighted", [False, True])
def test_ratio_of_variance_to_squared_mean_by_a_loop(weighted: bool) -> None:
    """Reps of two to seven months, one of whom has a single one, at levels of which one is below 0."""
    rng = np.random.default_rng(11)
    months = [7, 2, 5, 1, 6, 3]
    rep = np.repeat(np.arange(6), months)
    frame = pd.DataFrame({
        "rep": rep, "month": np.concatenate([np.arange(k) for k in months]),
        "value": np.array([1.0, 2.0, 4.0, 3.0, 1.5, 6.0])[rep] * rng.lognormal(0, 0.4, len(rep)),
    })  # fmt: skip
    panel = read_panel(frame, rep="rep", period="month", value="value")
    level = panel.observed.copy()
    level[1] = -0.5
    weight, often = np.ones(len(rep)), np.ones(6)
    if weighted:
        weight, often = rng.uniform(0.3, 2.0, len(rep)), rng.uniform(0.5, 2.0, 6)
    expected = moments_by_loop(panel, panel.value, level, weight, often)
    given = (weight, often) if weighted else ()
    assert _moments(panel, panel.value, level, *given) == pytest.approx(expected)


def counted() -> tuple[Panel, np.ndarray]:
    """Six reps over sixteen months, which are too many for an effect of each, one of whom won nothing;
    with how much of a month each row is."""
    rng = np.random.default_rng(5)
    rep, month = np.repeat(np.arange(6), 16), np.tile(np.arange(16), 6)
    deals = rng.poisson(np.array([1.0, 2.0, 3.0, 2.0, 4.0, 0.0])[rep])
    each = [rng.lognormal(0, 0.7, n).sum() for n in deals]
    frame = pd.DataFrame({"rep": rep, "month": month, "value": each, "deals": deals})
    # Three rows a month of sixteen: fewer than an effect of each month needs.
    frame = frame[(frame["month"] + frame["rep"]) % 2 == 0]
    panel = read_panel(frame, rep="rep", period="month", value="value", deals="deals")
    return panel, rng.uniform(0.5, 1.5, len(frame))


def test_counts_scatter_as_a_loop_has_it() -> None:
    """Squared distances over what is expected of each row; of 48 rows six levels were estimated, and the
    eight of the rep who won nothing say nothing."""
    panel, weight = counted()
    total = 0.0
    for rep in range(5):
        mine = panel.rep == rep
        expected = panel.deals[mine].sum() / weight[mine].sum() * weight[mine]
        total += float(((panel.deals[mine] - expected) ** 2 / expected).sum())
    assert _dispersion(panel, panel.deals, weight) == pytest.approx((total / 34, 34.0))


def test_variation_of_deals_put_together() -> None:
    """(kappa − 1 + phi) over the deals of an average month, kappa the exponential of the log variance of a
    deal; each part is off by the square root of 2 over its degrees of freedom."""
    panel, weight = counted()
    won = panel.deals > 0
    count = panel.deals[won].astype(int)
    sigma2, freedom = log_variance(panel.value[won] / count, count, panel.rep[won])
    phi, behind = _dispersion(panel, panel.deals, weight)
    whole = np.exp(sigma2) - 1 + phi
    of_kappa = np.exp(sigma2) * sigma2 * np.sqrt(2 / freedom)
    error = np.sqrt(of_kappa**2 + (phi * np.sqrt(2 / behind)) ** 2) / whole
    expected = whole / (panel.deals.sum() / weight.sum()), error
    assert squared_variation_of_deals(panel, weight) == pytest.approx(expected)


def test_where_deals_are_counted_their_variation_is_used_with_the_months_weights() -> None:
    """At quantiles of a lognormal error; where a single row counts a part of a deal, or has money and no
    deal, deals tell nothing."""
    panel, weight = counted()
    value, error = squared_variation_of_deals(panel, weight)
    quantiles = np.array([0.1, 0.5, 0.9])
    expected = value * np.exp(error * stats.norm.ppf(quantiles))
    found = squared_variation(panel, panel.value, panel.value, panel.observed, quantiles, weight)
    assert found == pytest.approx(expected)
    for column, one in (("deals", 1.5), ("deals", 0.0), ("value", 0.0), ("value", -1.0)):
        changed = getattr(panel, column).copy()
        changed[np.flatnonzero(panel.deals > 0)[0]] = one
        other = dataclasses.replace(panel, **{column: changed})
        assert squared_variation_of_deals(other, weight) is None
    # Money given back in a month without a deal is none of what deals add up to.
    idle = np.flatnonzero((panel.deals == 0) & (panel.rep < 5))[0]
    back = np.where(np.arange(len(panel.value)) == idle, -1.0, panel.value)
    assert squared_variation_of_deals(dataclasses.replace(panel, value=back), weight) is None
