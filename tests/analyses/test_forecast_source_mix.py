"""More and more of the deals that begin are renewals: what they are won at, and for, is the renewals'."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import forecast_sources as calibration
from salesops_lib.analyses.forecast import BookingsForecast, creation, forecast_bookings, hazards
from salesops_lib.analyses.forecast.amounts import read_amounts
from salesops_lib.analyses.forecast.begun import begun_ahead
from salesops_lib.analyses.forecast.begun_by_source import _adding, _Course, _sharing, by_source
from salesops_lib.analyses.forecast.history import History, read_history
from salesops_lib.analyses.forecast.months import Months
from salesops_lib.analyses.forecast.pipeline import view
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio
from tests.analyses.forecast_company import AS_OF, clockwork, opened, planted

MONTHS, LEADS = 30, 3


def company(renewals: list[int], amount: float = 100.0) -> dict[str, pd.DataFrame]:
    """Beside ten deals a month, of which two are won in the first month and one in the second, so many renewals
    a month, all won in the first month after for `amount`."""
    tables = clockwork(MONTHS)
    rows = []
    for end, many in zip(
        pd.date_range(end=AS_OF, periods=MONTHS, freq="ME"), renewals, strict=True
    ):
        close = end + pd.offsets.MonthEnd(1) - pd.Timedelta(days=14)
        done = close <= AS_OF
        one = {
            "status": "won" if done else "open", "amount": amount, "created_date": end,
            "close_date": close if done else pd.NaT, "source": "renewal",
        }  # fmt: skip
        rows += [{"deal_id": f"R{end:%y%m}{k}", "rep_id": f"R{k % 4}", **one} for k in range(many)]
    deals = pd.concat([tables["deals"].assign(source="new"), pd.DataFrame(rows)], ignore_index=True)
    return {**tables, "deals": deals}


# None for four months, then one, and one more every second month: thirteen in the last.
RISING = [0] * 4 + [1 + month // 2 for month in range(MONTHS - 4)]
# 4% fewer every month: seven in the last.
FALLING = [round(24 * 0.96**month) for month in range(MONTHS)]


def read(tables: dict[str, pd.DataFrame]) -> tuple[History, creation.Cohorts]:
    history = read_history(opened(tables), as_of=AS_OF, by=())
    return history, creation.cohorts(history)


def ahead(tables: dict[str, pd.DataFrame]) -> creation.NewDeals:
    history, groups = read(tables)
    now = len(history.snaps) - 1
    rates = hazards.fit(history, hazards.count(history, LEADS), now, LEADS)
    return creation.new_deals(history, groups, rates.calendar, rates.leaf[0], now, LEADS)


def blind(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {**tables, "deals": tables["deals"].drop(columns="source")}


def forecast(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=200, origins=3)


@pytest.mark.parametrize("renewals", [RISING, FALLING], ids=["rising", "falling"])
def test_deals_not_begun_are_won_as_those_that_will_begin(renewals: list[int]) -> None:
    """Of the deals that begin in October a fifth of the ten new ones are won in November, and all of the
    renewals. Half a renewal more than in September is what a line would have, and as many."""
    tables = company(renewals)
    more = 0.5 if renewals is RISING else 0.0
    new, was = ahead(tables), ahead(blind(tables))
    wanted = (2 + renewals[-1] + more) / (10 + renewals[-1] + more)
    # Deals begin on the last day of October: none of them is won in it.
    assert new.wins[0, 1] == pytest.approx(0.0, abs=0.05)
    assert new.wins[0, 2] / new.begun[1] == pytest.approx(wanted, rel=0.08)
    # As many renewals among them as there were over all the years.
    assert abs(was.wins[0, 2] / was.begun[1] / wanted - 1) > 0.15
    assert new.begun[1] == pytest.approx(10 + renewals[-1] + more, rel=0.02)
    # In December the two new ones of November are won, the third of October's, and November's renewals.
    share = (renewals[-1] + 2 * more) / (2 + 1 + renewals[-1] + 2 * more)
    codes = [new.of_source[1, 3], new.of_source[2, 3]]
    assert codes == pytest.approx([1 - share, share], abs=0.06)


def test_as_many_of_each_as_ever_change_nothing() -> None:
    tables = company([6] * MONTHS)
    new, was = ahead(tables), ahead(blind(tables))
    assert new.wins == pytest.approx(was.wins, rel=1e-3)


def test_shares_by_hand() -> None:
    """As many of each as ever: three eighths. One that began two months ago is counted by itself, and one that
    is closed begins none."""
    history, groups = read(company([6] * MONTHS))
    last, month = int(history.months[-1]), history.months[-1] + np.arange(1, 4)

    def shares(created: np.ndarray) -> np.ndarray:
        found = by_source(history, created, last + 1 - created.shape[1], last, month)
        assert found is not None
        return found.share

    assert groups.first == last + 1 - MONTHS
    steady = np.outer([0, 10 / 16, 6 / 16], np.ones(3))
    assert shares(groups.created_of_source) == pytest.approx(steady, abs=1e-6)
    late = np.where(np.arange(MONTHS) < MONTHS - 2, 0.0, 6.0)
    ended = np.where(np.arange(MONTHS) < MONTHS - 4, 30.0, 0.0)
    found = shares(np.stack([np.full(MONTHS, 10.0), late, ended]))
    assert found[:2] == pytest.approx(steady[1:], abs=0.02)
    assert found[2].tolist() == [0.0, 0.0, 0.0]
    # Of one source, or of two months, nothing is told.
    assert by_source(history, late[None, :], groups.first, last, month) is None
    assert by_source(history, np.full((2, 2), 9.0), last - 1, last, month) is None


def test_where_every_source_falls_to_nothing_there_is_still_a_number() -> None:
    """Half as many every fourth month: straight lines of all sources reached nothing within the year, and what is
    no part of anything was no number. What falls by a share each month leaves shares of something."""
    history, groups = read(company([6] * MONTHS))
    last, month = int(history.months[-1]), history.months[-1] + np.arange(1, 13)
    falling = 400 * 0.5 ** (np.arange(MONTHS) / 4)
    counts = np.stack([falling, 3 * falling])
    found = by_source(history, counts, groups.first, last, month)
    assert found is not None and (found.level > 0).all() and (np.diff(found.level) < 0).all()
    assert found.share == pytest.approx(np.outer([0.25, 0.75], np.ones(12)), abs=1e-6)
    assert np.isfinite(found.season_ahead).all() and (found.season_ahead > 0).all()
    begun = begun_ahead(
        history, counts.sum(axis=0, keepdims=True), groups.first, last, month, found
    )
    assert (begun.leaves > 0).all() and np.isfinite(begun.leaves).all()
    # The one that all were of has closed, the other had two deals, years ago: nobody began any lately.
    once = np.where(np.isin(np.arange(MONTHS), [1, 11]), 1.0, 0.0)
    ended = np.where(np.arange(MONTHS) < MONTHS - 4, 30.0, 0.0)
    assert by_source(history, np.stack([once, ended]), groups.first, last, month) is None


@pytest.mark.parametrize("ago", [3, 6, 15])
def test_sources_that_all_got_new_names_begin_as_many_as_ever(ago: int) -> None:
    """Twenty and ten a month, under other names since so many months: new names are no growth, and old ones
    that nobody uses begin none."""
    history, groups = read(company([6] * MONTHS))
    last, month = int(history.months[-1]), history.months[-1] + np.arange(1, 7)
    new = np.arange(MONTHS) >= MONTHS - ago
    counts = np.stack([20.0 * ~new, 10.0 * ~new, 20.0 * new, 10.0 * new])
    found = by_source(history, counts, groups.first, last, month)
    assert found is not None
    assert found.level == pytest.approx(np.full(6, 30.0), rel=0.03)
    assert found.share[:2].tolist() == [[0.0] * 6] * 2
    assert found.share[2] == pytest.approx(np.full(6, 2 / 3), abs=0.01)


@pytest.mark.parametrize("seed", [2, 3])
def test_a_company_that_loses_half_of_its_deals_a_year_is_forecast(seed: int) -> None:
    """It ended in an error of the drawing of wins, where the same company without sources had a forecast."""
    world = planted(seed, months=36, growth=-0.8, deals_a_month=20.0)
    tables = {k: v for k, v in world.tables.items() if k != "stage_changes"}
    deals = tables["deals"]
    deals["source"] = np.random.default_rng(seed).choice(["web", "event"], len(deals))
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=12, draws=200, origins=0)
    money = made.forecast[["mean", "pipeline"]].to_numpy()
    assert np.isfinite(money).all() and (money >= 0).all()


def test_a_source_has_a_year_of_its_own() -> None:
    """Twenty new deals a month beside renewals, sixty a month in October to December and else four: of October's
    deals three quarters are renewals, of January's a sixth."""
    history, _ = read(company([6] * MONTHS))
    last, month = int(history.months[-1]), history.months[-1] + np.arange(1, 7)
    at = np.arange(last - 35, last + 1)
    many, ahead = (np.where(one % 12 >= 9, 60.0, 4.0) for one in (at, month))
    found = by_source(history, np.stack([np.full(36, 20.0), many]), last - 35, last, month)
    assert found is not None
    assert found.share[1] == pytest.approx(ahead / (20 + ahead), abs=0.05)
    # By their seasons all months are alike, from the first in which a deal was closed on.
    even = (20 + many)[-len(found.season) :] / found.season
    assert len(even) == MONTHS - 1 and even == pytest.approx(
        np.full(len(even), even.mean()), rel=0.1
    )
    both = 20 + many[None, :]
    begun = begun_ahead(history, both, last - 35, last, month, found).leaves.sum(axis=0)
    assert begun == pytest.approx(20 + ahead, rel=0.12)


