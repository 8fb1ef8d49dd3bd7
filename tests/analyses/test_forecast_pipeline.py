"""The pipeline view: counted by hand, against a plain loop, against what was known on the day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import forecast_pipeline as calibration
from salesops_lib.analyses.forecast import creation, forecast_bookings, hazards, pipeline
from salesops_lib.analyses.forecast.history import History, read_history
from salesops_lib.analyses.forecast.months import Months
from salesops_lib.analyses.forecast.snapshots import NEVER, month_number
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio
from tests.analyses.forecast_company import AS_OF, clockwork, opened, planted, reps

LEADS = 4


def history_of(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp = AS_OF) -> History:
    dataset = opened(tables).as_of(as_of)
    return read_history(dataset, as_of=as_of)


def view_of(history: History, origin: int | None = None) -> pipeline.PipelineView:
    counts = hazards.count(history, LEADS)
    at = len(history.snaps) - 1 if origin is None else origin
    return pipeline.view(history, counts, creation.cohorts(history), at, LEADS)


# -- hand-worked --------------------------------------------------------------------------------


def test_chances_counted_by_hand() -> None:
    """Clockwork: won 2 of 10 and lost 3 of 10 in the first month, won 1 of the 5 left in the second,
    nothing after. Priors worth half an event move the first digits of none of them."""
    history = history_of(clockwork(months=36))
    seen = view_of(history)
    base = seen.hazards.base
    assert base[0, 0, 0, 1] == pytest.approx(0.20, abs=0.004)
    assert base[1, 0, 0, 1] == pytest.approx(0.30, abs=0.004)
    assert base[0, 0, 0, 2] == pytest.approx(0.20, abs=0.008)
    assert base[1, 0, 0, 2] == pytest.approx(0.0, abs=0.02)
    assert base[0, 0, 0, 3] == pytest.approx(0.0, abs=0.02)


def test_expected_wins_counted_by_hand() -> None:
    """On the last day ten deals are new (2 + 1 wins to come) and of last month's ten five are left
    (1 win to come): 3 wins next month, 1 the month after, from open deals."""
    seen = view_of(history_of(clockwork(months=36)))
    wins = seen.open_wins.sum(axis=0)
    assert wins[1] == pytest.approx(3.0, abs=0.15)
    assert wins[2] == pytest.approx(1.0, abs=0.15)
    assert wins[3] < 0.25
    # Each deal is 100, and so is every amount expected.
    assert seen.open_money.sum() == pytest.approx(100 * seen.open_wins.sum(), rel=1e-6)


def test_money_given_back_is_nothing_open() -> None:
    """A return booked two months ago or awaited today is no deal that may be won: of unknown size, it was
    expected to bring what the others do."""
    tables = clockwork(months=36)
    usual = history_of(tables)
    back = tables["deals"].iloc[:2].assign(
        deal_id=["back", "to come"], status=["won", "open"], amount=-70.0,
        created_date=[AS_OF - pd.Timedelta(days=100), AS_OF - pd.Timedelta(days=20)],
        close_date=[AS_OF - pd.Timedelta(days=40), None],
    )  # fmt: skip
    tables["deals"] = pd.concat([tables["deals"], back], ignore_index=True)
    now, before = history_of(tables), history_of(tables, AS_OF - pd.Timedelta(days=45))
    assert len(now.rows.deal) == len(usual.rows.deal)
    assert view_of(now).open_wins.sum() == pytest.approx(view_of(usual).open_wins.sum())
    assert now.bookings.sum() == pytest.approx(usual.bookings.sum() - 70)
    raw = read_history(opened(tables), as_of=AS_OF - pd.Timedelta(days=45))
    for history in (before, raw):
        assert not set(tables["deals"].index[-2:]) & set(history.rows.deal.tolist())
        assert (history.amount[history.won] > 0).all() and len(history.rows.deal)


def test_deals_not_begun_counted_by_hand() -> None:
    """Ten begin at the end of each month, none is won in its own, 2 in the next, 1 after that: of
    the months ahead, the second brings 2 wins, the third 3."""
    seen = view_of(history_of(clockwork(months=36)))
    np.testing.assert_allclose(seen.new.begun[1:], 10.0, rtol=0.07)
    wins = seen.new.wins.sum(axis=0)
    np.testing.assert_allclose(wins[1:4], [0.0, 2.0, 3.0], atol=0.3)
    assert seen.new.win_rate == pytest.approx(0.30, abs=0.01)
    # 3 wins and 3 losses of every ten that were decided.
    assert seen.new.closed_rate == pytest.approx(0.50, abs=0.01)


def test_deals_that_nobody_ever_won_at_their_age_are_worth_next_to_nothing() -> None:
    """Four of every ten stay open for ever: a stated pipeline of 40 a month that never comes."""
    seen = view_of(history_of(clockwork(months=36)))
    old = seen.open.age >= 4
    assert old.sum() > 50
    assert seen.open.win[old].sum(axis=1).max() < 0.02


def test_ratio_drawn_towards_one_by_hand() -> None:
    """(observed + prior) ÷ (expected + prior)."""
    observed, expected = np.array([30.0, 10.0]), np.array([20.0, 20.0])
    np.testing.assert_allclose(
        shrunk_ratio(observed, expected, prior_events=10.0), [40 / 30, 20 / 30]
    )
    # Counts that scatter no more than chance does say nothing about their groups.
    np.testing.assert_allclose(
        shrunk_ratio(np.array([21.0, 19.0]), expected), [1.0, 1.0], atol=1e-3
    )
    # Prior by moments: excess 200 − 40 over 800 is a variance of .2, a prior of 5 events.
    np.testing.assert_allclose(shrunk_ratio(observed, expected), [35 / 25, 15 / 25])


# -- naive-loop twins ---------------------------------------------------------------------------


def test_counts_are_those_of_a_plain_loop() -> None:
    world = planted(3, months=12, deals_a_month=15)
    history = history_of(world.tables)
    counts = hazards.count(history, LEADS)
    open_at, events = np.zeros_like(counts.open_at), np.zeros_like(counts.events)
    close_month = month_number(history.close)
    rows = history.rows
    for row in range(len(rows.deal)):
        deal, snap = int(rows.deal[row]), int(rows.snap[row])
        stage, age = int(rows.stage[row]), int(rows.age[row])
        open_at[snap, stage, age] += 1
        lead = int(close_month[deal] - history.months[snap])
        if history.close[deal] < NEVER and lead <= LEADS:
            events[0 if history.won[deal] else 1, snap, stage, age, lead] += 1
    np.testing.assert_array_equal(counts.open_at, open_at)
    np.testing.assert_array_equal(counts.events, events)


def test_moments_are_those_of_the_draws() -> None:
    """The exact mean and spread, and the simulated ones, of a quarter and of a month."""
    world = planted(5, months=30)
    seen = view_of(history_of(world.tables))
    windows = np.array([[0, 1, 1, 1, 0], [0, 1, 0, 0, 0]], dtype=float)
    nodes = np.vstack([np.ones(len(seen.new.wins)), np.eye(len(seen.new.wins))])
    mean, spread = seen.moments(windows, nodes)
    opened_, begun = pipeline.draw(seen, 4000, np.random.default_rng(0))
    drawn = np.einsum("nk,dkl->dnl", nodes, opened_ + begun)
    for at, window in enumerate(windows):
        total = drawn @ window
        np.testing.assert_allclose(total.mean(axis=0), mean[:, at], rtol=0.04)
        np.testing.assert_allclose(total.std(axis=0), spread[:, at], rtol=0.08)


def test_chances_of_two_causes_never_pass_one() -> None:
    rng = np.random.default_rng(0)
    base = rng.uniform(0, 0.9, size=(2, 2, 3, 5))
    rates = hazards.Hazards(
        base,
        (Months(), Months()),
        np.full((2, 5), 1.4),
        leaf=np.ones((2, 1)),
        size=np.ones((2, 1)),
        part=np.zeros(1, dtype=np.int64),
        apart=rng.uniform(0.5, 2, size=(2, 1, 2, 5)),
        sourced=rng.uniform(0.5, 2, size=(2, 2, 2, 3, 5)),
        events=np.ones((2, 3)),
    )
    none = np.zeros(3, int)
    win, loss = rates.outcomes(
        np.array([0, 1, 1]), np.array([0, 1, 2]), none, none, np.array([0, 1, 1])
    )
    assert (win >= 0).all() and (loss >= 0).all()
    assert ((win + loss).sum(axis=1) <= 1 + 1e-12).all()


# -- what was known on the day ------------------------------------------------------------------


def test_a_snapshot_holds_what_the_dataset_says_was_open_that_day() -> None:
    """The fast arrays and `Dataset.pipeline_on` agree on deals, stages and amounts of a past day."""
    world = planted(1, months=14, deals_a_month=20)
    dataset = opened(world.tables)
    history = history_of(world.tables)
    ids = dataset.as_of(world.as_of).deals()["deal_id"].to_numpy()
    for back in (0, 3, 7):
        origin = len(history.snaps) - 1 - back
        day = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(history.snaps[origin]))
        there = dataset.pipeline_on(day).set_index("deal_id").sort_index()
        mine = history.rows.snap == origin
        table = pd.DataFrame(
            {
                "stage": np.array(history.stages, dtype=object)[history.rows.stage[mine]],
                "amount": history.rows.amount[mine],
            },
            index=ids[history.rows.deal[mine]],
        ).sort_index()
        assert table.index.tolist() == there.index.tolist()
        assert table["stage"].tolist() == there["stage"].tolist()
        np.testing.assert_allclose(table["amount"], there["amount"])


def altered_after(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Another future: what closed after the day was decided the other way, ten times as large."""
    deals = tables["deals"].copy()
    later = deals["close_date"] > day
    deals.loc[later, "status"] = deals.loc[later, "status"].map({"won": "lost", "lost": "won"})
    deals.loc[later, "amount"] *= 10
    changes = tables["stage_changes"].copy()
    changes.loc[changes["changed_at"] > day, "amount"] *= 10
    return {**tables, "deals": deals, "stage_changes": changes}


