"""Pieces of the deal desk, each by hand: since when lists are kept, who is compared with whom, and what of
a discount goes where."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib import NotEnoughData
from salesops_lib.analyses.deal_desk import (
    DealDesk,
    approval_case,
    deal_desk,
    hold_prices,
    quote_time,
)
from salesops_lib.analyses.deal_desk.approval import _customers
from salesops_lib.analyses.deal_desk.model import _mean_noise, _noise_of, fit_model
from salesops_lib.analyses.deal_desk.pricing import Priced, Window, _kept_since
from salesops_lib.analyses.deal_desk.specialists import Peers
from salesops_lib.analyses.deal_desk.tables import by_kind, waterfall
from salesops_lib.analyses.deal_desk.winning import offers_known, won_per_point
from tests.analyses.desk_frames import by_hand, company


def kept_since(without: int, later: int, blank: int = 0) -> pd.Timestamp | None:
    """Wins a week apart: so many before the first with a list amount, that one and `later` after it, of
    which the last so many have none."""
    closed = pd.Series(pd.date_range("2026-01-05", periods=without + 1 + later, freq="7D"))
    known = pd.Series([False] * without + [True] * (1 + later - blank) + [False] * blank)
    window = Window(pd.DataFrame(), closed, 6, pd.Timestamp("2026-06-30"), closed)
    return _kept_since(window, pd.Series(True, index=closed.index), known, known)


@pytest.mark.parametrize(
    ("without", "later", "blank", "told"),
    [(3, 3, 0, True), (2, 3, 0, False), (3, 4, 1, False), (2, 9, 0, True), (1, 98, 0, False)],
)
def test_list_amounts_are_kept_since_then_where_chance_does_not_leave_them_out(
    without: int, later: int, blank: int, told: bool
) -> None:
    """Of four wins from the first on all have one: of the next, one in five may lack it, and three in a row
    do by chance in .2^3 = .8%, two in 4%. With one of five blank it is a third, and three are 3.7%. Of ten
    that all have one it is one in eleven, and two are .8%. A single win tells nothing with 99 behind it."""
    since = kept_since(without, later, blank)
    first = pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=without)
    assert since == (first if told else None)


def offers(won: int, lost: int) -> Priced:
    rng = np.random.default_rng(0)
    n = won + lost
    deals = pd.DataFrame({
        "rep": np.array(["A", "B", "C"], dtype=object)[np.arange(n) % 3], "won": np.arange(n) < won,
        "listed": rng.lognormal(8, 0.5, n), "discount": rng.uniform(0, 0.3, n), "late": False,
    })  # fmt: skip
    return Priced(deals.assign(paid=deals["listed"] * (1 - deals["discount"])), (), 12, ())


@pytest.mark.parametrize(("won", "lost"), [(29, 90), (90, 29)])
def test_thirty_won_and_thirty_lost_are_compared(won: int, lost: int) -> None:
    few = offers(won, lost)
    assert not offers_known(few)
    slope, rate = won_per_point(few, 0.90)
    assert math.isnan(slope.value) and math.isnan(rate)
    assert offers_known(offers(30, 30))
    slope, rate = won_per_point(offers(30, 30), 0.90)
    assert math.isfinite(slope.value) and rate == 0.5


def test_two_reps_are_no_comparison_however_many_deals() -> None:
    two = offers(60, 0)
    two.deals["rep"] = np.where(two.deals["rep"] == "C", "A", two.deals["rep"])
    with pytest.raises(NotEnoughData, match="too few reps have won enough"):
        fit_model(two, 0.90, np.random.default_rng(0))


def test_approvals_may_cost_nothing(desk: DealDesk) -> None:
    free = approval_case(desk, approval_cost=0.0)
    assert free.cost_year == 0.0 and free.break_even.value == 0.0 < free.above_year.value


def test_the_average_rep_lies_between_quantiles_of_its_draws(desk: DealDesk) -> None:
    drawn = desk.model.units.mean(axis=1)
    limits = np.quantile(drawn, [0.05, 0.95])
    assert (desk.average.low, desk.average.high) == pytest.approx(tuple(limits))


def test_parts_of_the_waterfall_are_those_of_the_model(desk: DealDesk) -> None:
    """What kinds and the quarter's end take is the estimate, not a draw of it; limits are of the draws.
    Where reps are not told apart, both what lies above and what lies below the average may be nothing."""
    model, yearly = desk.model, desk.yearly
    table = desk.waterfall.set_index("component")
    beyond = np.maximum(model.units - model.units.mean(axis=1)[:, None], 0) @ model.listed * yearly
    assert model.established
    for name, one in (("kinds", model.kind_money), ("quarter_end", model.late_money)):
        row = (one[0], *np.quantile(one[1:], [0.05, 0.95]))
        assert tuple(table.loc[name]) == pytest.approx(tuple(x * yearly for x in row))
    limits = np.quantile(beyond, [0.05, 0.95])
    assert tuple(table.loc["reps_above"]) == pytest.approx((beyond.mean(), *limits))
    total = desk.discount_year.value
    unsure = waterfall(replace(model, established=False), total, yearly, 0.90, alike=False)
    expected = table.copy()
    expected.loc["reps_above", "low"] = expected.loc["reps_below", "high"] = 0.0
    pd.testing.assert_frame_equal(unsure.set_index("component"), expected)


def test_peers_by_hand() -> None:
    """Three reps sell one product and two another, of which each is half its own peers' average: at
    distances of 1, 2 and 6 from nothing the three lie 2, 1 and 3 from their mean, stretched by one over
    the root of two thirds; the two, at 4 and 8, lie 2 off, stretched by the root of two."""
    of_second = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    design = np.column_stack([np.ones(5), of_second])
    projection = design @ np.linalg.pinv(design)
    mine = Peers(design, projection, np.diag(projection).copy())
    assert mine.lost == 2 and mine.compared.all()
    assert mine.fit(np.array([1.0, 2.0, 6.0, 4.0, 8.0])) == pytest.approx([3.0, 3.0])
    apart = np.array([-2.0, -1.0, 3.0, -2.0, 2.0])
    stretched = apart * np.sqrt([1.5, 1.5, 1.5, 2.0, 2.0])
    assert mine.stretched(np.array([1.0, 2.0, 6.0, 4.0, 8.0])) == pytest.approx(stretched)
    # Back from draws that do not vary nothing but the distance itself is left, at its own size.
    still = np.tile(stretched, (3, 1))
    assert mine.back(still) == pytest.approx(np.tile(apart, (3, 1)))
    # What varies about it stays as wide as it was drawn.
    swings = np.array([[0.3], [-0.3]]) * np.array([1.0, -1.0, 0.0, 1.0, -1.0])
    assert mine.back(stretched + swings) == pytest.approx(apart + swings)


@pytest.mark.parametrize(("above", "slower"), [(10, False), (70, True)])
def test_which_of_two_groups_takes_longer(above: int, slower: bool) -> None:
    """Twenty-five quotes of each of two reps with a tenth off, decided after 40 days or so, and as many
    with four tenths off."""
    rng = np.random.default_rng(0)
    days = np.concatenate([rng.integers(30, 50, 50), above + rng.integers(-5, 6, 50)])
    off = np.repeat([0.1, 0.4], 50)
    quoted = pd.Timestamp("2026-01-10")
    deals = pd.DataFrame({
        "deal_id": np.arange(100), "rep_id": np.tile(["A", "B"], 50), "status": "won",
        "list_amount": 100.0, "amount": 100 * (1 - off), "quoted_date": quoted,
        "close_date": quoted + pd.to_timedelta(days, unit="D"),
    })  # fmt: skip
    found = quote_time(deals)
    assert found.slower is slower and found.p < 0.01
    assert found.groups["median"].tolist() == pytest.approx([40, above], abs=3)


def test_the_deal_desk_has_the_money_of_a_year_by_hand() -> None:
    """Six deals at list 100 for 520 in nine months, of which two in the last days of a quarter, C's and
    A's: 600 and 520 times 12/9, and 80 × 12/9 given."""
    found = deal_desk(by_hand())
    assert (found.list_year, found.paid_year) == pytest.approx((800.0, 520 * 12 / 9))
    assert found.discount_year.value == pytest.approx(80 * 12 / 9)
    assert found.discount_year.low == pytest.approx(800 * (1 - found.realisation.high))
    assert found.discount_year.high == pytest.approx(800 * (1 - found.realisation.low))


