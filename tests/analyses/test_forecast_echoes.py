"""Renewals echo what was won so many months before: by hand, and what has nothing to do with wins does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration.planted_renewals import plant_renewals
from salesops_lib.analyses.forecast import creation, forecast_bookings, words
from salesops_lib.analyses.forecast.begun_by_source import by_source
from salesops_lib.analyses.forecast.echoes import Echo, Won, _deviance, with_echo
from salesops_lib.analyses.forecast.history import read_history
from tests.analyses.forecast_company import opened

FIRST, MONTHS = 24_000, 36
KNOWN = FIRST + np.arange(MONTHS)
AHEAD = KNOWN[-1] + np.arange(1, 13)
# Wins a month without a line or a year in them.
WINS = np.random.default_rng(4).integers(5, 60, MONTHS).astype(float)
WON = Won(FIRST, WINS)


def level(counts: np.ndarray):
    """A line that goes on with the mean of what it has seen."""
    return lambda seen, month: np.full(len(month), counts[:seen].mean())


def heard(known, counts, won, month, line) -> Echo:
    return with_echo(known, counts, won, month, line, line(len(known), month))


def test_deals_won_before_by_hand() -> None:
    won = Won(FIRST, np.array([4.0, 8.0, 2.0]))
    before = won.before(FIRST + np.array([1, 2, 3, 4]), np.array([1.0, 1.5, 2.0]))
    nan = np.nan
    assert np.array_equal(
        before,
        # A month and a half before: half of them of either month.
        [[4.0, 8.0, 2.0, nan], [nan, 6.0, 5.0, nan], [nan, 4.0, 8.0, 2.0]],
        equal_nan=True,
    )
    assert won.until(FIRST + 1).count.tolist() == [4.0, 8.0]
    assert won.until(FIRST - 3).count.tolist() == []


def test_deviance_by_hand() -> None:
    """2 (3 ln 3/2 − 1) of three where two were said; 2·2 of none; as many as said is off by nothing."""
    came = np.array([3.0, 0.0])
    off = _deviance(came, np.array([[2.0, 2.0], [3.0, 0.5]]))
    assert off == pytest.approx([2 * (3 * np.log(1.5) - 1) + 4, 1.0])
    assert _deviance(came, np.array([[2.0, 2.0]]), np.array([[0.5, 0.0]])) == pytest.approx(
        [3 * np.log(1.5) - 1]
    )


@pytest.mark.parametrize(("lag", "rate"), [(10, 0.5), (3, 1.0)])
def test_what_echoes_is_known_ahead(lag: int, rate: float) -> None:
    """Half as many as were won ten months before: known for ten months, and after them the line goes on."""
    counts = np.where(np.arange(MONTHS) >= lag, rate * np.roll(WINS, lag), rate * WINS.mean())
    line = level(counts)
    echo = heard(KNOWN, counts, WON, AHEAD, line)
    assert echo.lag == lag and echo.share > 0.99
    found, known = echo.ahead, min(lag, 12)
    assert found[:known] == pytest.approx(rate * WINS[-lag:][:known], rel=0.02)
    assert found[known:] == pytest.approx(line(MONTHS, AHEAD[known:]))


def test_half_a_month_between_two() -> None:
    counts = np.r_[np.full(10, 30.0), (WINS[:-9] + np.r_[0.0, WINS[:-10]])[1:] / 2]
    assert len(counts) == MONTHS
    echo = heard(KNOWN, counts, WON, AHEAD, level(counts))
    assert echo.lag == 9.5
    found = echo.ahead
    assert found[:9] == pytest.approx((WINS[-9:] + WINS[-10:-1]) / 2, rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_what_has_nothing_to_do_with_wins_keeps_to_its_line(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(20.0, MONTHS).astype(float)
    line = level(counts)
    found = heard(KNOWN, counts, WON, AHEAD, line).ahead
    assert found == pytest.approx(line(MONTHS, AHEAD), rel=0.06)


def test_a_short_record_tells_no_echo() -> None:
    """Fourteen months are nine to read it from, and five to hold it against: fewer than six tell nothing."""
    counts = np.where(np.arange(MONTHS) >= 2, np.roll(WINS, 2), 20.0)
    short, line = slice(0, 14), level(counts[:14])
    ahead = KNOWN[13] + np.arange(1, 4)
    won = WON.until(int(KNOWN[13]))
    kept = heard(KNOWN[short], counts[short], won, ahead, line)
    assert kept.ahead.tolist() == line(14, ahead).tolist()
    # Nor do wins of which none is on record.
    nothing = Won(FIRST, np.zeros(0))
    assert heard(KNOWN, counts, nothing, AHEAD, line).ahead[0] == counts[:14].mean()
    assert np.isfinite(heard(KNOWN, 0 * counts, WON, AHEAD, line).ahead).all()


def test_the_months_foretold_are_those_that_were_there_to_foretell() -> None:
    """Deals that follow ten months after, of a record of 26: held against the last six, and of the six before
    against the two that are known ahead by what 14 months can tell, an echo after two. "Its last twelve months"
    was said of these. Three months after, three of each six are known ahead; of 36 months all twelve are."""
    counts = np.where(np.arange(MONTHS) >= 10, np.roll(WINS, 10), WINS.mean())
    for months, foretold in ((26, 8), (36, 12)):
        won = WON.until(int(KNOWN[months - 1]))
        ahead = KNOWN[months - 1] + np.arange(1, 4)
        line = level(counts[:months])
        echo = heard(KNOWN[:months], counts[:months], won, ahead, line)
        assert (echo.lag, echo.foretold) == (10, foretold)
    soon = np.where(np.arange(MONTHS) >= 3, np.roll(WINS, 3), WINS.mean())
    assert heard(KNOWN, soon, WON, AHEAD, level(soon)).foretold == 6
    assert "foretold 6 of its last twelve months better" in words.echo_source(6)
    assert "foretold its last twelve months better" in words.echo_source(12)


def test_the_report_says_which_deals_follow_others() -> None:
    world = plant_renewals(np.random.default_rng(5), season=0.5)
    table = forecast_bookings(
        opened(world.tables), as_of=world.as_of, horizon=3, draws=200, origins=3
    ).rests_on
    (row,) = table[table["assumption"].str.startswith("From deals won")].to_dict("records")
    assert row["assumption"] == "From deals won to those of “renewal” that follow"
    # Three hundred days after, in months of thirty and a half.
    assert float(row["value"].removesuffix(" months")) == pytest.approx(300 / 30.44, abs=0.3)
    blind = {**world.tables, "deals": world.tables["deals"].drop(columns="source")}
    table = forecast_bookings(
        opened(blind), as_of=world.as_of, horizon=3, draws=200, origins=3
    ).rests_on
    assert not table["assumption"].str.startswith("From deals won").any()


def test_nothing_won_after_the_last_month_is_heard() -> None:
    world = plant_renewals(np.random.default_rng(5), season=0.5)
    history = read_history(opened(world.tables), as_of=world.as_of, by=())
    last = int(history.months[-1]) - 6
    cut = np.where(history.close >= history.snaps[-6], history.snaps[-1], history.close)
    groups = creation.cohorts(history)
    month = last + np.arange(1, 13)
    created = groups.created_of_source[:, : last - groups.first + 1]
    found = by_source(history, created, groups.first, last, month)
    moved = by_source(replace(history, close=cut), created, groups.first, last, month)
    assert found is not None and moved is not None
    assert found.share.tolist() == moved.share.tolist()


def test_renewals_of_a_season_have_it_when_they_are_due() -> None:
    """Half as many again in autumn, and half as few in spring: due ten months later, and begun then."""
    world = plant_renewals(np.random.default_rng(7), season=0.5, deals_a_month=90.0)
    history = read_history(opened(world.tables), as_of=world.as_of, by=())
    last, month = int(history.months[-1]), history.months[-1] + np.arange(1, 10)
    groups = creation.cohorts(history)
    found = by_source(history, groups.created_of_source, groups.first, last, month)
    assert found is not None
    deals = world.tables["deals"]
    came = deals.loc[deals["source"] == "renewal", "created_date"].dt.to_period("M")
    end = world.as_of.to_period("M")
    wanted = np.array([int((came == end + ahead).sum()) for ahead in range(1, 10)])
    # Named in the order of the alphabet, after what has no source: new, renewal.
    begun = found.share[2] * found.level * found.season_ahead
    assert begun.sum() == pytest.approx(wanted.sum(), rel=0.05)
    # Days lie a little differently in the months; between the months they go from seventy to a hundred.
    assert np.abs(begun - wanted).mean() < 0.1 * wanted.mean()
    assert np.corrcoef(begun, wanted)[0, 1] > 0.8


@pytest.mark.parametrize("seed", range(8))
def test_wins_that_only_began_tell_no_echo(seed: int) -> None:
    """Nothing was won but one deal for two and a half years, then 25 a month, and a source brings one deal in
    two months all along: a lag before which nothing was won had a rate without end, and thousands of
    millions of deals were said to begin."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.5, MONTHS).astype(float)
    for early in (0.0, 1.0):
        wins = np.r_[early, np.zeros(MONTHS - 7), rng.poisson(25.0, 6)]
        line = level(counts)
        echo = heard(KNOWN, counts, Won(FIRST, wins), AHEAD, line)
        assert echo.ahead == pytest.approx(line(MONTHS, AHEAD))
        assert echo.share == 0


def test_no_more_is_foretold_than_ever_came_from_any_wins() -> None:
    """Sparse wins and sparse sources, wins that began late and sources that did."""
    for seed in range(300):
        rng = np.random.default_rng(seed)
        months = int(rng.integers(16, 48))
        known = FIRST + np.arange(months)
        counts, wins = (rng.poisson(10 ** rng.uniform(-1.5, 1.5), months) * 1.0 for _ in range(2))
        wins[: int(rng.integers(0, months))] = 0.0
        found = heard(known, counts, Won(FIRST, wins), known[-1] + np.arange(1, 13), level(counts))
        assert found.ahead.max() <= 2 * max(counts.max(), 1.0)