def said_then(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> np.ndarray:
    """The backtest's forecasts from that day."""
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    row = made.backtest[made.backtest["cutoff"] == day]
    assert len(row) > 3
    return row[["forecast", "lo-90", "hi-90", "pipeline", "series"]].to_numpy(dtype=float)


@pytest.fixture(scope="module")
def world() -> dict[str, pd.DataFrame]:
    return planted(2, months=34, deals_a_month=30).tables


def test_another_future_changes_no_past_forecast(world: dict[str, pd.DataFrame]) -> None:
    day = pd.Timestamp("2026-03-31")
    np.testing.assert_allclose(said_then(world, day), said_then(altered_after(world, day), day))


def test_a_planted_leak_is_caught(
    world: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hazards that peek three months past the origin, another future changes the past."""
    honest = hazards.visible

    def peeking(history: History, origin: int, leads: int) -> np.ndarray:
        return honest(history, min(origin + 3, len(history.snaps) - 1), leads)

    monkeypatch.setattr(hazards, "visible", peeking)
    day = pd.Timestamp("2026-03-31")
    before, after = said_then(world, day), said_then(altered_after(world, day), day)
    assert not np.allclose(before, after)


def test_deals_missing_from_before_the_records_change_no_chance() -> None:
    """A CRM that starts late lacks the deals closed before: those left are not long-lived."""
    tables = clockwork(months=36)
    deals = tables["deals"]
    start = pd.Timestamp("2024-12-31")
    late = deals[~(deals["close_date"] <= start)]
    whole, cut = view_of(history_of(tables)), view_of(history_of({**tables, "deals": late}))
    np.testing.assert_allclose(
        cut.hazards.base[0, 0, :2, 1], whole.hazards.base[0, 0, :2, 1], atol=0.02
    )
    assert cut.open_wins.sum() == pytest.approx(whole.open_wins.sum(), rel=0.06)
    np.testing.assert_allclose(cut.new.begun[1:], whole.new.begun[1:], rtol=0.05)


# -- planted truth ------------------------------------------------------------------------------


def test_closed_deals_alone_mislead_and_hazards_do_not() -> None:
    """A young company whose losses drag on: truth .25; closed deals alone say a third, and
    expect dozens of wins too many. Reduced from the calibration."""
    options = calibration.SETTINGS["young company, slow losses"]
    every = pd.DataFrame([calibration.planted(900 + k, **options) for k in range(24)])
    assert every["win rate, closed alone"].mean() > 0.06
    assert abs(every["win rate"].mean()) < 0.015
    assert every["open wins, closed alone"].mean() > 15
    error = every["open wins"].std() / np.sqrt(len(every))
    assert abs(every["open wins"].mean()) < 3.5 + 2 * error


def test_intervals_hold_a_planted_future() -> None:
    """Through the public function from raw tables, future included in them. 40 companies: three
    binomial standard errors are .14 for the company; its two regions and six teams give more."""
    every = pd.DataFrame([calibration.planted(700 + k, months=30) for k in range(40)])
    assert 0.76 <= every["quarter, company"].mean() <= 1.0
    assert 0.80 <= every["quarter, region"].mean() <= 0.98
    assert 0.84 <= every["quarter, team"].mean() <= 0.96
    assert abs(every["money error"].sum() / every["money"].sum()) < 0.09
    assert every["win rate held"].mean() > 0.75


def test_returns_take_their_share_and_are_no_deals(
    tables_with_returns: tuple[History, History],
) -> None:
    """Every tenth win comes back three weeks later: as many deals begin and are won as without,
    and what they bring is a tenth less."""
    plain, returned = (view_of(one) for one in tables_with_returns)
    np.testing.assert_allclose(returned.open_wins.sum(), plain.open_wins.sum(), rtol=1e-9)
    np.testing.assert_allclose(returned.new.begun, plain.new.begun)
    paid = [one.bookings[:, -24:].sum() for one in tables_with_returns]
    share = paid[1] / paid[0]
    assert 0.8 < share < 0.95
    assert returned.money.sum() / plain.money.sum() == pytest.approx(share, abs=0.01)


@pytest.fixture(scope="module")
def tables_with_returns() -> tuple[History, History]:
    tables = planted(4).tables
    deals = tables["deals"]
    back = deals[deals["status"] == "won"].iloc[::10].copy()
    back["deal_id"] = "X" + back["deal_id"]
    back["amount"] = -back["amount"]
    back["close_date"] += pd.Timedelta(days=21)
    back["created_date"] = back["close_date"]
    with_returns = {**tables, "deals": pd.concat([deals, back], ignore_index=True)}
    return history_of(tables), history_of(with_returns)


def test_growth_that_may_stop_is_doubtful_and_a_level_is_not() -> None:
    """Deals begun that grow by exactly 5% a month: in a year they have grown by .6 on the log scale, and
    whether that goes on is known to .3 of it. Companies that doubled a year missed their twelve months'
    interval in every second case. A level company has the doubt of .06 a year alone."""
    spread = {}
    for growth in (0.05, 0.0):
        ends = pd.date_range(end=AS_OF, periods=24, freq="ME")
        many = np.round(100 * np.exp(growth * np.arange(24))).astype(int)
        begun = np.repeat(ends, many)
        won = np.arange(len(begun)) % 4 == 0
        close = begun + pd.Timedelta(days=20)
        deals = pd.DataFrame({
            "deal_id": [f"D{k}" for k in range(len(begun))],
            "rep_id": "R0",
            "status": np.where(close <= AS_OF, np.where(won, "won", "lost"), "open"),
            "amount": 100.0,
            "created_date": begun,
            "close_date": pd.Series(close).where(close <= AS_OF),
        })  # fmt: skip
        history = history_of({"reps": reps(), "deals": deals})
        counts, groups = hazards.count(history, 12), creation.cohorts(history)
        rates = hazards.fit(history, counts, len(history.snaps) - 1, 12)
        new = creation.new_deals(
            history, groups, rates.calendar, rates.leaf[0], len(history.snaps) - 1, 12
        )
        spread[growth] = new.spread[12]
    assert spread[0.05] == pytest.approx(np.hypot(0.3 * 0.05 * 12, 0.06), rel=0.08)
    assert spread[0.0] == pytest.approx(0.06, rel=0.2)
