"""The other findings of the curve: the smaller sister of `make calibrate`, and arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from benchmarks.calibration import performance_curve_findings as calibration
from benchmarks.calibration.planted_habits import RHOS, practices, quotas, tails
from benchmarks.calibration.planted_levers import claims, curve_rows
from benchmarks.calibration.planted_reps import Dealers
from salesops_lib import moving_the_middle, performance_curve
from salesops_lib.analyses.performance_curve import (
    PerformanceCurve,
    lever_words,
    quota_ratchet,
    separating_practices,
    star_deals,
    words,
)
from salesops_lib.estimate import Estimate
from tests.analyses.curve_frames import rep_months, steady

QUICK = {"samples": 0, "draws": 400}


def _slack(companies: int) -> float:
    return 0.02 + 2.6 * np.sqrt(0.09 / companies)


def test_findings_cover_what_is_planted_where_bookings_are_deals() -> None:
    """40 companies of 24 reps: within 2 points and 2.6 binomial errors. Of the stars' deals no more is
    promised than they will bring: within 2.6 errors, where the mean of the deals seen is 7% too high."""
    rng = np.random.default_rng(81)
    rows = pd.DataFrame([row for _ in range(40) for row in curve_rows(Dealers(24, 0.15), rng)])
    covered = rows.groupby("quantity")["covered"].mean()
    for name in (
        "reliability", "star_to_core_ratio", "middle_to_star_ratio", "star_deal",
        "replacement_star", "regression_to_the_mean", "prediction_error_ratio",
    ):  # fmt: skip
        assert covered[name] == pytest.approx(0.90, abs=_slack(40)), name
    assert covered["rank"] >= 0.90 - _slack(40)
    deals = rows[rows["quantity"] == "star_deal"]
    off = deals["value"] / deals["truth"] - 1
    assert off.mean() == pytest.approx(0, abs=2.6 * off.std() / np.sqrt(40))
    assert off.std() / np.sqrt(40) < 0.02


def test_chances_come_true_as_often_as_claimed() -> None:
    """Over 30 companies that differ in the spread of skill and the levers' terms: mean claim against
    mean outcome, and both rise together, within two points and 2.6 errors of companies."""
    rng = np.random.default_rng(82)
    rows = pd.concat(pd.DataFrame(claims("messy", 24, rng)).assign(company=k) for k in range(30))
    for name, low, high in (
        ("best_lever", 0, 1), ("p_pays", 0, 0.9), ("p_best", 0, 0.5), ("p_star", 0, 0.1),
        ("p_star", 0.5, 1), ("p_laggard", 0.5, 1),
    ):  # fmt: skip
        one = rows[(rows["quantity"] == name) & rows["value"].between(low, high)]
        away = (one["covered"] - one["value"]).groupby(one["company"]).sum()
        error = np.sqrt((away**2).sum()) / len(one)
        assert one["covered"].mean() == pytest.approx(
            one["value"].mean(), abs=0.02 + 2.6 * error
        ), name


def test_practices_and_quotas_cover_what_is_planted() -> None:
    """30 companies, 40 of quotas; a slope over the variance of half a year would be a sixth too small."""
    rng = np.random.default_rng(83)
    rows = pd.DataFrame([row for _ in range(30) for row in practices(60, RHOS, rng)])
    found = rows.groupby("quantity")[["covered", "value", "truth"]].mean()
    for name in ("practice_*, strong", "practice_*, weak"):
        assert found.loc[name, "covered"] == pytest.approx(0.90, abs=_slack(30))
    for name in found.index[found.index.str.contains("share of")]:
        assert found.loc[name, "covered"] <= 0.10 + _slack(30)
    strong = rows[rows["quantity"] == "practice_*, strong"]
    off = strong["value"] - strong["truth"]
    assert off.mean() == pytest.approx(0, abs=2.6 * off.std() / np.sqrt(30))
    for ratchet in (0.0, 0.3, 1.0):
        rows = pd.DataFrame([row for _ in range(40) for row in quotas(40, ratchet, rng)])
        share = rows.groupby("quantity")["covered"].mean()
        assert share["quota_ratchet"] == pytest.approx(0.90, abs=_slack(40))
        if ratchet == 0:
            # A regression on last year's sales says so of six companies in ten.
            assert share["says that quotas follow"] <= 0.05 + _slack(40)
        follow = rows[rows["quantity"] == "quota_ratchet"]["value"]
        assert follow.mean() == pytest.approx(ratchet, abs=2.6 * follow.std() / np.sqrt(40))


def test_the_tail_covers_what_is_planted() -> None:
    """20 companies of 40 reps, skill a power law of 1.5: 2^-1.5 = 35% sell twice as much."""
    rng = np.random.default_rng(91)
    rows = pd.DataFrame([row for _ in range(20) for row in tails(40, 99, rng)])
    # The verdict is not given in every company; the slack is that of how many have one.
    assert len(rows) >= 10
    assert rows["covered"].mean() == pytest.approx(0.90, abs=_slack(len(rows)))
    error = rows["value"].std() / np.sqrt(len(rows))
    assert rows["value"].mean() == pytest.approx(2**-1.5, abs=2.6 * error)
    # Less than the spread of estimates would be too narrow, three times as much idle.
    assert 2.6 < (rows["width"].mean() / rows["value"].std()) < 8


def test_every_case_gives_a_judged_table() -> None:
    """Two companies of a case of each kind: the columns, and nothing judged that is not counted."""
    kinds = {case.kind: at for at, case in enumerate(calibration.CASES)}
    for kind, at in kinds.items():
        case = calibration.CASES[at]
        rows = calibration.block(at, 0, 2, 5)
        if kind == "claims":
            rows = pd.concat([rows] * 20)
        table = calibration.summary(case, rows, 5)
        assert len(table) and table["ok"].dtype == bool
        assert (table["analysis"] == "performance_curve").all()
        assert table["coverage"].dropna().between(0, 1).all()


def test_a_slope_over_all_periods_by_a_loop() -> None:
    """Even against odd months, over the variance of the year's means, in units of their spread."""
    rng = np.random.default_rng(84)
    frame = rep_months(np.exp(0.25 * rng.standard_normal(14)), 6, rng)
    frame["calls"] = rng.normal(size=len(frame))
    curve = performance_curve(frame, **QUICK)
    row = separating_practices(curve, frame, columns=["calls"]).table.iloc[0]
    sales, calls = (frame[name].to_numpy().reshape(14, 6) for name in ("bookings", "calls"))
    top = bottom = 0.0
    halves = {
        name: [x[:, start::2].mean(1) - x[:, start::2].mean() for start in (0, 1)]
        for name, x in (("sales", sales), ("calls", calls))
    }
    for i in range(14):
        top += halves["calls"][0][i] * halves["sales"][1][i]
        top += halves["calls"][1][i] * halves["sales"][0][i]
        bottom += 2 * ((halves["calls"][0][i] + halves["calls"][1][i]) / 2) ** 2
    spread = (calls - calls.mean(0)).mean(1).std(ddof=1)
    assert row["slope"] == pytest.approx(top / bottom * spread / sales.mean())


