"""One half against the other, the quota ratchet, and practices: planted truth and no truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData, performance_curve, wording
from salesops_lib.analyses.performance_curve import (
    quota_ratchet,
    separating_practices,
    with_product_mix,
    words,
)
from salesops_lib.estimate import Estimate
from tests.analyses.curve_frames import rep_months, steady

QUICK = {"samples": 0, "draws": 400}


def _company(n: int, months: int, rng: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    skill = 1e5 * np.exp(0.25 * rng.standard_normal(n))
    return skill, rep_months(skill, months, rng)


def test_a_lead_fades_as_planted() -> None:
    """Values a half: between-rep variance s = e^.0625 − 1 = .0645, noise (e^.64 − 1)(1 + s)/6 =
    .159: of a lead s / (s + noise) = 29% stays."""
    rng = np.random.default_rng(1)
    _, frame = _company(600, 12, rng)
    curve = performance_curve(frame, **QUICK)
    kept = curve.finding("regression_to_the_mean").estimate
    assert kept.value == pytest.approx(0.29, abs=0.10)
    top = curve.halves["tier"] == "star"
    assert top.sum() == 120
    assert "fade" in curve.finding("regression_to_the_mean").sentence


def test_the_sentence_has_one_share_and_that_of_the_slope() -> None:
    """Beside the slope, the lead of the best few is another share: quoted together they may
    contradict each other (72% above, then 58%, yet "105% of a lead stayed")."""
    rng = np.random.default_rng(4)
    for reps, noise, ending in (
        (300, 0.8, "rankings of one half fade in the next."),
        (30, 0.05, "Whether leads fade at all: cannot tell."),
    ):
        skill = 1e5 * np.exp(0.25 * rng.standard_normal(reps))
        frame = rep_months(skill, 12, rng, sd=noise)
        finding = performance_curve(frame, **QUICK).finding("regression_to_the_mean")
        kept = finding.estimate
        assert finding.sentence.startswith(
            "Of what a rep was above or below average in the first half, "
            f"{wording.percent(kept.value)} ({wording.interval(kept)}) was left in the second"
        )
        assert finding.sentence.count("%") == 4  # the share, 90% interval, its two limits
        assert finding.sentence.endswith(ending)


def test_without_luck_leads_do_not_fade() -> None:
    """100% was left, at both ends, and "rankings of one half fade in the next": by the last binary digit."""
    curve = performance_curve(steady({f"R{at}": 1000.0 * (at + 1) for at in range(20)}), **QUICK)
    kept = curve.finding("regression_to_the_mean")
    assert kept.estimate.value == pytest.approx(1.0)
    assert kept.sentence.endswith("was left in the second: leads did not fade.")
    nearly = words.regression(Estimate(0.98, 0.97, 0.999, 0.9, "share"))
    assert nearly.endswith("rankings of one half fade in the next.")


def test_too_short_a_history_has_no_halves() -> None:
    rng = np.random.default_rng(2)
    curve = performance_curve(_company(20, 3, rng)[1], **QUICK)
    assert curve.halves.empty
    assert not curve.says("regression_to_the_mean")


def _with_quota(rng: np.random.Generator, ratchet: float, n: int = 40) -> pd.DataFrame:
    """Three years; a quota is 1.1 times last year's sales to the power of `ratchet`, and skill
    for the rest."""
    skill, frame = _company(n, 36, rng)
    year = np.tile(np.repeat([0, 1, 2], 12), n)
    by_year = frame["bookings"].to_numpy().reshape(n, 3, 12).mean(2)
    last = np.column_stack([skill, by_year[:, :2]])
    base = skill[:, None] * np.exp(0.1 * rng.standard_normal((n, 3)))
    quota = 1.1 * last**ratchet * base ** (1 - ratchet)
    frame["quota"] = quota[np.repeat(np.arange(n), 36), year]
    return frame


def test_a_full_ratchet_is_found() -> None:
    """quota = 1.1 x last year: attainment no longer has to do with skill, and flips from year to
    year (METHODS: correlation with skill near 0 against .7 for bookings)."""
    rng = np.random.default_rng(3)
    found = quota_ratchet(_with_quota(rng, 1.0))
    assert found.detected
    assert found.follow.value == pytest.approx(1, abs=0.05)
    assert found.persistence.high < 0
    assert "do not rank reps on it" in found.sentence


def test_quotas_on_skill_are_no_ratchet() -> None:
    rng = np.random.default_rng(4)
    found = quota_ratchet(_with_quota(rng, 0.0))
    assert found.detected is False
    assert abs(found.follow.value) < 0.3


def test_attainment_under_a_ratchet_does_not_measure_skill() -> None:
    rng = np.random.default_rng(5)
    n = 400
    skill, frame = _company(n, 24, rng)
    totals = frame["bookings"].to_numpy().reshape(n, 24)
    first, second = totals[:, :12].sum(1), totals[:, 12:].sum(1)
    on_bookings = np.corrcoef(np.log(skill), np.log(second))[0, 1]
    on_attainment = np.corrcoef(np.log(skill), np.log(second / (1.1 * first)))[0, 1]
    assert on_bookings == pytest.approx(0.68, abs=0.08)
    assert abs(on_attainment) < 0.12


def test_one_year_of_quotas_cannot_tell() -> None:
    rng = np.random.default_rng(6)
    _, frame = _company(20, 12, rng)
    curve = performance_curve(frame.assign(quota=1e5), quota="quota", **QUICK)
    assert "cannot tell" in curve.finding("quota_ratchet").sentence
    assert curve.quota.empty


def test_the_curve_reports_the_ratchet() -> None:
    rng = np.random.default_rng(7)
    curve = performance_curve(_with_quota(rng, 1.0), quota="quota", **QUICK)
    assert curve.finding("quota_ratchet").estimate.value > 0.9
    assert len(curve.quota) == 80


def _with_practices(rng: np.random.Generator, n: int, effect: float) -> pd.DataFrame:
    skill, frame = _company(n, 12, rng)
    z = (np.log(skill) - np.log(skill).mean()) / np.log(skill).std()
    level = frame["rep_id"].map(dict(zip(frame["rep_id"].unique(), z, strict=True)))
    frame["real"] = effect * level + rng.normal(size=len(frame))
    for j in range(5):
        between = rng.normal(size=n)[np.repeat(np.arange(n), 12)]
        frame[f"chance_{j}"] = between + rng.normal(size=len(frame))
    # Moves with the luck of the month and with nothing else: a naive comparison falls for it.
    frame["luck"] = np.log(frame["bookings"] / frame["rep_id"].map(
        dict(zip(frame["rep_id"].unique(), skill, strict=True))))  # fmt: skip
    return frame


COLUMNS = ["real", *(f"chance_{j}" for j in range(5)), "luck"]


def test_a_planted_practice_separates_and_luck_does_not() -> None:
    rng = np.random.default_rng(8)
    frame = _with_practices(rng, 60, 1.0)
    curve = performance_curve(frame, **QUICK)
    found = separating_practices(
        curve, frame, columns=COLUMNS, labels={"real": "Calls to GTX users"}
    )
    apart = set(found.table.loc[found.table["separates"], "practice"])
    assert apart == {"real"}
    sentence = found.findings[0].sentence
    assert "higher in calls to GTX users" in sentence
    assert "not proof" in sentence
    row = found.table.set_index("practice").loc["real"]
    assert row["star"] > row["core"]
    assert row["told_low"] < row["low"] < row["slope"] < row["high"] < row["told_high"]
    told = found.finding("practice_real").estimate
    assert (told.low, told.high) == (row["told_low"], row["told_high"])


def test_what_is_said_to_go_with_skill_has_limits_that_leave_nothing_out() -> None:
    """The deals call a practice that the jackknife's limits hold to be nothing as well: "2% less to 89%
    more" was said to be more. Dropping it leaves fewer picked, whose limits are wider for it."""
    rng = np.random.default_rng(3)
    dropped = 0
    for _ in range(40):
        frame = _with_practices(rng, 24, 0.4)
        curve = performance_curve(frame, **QUICK, rng=rng)
        found = separating_practices(curve, frame, columns=COLUMNS[:-1])
        dropped += int((found.table["q"] <= found.rate).sum() - found.table["separates"].sum())
        said = [one for one in found.findings if one.name != "practices"]
        assert len(said) == found.table["separates"].sum()
        assert all(one.estimate.excludes(0.0) for one in said)
    # The test can fail: the deals alone would have said more.
    assert dropped > 0


