"""Time to a milestone: by hand, late entry, leaving, quotas, limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import (
    RampTime,
    ramp_time,
)
from salesops_lib.analyses.ramp_time_cost.milestone import drift
from salesops_lib.analyses.ramp_time_cost.spells import Columns, read_spells
from salesops_lib.errors import DataError, NotEnoughData
from tests.analyses.ramp_frames import dated, milestones, noisy, smooth


def certified(data: pd.DataFrame, **options: object) -> RampTime:
    return ramp_time(data, value="bookings", definition="milestone", event="certified", **options)


class TestByHand:
    def test_median_and_mean(self) -> None:
        """Events at 1, 2, 4, one censored at 3: S = 3/4, 1/2, then 0 at 4.

        Mean to 4: 1 + 3/4 + 1/2 + 1/2 = 2.75.
        """
        ramp = certified(
            milestones(
                {"a": (1, 1, True), "b": (1, 2, True), "c": (1, 3, False), "d": (1, 4, True)}
            ),
            horizon=4,
        )
        assert ramp.median_months.value == 2
        assert ramp.restricted_mean_months.value == pytest.approx(2.75)
        assert ramp.curve["not_yet_ramped"].tolist() == pytest.approx([1, 0.75, 0.5, 0.5, 0])
        assert ramp.curve["at_risk"].tolist() == [4, 3, 2, 1, 0]

    def test_limits_of_the_mean_take_t_on_events_less_one(self) -> None:
        """Events at 1, 2 and 3 of three reps, mean 2 to month 4: Greenwood's areas 1 and 1/3, so
        the variance is 1² × 1/6 + (1/3)² × 1/2 = 2/9; t(2) at 90% is 2.919986."""
        ramp = certified(
            milestones({"a": (1, 1, True), "b": (1, 2, True), "c": (1, 3, True)}), horizon=4
        )
        mean = ramp.restricted_mean_months
        assert mean.value == pytest.approx(2)
        assert mean.high == pytest.approx(min(2 + 2.919986 * math.sqrt(2 / 9), 4))
        assert mean.low == pytest.approx(2 - 2.919986 * math.sqrt(2 / 9))

    def test_the_mean_stops_where_too_much_is_unknown(self) -> None:
        """Two of four there by month 3, the others last seen then: nine months more are a guess."""
        rows = {"a": (1, 1, True), "b": (1, 2, True), "c": (1, 3, False), "d": (1, 3, False)}
        ramp = certified(milestones(rows), horizon=12)
        assert ramp.horizon == 3
        assert any("past month 3" in text for text in ramp.notices)

    def test_the_mean_goes_on_where_little_is(self) -> None:
        """Nineteen of twenty there: one rep unseen for a month adds a twentieth of one."""
        rows = {f"r{i}": (1, 1 + i % 10, True) for i in range(19)} | {"last": (1, 11, False)}
        ramp = certified(milestones(rows), horizon=12)
        by_hand = (sum(1 + i % 10 for i in range(19)) + 12) / 20
        assert ramp.horizon == 12
        assert ramp.restricted_mean_months.value == pytest.approx(by_hand)

    def test_a_run_counts_when_it_is_complete(self) -> None:
        """At the level in months 2, 4 and 5: the first run of two ends in month 5."""
        new = pd.DataFrame({"tenure_months": range(1, 7), "bookings": [0, 100, 0, 100, 100, 0]})
        old = pd.DataFrame({"tenure_months": range(13, 20), "bookings": 100})
        data = pd.concat(
            [new.assign(rep_id=r) for r in "abc"] + [old.assign(rep_id=r) for r in "xyz"]
        )
        two = ramp_time(data, value="bookings", definition="milestone", sustained=2)
        one = ramp_time(data, value="bookings", definition="milestone", sustained=1)
        assert (two.median_months.value, one.median_months.value) == (5, 2)

    def test_a_missing_month_breaks_a_run(self) -> None:
        rows = pd.DataFrame({"tenure_months": [1, 3, 4], "bookings": [100, 100, 100]})
        old = pd.DataFrame({"tenure_months": range(13, 20), "bookings": 100})
        data = pd.concat(
            [rows.assign(rep_id=r) for r in "abc"] + [old.assign(rep_id=r) for r in "xyz"]
        )
        ramp = ramp_time(data, value="bookings", definition="milestone", sustained=2)
        assert ramp.median_months.value == 4

    def test_nobody_there_yet_is_no_number(self) -> None:
        ramp = certified(milestones(dict.fromkeys("abcd", (1, 6, False))))
        assert ramp.median_months.value == math.inf
        assert "Nobody has reached" in ramp.finding("time_to_productivity").sentence

    def test_an_open_upper_limit_is_said(self) -> None:
        rows = {f"t{i}": (1, 2 + i, True) for i in range(4)}
        rows |= {f"n{i}": (1, 9, False) for i in range(4)}
        ramp = certified(milestones(rows))
        assert math.isinf(ramp.median_months.high)
        assert "or more" in ramp.finding("time_to_productivity").sentence


class TestLateEntry:
    def test_ignoring_it_would_lengthen_ramp(self) -> None:
        """Six reps seen from the start, four found unramped at month 6."""
        rows = {f"s{i}": (1, 2 + i, True) for i in range(6)}
        rows |= {f"l{i}": (6, 9 + i, True) for i in range(4)}
        handled = certified(milestones(rows), horizon=12)
        ignored = certified(
            milestones({k: (1, last, e) for k, (_, last, e) in rows.items()}), horizon=12
        )
        assert handled.restricted_mean_months.value < ignored.restricted_mean_months.value
        assert any("hired before the data begins" in text for text in handled.notices)

    def test_who_is_there_when_first_seen_is_left_out(self) -> None:
        rows = {f"s{i}": (1, 3, True) for i in range(5)} | {"old": (8, 8, True)}
        ramp = certified(milestones(rows))
        assert ramp.n_reps == 5
        assert any("had the milestone behind" in text for text in ramp.notices)


class TestLeaving:
    def data(self) -> pd.DataFrame:
        rows = {f"r{i}": (1, 4 + i % 3, True) for i in range(6)}
        rows |= {f"l{i}": (1, 3, False) for i in range(4)}
        # Somebody is followed to the end, so that the others are seen to have left.
        rows |= {f"e{i}": (1, 12, False) for i in range(2)}
        return dated(milestones(rows))

    def test_leaving_competes(self) -> None:
        ramp = certified(self.data())
        last = ramp.leaving.iloc[-1]
        assert last["left"] == pytest.approx(4 / 12)
        assert last[["ramped", "left", "neither"]].sum() == pytest.approx(1)

    def test_of_nobody_on_the_way_there_is_no_dust(self) -> None:
        """Of a dozen hires <0.1%, or 0.0%, were still on the way."""
        for dozen in range(3, 24):
            rows = {f"r{i}": (1, 2 + i % 7, True) for i in range(dozen)}
            ramp = certified(milestones(rows))
            end = ramp.leaving.iloc[-1]
            assert end["neither"] == 0.0
            assert ramp.finding("left_before").sentence.endswith("and 0% are still on the way.")

    def test_beliefs_about_leavers_order_the_answer(self) -> None:
        table = certified(self.data()).leavers.set_index("scenario")["months_lost"]
        assert table["as_seen"] < table["half_stalled"] < table["all_stalled"]

    def test_never_is_never(self) -> None:
        """Two there at 1 and 4, two who left at 2: never there, they count the whole horizon."""
        rows = {"a": (1, 1, True), "b": (1, 4, True), "l": (1, 2, False), "m": (1, 2, False)}
        rows |= {"end": (1, 8, True)}
        table = certified(dated(milestones(rows)), horizon=8).leavers.set_index("scenario")
        lost = table["months_lost"]
        assert lost["all_stalled"] == pytest.approx((1 + 4 + 8 + 8 + 8) / 5)
        assert lost["stayers_only"] == pytest.approx((1 + 4 + 8) / 3)

    def test_without_dates_nobody_is_seen_leaving(self) -> None:
        table = certified(self.data().drop(columns="month")).leavers
        assert table["scenario"].tolist() == ["as_seen"]


def test_the_mature_level_is_the_mean_past_the_first_year() -> None:
    """100 a month in the first twelve, 200 after: the level is 200, reps equal."""
    data = smooth(ramp=0.0).assign(
        bookings=lambda f: np.where(f["tenure_months"] > 12, 200.0, 100.0)
    )
    ramp = ramp_time(
        data[data["tenure_months"] < 18 - data["rep_id"] % 3],
        value="bookings",
        definition="milestone",
    )
    assert ramp.mature_levels["value"].tolist() == [200.0]
    assert ramp.mature_level.value == 200.0
    assert ramp.median_months.value == 14


def test_an_event_in_words_is_refused() -> None:
    """To Python "no" is true: everybody was certified in the first month. Blanks and counts are fine."""
    data = milestones({"a": (1, 3, True), "b": (1, 4, True), "c": (1, 2, False)})
    of = {"value": "bookings", "definition": "milestone", "event": "certified"}
    expected = ramp_time(data, **of).median_months.value
    assert expected == 3
    blank = data.assign(certified=data["certified"].astype("boolean").where(data["certified"]))
    count = data.assign(certified=2.0 * data["certified"])
    for one in (blank, count):
        assert ramp_time(one, **of).median_months.value == expected
    told = data.assign(certified=np.where(data["certified"], "yes", "no"))
    for one in (told, told.astype({"certified": "category"})):
        with pytest.raises(DataError, match="holds words such as 'no'"):
            ramp_time(one, **of)


class TestQuota:
    def data(self, *, ratchet: bool) -> pd.DataFrame:
        data = noisy(5, reps=30, noise=0.3)
        past = data.groupby("rep_id")["bookings"].transform(
            lambda v: v.shift(1).rolling(12, min_periods=1).mean()
        )
        return data.assign(quota=past.fillna(400) if ratchet else 900.0)

    def test_a_ratchet_is_told(self) -> None:
        options = {"value": "bookings", "definition": "milestone", "quota": "quota", "target": 1.0}
        followed = ramp_time(self.data(ratchet=True), **options)
        fixed = ramp_time(self.data(ratchet=False), **options)
        assert any("follow what each rep sold" in text for text in followed.notices)
        assert not any("follow what each rep sold" in text for text in fixed.notices)
        assert followed.median_months.value < fixed.median_months.value

    def test_attainment_of_such_quotas_is_the_wrong_scale(self) -> None:
        """A bar that follows the climb makes the climb look shorter than it is."""
        found = {}
        for ratchet in (True, False):
            data = self.data(ratchet=ratchet)
            data = data.assign(attainment=data["bookings"] / data["quota"])
            found[ratchet] = ramp_time(data, value="attainment")
        assert any("wrong scale" in text for text in found[True].notices)
        assert not any("wrong scale" in text for text in found[False].notices)
        assert found[True].median_months.value < found[False].median_months.value

    def test_no_quota_at_all(self) -> None:
        with pytest.raises(NotEnoughData, match="no quota"):
            ramp_time(
                self.data(ratchet=False).assign(quota=np.nan),
                value="bookings",
                definition="milestone",
                quota="quota",
            )

    def test_a_quota_of_nothing_is_not_reached(self) -> None:
        """Quotas of 0 until month 3, 899 after: 1000 (1 − 0.1^(t/4)) comes to 900 in month 4, and month 5 is
        the second in a row. With months of a quota of 0 as reached it was month 2."""
        data = smooth()
        bar = {"value": "bookings", "definition": "milestone", "quota": "quota", "target": 1.0}
        late = data.assign(quota=np.where(data["tenure_months"] <= 3, 0.0, 899.0))
        assert ramp_time(late, **bar).median_months.value == 5
        with pytest.raises(NotEnoughData, match="no quota above 0"):
            ramp_time(data.assign(quota=0.0), **bar)


class TestDrift:
    """The mature mean is that of the year around a month: the company may grow."""

    @staticmethod
    def company(seed: int, growth: float) -> pd.DataFrame:
        """24 reps hired before the data begins, 56 in its three years, nine tenths after six months."""
        rng = np.random.default_rng(seed)
        start = np.where(np.arange(80) < 24, -rng.integers(13, 60, 80), rng.integers(0, 30, 80))
        rep, month = np.nonzero(np.arange(36)[None] >= start[:, None])
        tenure = month - start[rep] + 1.0
        ramped = np.where(start[rep] < 0, 1.0, 1 - 0.1 ** (tenure / 6))
        noise = np.exp(0.6 * rng.standard_normal(len(month)) - 0.18)
        periods = pd.period_range("2023-01", periods=36, freq="M").to_timestamp()
        return pd.DataFrame(
            {
                "rep_id": rep,
                "tenure_months": tenure,
                "bookings": 1000 * growth**month * ramped * noise,
                "month": periods[month],
            }
        )

    @staticmethod
    def medians(growth: float) -> tuple[float, float]:
        """Mean over companies of the median of all, and of those hired in the first year."""
        found = []
        for seed in range(8):
            data = TestDrift.company(seed, growth)
            ramp = ramp_time(data, value="bookings", definition="milestone", by="cohort")
            first = ramp.groups.set_index("group").loc["2023", "median_months"]
            found.append((ramp.median_months.value, first))
        return tuple(np.mean(found, axis=0))

    def test_growth_makes_no_ramp_longer(self) -> None:
        """At 2% a month the first year's hires took twice as long to the mean of three years."""
        steady, growing = self.medians(1.0), self.medians(1.02)
        assert growing == pytest.approx(steady, rel=0.1)

    def test_by_hand(self) -> None:
        """Six mature reps who sell 100, in the second year 200, and of another channel six who sell ten
        times as much: the mean is two thirds in the first year, four thirds in the second."""
        months = pd.period_range("2023-01", periods=24, freq="M").to_timestamp()
        rows = pd.DataFrame(
            [
                (f"{channel}{rep}", 13.0 + m, level * (1 + (m >= 12)), month, channel)
                for channel, level in (("a", 100.0), ("b", 1000.0))
                for rep in range(6)
                for m, month in enumerate(months)
            ],
            columns=["rep_id", "tenure_months", "bookings", "month", "channel"],
        )
        spells = read_spells(rows, Columns("bookings"))
        around = pd.Series(drift(spells)).groupby(spells.rows["period"]).first()
        assert around.iloc[:7].tolist() == pytest.approx([2 / 3] * 7)
        assert around.iloc[-6:].tolist() == pytest.approx([4 / 3] * 6)
        # January's year is that from July to June.
        assert around.loc["2024-01-01"] == pytest.approx((6 * 2 / 3 + 6 * 4 / 3) / 12)

    def test_too_few_tell_nothing(self) -> None:
        data = self.company(1, 1.02)
        few = data[data["rep_id"] < 4].reset_index(drop=True)
        assert (drift(read_spells(few, Columns("bookings"))) == 1).all()
        undated = read_spells(data.drop(columns="month"), Columns("bookings"))
        assert (drift(undated) == 1).all()


class TestBadOptions:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"definition": "guess"}, "definition == 'guess'"),
            ({"target": 1.2}, "target == 1.2"),
            ({"definition": "milestone", "target": 0}, "above 0"),
            ({"definition": "milestone", "sustained": 0}, "sustained == 0"),
            ({"horizon": 0}, "horizon == 0"),
            ({"confidence": 1.0}, "confidence == 1.0"),
            ({"quota": "bookings"}, "belong to milestones"),
            ({"definition": "milestone", "event": "no"}, "column 'no'"),
        ],
    )
    def test_each_is_named(self, options: dict[str, object], words: str) -> None:
        with pytest.raises(DataError, match=words):
            ramp_time(smooth(), value="bookings", **options)