def test_money_of_the_quarters_end_is_its_points_on_what_was_listed_then() -> None:
    deals = company(late=0.05)
    found = deal_desk(deals)
    late = found.deals[found.deals["won"] & found.deals["late"]]["listed"].sum() * found.yearly
    assert found.quarter_end_year.value == pytest.approx(found.quarter_end.value * late)
    assert found.quarter_end_year.low == pytest.approx(found.quarter_end.low * late)


def test_who_is_alone_with_a_kind_stays_where_it_is() -> None:
    """A fourth rep alone sells a product: draws of its distance are put back as they average, at 0."""
    design = np.column_stack([np.ones(4), [0.0, 0.0, 0.0, 1.0]])
    projection = design @ np.linalg.pinv(design)
    mine = Peers(design, projection, np.diag(projection).copy())
    assert mine.compared.tolist() == [True, True, True, False]
    assert mine.stretched(np.array([1.0, 2.0, 6.0, 9.0]))[3] == 0.0
    drawn = np.random.default_rng(0).standard_normal((5, 4))
    drawn[:, 3] = 0.0
    room, left = np.sqrt(2 / 3), drawn[:, :3] - drawn[:, :3].mean(axis=1, keepdims=True)
    expected = left - (1 - room) * left.mean(axis=0)
    assert mine.back(drawn) == pytest.approx(np.column_stack([expected, np.zeros(5)]))