def test_false_discoveries_are_held_down() -> None:
    """Six practices without any effect: at a rate of .10, at least one is called in at most .10 of
    15 x 16 draws of practices, plus two binomial errors. Among them a regressor with a long tail."""
    rng = np.random.default_rng(9)
    called = []
    for _ in range(15):
        frame = _with_practices(rng, 40, 0.0)
        curve = performance_curve(frame, **QUICK, rng=rng)
        for _ in range(16):
            between = rng.normal(size=(40, 6))
            between[:, 5] = np.exp(between[:, 5])
            for j in range(6):
                frame[f"chance_{j}"] = np.repeat(between[:, j], 12) + rng.normal(size=len(frame))
            found = separating_practices(curve, frame, columns=[f"chance_{j}" for j in range(6)])
            called.append(found.table["separates"].any())
    assert np.mean(called) <= 0.10 + 2 * np.sqrt(0.10 * 0.90 / len(called))
    # The test can fail: some are called.
    assert np.mean(called) > 0.02


def test_the_luck_of_a_month_is_no_practice() -> None:
    """What moves with the luck of the month is called in at most .10 of 40 companies (+ 2 errors),
    though it is correlated with sales of the same month by construction."""
    rng = np.random.default_rng(12)
    called = []
    for _ in range(40):
        frame = _with_practices(rng, 40, 0.0)
        curve = performance_curve(frame, **QUICK, rng=rng)
        called.append(separating_practices(curve, frame, columns=["luck"]).table["separates"][0])
    assert np.mean(called) <= 0.10 + 2 * np.sqrt(0.10 * 0.90 / 40)


