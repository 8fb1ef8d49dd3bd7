"""The month of a row is the one that was written down, and blank months are not counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from tests.analyses.own_frames import gap, months, ramp, said


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "America/New_York"])
def test_years_of_hire_do_not_move_with_the_time_zone(zone: str) -> None:
    """Midnight of the first of January in Berlin is still December in London."""
    frame = months()
    zoned = frame.assign(month=frame["month"].dt.tz_localize(zone))
    groups = [so.ramp_time(one, value="bookings", by="cohort").groups for one in (frame, zoned)]
    pd.testing.assert_frame_equal(*groups)


def test_a_month_that_is_no_date_beside_dates_is_named() -> None:
    frame = months()
    frame["month"] = frame["month"].astype(object).where(frame.index != 3, "soon")
    with pytest.raises(so.DataError, match=r"month.*not dates; rows 3\. Write"):
        ramp(frame)


def test_two_rows_of_a_month_on_the_job_are_named_by_the_callers_column() -> None:
    frame = months().rename(columns={"tenure_months": "since"})
    with pytest.raises(so.DataError, match="column 'since': more than one row"):
        so.ramp_time(pd.concat([frame, frame.iloc[[0]]]), value="bookings", tenure="since")


def test_blank_months_do_not_make_a_year_longer() -> None:
    """Eighteen rows a rep, of which no month is known, are a year and a half and not one month."""
    frame = months()
    blank, without = frame.assign(month=np.nan), frame.drop(columns="month")
    assert (
        gap(blank).correctable_year == gap(without).correctable_year == gap(frame).correctable_year
    )
    assert said(gap(blank))


@pytest.mark.parametrize("form", ["%b %Y", "%d.%m.%Y", "%Y-%m", None])
def test_a_curve_of_months_in_words_is_that_of_their_days(form: str | None) -> None:
    """Quotas follow last year's sales; who is on leave, and whether who left is gone, is told by the last months
    too. By the alphabet "Sep" is the last of all years: the ratchet compared other months, and of words or
    periods no leave was seen."""
    rng = np.random.default_rng(1)
    times = pd.date_range("2024-01-01", periods=24, freq="MS")
    frame = pd.DataFrame({"rep_id": np.repeat(np.arange(20), 24), "month": np.tile(times, 20)})
    luck = np.exp(0.4 * rng.standard_normal(len(frame)))
    frame["bookings"] = np.exp(0.3 * rng.standard_normal(20))[frame["rep_id"]] * luck * 1e4
    year = frame["month"].dt.year
    before = (
        frame.groupby(["rep_id", year])["bookings"]
        .transform("mean")
        .groupby(frame["rep_id"])
        .shift(12)
    )
    frame["quota"] = (1.1 * before).fillna(1e4)
    frame["end_date"] = pd.NaT
    frame.loc[frame["rep_id"].eq(3) & year.eq(2025), "end_date"] = pd.Timestamp("2025-12-10")
    frame.loc[frame["rep_id"].eq(4) & year.eq(2024), "end_date"] = pd.Timestamp("2025-12-10")
    frame = frame.assign(hours=160.0, deals_created=3.0, deals_closed=1.0)
    away = frame["rep_id"].isin([5, 6]) & frame["month"].between("2025-10-01", "2025-12-01")
    frame.loc[away, ["bookings", "deals_created", "deals_closed"]] = 0.0
    frame.loc[away, "hours"] = np.nan
    written = frame["month"].dt.strftime(form) if form else frame["month"].dt.to_period("M")
    terms = {"quota": "quota", "leaves": "end_date", "samples": 0, "draws": 400}
    wanted, found = (
        so.performance_curve(one, **terms) for one in (frame, frame.assign(month=written))
    )
    assert "2 reps had neither hours nor deals" in wanted.notices[0]
    assert wanted.reps.loc[~wanted.reps["present"], "rep_id"].tolist() == [3]
    assert wanted.quota["value_before"].notna().all()
    pd.testing.assert_frame_equal(found.reps, wanted.reps)
    pd.testing.assert_frame_equal(found.quota, wanted.quota)
    assert (found.findings, found.notices) == (wanted.findings, wanted.notices)


def test_the_order_of_rows_is_no_fact_about_reps() -> None:
    """Sums that end in another digit turned draws: limits of a rep moved by a thousandth."""
    frame = months()
    wanted = so.performance_curve(frame, covariates=["market_size"], samples=9, draws=400)
    for seed in range(3):
        mixed = frame.sample(frac=1, random_state=seed)
        found = so.performance_curve(mixed, covariates=["market_size"], samples=9, draws=400)
        pd.testing.assert_frame_equal(found.reps, wanted.reps)
        assert found.findings == wanted.findings