def test_what_began_later_adds_as_many_a_month_and_all_else_grows_by_as_large_a_share() -> None:
    """From none in the first month to 29 in the last: half a year on nearly 35, as growth fades, where the same
    share a month would make it 40. Of a thousand, 3% fewer or more every month, it goes on so."""
    month = 24_000 + np.arange(MONTHS)
    ahead = 24_000 + MONTHS - 1 + np.arange(1, 13)

    def course(counts: np.ndarray, *, adds: bool) -> tuple[np.ndarray, np.ndarray]:
        return _Course(month, counts, Months(), 0.0, adds).ahead(ahead)

    rising, season = course(np.arange(MONTHS, dtype=float), adds=True)
    faded = np.cumsum(0.95 ** np.arange(1, 13))
    assert rising == pytest.approx(MONTHS - 1 + faded, rel=0.02)
    assert season == pytest.approx(np.ones(12), abs=0.1)
    for share, adds in ((0.97, False), (0.97, True), (1.03, False)):
        found, _ = course(1000 * share ** np.arange(MONTHS), adds=adds)
        assert found == pytest.approx(1000 * share ** (MONTHS - 1 + faded), rel=0.02)
    assert rising[-1] < course(np.arange(MONTHS) + 0.0, adds=False)[0][-1]


def test_what_chance_could_have_made_of_a_sources_growth_is_the_companys() -> None:
    """Twenty a month, give or take nineteen in turn: as far as anybody can tell it grows by the company's 1% a
    month, and on its own it would not. A source that surely stands still does."""
    month, even = np.arange(-MONTHS + 1, 1), np.ones(MONTHS)
    turns = np.tile([1.0, -1.0, -1.0, 1.0], MONTHS)[:MONTHS]
    unsure, sure = 20.0 + 19 * turns, 20.0 + 0.1 * turns
    for trend in (_adding, _sharing):
        assert trend(month, unsure, even, 0.01).growth == pytest.approx(0.01, abs=0.003)
        assert trend(month, unsure, even, 0.0).growth == pytest.approx(0.0, abs=0.003)
        assert trend(month, sure, even, 0.02).growth == pytest.approx(0.0, abs=0.001)
    line = _adding(month, 20.0 + np.arange(MONTHS), even, 0.0)
    assert line.slope == pytest.approx(1.0) and line.level == pytest.approx(20 + 29)
    curve = _sharing(month, 50 * 1.03**month, even)
    assert curve.growth == pytest.approx(np.log(1.03)) and curve.level == pytest.approx(50)
    # A season that is known is no growth: half as many in the older half of the months.
    half = np.where(month < -14, 0.5, 1.0)
    assert _sharing(month, 30 * half, half).growth == pytest.approx(0.0, abs=1e-9)
    assert _adding(month, 30 * half, half, 0.0).slope == pytest.approx(0.0, abs=1e-9)
    assert _sharing(month, 0 * even, even).at(month).tolist() == [0.0] * MONTHS