def test_practices_that_were_picked_have_wider_limits() -> None:
    """One of four picked: 1 − .10/4 = 97.5% limits; all picked: those of the table."""
    rng = np.random.default_rng(85)
    skill = np.exp(0.25 * rng.standard_normal(60))
    frame = rep_months(skill, 12, rng)
    frame["real"] = np.repeat(np.log(skill), 12) + 0.05 * rng.normal(size=len(frame))
    for name in ("a", "b", "c"):
        frame[name] = rng.normal(size=len(frame))
    curve = performance_curve(frame, **QUICK)
    for columns in (["real", "a", "b", "c"], ["real"]):
        found = separating_practices(curve, frame, columns=columns)
        row = found.table.set_index("practice").loc["real"]
        assert found.finding("practices").estimate.value == 1
        said = found.finding("practice_real")
        level = 1 - 0.10 / len(columns)
        wider = stats.t.ppf(0.5 + level / 2, 58) / stats.t.ppf(0.95, 58)
        assert said.estimate.high - said.estimate.value == pytest.approx(
            wider * (row["high"] - row["slope"])
        )
        assert "(90% interval" in said.sentence and "likely somewhat less" in said.sentence


def test_what_is_kept_against_statsmodels_hc3() -> None:
    rng = np.random.default_rng(86)
    curve = performance_curve(rep_months(rng.lognormal(0, 0.3, 20), 12, rng), **QUICK)
    first, second = (curve.halves[name] / curve.halves[name].mean() for name in ("first", "second"))
    fit = sm.OLS(second.to_numpy(), sm.add_constant(first.to_numpy())).fit(
        cov_type="HC3", use_t=True
    )
    kept = curve.finding("regression_to_the_mean").estimate
    assert kept.value == pytest.approx(fit.params[1])
    assert (kept.low, kept.high) == pytest.approx(tuple(fit.conf_int(0.10)[1]))


