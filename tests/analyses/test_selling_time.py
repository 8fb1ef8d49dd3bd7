"""Where the hours go and how bookings answer: by hand, identities, words, and what cannot be told."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from salesops_lib import DataError, NotEnoughData, ParameterError, load_dataset, selling_time
from salesops_lib.analyses.selling_time import (
    published,
    quota_by_selling_share,
    selling_shares,
    words,
)
from salesops_lib.analyses.selling_time.quota import wilson
from salesops_lib.analyses.selling_time.words import more_bookings
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.mover import difference_interval
from tests.analyses.hours_frames import KINDS, by_hand, company
from tests.reference.selling_time import NEWCOMBE, PERSONAL_SELLING_ELASTICITY, WILSON


@pytest.fixture(scope="module")
def times():
    data, activities = company()
    return selling_time(data, activities=activities, kinds=KINDS)


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


def test_a_week_not_written_down_is_no_week_without_selling() -> None:
    data, activities = company()
    lost = activities[(activities["week"].rank(method="dense") % 4) != 0]
    found = selling_time(data, activities=lost, kinds=KINDS)
    whole = selling_time(data, activities=activities, kinds=KINDS)
    assert found.hours_week.value == pytest.approx(whole.hours_week.value, rel=0.05)


def test_names_of_activities_in_any_case_and_unknown_ones() -> None:
    data, activities = company()
    kinds = {name.upper(): kind for name, kind in KINDS.items() if name != "Travel"}
    found = selling_time(data, activities=activities, kinds=kinds)
    travel = found.activities.set_index("activity").loc["Travel"]
    assert travel["owner"] == "not known" and not travel["movable"]
    assert "Nothing says whether Travel is selling" in found.notices[0]
    with pytest.raises(
        NotEnoughData, match="none of the activities recorded is known to be selling"
    ):
        selling_time(data, activities=activities, kinds={})


def test_without_a_table_of_activities_the_hours_of_rep_months_serve() -> None:
    data, _ = company()
    rng = np.random.default_rng(3)
    sold = 60 + 20 * rng.random(len(data))
    found = selling_time(data.assign(selling_hours=sold, hours=sold * 2))
    assert found.selling_share.value == pytest.approx(0.5)
    assert found.movable_hours_week.value == 0
    assert "taken as right" in " ".join(found.notices)
    assert math.isfinite(found.data_elasticity.value)
    assert "Cannot tell how much of the rest" in found.finding("movable_hours_week").sentence


def test_hours_that_contradict_each_other_and_hours_half_known() -> None:
    """A month of which only the selling hours were known counted as sold through, and one with more
    selling hours than hours was raised to them."""
    data, _ = company(reps=6, months=6)
    sold = 60 + 20 * np.random.default_rng(3).random(len(data))
    data = data.assign(selling_hours=sold, hours=sold * 2)
    half = data.assign(hours=data["hours"].where(np.arange(len(data)) % 3 > 0))
    assert selling_time(half).selling_share.value == pytest.approx(0.5)
    data.loc[data.index[[2, 4]], "hours"] = 10.0
    with pytest.raises(
        DataError, match=r"'selling_hours': more hours of selling than hours; rows 2, 4"
    ):
        selling_time(data)


def test_the_log_leaves_out_months_without_bookings() -> None:
    data, activities = company()
    given = {"activities": activities, "kinds": KINDS, "estimator": "log"}
    whole = selling_time(data, **given)
    sold = selling_time(data[data["bookings"] > 0], **given)
    assert whole.estimator == "log"
    assert whole.reported_elasticity.value == pytest.approx(
        sold.reported_elasticity.value, rel=1e-6
    )


@pytest.mark.parametrize(("change", "message"), [
    (lambda d, a: (d.drop(columns="bookings"), a), "column 'bookings': is not there"),
    (lambda d, a: (d, a.drop(columns="hours")), "column 'hours': is not there"),
    (lambda d, a: (d, a.assign(hours=-a["hours"])), "column 'hours': lies below 0; rows 0, 1"),
    (lambda d, a: (d, a.assign(hours="eight")), "holds cells that are not numbers; rows 0, 1"),
    (lambda d, a: (d, a.assign(week="soon")), "column 'week': holds cells that are not dates"),
    (lambda d, a: (d.assign(month="soon"), a), "column 'month': holds cells that are not months"),
    (lambda d, a: (pd.concat([d, d]), a), "two rows of one rep and month; rows 0, 1"),
    (lambda d, a: (d.assign(bookings=np.inf), a), "column 'bookings': holds cells"),
])  # fmt: skip
def test_bad_input_is_named(change, message: str) -> None:
    data, activities = change(*company(reps=4, months=2))
    with pytest.raises(DataError, match=message):
        selling_time(data, activities=activities, kinds=KINDS)


def test_options_out_of_range_and_no_hours() -> None:
    data, activities = company(reps=4, months=2)
    given = {"activities": activities, "kinds": KINDS}
    with pytest.raises(ParameterError, match="estimator == 'ols'"):
        selling_time(data, **given, estimator="ols")
    with pytest.raises(ParameterError, match="prior"):
        selling_time(data, **given, prior=(0.3, 0.0))
    with pytest.raises(ParameterError, match="error_sd"):
        selling_time(data, **given, error_sd=-0.1)
    with pytest.raises(NotEnoughData, match="no hours are recorded"):
        selling_time(data, activities=activities.iloc[:0], kinds=KINDS)
    with pytest.raises(NotEnoughData, match="no hours are recorded"):
        selling_time(data.assign(hours=np.nan, selling_hours=np.nan))


def test_nothing_of_the_callers_is_changed() -> None:
    data, activities = company(reps=4, months=3)
    before = data.copy(), activities.copy()
    selling_time(data, activities=activities, kinds=KINDS)
    pd.testing.assert_frame_equal(data, before[0])
    pd.testing.assert_frame_equal(activities, before[1])


# ── Sentences ─────────────────────────────────────────────────────────────────────────────────


def test_sentences_say_whose_the_number_is(times) -> None:
    said = times.finding("selling_elasticity").sentence
    assert "Ten percent more selling hours bring" in said
    assert "mostly published experience (Albers, Mantrala and Sridhar 2010" in said
    alone = times.finding("selling_elasticity_data").sentence
    assert alone.startswith("By your data alone one percent more selling hours bring 0.")
    assert "elasticity" not in alone and "% more bookings (90% interval" in alone
    assert "(0.34, 90% interval" in alone
    assert "cannot tell whether it differs from none" in alone
    share = times.finding("selling_share").sentence
    assert share.startswith("Reps spend 4") and "hours a week" in share
    movable = times.finding("movable_hours_week").sentence
    assert "of sales operations' own" in movable and "that sales operations supports" in movable
    assert times.to_dict()["findings"][0]["unit"] == "share"


def test_data_that_say_next_to_nothing_are_said_to() -> None:
    data, activities = company(reps=6, months=3)
    found = selling_time(data, activities=activities, kinds=KINDS)
    assert found.prior_share > 0.97
    assert "nearly all published experience" in found.finding("selling_elasticity").sentence
    alone = found.finding("selling_elasticity_data").sentence
    assert alone.startswith("Your data alone say next to nothing: one percent more ")
    assert "would bring anything from −" in alone and "elasticity" not in alone


@pytest.mark.parametrize(
    ("own", "disagree"),
    [((-1.7, -3.0, -0.4), True), ((1.9, 0.6, 3.2), True), ((-0.9, -2.2, 0.4), False)],
)
def test_data_that_disagree_with_experience_are_said_to(times, own, disagree) -> None:
    """1.3 on either side of the data and .33 of experience are 1.34 together: 2.04 or 1.56 from .34 is
    beyond them, 1.24 is not. And limits of −3 to −.4 are not next to nothing."""
    data = Estimate(*own, 0.9, "index", 20)
    found = replace(times, data_elasticity=data, prior_share=0.98)
    said = words.weight(found)
    assert ("the two disagree by more than chance" in said) == disagree
    alone = next(
        one for one in words.findings(found) if one.name == "selling_elasticity_data"
    ).sentence
    assert alone.startswith(
        f"Your data alone {'tell little' if disagree else 'say next to nothing'}:"
    )


def test_ten_percent_more_hours_by_hand(times) -> None:
    """1.1 ** e − 1, never e / 10."""
    more = more_bookings(times.prior)
    assert more.value == pytest.approx(1.1**0.34 - 1)
    assert more.low == pytest.approx(1.1**times.prior.low - 1)


# ── Groups and quota ──────────────────────────────────────────────────────────────────────────


def test_shares_by_group(times) -> None:
    data, _ = company()
    found = selling_shares(times, data, by=("channel", "region", "tenure", "team"))
    assert list(found.tests["by"]) == ["channel", "region", "tenure"]
    channel = found.table[found.table["by"] == "channel"]
    for row in channel.itertuples():
        own = times.reps[
            times.reps["rep_id"].isin(data.loc[data["channel"] == row.group, "rep_id"])
        ]
        every = own["hours"] * own["weeks"]
        assert row.share == pytest.approx((own["selling_share"] * every).sum() / every.sum())
        assert row.low < row.share < row.high and row.reps == len(own)
    assert (found.tests["p_holm"] >= found.tests["p"]).all()
    assert "Cannot tell whether channels" in found.findings[0].sentence
    moved = times.reps.assign(
        selling_share=np.where(np.arange(len(times.reps)) % 2, 0.6, 0.3)
        + 0.01 * np.arange(len(times.reps)) / 16
    )
    said = selling_shares(replace(times, reps=moved), data).findings[0].sentence
    assert said.startswith("Selling time differs between channels and regions by more than chance")
    assert said.endswith("; between lengths of service it may be chance.")
    assert not any(name in said for name in ("EU", "US", "P0", "P1"))
    with pytest.raises(NotEnoughData, match="no two groups"):
        selling_shares(times, data.assign(channel="EU"), by=("channel",))


def test_the_published_intervals_of_shares() -> None:
    for (hits, n), limits in WILSON.items():
        assert wilson(hits, n, 0.95)[1:] == pytest.approx(limits, abs=5e-5)
    first, second, limits = NEWCOMBE
    found = difference_interval(wilson(*first, 0.95), wilson(*second, 0.95))
    assert found[1:] == pytest.approx(limits, abs=5e-5)


def test_quota_by_thirds_of_selling_share(times) -> None:
    data, _ = company()
    sums = data.groupby("rep_id")[["bookings", "quota"]].sum()
    reached = sums["bookings"] >= sums["quota"]
    order = times.reps.sort_values("selling_share")["rep_id"].tolist()
    found = quota_by_selling_share(times, data, fewest=5)
    assert found.table["reps"].tolist() == [6, 5, 5]
    assert found.table["reached"].iloc[0] == pytest.approx(reached[order[:6]].mean())
    assert found.table["reached"].iloc[2] == pytest.approx(reached[order[-5:]].mean())
    gap = found.table["reached"].iloc[2] - found.table["reached"].iloc[0]
    assert found.difference.value == pytest.approx(gap)
    assert found.difference.low < gap < found.difference.high
    with pytest.raises(NotEnoughData, match="thirds of 6"):
        quota_by_selling_share(times, data, fewest=6)
    with pytest.raises(NotEnoughData, match="0 reps have both"):
        quota_by_selling_share(times, data.assign(quota=np.nan))


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