def test_factors_twin() -> None:
    """Wins by source and age over what all sources let expect, counted deal by deal."""
    history, groups = read(company(RISING))
    last = int(history.months[-1])
    seen = creation._seen(history, groups, last)
    factor, there = creation._factors(groups.won_of_source, groups.created_of_source, seen)
    begun = history.created // 1
    months = pd.to_datetime(begun, unit="D").to_period("M").year * 12
    months = months + pd.to_datetime(begun, unit="D").to_period("M").month - 1
    many, won = np.zeros((3, 25)), np.zeros((3, 25))
    for deal in range(len(begun)):
        for lag in range(25):
            when = months[deal] + lag
            if history.first_close <= when <= last:
                many[history.source[deal], lag] += 1
                closed = (
                    pd.to_datetime(history.close[deal], unit="D") if history.won[deal] else None
                )
                same = closed is not None and closed.year * 12 + closed.month - 1 == when
                won[history.source[deal], lag] += same
    assert there == pytest.approx(many)
    expected = many * won.sum(axis=0) / np.maximum(many.sum(axis=0), 1)
    whole = shrunk_ratio(won.sum(axis=1), expected.sum(axis=1))
    for lag in range(25):
        by_hand = whole * shrunk_ratio(won[:, lag], expected[:, lag] * whole)
        assert factor[:, lag] == pytest.approx(by_hand)


