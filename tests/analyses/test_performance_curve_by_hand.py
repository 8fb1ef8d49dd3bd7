"""Who counts, what is a size, and what a month of the year is worth: each by hand or by a plain loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import moving_the_middle, performance_curve
from salesops_lib.analyses.people import selling_reps
from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.lever_draws import Drawer
from salesops_lib.analyses.performance_curve.panel import FEWEST_REPS, Panel, read_panel
from salesops_lib.analyses.performance_curve.people import (
    _gaps,
    read_people,
    with_leavers,
)
from salesops_lib.analyses.performance_curve.persistence import left_within, persistence
from salesops_lib.analyses.performance_curve.seasons import calendar_factors
from salesops_lib.analyses.performance_curve.sizes import (
    _rep_means,
    _together,
    in_proportion,
    may_be_size,
)
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.poisson_means import two_way_factors
from tests.analyses.curve_frames import rep_months, steady

NAMES = {"rep": "rep_id", "period": "month", "value": "bookings"}


def team(reps: int, managers: int = 1) -> pd.DataFrame:
    """So many reps and, after them, managers who sell on the side; the first rep has no manager."""
    frame = steady(
        {f"R{k:02d}": 10.0 for k in range(reps)} | {f"M{k}": 5.0 for k in range(managers)}
    )
    boss = [f"M{int(name[1:]) % managers}" for name in frame["rep_id"]]
    return frame.assign(manager_id=np.where(frame["rep_id"] == "R00", None, boss))


def test_managers_are_left_out_while_reps_enough_are_left() -> None:
    whole = team(FEWEST_REPS)
    kept, said = selling_reps(whole)
    assert kept["rep_id"].nunique() == FEWEST_REPS and not kept["rep_id"].str.startswith("M").any()
    assert said == ("1 manager who also sells is left out: reps are compared with reps.",)
    assert selling_reps(team(FEWEST_REPS, 2))[1] == (
        "2 managers who also sell are left out: reps are compared with reps.",
    )
    few = team(FEWEST_REPS - 1)
    assert selling_reps(few) == (few, ())
    bare = whole.drop(columns="manager_id")
    assert selling_reps(bare)[0] is bare


def gone(frame: pd.DataFrame) -> list[str]:
    """Who has left by the end of the last period."""
    panel = with_leavers(
        read_panel(frame, **NAMES), frame, rep="rep_id", period="month", leaves="end"
    )
    return [str(name) for name, left in zip(panel.reps, panel.gone, strict=True) if left]


@pytest.mark.parametrize(
    ("step", "last"),
    [("MS", "2025-12-31"), ("QS", "2027-12-31"), ("W-MON", "2025-03-30"), ("YS", "2036-12-31")],
)
def test_the_last_period_ends_where_the_next_would_begin(step: str, last: str) -> None:
    """Twelve months, quarters, weeks or years from January 2025: who leaves on the last day is gone, on
    the next not."""
    start = "2025-01-06" if step == "W-MON" else "2025-01-01"
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    frame["month"] = frame["month"].map(
        dict(zip(sorted(frame["month"].unique()), pd.date_range(start, periods=12, freq=step), strict=True))
    )  # fmt: skip
    day = pd.Timestamp(last)
    ends = {"R1": day, "R2": day + pd.Timedelta(days=1)}
    assert gone(frame.assign(end=frame["rep_id"].map(ends))) == ["R1"]


def test_the_last_row_says_who_left() -> None:
    """R1 left a team in June and went on in another: her last row has no end. Rows come in any order."""
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    june = pd.Timestamp("2025-06-30")
    frame["end"] = pd.NaT
    frame.loc[(frame["rep_id"] == "R1") & (frame["month"] < june), "end"] = june
    frame.loc[(frame["rep_id"] == "R2") & (frame["month"] > june), "end"] = pd.Timestamp(
        "2025-12-05"
    )
    assert gone(frame) == ["R2"]
    assert gone(frame.sample(frac=1, random_state=0)) == ["R2"]
    # Who has no row at the end has left, too, whatever the column says.
    assert gone(frame[(frame["rep_id"] != "R3") | (frame["month"] < june)]) == ["R2", "R3"]


def test_periods_that_are_numbers_have_no_last_day() -> None:
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    frame["month"] = frame["month"].dt.month
    assert read_panel(frame, **NAMES).per_year == 12.0
    assert gone(frame.assign(end=frame["rep_id"].map({"R4": pd.Timestamp("2031-01-01")}))) == ["R4"]


def test_what_is_a_size_does_not_depend_on_the_unit() -> None:
    assert not may_be_size(np.array([10.0, 15.0])) and may_be_size(np.array([10.0, 25.0]))
    assert not may_be_size(np.array([0.1, 0.15])) and may_be_size(np.array([0.1, 0.25]))


def test_correlations_by_hand() -> None:
    up = np.array([1.0, 2.0, 3.0])
    assert _together(up, -up) == pytest.approx(1.0)
    assert _together(up, 0.01 * up) == pytest.approx(1.0)
    assert _together(up, np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    assert (
        _together(up, np.ones(3)) == _together(np.ones(3), up) == _together(up[:2], up[:2]) == 0.0
    )


@pytest.mark.parametrize("unit", [1e-6, 1.0])
def test_logs_are_taken_in_any_currency(unit: float) -> None:
    """Four reps a market, of which each sells in proportion to it, and half of them for four months."""
    market = np.repeat([1.0, 3.0, 10.0], 4)
    frame = rep_months(100 * market, 12, np.random.default_rng(0), sd=0.2)
    rep = frame["rep_id"].str[1:].astype(int)
    frame = frame.assign(market=market[rep], bookings=frame["bookings"] * unit)
    panel = read_panel(
        frame[(rep % 2 == 0) | (frame["month"] < "2025-05-01")], covariates=["market"], **NAMES
    )
    taken = in_proportion(panel)
    assert taken.logs is None and panel.logs is not None
    assert (taken.covariates == panel.logs).all()
    assert _rep_means(panel, panel.value) == pytest.approx(
        [panel.value[panel.rep == one].mean() for one in range(12)]
    )


def panel_of(values: np.ndarray) -> Panel:
    reps, months = values.shape
    frame = rep_months(np.ones(reps), months, np.random.default_rng(0))
    return read_panel(frame.assign(bookings=values.ravel()), **NAMES)


def test_months_that_differ_and_nothing_else_are_kept_whole() -> None:
    """Reps of 0 to 10 whose months are 1, 2 and 3 of a mean of 2, without luck: 1/2, 1 and 3/2."""
    month = np.tile([1.0, 2.0, 3.0], 4)
    factors, kept = calendar_factors(panel_of(np.outer(np.arange(11.0), month)))
    assert kept == pytest.approx(1.0)
    assert factors == pytest.approx(month / 2)
    none, kept = calendar_factors(panel_of(np.ones((11, 12))))
    assert (none == 1).all() and kept == 0.0


def test_months_of_luck_alone_are_drawn_together_by_a_plain_loop() -> None:
    """What is kept of the factors' spread, 1 − luck ÷ rows of a month ÷ spread, over months, and none where
    luck alone would spread them further."""
    kept_of = []
    for seed, swing in ((0, 0.3), (1, 0.0), (2, 0.0), (3, 0.0)):
        rng = np.random.default_rng(seed)
        month = np.exp(swing * np.sin(np.arange(12)))
        panel = panel_of(rng.lognormal(0, 0.5, (15, 12)) * month)
        raw = two_way_factors(panel.value, panel.exposure, panel.rep, panel.period)
        off = [
            (value / (share * panel.observed[rep] * raw[at]) - 1) ** 2
            for value, share, rep, at in zip(
                panel.value, panel.exposure, panel.rep, panel.period, strict=True
            )
        ]
        spread = sum((one - raw.mean()) ** 2 for one in raw) / 11
        by_hand = max(0.0, 1 - sum(off) / len(off) / 15 / spread)
        factors, kept = calendar_factors(panel)
        assert kept == pytest.approx(by_hand)
        assert factors == pytest.approx(1 + kept * (raw - 1))
        kept_of.append(kept)
    assert kept_of[0] > 0.7 and min(kept_of) == 0.0


def test_how_long_luck_lasts_by_a_loop() -> None:
    """Forty reps over four to eleven months whose luck is six tenths of the month before's: correlation of
    neighbouring months with what deviations from a mean lack, the variance of a mean of n months over that
    of n independent ones, and what that takes from the variance within reps."""
    rng = np.random.default_rng(6)
    months = rng.integers(4, 12, 40)
    rows = []
    for rep, n in enumerate(months):
        luck = rng.standard_normal()
        for month in rng.choice(14, 1) + np.arange(n):
            rows.append((rep, int(month), luck))
            luck = 0.6 * luck + 0.8 * rng.standard_normal()
    frame = pd.DataFrame(rows, columns=["rep_id", "month", "bookings"])
    panel = read_panel(frame, **NAMES)
    left = left_within(panel, panel.value)
    found = persistence(panel, panel.value)
    pairs, own = [], []
    for a in range(len(left)):
        for b in range(len(left)):
            if panel.rep[a] == panel.rep[b] and panel.period[b] == panel.period[a] + 1:
                pairs.append(left[a] * left[b])
                own.append(1 / months[panel.rep[a]])
    variance = (left**2).sum() / (months - 1).sum()
    r = np.mean(pairs) / variance + np.mean(own)
    assert found.correlation == pytest.approx(r) and 0.4 < r < 0.8
    by_rep = [sum(r ** abs(i - j) for i in range(n) for j in range(n)) / n for n in months.tolist()]
    assert found.inflation == pytest.approx(by_rep)
    assert found.correction == pytest.approx((months - 1).sum() / (months - by_rep).sum())


def test_who_came_late_has_no_gap() -> None:
    """R1 came in April and R2 left in June: both were there without a break. R3's May is missing."""
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    month = frame["month"].dt.month
    kept = ~((frame["rep_id"] == "R1") & (month < 4)) & ~((frame["rep_id"] == "R2") & (month > 6))
    whole, _ = read_people(frame[kept], leaves=None, **NAMES)
    assert not any("missing between" in text for text in whole.notices)
    kept &= ~((frame["rep_id"] == "R3") & (month == 5))
    broken, _ = read_people(frame[kept], leaves=None, **NAMES)
    (said,) = [text for text in broken.notices if "missing between" in text]
    assert said.startswith("1 rep with months missing")