def test_what_reps_give_beyond_the_average_is_a_years() -> None:
    """Of the half-year counted, twice over."""
    found = deal_desk(company(), months=6)
    model = found.model
    beyond = np.maximum(model.units - model.units.mean(axis=1)[:, None], 0).mean(axis=0)
    reps = found.reps.set_index("rep_id").loc[model.reps]
    assert found.months == 6
    assert reps["list_year"].tolist() == pytest.approx((2 * model.listed).tolist())
    assert reps["excess_year"].tolist() == pytest.approx((2 * beyond * model.listed).tolist())
    above = found.waterfall.set_index("component").loc["reps_above", "value"]
    assert reps["excess_year"].sum() == pytest.approx(above)


def test_the_noise_of_a_mean_by_hand() -> None:
    """Three reps with 2, 4 and 8 deals of nobody known: variance over the 11 degrees of freedom that
    their means leave of 14, at the middles of five fifths of its chi-square, over each number of deals.
    Skewness of a mean falls with the root of the number, what the tails are heavier with the number."""
    codes = np.repeat([0, 1, 2], [2, 4, 8])
    net = np.random.default_rng(3).exponential(size=14) ** 1.5
    found = _noise_of(net, np.zeros((14, 0)), codes, None)
    left = net - np.array([net[codes == k].mean() for k in range(3)])[codes]
    variance, counts = left @ left / 11, np.array([2, 4, 8])
    assert found.freedom == 11 and found.variance == pytest.approx(variance / counts)
    scale = 11 / stats.chi2.ppf([0.9, 0.7, 0.5, 0.3, 0.1], 11)
    assert found.nodes.variance == pytest.approx(scale[:, None] * variance / counts)
    skewness, excess = stats.skew(left), stats.kurtosis(left)
    assert excess > 0
    assert found.nodes.skewness == pytest.approx(skewness / np.sqrt(counts))
    assert found.nodes.excess == pytest.approx(excess / counts)
    assert found.tail == pytest.approx(np.sqrt(excess / 14))


def test_sizes_are_thirds_of_the_deals() -> None:
    """Of twelve deals four each: listed 1 to 12 and paid at 90, 80 and 50 of a hundred, over half a year."""
    listed = np.array([5.0, 11.0, 1.0, 9.0, 2.0, 12.0, 7.0, 3.0, 8.0, 4.0, 6.0, 10.0])
    paid = listed * np.select([listed <= 4, listed <= 8], [0.9, 0.8], 0.5)
    deals = pd.DataFrame({
        "rep": "A", "won": True, "listed": listed, "paid": paid, "discount": 1 - paid / listed,
        "product": np.where(listed == 12, "Q", "P"),
    })  # fmt: skip
    table = by_kind(Priced(deals, ("product",), 6, ())).set_index("group")
    assert table.index.tolist() == ["P", "Q", "largest deals", "middling deals", "smallest deals"]
    assert table["by"].tolist() == ["product", "product", "size", "size", "size"]
    assert table["deals"].tolist() == [11.0, 1.0, 4.0, 4.0, 4.0]
    assert table["list_year"].tolist() == pytest.approx([132.0, 24.0, 84.0, 52.0, 20.0])
    assert table["discount_year"].tolist() == pytest.approx([42.4, 12.0, 42.0, 10.4, 2.0])
    assert table["discount"].tolist()[1:] == pytest.approx([0.5, 0.5, 0.2, 0.1])


def test_decided_on_the_last_day_is_decided() -> None:
    """Of June three quotes: decided on the 30th, on 1 July, which nobody knows in June, and not at all."""
    deals = pd.DataFrame({
        "deal_id": range(3), "status": ["won", "lost", "open"], "quoted_date": "2026-06-10",
        "close_date": ["2026-06-30", "2026-07-01", None],
    })  # fmt: skip
    found = quote_time(deals, last_month="2026-06-01", months=1)
    assert (found.quotes, found.open) == (3, 2)


