"""What hires would have sold who left early: by hand, and in the order of the beliefs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_time
from salesops_lib.figures import ramp_time_cost as figures

MONTHS = np.arange(1, 25)
RAMP = 1 - 0.1 ** (MONTHS / 6)


def company(leavers: int, *, month: int = 5, stayers: int = 20, recent: int = 0) -> pd.DataFrame:
    """Hires whose months are those of the curve, 0.9 of 100 in month 6; some leave after `month`, and
    some were hired only `month` months ago. Ten reps have been there for long."""
    day = pd.Timestamp("2026-12-01")
    rows = []
    for at in range(10):
        rows += [(f"M{at}", 60.0 + k, day - pd.DateOffset(months=24 - k), 100.0) for k in MONTHS]
    for at in range(leavers + stayers):
        last = month if at < leavers else 24
        rows += [
            (f"R{at}", float(k), day - pd.DateOffset(months=24 - k), 100 * RAMP[k - 1])
            for k in range(1, last + 1)
        ]
    for at in range(recent):
        rows += [
            (f"N{at}", float(k), day - pd.DateOffset(months=month - k), 100 * RAMP[k - 1])
            for k in range(1, month + 1)
        ]
    return pd.DataFrame(rows, columns=["rep_id", "tenure_months", "month", "bookings"])


def beliefs(ramp: RampTime) -> pd.DataFrame:
    return ramp.leavers.set_index("scenario")


@pytest.mark.parametrize("recent", [0, 30])
def test_who_would_have_stalled_takes_from_every_later_month(recent: int) -> None:
    """5 of 25 leave after month 5, at the mean of months 3 to 5: from then on all hires together miss a
    fifth of what the others are beyond it. 30 more were hired 5 months ago and have not left: 5 of 55
    leave, who as far as is seen stand for an eleventh. A curve fitted to their months put in said
    that they had ramped, at a level of their own, and fewer months were lost than as seen."""
    ramp = ramp_time(company(5, recent=recent), value="bookings")
    table = beliefs(ramp)
    lost = table["months_lost"]
    seen = ramp.learning_curve["expected"].to_numpy()
    assert seen == pytest.approx(RAMP, abs=0.01)
    share, level = 5 / (25 + recent), seen[2:5].mean()
    by_hand = share * (seen[5:] - level).sum()
    assert lost["all_stalled"] - lost["as_seen"] == pytest.approx(by_hand, rel=0.02)
    assert lost["half_stalled"] - lost["as_seen"] == pytest.approx(by_hand / 2, rel=0.02)
    for name in ("half_stalled", "all_stalled"):
        assert table.loc[name, "months_low"] < lost[name] < table.loc[name, "months_high"]


def test_of_many_who_stall_the_expected_month_never_gets_there() -> None:
    """Half of all hires stay at two thirds of a mature month: the expected one ends at five sixths."""
    ramp = ramp_time(company(20, month=4), value="bookings")
    row = beliefs(ramp).loc["all_stalled"]
    assert row["median_months"] == math.inf
    assert row["months_lost"] > beliefs(ramp).loc["as_seen", "months_lost"] + 2
    assert "∞" not in str(figures.leavers(ramp).get_title())


def test_planted_leavers_who_never_ramp_are_inside_the_table() -> None:
    """Hires of whom three in ten climb to half of a mature month and leave in month 6; monthly luck of log
    sd .3. What all hires lose, with those who left at the level they left at, lies in its row."""
    rng = np.random.default_rng(4)
    frame = company(18, month=6, stayers=42)
    slow = frame["rep_id"].isin([f"R{k}" for k in range(18)])
    frame.loc[slow, "bookings"] /= 2
    frame["bookings"] *= np.exp(0.3 * rng.standard_normal(len(frame)) - 0.045)
    truth = 0.7 * (1 - RAMP).sum() + 0.3 * (
        (1 - RAMP[:6] / 2).sum() + 18 * (1 - RAMP[3:6].mean() / 2)
    )
    table = beliefs(ramp_time(frame, value="bookings"))
    lost = table["months_lost"]
    assert lost["as_seen"] < lost["half_stalled"] < lost["all_stalled"]
    row = table.loc["all_stalled"]
    assert row["months_low"] <= truth <= row["months_high"]
    assert table.loc["stayers_only", "months_lost"] == pytest.approx((1 - RAMP).sum(), abs=0.5)


def test_a_leaver_of_the_first_days_takes_no_belief_from_the_table() -> None:
    """One more began in the middle of a month and was gone with it: no whole month of theirs is seen, and
    both beliefs about the leavers had no number at all."""
    frame = company(5).assign(month_share=1.0)
    one = ("Z", 1.0, frame["month"].max() - pd.DateOffset(months=20), 10.0, 0.5)
    more = pd.concat([frame, pd.DataFrame([one], columns=frame.columns)], ignore_index=True)
    seen = ramp_time(more, value="bookings")
    table = beliefs(seen)
    assert (table["leavers"] == 6).all()
    share = seen.learning_curve["expected"].to_numpy()
    # In the order of leaving: 1 of 26 in month 1, at half a month of the curve, 5 of 25 of the rest later.
    first = (share[1:] - (1 - 0.1 ** (0.5 / 6))).sum() / 26
    others = 5 / 26 * (share[5:] - share[2:5].mean()).sum()
    lost = table["months_lost"]
    assert lost["all_stalled"] - lost["as_seen"] == pytest.approx(first + others, rel=0.03)


def test_leavers_who_sold_more_than_the_others_have_not_stalled() -> None:
    """At six times the curve when they left, they were said to save five months of ramp: -5.0, of which
    the interval was 0 to -1.6."""
    frame = company(10, month=4)
    frame.loc[frame["rep_id"].isin([f"R{k}" for k in range(10)]), "bookings"] *= 6
    table = beliefs(ramp_time(frame, value="bookings"))
    for name in ("half_stalled", "all_stalled"):
        row = table.loc[name]
        assert row["months_lost"] == pytest.approx(table.loc["as_seen", "months_lost"])
        assert row["median_months"] == pytest.approx(
            table.loc["as_seen", "median_months"], abs=0.05
        )
        assert 0 <= row["months_low"] <= row["months_lost"] <= row["months_high"]
        assert row["median_low"] <= row["median_months"] <= row["median_high"]


def test_without_leavers_nobody_was_seen_starting() -> None:
    """All eight hires left; of those who stay no first month is on record. A curve through their mature
    months said that hires need no month at all."""
    table = beliefs(ramp_time(company(8, month=6, stayers=0), value="bookings"))
    assert list(table.index) == ["as_seen", "half_stalled", "all_stalled"]
