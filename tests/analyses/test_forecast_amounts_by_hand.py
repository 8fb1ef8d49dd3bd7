"""What a won deal brings, in a company small enough to be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import amounts
from salesops_lib.analyses.forecast.history import History, read_history
from salesops_lib.dataset import Dataset
from tests.analyses.forecast_company import clockwork, opened, planted

AS_OF = pd.Timestamp("2026-09-30")
BEGUN, CLOSED = pd.Timestamp("2026-06-10"), pd.Timestamp("2026-07-20")


def small(*more: tuple[str, str, str, float], stated: bool = True) -> History:
    """Six deals won in July, three in A at 60 and three in B at 100, four of them from the early stage
    and two from the late, where 100 was stated of each; one open in C; and `more`: deal, region,
    status, amount."""
    rows = [(f"D{k}", "B" if k % 2 else "A", "won", 100.0 if k % 2 else 60.0) for k in range(6)]
    rows += [("Open", "C", "open", 50.0), *more]
    deals = pd.DataFrame(rows, columns=["deal_id", "rep_id", "status", "amount"])
    deals["created_date"] = BEGUN
    deals["close_date"] = pd.Series(CLOSED, index=deals.index).where(deals["status"] != "open")
    tables = {"deals": deals, "reps": pd.DataFrame({"rep_id": list("ABC"), "region": list("ABC")})}
    if stated:
        stages = pd.DataFrame({"deal_id": deals["deal_id"], "changed_at": BEGUN, "amount": 100.0})
        stages["stage"] = np.where(stages["deal_id"].isin(["D4", "D5"]), "Late", "Early")
        tables["stage_changes"] = stages
    return read_history(Dataset.from_frames(tables), as_of=AS_OF, by=["region"])


def read(history: History) -> amounts.Amounts:
    return amounts.read_amounts(history, len(history.snaps) - 1)


def test_means_are_drawn_towards_the_companys() -> None:
    """Ten deals of 80 beside each: A (3 · 60 + 800) / 13, B (3 · 100 + 800) / 13, C, which won none,
    80. Amounts over those scatter as three of 60 and three of 100 do."""
    found = read(small())
    a, b = 980 / 13, 1100 / 13
    assert found.leaf_mean == pytest.approx([a, b, 80.0])
    assert found.product_mean == pytest.approx([80.0])
    assert found.spread == pytest.approx((100 / b - 60 / a) / 2)


def test_what_came_back_is_taken_off_everything() -> None:
    """Of 480 won 48 came back: each amount is worth nine tenths, and the return is no won deal."""
    plain, less = read(small()), read(small(("Back", "A", "won", -48.0)))
    assert less.leaf_mean == pytest.approx(0.9 * plain.leaf_mean)
    assert less.product_mean == pytest.approx(0.9 * plain.product_mean)
    assert less.ratio == pytest.approx(0.9 * plain.ratio)
    assert less.spread == pytest.approx(plain.spread)
    # More came back than was won: nothing is worth nothing, not less.
    assert read(small(("Back", "A", "won", -900.0))).leaf_mean == pytest.approx([0, 0, 0])


def test_what_is_left_of_the_amount_stated_by_stage() -> None:
    """Ten deals of 100 that brought what all did beside each: all (480 + 1000) / (600 + 1000) = .925,
    early (60 + 100 + 60 + 100 + 925) / (400 + 1000), late (60 + 100 + 925) / (200 + 1000), and .925
    for the stage that no deal was won from."""
    found = read(small(("Lost", "A", "lost", 700.0)))
    early, late = 1245 / 1400, 1085 / 1200
    assert found.ratio == pytest.approx([0.925, early, late])
    each = np.array([0.6, 1.0, 0.6, 1.0]) / early
    assert found.noise == pytest.approx(np.r_[each, np.array([0.6, 1.0]) / late].std())


def test_amounts_that_nobody_stated_are_those_of_all_that_were_decided() -> None:
    """Six won at 80 on average and two lost at 240, 120 in the mean of eight: (480 + 1200) / (16 · 120).
    Where fewer than half of the lost have an amount, or none was lost, deals are won as they are."""
    lost = [(f"L{k}", "A", "lost", 240.0) for k in range(2)]
    wanted = 1680 / (16 * 120)
    assert read(small(*lost, stated=False)).ratio == pytest.approx(wanted)
    one = ("L2", "A", "lost", np.nan)
    assert read(small(*lost, one, stated=False)).ratio == pytest.approx(wanted)
    assert read(small(*lost, one, ("L3", "A", "lost", np.nan), stated=False)).ratio == (
        pytest.approx(wanted)
    )
    blank = [(f"L{k}", "A", "lost", np.nan) for k in range(2, 5)]
    assert read(small(*lost, *blank, stated=False)).ratio == pytest.approx(1.0)
    assert read(small(stated=False)).ratio == pytest.approx(1.0)


def test_monthly_means_by_hand() -> None:
    """2 and 4 in the first month of part 0, 6 in the third; 4 in the third of part 1. Their spread is
    the root of (4 + 0 + 4 + 0) / 3, and a mean of two is known better by the root of two."""
    means, errors = amounts.monthly(
        np.array([2.0, 4.0, 6.0, 4.0]), np.array([7, 7, 9, 9]), np.array([0, 0, 0, 1]), 2, 10
    )
    none = np.nan
    np.testing.assert_allclose(means, [[3, none, 6, none], [none, none, 4, none]])
    spread = np.sqrt(8 / 3)
    np.testing.assert_allclose(errors, spread / np.sqrt([[2, 1, 1, 1], [1, 1, 1, 1]]))


def test_nine_amounts_tell_no_season_and_ten_may() -> None:
    month = np.arange(10)
    logs = amounts.Logs(0.5 * (month % 3 == 0), month, np.zeros(10, dtype=np.int64))
    few = amounts._season(logs, 8)  # the tenth is not over yet
    assert (few.factor == 1).all() and (few.errors == 0).all()
    ten = amounts._season(logs, 9)
    assert ten.factor[0] > 1.1
    # Around its effect a factor is lognormal: the mean lies half of the variance above.
    effect = np.log(ten.factor) - np.diag(ten.errors) / 2
    assert np.diag(ten.errors).min() > 1e-5
    assert effect.mean() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("as_of", "running"), [("2026-09-30", 0), ("2026-09-12", 1)])
def test_seasons_are_read_from_whole_months(as_of: str, running: int) -> None:
    """At the end of a month that month counts, within it it does not."""
    tables = planted(1, months=30, deals_a_month=60, amount_season=0.3).tables
    day = pd.Timestamp(as_of)
    history = read_history(opened(tables).as_of(day), as_of=day, by=())
    origin = len(history.snaps) - 1
    won = history.won & (history.amount > 0)
    last = int(history.months[-1]) - running
    by_hand = amounts._season(amounts.against_typical(history, won), last)
    assert read(history).seasons.typical.factor == pytest.approx(by_hand.factor)
    stated = amounts._season(amounts.against_stated(history, origin), last)
    assert read(history).seasons.stated.factor == pytest.approx(stated.factor)
    assert np.ptp(by_hand.factor) > 0.1


@pytest.mark.parametrize("day", ["2026-03-31", "2026-03-12"])
def test_at_a_past_day_only_what_was_known_counts(day: str) -> None:
    """What deals brought against the amounts stated, half a year back: as if read on that day, though
    deals won later in that month are on record by now; deals that brought nothing have no log."""
    tables = clockwork(24)
    deals = tables["deals"]
    rng = np.random.default_rng(0)
    deals["amount"] = np.where(rng.random(len(deals)) < 0.1, 0.0, rng.uniform(50, 150, len(deals)))
    began = deals["created_date"]
    stages = pd.DataFrame({"deal_id": deals["deal_id"], "changed_at": began, "amount": 100.0})
    every = Dataset.from_frames({**tables, "stage_changes": stages.assign(stage="Only")})
    now, then = (
        read_history(every.as_of(at), as_of=at, by=())
        for at in (pd.Timestamp("2026-09-30") - (pd.Timestamp("2026-03-31") - pd.Timestamp(day)),
                   pd.Timestamp(day))
    )  # fmt: skip
    origin = len(then.snaps) - 1
    shift = int(np.flatnonzero(now.months == then.months[-1])[0]) - origin
    seen, known = (
        amounts.against_stated(now, origin + shift), amounts.against_stated(then, origin)
    )  # fmt: skip
    assert len(known.value) > 10 and np.isfinite(seen.value).all()
    assert sorted(seen.value) == pytest.approx(sorted(known.value))
    assert sorted(seen.month) == sorted(known.month)