def test_renewals_are_worth_what_renewals_are() -> None:
    """Renewals of 20 beside new deals of 100. As many as ever are begun and won, whatever they are worth."""
    tables = company(RISING, amount=20.0)
    history, groups = read(tables)
    now = len(history.snaps) - 1
    seen = view(history, hazards.count(history, LEADS), groups, now, LEADS)
    usual = seen.amounts.leaf_mean[0] * seen.amounts.of_source
    # Ten deals of the mean beside the some sixty and two hundred of two years.
    assert usual[1] == pytest.approx(100, rel=0.12) and usual[2] == pytest.approx(20, rel=0.12)
    won = history.won_lately(now)
    mean = (seen.amounts.of_source[history.source[won]]).mean()
    assert mean == pytest.approx(1.0)
    share = seen.new.of_source[:, 2]
    assert seen.new_amount[0, 2] == pytest.approx(share @ usual)
    money = float(seen.new_money[0, 2])
    assert money == pytest.approx(2 * 100 + 13.5 * 20, rel=0.1)
    # No renewal of 20 among deals of 100 is a fall of amounts.
    assert seen.levels.typical.ahead(0)[0, 0] == pytest.approx(1.0, abs=0.02)
    blinded, their = read(blind(tables))
    was = view(blinded, hazards.count(blinded, LEADS), their, now, LEADS)
    assert seen.amounts.spread < 0.15 < was.amounts.spread


def test_an_open_deal_without_an_amount_is_worth_what_its_source_brings() -> None:
    tables = company(RISING, amount=20.0)
    deals = tables["deals"].copy()
    deals.loc[deals["status"] == "open", "amount"] = np.nan
    history, groups = read({**tables, "deals": deals})
    seen = view(history, hazards.count(history, LEADS), groups, len(history.snaps) - 1, LEADS)
    source = history.source[seen.open.deal]
    assert seen.open.amount[source == 1] == pytest.approx(100, rel=0.15)
    assert seen.open.amount[source == 2] == pytest.approx(20, rel=0.15)
    # A product of its own says the same, once.
    named = deals.assign(product=np.where(deals["source"] == "renewal", "Care", "Box"))
    again, groups = read({**tables, "deals": named})
    twice = view(again, hazards.count(again, LEADS), groups, len(again.snaps) - 1, LEADS)
    assert twice.open.amount[source == 1] == pytest.approx(100, rel=0.15)
    assert twice.open.amount[source == 2] == pytest.approx(20, rel=0.15)


def test_smaller_renewals_say_nothing_of_what_is_left_of_new_deals() -> None:
    """Without a history of amounts: new deals are won at what the lost were too, and renewals at what renewals
    are; that these are smaller, and all won, is no reason to expect less of either."""
    tables = company(RISING, amount=20.0)
    history, _ = read(tables)
    assert history.by_source
    now = len(history.snaps) - 1
    assert read_amounts(history, now).ratio == pytest.approx([1.0, 1.0, 1.0])
    blinded, _ = read(blind(tables))
    assert read_amounts(blinded, now).ratio.max() < 0.8
    # The same where a stage is known beside the source, and no amounts.
    staged = replace(history, by_source=False)
    assert read_amounts(staged, now).ratio == pytest.approx([1.0, 1.0, 1.0])
    # Of new deals of 100 whose lost ones were of 250 as much is left as by themselves.
    deals = tables["deals"]
    dear = deals["amount"].where(deals["status"] != "lost", 250.0)
    history, _ = read({**tables, "deals": deals.assign(amount=dear)})
    new = history.source == 1
    won, lost = (int((flag & new).sum()) for flag in (history.won, history.lost))
    usual = (100 * won + 250 * lost) / (won + lost)
    wanted = (100 * won + 10 * usual) / (usual * (won + 10))
    assert read_amounts(history, now).ratio == pytest.approx([1.0, wanted, 1.0])


def test_the_forecast_has_it() -> None:
    made, was = forecast(company(RISING)), forecast(blind(company(RISING)))
    new, old = (
        one.pipeline.set_index("unique_id").loc["company", "expected_new"] for one in (made, was)
    )
    # 15.5 wins in November, 2 + 1 + 14 in December, of 100.
    assert new == pytest.approx(3250, rel=0.07) and old < 0.9 * new


def test_growing_renewals_are_forecast_as_they_come() -> None:
    """Ten companies of the calibration: twelve months within two standard errors of what came, and without
    sources too low."""
    every = pd.DataFrame([calibration.company(20261130 + at) for at in range(10)])
    money = every["twelve months"].sum()
    error, blind = (
        every[name].sum() / money for name in ("twelve months error", "blind twelve months")
    )
    left = every["twelve months error"] - error * every["twelve months"]
    assert abs(error) < 2 * float(left.std() * 10**0.5 / money) + 0.03
    assert blind < -0.05
    assert every["twelve months, company"].mean() >= 0.7