def test_leave_fills_a_gap_only_where_it_lies_in_it() -> None:
    """R3's May and June are missing. Away in May and June there is no gap; in May, or of somebody else, or
    before the first month, there still is one."""
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    missing = (frame["rep_id"] == "R3") & frame["month"].dt.month.isin([5, 6])
    panel = read_panel(frame[~missing & (frame["rep_id"] != "R5")], **NAMES)
    for who, when, gap in (
        (["R3", "R3"], [5, 6], False), (["R3"], [5], True), (["R5", "R5"], [5, 6], True),
        (["R4", "R3"], [5, 6], True), ([], [], True),
    ):  # fmt: skip
        away = pd.DataFrame({"rep_id": who, "month": [pd.Timestamp(2025, m, 1) for m in when]})
        assert bool(_gaps(panel, away, "rep_id", "month")) == gap, (who, when)
    # Nor does the leave of who is not in the panel count for the last one who is.
    gap_of_last = panel.rows(
        (panel.rep != 3) & ((panel.rep != 4) | (panel.period < 4) | (panel.period > 5))
    )
    stranger = pd.DataFrame(
        {"rep_id": ["R5"] * 2, "month": pd.to_datetime(["2025-05-01", "2025-06-01"])}
    )
    assert _gaps(gap_of_last, stranger, "rep_id", "month")
    late = panel.rows((panel.rep != 3) | (panel.period > 5))
    early = pd.DataFrame({"rep_id": ["R3"], "month": [pd.Timestamp("2025-05-01")]})
    # What was away before the first month makes up for nothing that is missing after it.
    lacking = late.rows((late.rep != 3) | (late.period != 8))
    assert _gaps(lacking, early, "rep_id", "month") and not _gaps(late, early, "rep_id", "month")


