"""Survival curves against R, against other libraries, and by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import chi2

from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.statistics.survival import (
    SurvivalCurve,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    stratified_log_rank,
)
from tests.reference import ramp_time_cost as known


@pytest.fixture(scope="module")
def lung(reference_files: Path) -> pd.DataFrame:
    frame = pd.read_csv(reference_files / "survival_cancer.csv")
    return frame.assign(dead=frame["status"] == 2)


def followed(seed: int = 3, n: int = 60) -> pd.DataFrame:
    """Whole months with ties, censoring and late entry."""
    rng = np.random.default_rng(seed)
    entry = np.where(rng.random(n) < 0.4, rng.integers(0, 5, n), 0)
    duration = entry + 1 + rng.integers(0, 9, n)
    return pd.DataFrame({"duration": duration, "event": rng.random(n) < 0.7, "entry": entry})


class TestAgainstR:
    def test_median_of_lung(self, lung: pd.DataFrame) -> None:
        """R: survfit(Surv(time, status) ~ 1, conf.type = "log" and "log-log")."""
        curve = kaplan_meier(lung["time"], lung["dead"])
        assert curve.quantile(confidence=0.95) == (known.LUNG_MEDIAN, *known.LUNG_LOG_LOG)
        assert curve.quantile(confidence=0.95, kind="log") == (known.LUNG_MEDIAN, *known.LUNG_LOG)

    @pytest.mark.parametrize("sex", [1, 2])
    def test_median_of_lung_by_sex(self, lung: pd.DataFrame, sex: int) -> None:
        part = lung[lung["sex"] == sex]
        curve = kaplan_meier(part["time"], part["dead"])
        assert curve.quantile(confidence=0.95, kind="log") == known.LUNG_BY_SEX[sex]

    def test_log_rank_of_lung(self, lung: pd.DataFrame) -> None:
        chi2, df, p = log_rank(lung["time"], lung["dead"], lung["sex"])
        assert (round(chi2, 1), df, round(p, 3)) == known.LUNG_LOG_RANK

    @pytest.mark.parametrize("arm", [1, 2])
    def test_restricted_mean_of_pbc(self, reference_files: Path, arm: int) -> None:
        pbc = pd.read_csv(reference_files / "survival_pbc.csv")
        part = pbc[pbc["trt"] == arm]
        curve = kaplan_meier(part["time"] / 365.25, part["status"] == 2)
        found = curve.restricted_mean(10.0)
        assert tuple(round(x, 3) for x in found) == known.PBC_RESTRICTED_MEAN[arm]


class TestByHand:
    def test_three_units(self) -> None:
        """Events at 1 and 3, one censored at 2: S = 2/3 after 1, 2/3 × 0 after 3.

        Restricted mean to 3: 1 × 1 + 2/3 × 2 = 7/3.
        """
        curve = kaplan_meier([1, 2, 3], [True, False, True])
        assert curve.survival == pytest.approx([2 / 3, 0])
        assert curve.restricted_mean(3)[0] == pytest.approx(7 / 3)

    def test_late_entry(self) -> None:
        """Unit 3 enters at 2: at time 1 two are at risk, at time 3 two of them remain."""
        curve = kaplan_meier([1, 3, 4], [True, True, True], entry=[0, 0, 2])
        assert curve.at_risk.tolist() == [2, 2, 1]
        assert curve.survival == pytest.approx([1 / 2, 1 / 4, 0])

    def test_upper_limit_is_open_where_the_curve_stays_up(self) -> None:
        curve = kaplan_meier([2, 5, 6, 7], [True, False, False, False])
        assert curve.quantile(0.5)[0] == math.inf
        assert curve.quantile(0.2)[2] == math.inf

    def test_competing_events(self) -> None:
        """Of four, one has event 1 at 1 (1/4), one leaves at 2, one has 1 at 3: 1/4 + 1/2 × 1/2."""
        found = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0], of=1)
        assert found["incidence"].tolist() == pytest.approx([0.25, 0.25, 0.5])


class TestTwins:
    def test_against_statsmodels_with_late_entry(self) -> None:
        from statsmodels.duration.survfunc import SurvfuncRight

        frame = followed()
        ours = kaplan_meier(frame["duration"], frame["event"], entry=frame["entry"])
        theirs = SurvfuncRight(frame["duration"], frame["event"] * 1, entry=frame["entry"])
        assert ours.times.tolist() == theirs.surv_times.tolist()
        assert ours.at_risk.tolist() == theirs.n_risk.tolist()
        assert ours.survival == pytest.approx(theirs.surv_prob)

    def test_limits_against_lifelines(self) -> None:
        from lifelines import KaplanMeierFitter

        frame = followed()
        ours = kaplan_meier(frame["duration"], frame["event"], entry=frame["entry"])
        fitter = KaplanMeierFitter(alpha=0.1)
        fitter.fit(frame["duration"], frame["event"], entry=frame["entry"])
        low, high = ours.interval(ours.times, confidence=0.9)
        theirs = fitter.confidence_interval_.loc[ours.times]
        alive = ours.survival > 0
        assert low[alive] == pytest.approx(theirs.iloc[:, 0].to_numpy()[alive])
        assert high[alive] == pytest.approx(theirs.iloc[:, 1].to_numpy()[alive])

    def test_incidence_against_a_plain_loop(self) -> None:
        frame = followed(5)
        cause = np.where(frame["event"], 1 + frame["entry"] % 2, 0)
        found = cumulative_incidence(frame["duration"], cause, of=2, entry=frame["entry"])
        alive, total, expected = 1.0, 0.0, []
        for t in found["time"]:
            risk = ((frame["entry"] < t) & (frame["duration"] >= t)).sum()
            now = frame["duration"] == t
            total += alive * (now & (cause == 2)).sum() / risk
            alive *= 1 - (now & (cause > 0)).sum() / risk
            expected.append(total)
        assert found["incidence"].tolist() == pytest.approx(expected)

    def test_log_rank_against_lifelines(self) -> None:
        from lifelines.statistics import multivariate_logrank_test

        frame = followed(7).assign(group=np.arange(60) % 3)
        theirs = multivariate_logrank_test(frame["duration"], frame["group"], frame["event"])
        chi2, df, p = log_rank(frame["duration"], frame["event"], frame["group"])
        assert (chi2, df, p) == pytest.approx((theirs.test_statistic, 2, theirs.p_value))


class TestIdentities:
    def test_incidences_and_survival_add_to_one(self) -> None:
        frame = followed(11)
        cause = np.where(frame["event"], 1 + frame["entry"] % 2, 0)
        both = [
            cumulative_incidence(frame["duration"], cause, of=k, entry=frame["entry"])
            for k in (1, 2)
        ]
        alive = kaplan_meier(frame["duration"], cause > 0, entry=frame["entry"])
        together = both[0]["incidence"] + both[1]["incidence"] + alive.at(both[0]["time"])
        assert together.to_numpy() == pytest.approx(np.ones(len(together)))

    def test_alone_incidence_is_one_minus_survival_and_so_is_its_error(self) -> None:
        frame = followed(13)
        curve = kaplan_meier(frame["duration"], frame["event"])
        found = cumulative_incidence(frame["duration"], frame["event"] * 1)
        assert found["incidence"].to_numpy() == pytest.approx(1 - curve.survival)
        alive = curve.survival > 0
        greenwood = curve.survival * np.sqrt(np.where(alive, curve.hazard_sum, 0))
        assert found["std_error"].to_numpy()[alive] == pytest.approx(greenwood[alive])

    def test_weights_count_as_copies(self) -> None:
        frame = followed(17)
        weight = 1 + np.arange(len(frame)) % 3
        copies = frame.loc[frame.index.repeat(weight)]
        weighed = kaplan_meier(frame["duration"], frame["event"], weights=weight)
        copied = kaplan_meier(copies["duration"], copies["event"])
        assert weighed.survival == pytest.approx(copied.survival)


@pytest.mark.parametrize("kind", ["plain", "log_log"])
def test_an_unknown_kind_of_limits_is_named(kind: str) -> None:
    curve: SurvivalCurve = kaplan_meier([1, 2], [True, True])
    with pytest.raises(DataError, match=kind):
        curve.interval([1], kind=kind)


def test_a_unit_that_ends_before_it_enters_is_named() -> None:
    with pytest.raises(DataError, match="before it enters; rows 1"):
        kaplan_meier([3, 2], [True, True], entry=[0, 2])


def test_no_unit_and_one_group() -> None:
    with pytest.raises(NotEnoughData):
        kaplan_meier([], [])
    with pytest.raises(NotEnoughData):
        log_rank([1, 2], [True, True], ["a", "a"])


def test_units_that_are_their_own_clusters_have_greenwoods_errors() -> None:
    """But for n over n − 1 and t: the infinitesimal jackknife over units is Greenwood's sum."""
    rng = np.random.default_rng(3)
    time, happened = np.ceil(rng.exponential(20, 40)), rng.random(40) < 0.8
    plain = kaplan_meier(time, happened)
    apart = kaplan_meier(time, happened, clusters=np.arange(40))
    assert apart.survival == pytest.approx(plain.survival)
    finite = np.isfinite(plain.hazard_sum)
    assert apart.hazard_sum[finite] == pytest.approx(40 / 39 * plain.hazard_sum[finite])
    assert apart.freedom == pytest.approx(39) and plain.freedom == np.inf
    # Every unit twice in a cluster: as many witnesses as before.
    twice = kaplan_meier(np.tile(time, 2), np.tile(happened, 2), clusters=np.tile(np.arange(40), 2))
    assert twice.hazard_sum[finite] == pytest.approx(apart.hazard_sum[finite])


