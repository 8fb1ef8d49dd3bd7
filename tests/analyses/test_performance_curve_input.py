"""What the performance curve is given: faults named, nothing dropped in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import (
    DataError,
    NotEnoughData,
    ParameterError,
    moving_the_middle,
    performance_curve,
)
from salesops_lib.analyses.performance_curve import fit_families, selling_reps
from salesops_lib.analyses.performance_curve.panel import read_panel
from tests.analyses.curve_frames import rep_months


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return rep_months(1e5 * np.exp(0.25 * rng.standard_normal(12)), 8, rng)


QUICK = {"samples": 0, "draws": 400}


def test_the_input_is_not_changed(frame: pd.DataFrame) -> None:
    before = frame.copy()
    performance_curve(frame, **QUICK)
    pd.testing.assert_frame_equal(frame, before)


def test_other_names_keep_their_names(frame: pd.DataFrame) -> None:
    renamed = frame.rename(columns={"rep_id": "agent", "month": "when", "bookings": "won"})
    curve = performance_curve(renamed, rep="agent", period="when", value="won", **QUICK)
    ours = performance_curve(frame, **QUICK)
    assert list(curve.reps["agent"]) == list(ours.reps["rep_id"])
    assert curve.reps["shrunk"].to_numpy() == pytest.approx(ours.reps["shrunk"].to_numpy())


def test_a_missing_column_is_named_with_those_there_are(frame: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"no column 'sales'.*bookings"):
        performance_curve(frame, value="sales", **QUICK)


def test_two_rows_for_a_rep_and_month_are_named(frame: pd.DataFrame) -> None:
    twice = pd.concat([frame, frame.iloc[[5]]], ignore_index=True)
    with pytest.raises(DataError, match=r"rows 96.*Sum them first"):
        performance_curve(twice, **QUICK)


def test_text_in_place_of_numbers(frame: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"bookings.*not numbers"):
        performance_curve(frame.astype({"bookings": str}), **QUICK)


def test_infinite_values_are_named(frame: pd.DataFrame) -> None:
    frame.loc[3, "bookings"] = np.inf
    with pytest.raises(DataError, match="infinite values; rows 3"):
        performance_curve(frame, **QUICK)


def test_a_rep_without_a_name(frame: pd.DataFrame) -> None:
    frame.loc[2, "rep_id"] = None
    with pytest.raises(DataError, match=r"rep_id.*rows 2"):
        performance_curve(frame, **QUICK)


def test_three_reps_are_too_few(frame: pd.DataFrame) -> None:
    few = frame[frame["rep_id"] < "R0003"]
    with pytest.raises(NotEnoughData, match="3 reps cannot show a spread"):
        performance_curve(few, **QUICK)


def test_missing_values_are_left_out_and_said(frame: pd.DataFrame) -> None:
    frame.loc[[0, 9], "bookings"] = np.nan
    curve = performance_curve(frame, **QUICK)
    assert any("2 rows without a value" in text for text in curve.notices)
    assert curve.reps["n_periods"].sum() == len(frame) - 2


@pytest.mark.parametrize("tiers", [(0.5, 0.6, 0.2), (0.2, 0.8), (-0.2, 1.0, 0.2)])
def test_tiers_must_add_up(frame: pd.DataFrame, tiers: tuple[float, ...]) -> None:
    with pytest.raises(ParameterError, match="summing to 1"):
        performance_curve(frame, tiers=tiers, **QUICK)  # type: ignore[arg-type]


def test_a_covariate_that_repeats_another_is_left_out_by_name(frame: pd.DataFrame) -> None:
    """The market in dollars and in euros: a report that failed over it was due again every day."""
    rng = np.random.default_rng(0)
    frame["size"] = rng.normal(size=len(frame))
    frame["size_in_euro"] = 0.9 * frame["size"] + 3
    both = performance_curve(frame, covariates=["size", "size_in_euro"], **QUICK)
    said = [one for one in both.notices if "says the same as the covariates before it" in one]
    assert len(said) == 1 and said[0].startswith("'size_in_euro'")
    alone = performance_curve(frame, covariates=["size"], **QUICK)
    pd.testing.assert_frame_equal(both.reps, alone.reps)


def test_units_of_a_covariate_change_nothing(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    frame["index"], frame["rate"] = rng.standard_normal((2, len(frame)))
    scaled = frame.assign(index=frame["index"] * 1e9 + 7.0, rate=frame["rate"] * 1e-9)
    one, other = (
        performance_curve(data, covariates=["index", "rate"], **QUICK) for data in (frame, scaled)
    )
    assert one.notices == other.notices
    assert one.reps["adjusted"].to_numpy() == pytest.approx(other.reps["adjusted"].to_numpy())


def test_covariates_that_say_nothing_are_left_out_and_said(frame: pd.DataFrame) -> None:
    frame["flat"] = 1.0
    frame["index"] = frame["month"].dt.month.astype(float)
    curve = performance_curve(frame, covariates=["flat", "index"], **QUICK)
    said = " ".join(curve.notices)
    assert "'flat' is the same in every row" in said
    assert "'index' is the same for everyone in a month" in said


def test_an_unknown_market_is_the_average_one_whatever_markets_are_called(
    frame: pd.DataFrame,
) -> None:
    """In half the months of one rep it is not known whether the market was good, where all sell twice as
    much: they were taken for months of the market that comes first by name."""
    at = np.arange(len(frame))
    good = pd.Series(at // 3 % 2 == 0, frame.index)
    frame["bookings"] *= np.where(good, 2.0, 1.0)
    frame["market"] = good.map({True: "good", False: "poor"}).mask((at < 8) & (at % 2 == 0))
    curves = [
        performance_curve(
            frame.assign(market=frame["market"].replace("good", name)),
            covariates=["market"],
            **QUICK,
        )
        for name in ("good", "worth it")
    ]
    values = [one.reps.sort_values("rep_id")["adjusted"].to_numpy() for one in curves]
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert "'market' is missing in 4 rows: the average stands in." in curves[0].notices
    # Who has no hire date is not new.
    tenure = pd.Series(at % 8 + at // 8 % 3 + 1.0, frame.index)
    known, blank = (
        performance_curve(frame.assign(tenure=one), covariates=["tenure"], **QUICK)
        for one in (tenure.mask(at < 8, 99.0), tenure.mask(at < 8))
    )
    assert known.reps["adjusted"].to_numpy() == pytest.approx(blank.reps["adjusted"].to_numpy())
    assert "'tenure' is missing in 8 rows: taken as long ramped." in blank.notices


def test_gaps_inside_a_history_are_said(frame: pd.DataFrame) -> None:
    curve = performance_curve(frame.drop(index=[3, 4]), **QUICK)
    assert any("1 rep with months missing" in text for text in curve.notices)


@pytest.mark.parametrize(
    ("periods", "per_year"),
    [
        (pd.date_range("2025-01-01", periods=8, freq="MS"), 12),
        (pd.period_range("2023Q1", periods=8, freq="Q"), 4),
        (pd.date_range("2025-01-06", periods=8, freq="W-MON"), 365.25 / 7),
        ([f"2025-{m:02d}" for m in range(1, 9)], 12),
        ([f"{y}Q{q}" for y in (2024, 2025) for q in range(1, 5)], 4),
        (range(8), 12),
    ],
)
def test_any_kind_of_period(frame: pd.DataFrame, periods: object, per_year: float) -> None:
    frame["month"] = list(periods) * 12  # type: ignore[call-overload]
    assert performance_curve(frame, **QUICK).periods_per_year == pytest.approx(per_year)


def test_families_name_what_is_wrong() -> None:
    with pytest.raises(NotEnoughData, match="At least 8"):
        fit_families([1.0, 2.0, 3.0])
    with pytest.raises(NotEnoughData, match="all values are alike"):
        fit_families([2.0] * 20)
    with pytest.raises(ParameterError, match=r"no family cauchy"):
        fit_families(range(1, 30), families=["cauchy"])


def test_a_period_that_is_none_is_named(frame: pd.DataFrame) -> None:
    frame["month"] = [f"month {i}" for i in range(8)] * 12
    with pytest.raises(DataError, match=r"month.*not a date"):
        performance_curve(frame, **QUICK)


def test_managers_who_sell_are_left_out_and_said(frame: pd.DataFrame) -> None:
    assert selling_reps(frame)[1] == ()
    frame["manager_id"] = np.where(frame["rep_id"] < "R0006", "R0010", "M1")
    kept, notices = selling_reps(frame)
    assert set(frame["rep_id"]) - set(kept["rep_id"]) == {"R0010"}
    assert notices == ("1 manager who also sells is left out: reps are compared with reps.",)
    few = frame[frame["rep_id"].isin(["R0000", "R0001", "R0010"])]
    assert selling_reps(few)[1] == ()


def test_days_of_a_month_count_as_a_quarter_of_it_at_least(frame: pd.DataFrame) -> None:
    """Three days and a week of a month beside six whole ones: 0.25 + 0.25 + 6 months were worked."""
    share = np.ones(len(frame))
    share[:2] = 0.1, 0.25
    names = {"rep": "rep_id", "period": "month", "value": "bookings", "exposure": "month_share"}
    panel = read_panel(frame.assign(month_share=share), **names)
    assert panel.exposure[:3].tolist() == [0.25, 0.25, 1.0]
    assert panel.observed[0] == pytest.approx(frame["bookings"][:8].sum() / 6.5)
    assert panel.notices == ("1 rep-month of less than a week counted as a quarter of a month.",)
    share[1] = 0.0
    with pytest.raises(DataError, match=r"'month_share': must be above 0; rows 1"):
        read_panel(frame.assign(month_share=share), **names)


def test_groups_too_small_to_compare_in_are_named(frame: pd.DataFrame) -> None:
    frame["territory"] = "T" + (frame["rep_id"].str[-2:].astype(int) // 2).astype(str)
    with pytest.raises(DataError, match=r"territory.*6 groups for 12 reps"):
        performance_curve(frame, covariates=["territory"], **QUICK)
    frame["half"] = np.where(frame["rep_id"] < "R0006", "A", "B")
    assert len(performance_curve(frame, covariates=["half"], **QUICK).reps) == 12


@pytest.mark.parametrize("youngest", [24, 40, 300])
def test_a_company_of_old_hands_has_no_ramp_to_explain(frame: pd.DataFrame, youngest: int) -> None:
    """A shortfall of e^(-13) was as good as the constant: tenure "says the same as the covariates
    before it", and the report of every company that had hired nobody for 32 months failed."""
    reps = pd.factorize(frame["rep_id"])[0]
    tenure = youngest + 7.0 * reps + frame.groupby("rep_id").cumcount()
    curve = performance_curve(frame.assign(tenure=tenure), covariates=["tenure"], **QUICK)
    assert "Everyone is long ramped, so 'tenure' explains nothing." in curve.notices
    pd.testing.assert_frame_equal(curve.reps, performance_curve(frame, **QUICK).reps)
    new = tenure.where(reps > 0, tenure - youngest + 1)
    curve = performance_curve(frame.assign(tenure=new), covariates=["tenure"], **QUICK)
    assert not any("long ramped" in text for text in curve.notices)


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%Y-%m", "%B %Y"])
def test_months_in_any_writing_are_the_same_months(frame: pd.DataFrame, written: str) -> None:
    """31/01/2026 was read as a quarter: three months of a rep in one, which nothing refused."""
    ends = pd.to_datetime(frame["month"]) + pd.offsets.MonthEnd(0)
    curve = performance_curve(frame.assign(month=ends.dt.strftime(written)), **QUICK)
    ours = performance_curve(frame, **QUICK)
    pd.testing.assert_frame_equal(curve.reps, ours.reps)
    assert curve.periods_per_year == 12