def test_an_estimate_is_drawn_as_its_limits_have_it() -> None:
    """With positive limits the middle of the draws is the value, and nine tenths lie between the limits, to
    a hundredth of them: 2 months from 1 to 4. With others they lie about the value, as far off as the
    limits are apart. Without limits, and as a number, it is sure."""
    draw = Drawer(100_000, np.random.default_rng(0), 0.9)
    quantiles = [0.05, 0.5, 0.95]
    months = draw(Estimate(2.0, 1.0, 4.0, confidence=0.90))
    assert np.quantile(months, quantiles) == pytest.approx([1.0, 2.0, 4.0], rel=0.015)
    either = draw(Estimate(1.0, -2.0, 3.0, confidence=0.90))
    assert np.quantile(either, quantiles) == pytest.approx([-1.5, 1.0, 3.5], abs=0.05)
    assert (draw(Estimate(3.0, 1.0, np.inf)) == 3.0).all() and (draw(3.0) == 3.0).all()


def test_who_sold_the_same_shares_the_ranks_by_hand() -> None:
    """Of ten reps without luck two are stars and two laggards. The second has the second place with
    another: either may be the other star. Three tie for 7 to 9, of which the last
    is a laggard's."""
    sold = dict(zip("ABCDEFGHIJ", (10.0, 9.0, 9.0, 8.0, 7.0, 6.0, 5.0, 5.0, 5.0, 1.0), strict=True))
    reps = performance_curve(steady(sold), samples=0).reps.set_index("rep_id")
    assert reps["p_star"].tolist() == pytest.approx([1.0, 0.5, 0.5, *[0.0] * 7])
    assert reps["p_laggard"].tolist() == pytest.approx([*[0.0] * 6, *[1 / 3] * 3, 1.0])
    assert reps["p_core"].sum() == pytest.approx(6.0)
    assert reps["rank_low"].tolist() == [1, 2, 2, 4, 5, 6, 7, 7, 7, 10]
    assert reps["rank_high"].tolist() == [1, 3, 3, 4, 5, 6, 9, 9, 9, 10]