def test_equal_opportunity() -> None:
    """A practice that only goes with a rich market does not separate once the market is held
    fixed."""
    rng = np.random.default_rng(10)
    skill, _ = _company(60, 1, rng)
    rich = np.arange(60) % 2
    frame = rep_months(skill * (1 + rich), 12, rng)
    frame["market_size"] = np.repeat(1.0 + rich, 12) + 0.05 * rng.normal(size=len(frame))
    frame["demos"] = np.repeat(rich, 12) + rng.normal(size=len(frame))
    blind = performance_curve(frame, **QUICK)
    fair = performance_curve(frame, covariates=["market_size"], **QUICK)
    columns = ["demos"]
    assert separating_practices(blind, frame, columns=columns).table["separates"].all()
    assert not separating_practices(fair, frame, columns=columns).table["separates"].any()


def test_practices_name_what_is_wrong() -> None:
    rng = np.random.default_rng(11)
    frame = _with_practices(rng, 12, 0.0).assign(team="A", flat=1.0)
    curve = performance_curve(frame, **QUICK)
    with pytest.raises(DataError, match="no column calls"):
        separating_practices(curve, frame, columns=["calls"])
    with pytest.raises(DataError, match=r"team.*not numeric"):
        separating_practices(curve, frame, columns=["team"])
    with pytest.raises(NotEnoughData, match="no practice can be compared"):
        separating_practices(curve, frame, columns=["flat"])
    found = separating_practices(curve, frame, columns=["flat", "real"])
    assert any("varies too little" in text for text in found.notices)


def test_reps_of_unknown_opportunity_are_left_out_of_practices() -> None:
    """Deals name people whom the reps table does not know, so their market is missing."""
    rng = np.random.default_rng(12)
    frame = _with_practices(rng, 40, 1.0)
    frame["market"] = frame.groupby("rep_id").ngroup() % 7 + 1.0
    known = performance_curve(frame, covariates=["market"], **QUICK)
    who = sorted(frame["rep_id"].unique())[:3]
    frame.loc[frame["rep_id"].isin(who), "market"] = np.nan
    curve = performance_curve(frame, covariates=["market"], **QUICK)
    found = separating_practices(curve, frame, columns=COLUMNS)
    assert (found.table["reps"] == 37).all()
    assert found.notices[0] == (
        "3 reps are left out of the practices: not all is known of what they are held equal on."
    )
    frame["market"] = 1.0 + frame.groupby("rep_id").ngroup() % 7
    whole = separating_practices(known, frame, columns=COLUMNS)
    assert whole.notices == () and (whole.table["reps"] == 40).all()


def test_product_mix_by_hand_and_as_a_practice() -> None:
    """Shares of what was won in the month; and where better reps sell more of Plus, it is found."""
    day = pd.Timestamp("2025-01-20")
    months = pd.DataFrame({"rep_id": ["A", "B"], "month": pd.Timestamp("2025-01-01")}, index=[7, 9])
    deals = pd.DataFrame(
        {
            "rep_id": ["A", "A", "A", "A", "C"],
            "product": ["Core", "Core", "Plus", "Core", "Core"],
            "status": ["won", "won", "won", "lost", "won"],
            "amount": [1.0, 2.0, 1.0, 50.0, 9.0],
            "close_date": [day, day, day, day, day],
        }
    )
    mixed, labels = with_product_mix(months, deals)
    assert labels == {
        "share of Core": "Share of Core in sales", "share of Plus": "Share of Plus in sales",
    }  # fmt: skip
    assert mixed.index.tolist() == [7, 9]
    assert mixed["share of Core"].iloc[0] == 0.75
    assert mixed["share of Plus"].iloc[0] == 0.25
    assert mixed.loc[9, list(labels)].isna().all()
    assert with_product_mix(months, deals[deals["product"] == "Core"])[1] == {}
    assert with_product_mix(months, deals[:0])[1] == {}

    rng = np.random.default_rng(21)
    skill, frame = _company(80, 12, rng)
    rows = np.repeat(np.log(skill / skill.mean()), 12)
    plus = rng.random(len(frame)) < np.clip(0.5 + 0.8 * rows, 0, 1)
    sold = frame.assign(
        product=np.where(plus, "Plus", "Core"), status="won", amount=frame["bookings"],
        close_date=frame["month"] + pd.Timedelta(days=3),
    )  # fmt: skip
    mixed, labels = with_product_mix(frame, sold)
    curve = performance_curve(frame, **QUICK)
    found = separating_practices(curve, mixed, columns=list(labels), labels=labels).table
    slopes = found.set_index("practice")["slope"]
    assert slopes["share of Plus"] > 0 > slopes["share of Core"]
    assert found["separates"].all()