def test_months_that_may_be_days_are_refused(frame: pd.DataFrame) -> None:
    firsts = pd.to_datetime(frame["month"]).dt.strftime("%d/%m/%Y")
    with pytest.raises(DataError, match=r"'month'.*day or month may come first; rows 1, 2"):
        performance_curve(frame.assign(month=firsts), **QUICK)


def test_yes_and_no_is_a_kind_of_rep_and_no_number(frame: pd.DataFrame) -> None:
    """As a covariate it is named by what it says; of bookings it makes none."""
    frame["remote"] = np.arange(len(frame)) % 5 < 2
    named = read_panel(
        frame, rep="rep_id", period="month", value="bookings", covariates=["remote"]
    ).covariate_names
    assert named == ("remote=True",)
    with pytest.raises(DataError, match="not numbers"):
        performance_curve(frame.assign(bookings=frame["bookings"] > 0))


def test_many_groups_that_reps_pass_through_can_be_compared_in(frame: pd.DataFrame) -> None:
    """Twelve reps and eight products, one a month: who is compared is the rep in other months."""
    product = [f"P{k}" for k in (np.arange(len(frame)) * 5 + np.arange(len(frame)) // 8) % 8]
    named = read_panel(
        frame.assign(product=product), rep="rep_id", period="month", value="bookings",
        covariates=["product"],
    ).covariate_names  # fmt: skip
    assert named == tuple(f"product=P{k}" for k in range(1, 8))


def test_a_column_has_one_part_to_play(frame: pd.DataFrame) -> None:
    """By its own bookings, as a covariate, all that a rep sold was explained; money as the share of a month
    that a rep was there made every month worth 1."""
    with pytest.raises(ParameterError, match="'bookings' cannot be both the value and a covariate"):
        performance_curve(frame, covariates=["bookings"], **QUICK)
    for parts in ({"rep": "bookings"}, {"period": "rep_id"}, {"value": "month"}):
        with pytest.raises(ParameterError, match=r"are both .*; name two columns"):
            performance_curve(frame, **parts, **QUICK)
    with pytest.raises(DataError, match=r"'bookings': must be at most 1; rows 0, 1"):
        performance_curve(frame, exposure="bookings", **QUICK)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_covariates_past_what_floats_square(frame: pd.DataFrame, size: float) -> None:
    """The one covariate that there was said nothing, and its logs were wanted: "need at least one array"."""
    far = frame.assign(market=size * (1 + np.arange(len(frame)) % 7))
    with np.errstate(all="ignore"):
        found = performance_curve(far, covariates="market", **QUICK)
    assert len(found.reps) == 12


@pytest.mark.parametrize("freq", ["D", "B", "W", "M", "Q"])
@pytest.mark.parametrize("as_periods", [False, True])
def test_a_year_has_as_many_days_as_are_worked(freq: str, as_periods: bool) -> None:
    """Days were weeks, so that a lift of all that is sold was worth a seventh of it, or as periods months."""
    days = pd.date_range("2024-01-01", "2025-12-31", freq="B" if freq == "B" else "D")
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"rep_id": np.repeat(np.arange(8), len(days)), "day": np.tile(days, 8)})
    data["sold"] = (100 + 5 * data["rep_id"]) * rng.lognormal(0, 0.5, len(data))
    time = data["day"].dt.to_period("D" if freq == "B" else freq)
    time = time if as_periods else time.dt.to_timestamp()
    rows = data.assign(day=time).groupby(["rep_id", "day"], as_index=False)["sold"].sum()
    curve = performance_curve(rows, period="day", value="sold", **QUICK)
    year = data.groupby("rep_id")["sold"].sum() / 2
    core = curve.reps.loc[curve.reps["tier"] == "core", "rep_id"]
    lift = moving_the_middle(curve, lift=0.1).finding("moving_the_middle").estimate
    assert lift.value == pytest.approx(0.1 * year[core].sum(), rel=0.03)