@pytest.mark.parametrize("sizes", [(5, 9), (1, 2, 3, 4, 20)])
def test_clusters_of_several_sizes_by_numerical_derivatives(sizes: tuple[int, ...]) -> None:
    """How far log survival moves as a cluster counts a little more, squared and summed; five clusters of
    which one holds two thirds of the units are worth 30² ÷ (1 + 4 + 9 + 16 + 400) = 2.1, and so are
    weights of whole units."""
    rng = np.random.default_rng(8)
    code = np.repeat(np.arange(len(sizes)), sizes)
    time, happened = np.ceil(rng.exponential(6, len(code))), rng.random(len(code)) < 0.8
    weight = 1.0 + rng.integers(0, 2, len(code))
    found = kaplan_meier(time, happened, weights=weight, clusters=code)
    moved, h = [], 1e-5
    for one in range(len(sizes)):
        up, down = (
            kaplan_meier(time, happened, weights=weight * (1 + sign * h * (code == one))).survival
            for sign in (1, -1)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            moved.append((np.log(up) - np.log(down)) / (2 * h))
    many = np.bincount(code, weight)
    worth = many.sum() ** 2 / (many**2).sum()
    finite = np.isfinite(found.hazard_sum)
    expected = worth / (worth - 1) * (np.array(moved) ** 2).sum(axis=0)
    assert found.hazard_sum[finite] == pytest.approx(expected[finite], rel=1e-4)
    assert found.freedom == pytest.approx(worth - 1)
    # The limits are those of t: with one degree of freedom four times as wide as with many.
    s, error = found.survival[0], np.sqrt(found.hazard_sum[0])
    reach = stats.t.ppf(0.95, worth - 1) * error / abs(np.log(s))
    low, high = found.interval(found.times[0])
    assert (low, high) == pytest.approx((s ** np.exp(reach), s ** np.exp(-reach)))


def test_limits_where_nobody_is_left() -> None:
    """Of four, events at 1, 2, 3 and 4: after the last the lower limit is 0 and the upper one that of the
    step before. Where all have it at once, nothing is known of the upper one."""
    curve = kaplan_meier([1, 2, 3, 4], [True] * 4)
    low, high = curve.interval([3, 4])
    assert curve.at(4) == 0
    assert low[1] == 0 and low[0] > 0
    assert high[1] == high[0] < 1
    assert [float(one) for one in kaplan_meier([2, 2], [True] * 2).interval(2)] == [0.0, 1.0]
    assert (curve.interval([1, 2, 3], kind="log")[1] <= 1).all()


def test_strata_of_the_log_rank_test() -> None:
    """One stratum is the plain test; of two, observed less expected and variances add up."""
    rng = np.random.default_rng(4)
    time, happened = np.ceil(rng.exponential(20, 60)), rng.random(60) < 0.9
    second, strata = rng.random(60) < 0.4, np.arange(60) % 2
    _, p = stratified_log_rank(time, happened, second, np.zeros(60))
    assert p == pytest.approx(log_rank(time, happened, second)[2])
    parts = [
        stratified_log_rank(time[own], happened[own], second[own], np.zeros(own.sum()))
        for own in (strata == 0, strata == 1)
    ]
    gap, p = stratified_log_rank(time, happened, second, strata)
    assert gap == pytest.approx(sum(one for one, _ in parts))
    variance = sum(one**2 / chi2.isf(p, 1) for one, p in parts)
    assert p == pytest.approx(chi2.sf(gap**2 / variance, 1))