def test_the_limits_of_the_error_ratio_are_where_a_paired_t_test_turns() -> None:
    rng = np.random.default_rng(87)
    skill = rng.lognormal(0, 0.3, 40)
    curve = performance_curve(rep_months(skill, 12, rng, noise="added"), **QUICK)
    table = curve.halves
    ours, raw = (
        ((table[name] - table["second"]) ** 2).to_numpy(dtype=float)
        for name in ("predicted", "raw_predicted")
    )
    ratio = curve.finding("prediction_error_ratio").estimate
    assert ratio.value == pytest.approx(np.sqrt(ours.sum() / raw.sum()))
    for limit in (ratio.low, ratio.high):
        assert stats.ttest_1samp(ours - limit**2 * raw, 0).pvalue == pytest.approx(0.10, rel=1e-6)


@pytest.fixture(scope="module")
def certain() -> PerformanceCurve:
    values = [30, 29, 20, 20, 20, 10, 10, 10, 5, 5]
    return performance_curve(steady({f"R{i}": v for i, v in enumerate(values)}), samples=0)


def test_one_more_deal_from_each_star_counts_stars_alike(certain: PerformanceCurve) -> None:
    """Deals of 1 and 3 of one star, 6 of the other: (2 + 6) / 2 = 4, two deals; without labels the
    three count alike: 10/3."""
    amounts = pd.Series([1.0, 3.0, 6.0], index=["R0", "R0", "R1"])
    worth = [
        moving_the_middle(certain, star_deal_value=one).finding("star_deal").estimate.value
        for one in (amounts, amounts.to_numpy())
    ]
    assert worth == pytest.approx([8, 20 / 3])


def test_deals_of_stars_are_drawn_towards_those_of_all(certain: PerformanceCurve) -> None:
    """Amounts all from one pot: the stars' were lucky, and most of that is taken off; where reps differ
    by far more than luck explains, next to nothing is."""
    rng = np.random.default_rng(88)
    rep = np.repeat([f"R{i}" for i in range(10)], 20)
    luck = rng.lognormal(0, 0.8, len(rep))
    deals = pd.DataFrame({"rep_id": rep, "status": "won", "amount": luck, "close_date": 0})
    lucky = deals["rep_id"].isin(["R0", "R1"])
    deals.loc[lucky, "amount"] *= 1.3
    found = star_deals(certain, deals)
    seen, common = deals.loc[lucky, "amount"].mean(), deals["amount"].mean()
    assert common < found.mean() < common + 0.5 * (seen - common)
    apart = deals.assign(amount=luck * np.repeat(np.arange(1, 11.0)[::-1] ** 2, 20))
    found = star_deals(certain, apart)
    mean = apart.groupby("rep_id")["amount"].mean()
    assert found.groupby(level=0).mean().to_numpy() == pytest.approx(mean[:2].to_numpy(), rel=0.1)


