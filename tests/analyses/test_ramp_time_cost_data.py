"""Data as they come: no hire dates, rehires, wrong dates, few reps, everyone old, real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time, sold_before_hire
from salesops_lib.analyses.ramp_time_cost.spells import Naming
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from tests.analyses.ramp_frames import dated, noisy, smooth


def said(data: pd.DataFrame, words: str, **options: object) -> bool:
    return any(words in text for text in ramp_time(data, value="bookings", **options).notices)


class TestHireDates:
    def test_none(self) -> None:
        with pytest.raises(NotEnoughData, match="time on the job is known") as caught:
            ramp_time(smooth().assign(tenure_months=np.nan), value="bookings")
        assert caught.value.remedy == "Add hire dates to the reps table."

    def test_no_such_column(self) -> None:
        with pytest.raises(DataError, match="'tenure_months'") as caught:
            ramp_time(smooth().drop(columns="tenure_months"), value="bookings")
        assert "hire dates" in str(caught.value.remedy)

    def test_some_missing(self) -> None:
        data = smooth()
        data.loc[data["rep_id"] == 3, "tenure_months"] = np.nan
        ramp = ramp_time(data, value="bookings")
        assert ramp.n_reps == 11
        assert any("1 rep without a hire date was left out (3)." in text for text in ramp.notices)

    def test_after_the_first_deal(self) -> None:
        data = smooth()
        data.loc[data["rep_id"] == 3, "tenure_months"] -= 5
        assert said(data, "1 rep sold before the hire date on record (3)")

    def test_known_to_have_sold_before(self) -> None:
        assert said(smooth(), "2 reps sold before the hire date", sold_before=[1, 2])

    def test_labels_name_who_may_be_named(self) -> None:
        """A report for one team names its own people and counts the others."""
        labels = {1: "Ann", 2: "Bob"}
        assert said(smooth(), "record (Ann and 2 more): that", sold_before=[1, 5, 6], labels=labels)
        assert said(smooth(), "record (Ann and Bob): that", sold_before=[1, 2], labels=labels)
        assert said(
            smooth(),
            "2 reps sold before the hire date on record: that",
            sold_before=[5, 6],
            labels=labels,
        )

    def test_names_with_a_comma_inside_stand_apart(self) -> None:
        """ "Lee, Ann, Ray, Bob, Orr, Cy and 1 more" may be seven."""
        who = np.array(["a", "b", "c", "d"])
        names = Naming(dict(zip(who, ["Lee, Ann", "Ray, Bob", "Orr, Cy", "Ott, Di"], strict=True)))
        assert names.of(who) == " (Lee, Ann; Ray, Bob; Orr, Cy and 1 more)"
        assert names.of(who[:3]) == " (Lee, Ann; Ray, Bob and Orr, Cy)"
        assert Naming().of(who) == " (a, b, c and 1 more)"

    def test_sold_before_hire_by_the_tables(self) -> None:
        """A deal in the hire month is none before it; a lost deal is no sale."""
        reps = pd.DataFrame(
            {"rep_id": ["a", "b", "c"], "hire_date": pd.to_datetime(["2025-03-20"] * 2 + [None])}
        )
        deals = pd.DataFrame(
            {
                "rep_id": ["a", "b", "b", "c"],
                "status": ["won", "won", "lost", "won"],
                "close_date": pd.to_datetime(
                    ["2025-03-02", "2025-02-28", "2024-01-01", "2024-01-01"]
                ),
            }
        )
        assert sold_before_hire(deals, reps) == ("b",)
        assert sold_before_hire(deals[deals["rep_id"] == "a"], reps) == ()
        # Money given back to a customer of somebody before is no sale of the one who has the customer now.
        assert sold_before_hire(deals.assign(amount=[9.0, -9.0, 9.0, 9.0]), reps) == ()

    def test_counted_from_0(self) -> None:
        data = smooth()
        with pytest.raises(DataError, match="start at 0"):
            ramp_time(data.assign(tenure_months=data["tenure_months"] - 1), value="bookings")

    def test_everyone_older_than_the_data(self) -> None:
        data = smooth()
        with pytest.raises(NotEnoughData, match="0 reps of 12 are seen in the first 6 months"):
            ramp_time(data.assign(tenure_months=data["tenure_months"] + 24), value="bookings")

    def test_all_on_the_first_day_of_the_records(self) -> None:
        assert said(dated(noisy()), "hired in the very month the data begins")
        assert not said(dated(noisy(), apart=1), "hired in the very month the data begins")


class TestReps:
    def test_a_rehire_counts_once(self) -> None:
        data = dated(smooth(months=12))
        back = data[data["rep_id"] == 3].assign(
            month=lambda f: f["month"] + pd.DateOffset(years=2), bookings=0.0
        )
        ramp = ramp_time(pd.concat([data, back]), value="bookings")
        assert ramp.median_months.value == pytest.approx(4, rel=0.02)
        assert any("came back after leaving (3)" in text for text in ramp.notices)

    def test_without_dates_a_rehire_cannot_be_told_from_a_mistake(self) -> None:
        data = smooth()
        with pytest.raises(DataError, match="same rep and month") as caught:
            ramp_time(pd.concat([data, data[data["rep_id"] == 3]]), value="bookings")
        assert len(caught.value.rows) == 36

    def test_a_rep_who_never_sold_counts(self) -> None:
        data = noisy(noise=0.3)
        data.loc[data["rep_id"] == 3, "bookings"] = 0.0
        ramp = ramp_time(data, value="bookings")
        assert ramp.n_reps == 40
        assert any("1 rep never sold anything" in text for text in ramp.notices)

    def test_a_channel_that_never_sold_has_no_level(self) -> None:
        data = noisy().assign(channel=lambda f: np.where(f["rep_id"] < 5, "new", "old"))
        data.loc[data["channel"] == "new", "bookings"] = 0.0
        assert said(data, "Nothing was ever booked in new: 5 reps")

    def test_a_channel_of_few_reps_is_not_named(self) -> None:
        data = noisy().assign(channel=lambda f: np.where(f["rep_id"] < 4, "new", "old"))
        data.loc[data["channel"] == "new", "bookings"] = 0.0
        assert said(data, "Nothing was ever booked in 1 channel of few reps: 4 reps")
        young = data[(data["channel"] == "old") | (data["tenure_months"] <= 12)]
        notices = ramp_time(young, value="bookings", definition="milestone").notices
        assert any("Nobody in 1 channel of few reps" in text for text in notices)
        assert not any("new" in text for text in notices)

    def test_a_rep_may_change_channel(self) -> None:
        data = smooth(ramp=0.0).assign(channel="direct")
        data.loc[(data["rep_id"] == 3) & (data["tenure_months"] > 9), "channel"] = "partner"
        levels = ramp_time(data, value="bookings").mature_levels
        assert levels.set_index("channel")["reps"].to_dict() == {"direct": 12, "partner": 1}

    def test_nobody_sold(self) -> None:
        with pytest.raises(NotEnoughData, match="nobody booked anything"):
            ramp_time(smooth().assign(bookings=0.0), value="bookings")

    @pytest.mark.parametrize("reps", [1, 2])
    def test_one_or_two_reps(self, reps: int) -> None:
        with pytest.raises(NotEnoughData, match="at least 3"):
            ramp_time(noisy(reps=reps), value="bookings")

    def test_a_few_reps_are_known_roughly(self) -> None:
        assert said(noisy(reps=6), "seen in only 6 reps")

    def test_still_climbing(self) -> None:
        """Six months of straight growth: no end in sight, so no upper limit."""
        data = smooth(months=6).assign(bookings=lambda f: f["tenure_months"] * 100.0)
        noise = np.exp(0.2 * np.random.default_rng(0).standard_normal(len(data)))
        ramp = ramp_time(data.assign(bookings=data["bookings"] * noise), value="bookings")
        assert np.isinf(ramp.median_months.high)
        assert any("no upper limit" in text for text in ramp.notices)

    def test_a_step_is_no_smooth_curve(self) -> None:
        """Half of a mature month from the first on, nothing more until the fifth, then all."""
        data = noisy(1, noise=0.2, ramp=0.0)
        data.loc[data["tenure_months"] <= 4, "bookings"] *= 0.5
        assert said(data, "do not follow a smooth learning curve")

    def test_a_late_step_is_a_delay(self) -> None:
        """Next to nothing for three months, then all: the target is reached after three."""
        data = noisy(1, noise=0.2, ramp=0.0)
        data.loc[data["tenure_months"] <= 3, "bookings"] *= 0.05
        assert said(data, "sell next to nothing in their first 3")
        ramp = ramp_time(data, value="bookings")
        assert 2.5 <= ramp.median_months.value <= 4
        assert ramp.months_lost.value == pytest.approx(3, abs=0.3)


class TestValues:
    def test_not_a_number_is_named_with_its_rows(self) -> None:
        data = smooth().astype({"bookings": object})
        data.loc[7, "bookings"] = "n/a"
        with pytest.raises(DataError, match="column 'bookings': not a number; rows 7"):
            ramp_time(data, value="bookings")

    def test_missing_months_are_counted(self) -> None:
        data = smooth()
        data.loc[[5, 9], "bookings"] = np.nan
        assert said(data, "2 rep-months without a value were left out")

    def test_a_missing_rep(self) -> None:
        data = smooth().astype({"rep_id": object})
        data.loc[4, "rep_id"] = None
        with pytest.raises(DataError, match="a rep is missing; rows 4"):
            ramp_time(data, value="bookings")

    def test_returns_below_zero(self) -> None:
        data = noisy(noise=0.3)
        data.loc[::37, "bookings"] = -50.0
        assert ramp_time(data, value="bookings").median_months.value == pytest.approx(4, abs=1.5)

    def test_periods_as_text_or_period(self) -> None:
        data = dated(noisy(), apart=1)
        one = ramp_time(data, value="bookings").median_months
        for month in (data["month"].dt.strftime("%Y-%m"), data["month"].dt.to_period("M")):
            assert ramp_time(data.assign(month=month), value="bookings").median_months == one


@pytest.mark.realdata
class TestAdventureWorks:
    """17 sales people, 35 months; most dates of hire are the first days of the records."""

    @pytest.fixture(scope="class")
    def data(self, realdata: Path) -> pd.DataFrame:
        folder = realdata / "adventureworks"
        sold = pd.read_csv(folder / "bookings_by_rep_month.csv")
        reps = pd.read_csv(folder / "reps.csv", parse_dates=["HireDate_shifted"])
        sold["month"] = pd.PeriodIndex(sold["month"], freq="M")
        every = pd.MultiIndex.from_product(
            [
                reps["EmployeeKey"],
                pd.period_range(sold["month"].min(), sold["month"].max(), freq="M"),
            ],
            names=["EmployeeKey", "month"],
        )
        frame = sold.set_index(["EmployeeKey", "month"])["bookings"].reindex(every).fillna(0.0)
        frame = frame.reset_index().merge(reps[["EmployeeKey", "HireDate_shifted"]])
        hired = frame["HireDate_shifted"].dt.to_period("M")
        frame["tenure"] = [(a - b).n + 1 for a, b in zip(frame["month"], hired, strict=True)]
        return frame[frame["tenure"] >= 1]

    def test_it_is_answered_honestly(self, data: pd.DataFrame) -> None:
        ramp = ramp_time(data, rep="EmployeeKey", tenure="tenure", value="bookings")
        assert ramp.n_reps == 17
        assert ramp.median_months.low == 0
        assert "Cannot tell whether new reps ramp" in ramp.finding("time_to_productivity").sentence
        assert any("hired in the very month the data begins" in text for text in ramp.notices)

    def test_the_milestone_too(self, data: pd.DataFrame) -> None:
        ramp = ramp_time(
            data, rep="EmployeeKey", tenure="tenure", value="bookings", definition="milestone"
        )
        assert ramp.n_reps == 17
        assert ramp.events < 17
        assert ramp.median_months.low < ramp.median_months.value < ramp.median_months.high


def test_text_months_in_parts_are_read_by_the_whole_column() -> None:
    """31/01/2026 beside 28/02/2026: each cell alone, pandas read the first and lost the others."""
    data = dated(noisy(seed=3))
    ends = data["month"] + pd.offsets.MonthEnd(0)
    text = ramp_time(data.assign(month=ends.dt.strftime("%d/%m/%Y")), value="bookings")
    pd.testing.assert_frame_equal(
        text.learning_curve, ramp_time(data, value="bookings").learning_curve
    )
    with pytest.raises(DataError, match="'month': day or month may come first"):
        ramp_time(data.assign(month=data["month"].dt.strftime("%d/%m/%Y")), value="bookings")


class TestMonthsOnTheJob:
    """Who keeps no first months, or counts months in parts."""

    @pytest.mark.parametrize("definition", ["learning_curve", "milestone"])
    def test_first_months_left_out(self, definition: str) -> None:
        """Half a month of work is often dropped. What is left was counted from the time of nobody's first
        month, which is no number: "time must be above 0", of a column that nobody has."""
        data = noisy(noise=0.3, months=18)
        later = data[data["tenure_months"] > 1]
        whole, cut = (
            ramp_time(one, value="bookings", definition=definition).median_months
            for one in (data, later)
        )
        assert cut.value == pytest.approx(whole.value, abs=0.5)
        assert cut.low <= whole.value <= cut.high

    def test_only_the_mature(self) -> None:
        data = noisy(noise=0.3, months=30)
        old = data[data["tenure_months"] > 12]
        ramp = ramp_time(old, value="bookings", definition="milestone")
        assert ramp.n_seen_starting == 0
        with pytest.raises(NotEnoughData, match="0 reps of 40 are seen in the first 6 months"):
            ramp_time(old, value="bookings")

    @pytest.mark.parametrize("definition", ["learning_curve", "milestone"])
    def test_parts_of_months(self, definition: str) -> None:
        """Days since hire over 30.44: all had "sold before being hired", and no two months followed each other."""
        data = noisy(noise=0.3)
        data["tenure_months"] = (data["tenure_months"] * 30 - 15) / 30.44
        with pytest.raises(
            DataError, match=r"'tenure_months': holds parts of months; rows 0, 1.*exposure="
        ):
            ramp_time(data, value="bookings", definition=definition)


class TestMonths:
    def test_a_year_and_a_month_in_one_number(self) -> None:
        """202609 was the number of a period: nobody was seen to leave, and nothing was said."""
        data = dated(noisy(noise=0.3, months=18), apart=1)
        wanted = ramp_time(data, value="bookings")
        months = data["month"].dt.year * 100 + data["month"].dt.month
        again = data.set_axis([0] * len(data))
        for written in (months, months.astype("Int64"), months.astype(float), months.astype(str)):
            found = ramp_time(again.assign(month=written.to_numpy()), value="bookings")
            assert found.median_months == wanted.median_months
            assert found.to_dict() == wanted.to_dict()
        numbered = ramp_time(data.assign(month=months % 89), value="bookings")
        assert numbered.median_months != wanted.median_months
        some = months.astype("Int64").mask(months.index == 3)
        assert ramp_time(data.assign(month=some), value="bookings").n_reps == wanted.n_reps

    def test_words_that_are_no_months(self) -> None:
        data = dated(smooth())
        with pytest.raises(
            DataError, match=r"'month': holds cells that are not dates.*period=None"
        ):
            ramp_time(data.assign(month=data["month"].dt.strftime("%b")), value="bookings")


class TestColumnsOfOnePart:
    def test_what_is_sold_explains_no_ramp(self) -> None:
        """As a market factor of its own it made half of a ramp of 4 months disappear."""
        data = noisy(noise=0.3)
        for market in ("bookings", ["tenure_months"]):
            with pytest.raises(
                ParameterError, match="cannot be both the climb and a market factor"
            ):
                ramp_time(data, value="bookings", market=market)
        with pytest.raises(ParameterError, match="value and tenure are both 'tenure_months'"):
            ramp_time(data, value="tenure_months")
        with pytest.raises(ParameterError, match="exposure and value are both 'bookings'"):
            ramp_time(data, value="bookings", exposure="bookings")

    def test_a_month_is_worked_once(self) -> None:
        data = noisy(noise=0.3).assign(month_share=100.0)
        with pytest.raises(DataError, match=r"'month_share': lies above 1; rows 0, 1"):
            ramp_time(data, value="bookings")