def test_hardly_quicker_is_not_slower() -> None:
    """Twenty quotes of one rep on either side of the threshold, decided after 10, 20, … days: one of those
    with the larger discount a day earlier."""
    days = np.tile(10 * np.arange(1, 21), 2)
    days[39] -= 1
    quoted = pd.Timestamp("2026-01-10")
    deals = pd.DataFrame({
        "deal_id": np.arange(40), "rep_id": "A", "status": "won", "list_amount": 100.0,
        "amount": np.repeat([90.0, 60.0], 20), "quoted_date": quoted,
        "close_date": quoted + pd.to_timedelta(days, unit="D"),
    })  # fmt: skip
    found = quote_time(deals)
    assert found.p > 0.8 and not found.slower
    deals.loc[39, "close_date"] += pd.Timedelta(days=2)
    assert quote_time(deals).slower


def test_deals_of_one_customer_are_one_event() -> None:
    """A sells to x twice and to y, B to x; what A and B sold to nobody known are customers of their own,
    the first deal, too."""
    deals = pd.DataFrame(
        {"rep": list("AABAABA"), "account": [None, "x", "x", None, "x", None, "y"]}
    )
    rep, customer = _customers(deals)
    assert customer[1] == customer[4] and len(set(customer.tolist())) == 6
    assert [rep[one] for one in customer] == pd.factorize(deals["rep"])[0].tolist()
    _, alone = _customers(deals.drop(columns="account"))
    assert len(set(alone.tolist())) == 7


def test_what_customers_share_by_a_nested_analysis_of_variance() -> None:
    """Two reps of four customers with three to six deals each: mean squares within customers and between a
    rep's own, the second over what a customer's variance is counted in it."""
    size = np.array([3, 4, 5, 6, 6, 4, 5, 3])
    rep, cell = np.repeat(np.repeat([0, 1], 4), size), np.repeat(np.arange(8), size)
    rng = np.random.default_rng(2)
    net = rng.standard_normal(8)[cell] + 0.5 * rng.standard_normal(36)
    left = net - np.array([net[rep == k].mean() for k in range(2)])[rep]
    inside = sum(((left[cell == k] - left[cell == k].mean()) ** 2).sum() for k in range(8))
    between = sum(size[k] * left[cell == k].mean() ** 2 for k in range(8))
    own = inside / (36 - 8)
    square = np.array([(size[:4] ** 2).sum(), (size[4:] ** 2).sum()])
    shared = (between - 6 * own) / (36 - (square / 18).sum())
    parts = np.full(2, own / 18), shared * square / 18**2
    known = (parts[0] + parts[1]).mean() ** 2 / (
        parts[0].mean() ** 2 / 28 + parts[1].mean() ** 2 / 6
    )
    variance, freedom = _mean_noise(left, rep, cell.astype(object), 0)
    assert shared > own and variance == pytest.approx(parts[0] + parts[1])
    assert freedom == pytest.approx(known)


def test_lost_quotes_without_a_list_amount_are_counted_and_nothing_else() -> None:
    """Of those lost two that were quoted have none, one was never quoted and one is nobody's; two that
    were won have none either."""
    deals = by_hand().assign(quoted_date="2026-01-02")
    more = pd.DataFrame({
        "rep_id": ["A", "B", "B", None, "C", "A"], "status": ["lost"] * 4 + ["won"] * 2,
        "amount": 50.0, "list_amount": np.nan, "close_date": "2026-06-01",
        "quoted_date": ["2026-05-01", "2026-05-01", None, "2026-05-01", "2026-05-01", None],
    })  # fmt: skip
    found = deal_desk(pd.concat([deals, more], ignore_index=True))
    assert found.unpriced == 2
    assert found.deals["won"].tolist() == [True] * 6 + [False]


def test_held_prices_lie_between_quantiles_of_their_draws(desk: DealDesk) -> None:
    """Half of what each gives beyond the average, at list. Of the reps expected above it, as a share x of
    what is left of their deals: x (.7 paid + gain) = gain."""
    model, held = desk.model, hold_prices(desk)
    excess = model.units - model.units.mean(axis=1)[:, None]
    gain = 0.5 * np.maximum(excess, 0) @ model.listed * desk.yearly
    above = excess.mean(axis=0) > 0
    theirs = 0.5 * np.maximum(excess, 0)[:, above] @ model.listed[above]
    loss = theirs / (0.7 * model.paid[above].sum() + theirs)
    assert desk.established and held.money_year.n == len(model.reps)
    for one, draws in ((held.money_year, gain), (held.break_even, loss)):
        expected = (draws.mean(), *np.quantile(draws, [0.05, 0.95]))
        assert (one.value, one.low, one.high) == pytest.approx(expected)
    unsure = hold_prices(replace(desk, established=False))
    assert unsure.money_year == replace(held.money_year, low=0.0)