def test_a_quota_that_copies_last_year_has_an_elasticity_of_one_and_no_width() -> None:
    rng = np.random.default_rng(89)
    frame = rep_months(np.exp(0.25 * rng.standard_normal(40)), 36, rng)
    year = frame["bookings"].to_numpy().reshape(40, 3, 12).mean(2)
    frame["quota"] = np.repeat(np.column_stack([year[:, 0], year[:, :2]]), 12)
    follow = quota_ratchet(frame).follow
    assert (follow.low, follow.value, follow.high) == pytest.approx((1, 1, 1), abs=1e-6)


def test_where_sales_hardly_change_nothing_is_said_of_quotas() -> None:
    """Sales that are all skill: there is no luck for a quota to follow."""
    rng = np.random.default_rng(90)
    skill = np.exp(0.25 * rng.standard_normal(12))
    frame = rep_months(skill, 36, rng, sd=0.001)
    frame["quota"] = np.repeat(skill[:, None] * rng.lognormal(0, 0.1, (12, 3)), 12)
    found = quota_ratchet(frame)
    assert found.detected is None or found.follow.low < 0
    wide = found.follow.high - found.follow.low
    assert np.isinf(wide) or wide > 5
    if found.detected is None:
        assert "cannot tell; sales change too little from year to year" in found.sentence


def test_where_reps_may_be_alike_stars_are_said_to_bring_perhaps_less() -> None:
    rng = np.random.default_rng(92)
    for spread, said in ((0.0, True), (0.5, False)):
        frame = rep_months(np.exp(spread * rng.standard_normal(40)), 12, rng)
        curve = performance_curve(frame, **QUICK)
        assert ("cannot tell" in curve.finding("reliability").sentence) is said
        notices = moving_the_middle(curve).notices
        assert any("stars may bring less than its interval says" in one for one in notices) is said


def test_one_person_is_not_spoken_of_as_many() -> None:
    """ "Of the 1 rep ranked as stars, about 0 would still be among the stars", "about 1 of the 1"."""
    assert words.luck(0.22, 1) == (
        "The one rep ranked as a star would still be among the stars with a probability of 22% if luck "
        "were taken out."
    )
    row = {"lever": "replacement", "reps": 1, "once": 0.0, "cost": 0.0, "p_pays": 0.9}
    said = lever_words.lever(
        row, Estimate(2e5, 1e5, 3e5, 0.9, "money/year"), lift=0.05, gap_closed=None, deals_year=1.0,
        years=3.0, unlucky=0.8, currency="$",
    )  # fmt: skip
    assert said.startswith("Replacing 1 under-performer by an average hire is worth $200K a year")
    assert said.endswith(
        "that rep would more likely than not be off the bottom with luck taken out."
    )


def test_numbers_that_nobody_can_use_are_not_printed() -> None:
    """It broke even "at 646 months", and of 328 about 132 would not be at the bottom."""
    assert lever_words.break_even(646.2, "months") == "more than 120 months"
    assert lever_words.break_even(17.3, "months") == "17 months"
    assert "about 220 would still be among the stars" in words.luck(218.4, 378)
    row = {"lever": "replacement", "reps": 328, "once": 0.0, "cost": 0.0, "p_pays": 0.9}
    said = lever_words.lever(
        row, Estimate(2e7, 1e7, 3e7, 0.9, "money/year"), lift=0.05, gap_closed=None, deals_year=1.0,
        years=3.0, unlucky=132.0, currency="$",
    )  # fmt: skip
    assert "; about 130 of the 328 would not be at the bottom with luck taken out" in said


def test_limits_of_what_quotas_follow_have_the_digits_of_the_number() -> None:
    """ "By 10% (90% interval 9.99% to 10.01%)"."""
    said = words.ratchet(True, Estimate(1.0, 0.999, 1.001, 0.9, "ratio", 9))
    assert "by 10.00% (90% interval 9.99% to 10.01%)" in said
