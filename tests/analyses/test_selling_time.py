"""Where the hours go and how bookings answer: by hand, identities, and data that others made."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from salesops_lib import load_dataset, selling_time
from salesops_lib.analyses.selling_time import (
    published,
)
from tests.analyses.hours_frames import KINDS, by_hand, company
from tests.reference.selling_time import PERSONAL_SELLING_ELASTICITY


def test_hours_by_hand() -> None:
    """30 selling hours of 55, over four rep-weeks: 7.5 of 13.75 a week. Data entry 12 and quotes 9 of
    55 could move: 21 / 4 = 5.25 a week. A's 24 of 40, B's 6 of 15."""
    data, activities = by_hand()
    found = selling_time(data, activities=activities, kinds=KINDS)
    assert found.hours_week.value == pytest.approx(13.75)
    assert found.selling_hours_week.value == pytest.approx(7.5)
    assert found.movable_hours_week.value == pytest.approx(5.25)
    assert found.selling_share.value == pytest.approx(30 / 55)
    hours = found.activities.set_index("activity")["hours"]
    assert hours.to_dict() == pytest.approx(
        {"Meetings": 7.5, "Data entry": 3.0, "Quotes": 2.25, "Travel": 1.0}
    )
    assert list(hours.index) == ["Meetings", "Data entry", "Quotes", "Travel"]
    assert found.reps["selling_share"].tolist() == pytest.approx([0.6, 0.4])
    assert found.reps["weeks"].tolist() == [2, 2]
    assert found.reps["hours"].tolist() == pytest.approx([20, 7.5])
    assert (found.reps["movable_hours"] * 2).sum() == pytest.approx(12 + 9)
    owners = found.owners.set_index("owner")["share"]
    assert owners["sales-ops primary"] == pytest.approx(12 / 55)
    # One month: nothing can be said of the response, and the prior stays as published.
    assert found.elasticity.value == pytest.approx(PERSONAL_SELLING_ELASTICITY)
    assert found.prior_share == pytest.approx(1.0, abs=1e-6)
    assert "published experience alone" in " ".join(found.notices)


def test_the_prior_is_the_published_one() -> None:
    assert published.PRIOR_MEAN == PERSONAL_SELLING_ELASTICITY


def test_rows_in_any_order_and_money_in_any_currency(times) -> None:
    data, activities = company()
    again = selling_time(
        data.assign(bookings=data["bookings"] * 1e5).sample(frac=1, random_state=1),
        activities=activities.sample(frac=1, random_state=2), kinds=KINDS,
    )  # fmt: skip
    for one in ("elasticity", "data_elasticity", "reported_elasticity", "selling_share"):
        a, b = getattr(again, one), getattr(times, one)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-5)
    pd.testing.assert_frame_equal(again.activities, times.activities)
    assert again.bookings_year == pytest.approx(times.bookings_year * 1e5)


def test_hours_in_another_unit_change_no_elasticity(times) -> None:
    data, activities = company()
    minutes = selling_time(
        data, activities=activities.assign(hours=activities["hours"] * 60), kinds=KINDS
    )
    assert minutes.elasticity.value == pytest.approx(times.elasticity.value, rel=1e-6)
    assert minutes.selling_share.value == pytest.approx(times.selling_share.value)
    assert minutes.hours_week.value == pytest.approx(60 * times.hours_week.value)


def test_parts_add_up(times) -> None:
    assert times.activities["hours"].sum() == pytest.approx(times.hours_week.value)
    assert times.owners["share"].sum() == pytest.approx(1.0)
    selling = times.activities["selling"]
    assert times.activities.loc[selling, "share"].sum() == pytest.approx(times.selling_share.value)
    each = np.sqrt(np.diag(times.covariance))
    assert (each > 0).all() and list(times.covariance.index) == list(times.activities["activity"])
    assert times.posterior["probability"].sum() == pytest.approx(1.0)


def test_the_response_is_poisson_with_a_dummy_for_everything(times) -> None:
    """The reported elasticity, from the weeks to the slope, with a rep's and a month's dummies and
    1/tenure, by statsmodels."""
    data, activities = company()
    meetings = activities[activities["activity"] == "Meetings"]
    month = (meetings["week"] + pd.Timedelta(days=3)).dt.to_period("M").dt.to_timestamp()
    hours = meetings.groupby(["rep_id", month])["hours"].mean().rename("h")
    rows = data.merge(hours.reset_index(), left_on=["rep_id", "month"], right_on=["rep_id", "week"])
    design = np.column_stack([
        np.log(rows["h"]), 1 / rows["tenure_months"],
        pd.get_dummies(rows["rep_id"]).to_numpy(float),
        pd.get_dummies(rows["month"]).to_numpy(float)[:, 1:],
    ])  # fmt: skip
    y = rows["bookings"] / rows["bookings"].mean()
    assert (y == 0).any()
    worked = {"family": sm.families.Poisson(), "offset": np.log(rows["month_share"])}
    twin = sm.GLM(y, design, **worked).fit(tol=1e-12, maxiter=200)
    assert times.reported_elasticity.value == pytest.approx(twin.params.iloc[0], rel=1e-6)
    flat = np.column_stack([design[:, 0], np.ones(len(y)), design[:, -7:]])
    whose = pd.factorize(rows["rep_id"])[0]
    pooled = sm.GLM(y, flat, **worked).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": whose, "use_correction": False}
    )
    trap = times.pooled_elasticity
    assert trap.value == pytest.approx(pooled.params.iloc[0], rel=1e-6)
    reps = whose.max() + 1
    reach = stats.t.ppf(0.95, reps - 1) * pooled.bse.iloc[0] * np.sqrt(reps / (reps - 1))
    assert (trap.low, trap.high) == pytest.approx(
        (trap.value - reach, trap.value + reach), rel=1e-4
    )


def test_error_in_hours_makes_the_elasticity_larger_and_the_interval_wider(times) -> None:
    alone, reported = times.data_elasticity, times.reported_elasticity
    assert abs(alone.value) > abs(reported.value)
    assert alone.high - alone.low > reported.high - reported.low
    table = times.sensitivity
    assert table["error_sd"].is_monotonic_increasing and table["error_sd"].iloc[0] == 0
    none = table.iloc[0]
    assert (none["value"], none["low"]) == pytest.approx((reported.value, reported.low))
    good = table.dropna()
    assert good["value"].tolist() == pytest.approx((reported.value / good["reliability"]).tolist())
    # Weeks swing by .15, four of them a month, were all of it error.
    assert times.error_sd == pytest.approx(0.15 / 2, rel=0.1)


def test_a_known_error_and_a_known_prior() -> None:
    data, activities = company()
    given = {"activities": activities, "kinds": KINDS}
    right = selling_time(data, **given, error_sd=0.0)
    assert right.data_elasticity.value == pytest.approx(right.reported_elasticity.value)
    assert right.error_known
    firm = selling_time(data, **given, prior=(0.5, 0.001))
    assert firm.elasticity.value == pytest.approx(0.5, abs=0.01)
    loose = selling_time(data, **given, prior=(0.5, 5.0), error_sd=0.0)
    assert loose.elasticity.value == pytest.approx(loose.data_elasticity.value, abs=0.05)
    assert loose.prior_share < 0.05
    much = selling_time(data, **given, error_sd=2.0)
    assert math.isnan(much.data_elasticity.value)
    assert "a fifth" in " ".join(much.notices)


def test_the_log_leaves_out_months_without_bookings() -> None:
    data, activities = company()
    given = {"activities": activities, "kinds": KINDS, "estimator": "log"}
    whole = selling_time(data, **given)
    sold = selling_time(data[data["bookings"] > 0], **given)
    assert whole.estimator == "log"
    assert whole.reported_elasticity.value == pytest.approx(
        sold.reported_elasticity.value, rel=1e-6
    )


# ── Real data ─────────────────────────────────────────────────────────────────────────────────


def test_hours_that_nobody_here_wrote(realdata: Path) -> None:
    """Weekly collaboration hours of 300 people; the 13 in sales, with external hours as selling."""
    path = realdata / "vivainsights" / "pq_data.csv.gz"
    if not path.is_file():
        pytest.skip("the vivainsights hours are not on this machine")
    wide = pd.read_csv(path, parse_dates=["MetricDate"])
    sales = wide[wide["Organization"].str.contains("Sales", case=False)]
    names = {"Meeting_hours": (True, "sales"), "Email_hours": (False, "sales-ops primary")}
    activities = sales.melt(
        ["PersonId", "MetricDate"], list(names), var_name="activity", value_name="hours"
    ).rename(columns={"PersonId": "rep_id", "MetricDate": "week"})
    month = (activities["week"] + pd.Timedelta(days=3)).dt.to_period("M").dt.to_timestamp()
    data = pd.DataFrame({"rep_id": activities["rep_id"], "month": month}).drop_duplicates()
    found = selling_time(data.assign(bookings=0.0), activities=activities, kinds=names)
    assert len(found.reps) == sales["PersonId"].nunique() > 5
    rows = activities[activities["hours"] > 0]
    weeks = len(rows[["rep_id", "week"]].drop_duplicates())
    assert found.hours_week.value == pytest.approx(rows["hours"].sum() / weeks)
    meetings = sales["Meeting_hours"].sum() / sales[["Meeting_hours", "Email_hours"]].sum().sum()
    assert found.selling_share.value == pytest.approx(meetings)
    assert "Nothing was booked" in " ".join(found.notices)


def test_the_sample_company() -> None:
    """The planted elasticity is in the interval, whose data carry little of it, as is said."""
    sample = load_dataset("sample")
    found = selling_time(
        sample.rep_months(trailing=12), activities=sample.activities(), kinds=sample.activity_kinds
    )
    assert found.elasticity.low < 0.34 < found.elasticity.high
    assert found.data_elasticity.low < 0.34 < found.data_elasticity.high
    assert found.prior_share > 0.5