def test_who_is_on_leave_at_the_end_has_not_left_and_who_left_has() -> None:
    """R1 does nothing in the last two months, R2 has no row after June."""
    frame = steady({f"R{k}": 10.0 + k for k in range(6)})
    month = frame["month"].dt.month
    idle = (frame["rep_id"] == "R1") & (month > 10)
    frame = frame.assign(hours=160.0, deals_created=2.0)
    frame.loc[idle, ["bookings", "deals_created"]] = 0.0
    frame.loc[idle, "hours"] = np.nan
    kept = (frame["rep_id"] != "R2") | (month < 7)
    panel, rows = read_people(frame[kept], leaves=None, **NAMES)
    assert len(rows) == int(kept.sum()) - 2
    assert panel.reps[panel.gone].tolist() == ["R2"]


def test_a_practice_of_those_who_sell_less_is_told_as_less() -> None:
    """Reps who give more away sell a fifth less: no "−20% more", and no limits in the wrong order."""
    for value, low, high, said in ((-0.2, -0.3, -0.1, "less"), (0.2, 0.1, 0.3, "more")):
        text = words.practice("Discount", Estimate(value, low, high, unit="share"))
        assert text.startswith(
            f"Discount: reps one standard deviation higher sell 20% {said} (90% interval 10% to 30%)"
        )


def test_a_vacancy_of_two_months_is_as_dear_by_the_quarter() -> None:
    """Two of ten sell 5 a month, or 15 a quarter: two months without them, and without their pay of 4."""
    reps = {f"R{i}": v for i, v in enumerate([30, 30, 20, 20, 20, 10, 10, 10, 5, 5])}
    monthly = steady(reps)
    quarter = monthly["month"].dt.to_period("Q").dt.to_timestamp()
    quarterly = monthly.assign(month=quarter).groupby(["rep_id", "month"], as_index=False).sum()
    terms = {"vacancy_months": 2, "pay_year": 24, "ramp_months": 3}
    for months in (monthly, quarterly):
        table = moving_the_middle(performance_curve(months, samples=0), replacement=terms)
        row = table.levers.set_index("lever").loc["replacement_star"]
        assert row["once"] == pytest.approx(2 * (10 - 2 * 2) + 3 * 60)
