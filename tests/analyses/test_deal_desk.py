"""Deal desk: hand-worked values, identities, twins, bad input, and nothing from the future."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData, deal_desk, hold_prices
from salesops_lib.analyses.deal_desk import (
    approval_case,
    not_held,
    quarter_end_month,
)
from salesops_lib.analyses.deal_desk.pricing import last_days
from salesops_lib.errors import ParameterError
from salesops_lib.figures.deal_desk import waterfall
from tests.analyses.desk_frames import by_hand, company


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    return company()


# ── Hand-worked ───────────────────────────────────────────────────────────────────────────────


def test_realisation_by_hand() -> None:
    """520 paid of 600 at list in nine months."""
    found = deal_desk(by_hand(), last_month="2026-09")
    assert found.realisation.value == pytest.approx(520 / 600)
    assert found.months == 9
    assert found.discount_year.value == pytest.approx(80 * 12 / 9)
    assert found.discount_year.low < 80 * 12 / 9 < found.discount_year.high
    assert any("9 months only" in one for one in found.notices)


def test_approval_by_hand() -> None:
    """Above 15%: 30 and 20 off were won, 40 off was offered and lost. Beyond 15% lie 15 and 5."""
    found = approval_case(
        deal_desk(by_hand(), last_month="2026-09"), threshold=0.15, approval_cost=2.0
    )
    assert found.approvals_month.value == pytest.approx(3 / 9)
    assert found.cost_year == pytest.approx(3 / 9 * 12 * 2)
    assert found.above_year.value == pytest.approx(20 * 12 / 9)
    # Lost offers of three deals cost 6 in nine months, 20 lies beyond.
    assert found.break_even.value == pytest.approx(6 / 20)


def test_exactly_at_the_threshold_is_not_above_it() -> None:
    found = deal_desk(by_hand(), last_month="2026-09")
    at, under = (approval_case(found, threshold=one) for one in (0.10, 0.0999))
    assert at.approvals_month.value * 9 == pytest.approx(3)
    assert under.approvals_month.value * 9 == pytest.approx(6)


def test_nobody_above_the_threshold_is_said() -> None:
    found = approval_case(deal_desk(by_hand(), last_month="2026-09"), threshold=0.5)
    assert np.isnan(found.break_even.value)
    assert "nothing to save" in found.finding("approval_break_even").sentence


def test_the_last_days_of_a_fiscal_quarter() -> None:
    days = pd.Series(pd.to_datetime(["2026-09-21", "2026-09-20", "2026-10-31", "2026-08-31"]))
    assert last_days(days, 12, 10).tolist() == [True, False, False, False]
    assert last_days(days, 1, 10).tolist() == [False, False, True, False]
    start, end = pd.Timestamp("2026-08-01"), pd.Timestamp("2026-10-31")
    assert quarter_end_month(start, end) == 10
    assert quarter_end_month(pd.Timestamp("2026-10-01"), end) == 12


# ── Identities ────────────────────────────────────────────────────────────────────────────────


def test_the_waterfall_sums_exactly(desk) -> None:
    table = desk.waterfall
    assert table["value"].sum() == pytest.approx(desk.discount_year.value, abs=1e-6)
    assert desk.list_year - desk.paid_year == pytest.approx(desk.discount_year.value)
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    for by, part in desk.kinds.groupby("by"):
        assert part["discount_year"].sum() == pytest.approx(desk.discount_year.value), by
    above = table.set_index("component").loc["reps_above", "value"]
    assert desk.reps["excess_year"].sum() == pytest.approx(above)


def test_what_coefficients_may_be_off_reps_take_up(deals: pd.DataFrame, desk) -> None:
    """Were the quarter's end worth more, who closes more then would give less on the same deal; and
    what all give would be less."""
    late, model = desk.model.late_money[1:], desk.model
    share = desk.deals[desk.deals["won"]].groupby("rep")["late"].mean().loc[list(model.reps)]
    most, least = int(share.argmax()), int(share.argmin())
    apart = model.units[:, most] - model.units[:, least]
    assert np.corrcoef(late, apart)[0, 1] < -0.1
    assert np.corrcoef(late, model.units.mean(axis=1))[0, 1] < -0.1


def test_above_and_below_average_are_all_differences(desk) -> None:
    parts = desk.waterfall.set_index("component")["value"]
    apart = desk.reps["list_year"] * (desk.reps["discount"] - desk.average.value)
    assert parts["reps_above"] + parts["reps_below"] == pytest.approx(apart.sum())
    assert parts["reps_below"] < 0 < parts["reps_above"]


def test_order_and_currency_change_nothing(deals: pd.DataFrame, desk) -> None:
    shuffled = deal_desk(deals.sample(frac=1, random_state=3))
    assert shuffled.waterfall["value"].tolist() == pytest.approx(desk.waterfall["value"].tolist())
    cents = deals.assign(amount=deals["amount"] * 100, list_amount=deals["list_amount"] * 100)
    in_cents = deal_desk(cents)
    assert in_cents.realisation.value == pytest.approx(desk.realisation.value)
    assert in_cents.waterfall["value"].tolist() == pytest.approx(
        (100 * desk.waterfall["value"]).tolist()
    )


def test_the_window_begins_on_the_first_of_its_first_month() -> None:
    deals = by_hand().assign(close_date="2026-06-15")
    for day, counts in (("2025-09-30", False), ("2025-10-01", True), ("2026-09-30", True),
                        ("2026-10-01", False)):  # fmt: skip
        moved = deals.assign(close_date=["2026-06-15"] * 6 + [day], status="won", amount=50.0)
        found = deal_desk(moved, last_month="2026-09")
        assert found.paid_year == pytest.approx(50.0 * (7 if counts else 6) * 12 / found.months)


def test_more_discount_is_more_discount(deals: pd.DataFrame, desk) -> None:
    """Signs: five points off everywhere move the price and nobody's place."""
    deeper = deal_desk(deals.assign(amount=deals["amount"] - 0.05 * deals["list_amount"]))
    assert deeper.realisation.value == pytest.approx(desk.realisation.value - 0.05)
    assert deeper.average.value == pytest.approx(desk.average.value + 0.05)
    assert deeper.quarter_end.value == pytest.approx(desk.quarter_end.value)
    assert hold_prices(deeper).money_year.value == pytest.approx(hold_prices(desk).money_year.value)
    one = deals["rep_id"] == desk.reps["rep_id"].iloc[-1]
    moved = deals["amount"].where(~one, deals["amount"] - 0.15 * deals["list_amount"])
    assert (
        deal_desk(deals.assign(amount=moved)).reps["rep_id"].iloc[0] == desk.reps["rep_id"].iloc[-1]
    )


# ── Twins ─────────────────────────────────────────────────────────────────────────────────────


def test_same_deal_twin(deals: pd.DataFrame, desk) -> None:
    """A dummy for each rep in plain least squares: the same effect of the quarter's end and the same
    distances between reps on the same deal."""
    won = deals[deals["status"] == "won"].reset_index(drop=True)
    discount = 1 - won["amount"] / won["list_amount"]
    size = np.log(won["list_amount"]) - np.log(won["list_amount"]).mean()
    late = last_days(won["close_date"], 12, 10).astype(float)
    reps = sorted(won["rep_id"].unique())
    columns = [late, (won["product"] == "Q").astype(float), size, size**2]
    columns += [(won["rep_id"] == one).astype(float) for one in reps]
    coef = np.linalg.lstsq(np.stack(columns, axis=1), discount, rcond=None)[0]
    assert desk.quarter_end.value == pytest.approx(coef[0])
    seen = desk.reps.set_index("rep_id").loc[reps, "observed"]
    assert (seen - seen.mean()).to_numpy() == pytest.approx(coef[4:] - coef[4:].mean())


def test_per_point_twin(deals: pd.DataFrame, desk) -> None:
    discount = 1 - deals["amount"] / deals["list_amount"]
    size = np.log(deals["list_amount"]) - np.log(deals["list_amount"]).mean()
    late = last_days(deals["close_date"], 12, 10).astype(float)
    columns = [discount, late, (deals["product"] == "Q").astype(float), size, size**2]
    columns += [(deals["rep_id"] == one).astype(float) for one in deals["rep_id"].unique()]
    won = (deals["status"] == "won").astype(float)
    coef = np.linalg.lstsq(np.stack(columns, axis=1), won, rcond=None)[0]
    assert desk.per_point.value == pytest.approx(0.01 * coef[0] / won.mean())


# ── What cannot be told ───────────────────────────────────────────────────────────────────────


def test_reps_alike_are_not_ranked() -> None:
    alike = deal_desk(company(spread=0.0, seed=5))
    held = hold_prices(alike)
    assert not alike.established and held.money_year.low == 0
    assert "Cannot tell" in held.finding("held_prices_year").sentence
    assert alike.waterfall.set_index("component").loc["reps_above", "low"] == 0


def test_one_customers_price_is_one_decision() -> None:
    """Each rep has one customer whose price was agreed once: that is no habit of the rep."""
    rng = np.random.default_rng(2)
    frame = company(reps=12, deals=24, spread=0.0, late=0.0, lost=False)
    pair = rng.normal(0.12, 0.05, 24)
    account = np.repeat(np.arange(24), 12)
    noise = 0.01 * rng.standard_normal(len(frame))
    agreed = frame["list_amount"] * (1 - pair[account] - noise)
    frame = frame.assign(amount=agreed, account_id=[f"A{one}" for one in account])
    assert deal_desk(frame, account=None).established
    assert not deal_desk(frame).established


def test_without_lost_offers(deals: pd.DataFrame) -> None:
    """A CRM that leaves lost deals blank."""
    blank = deals.assign(amount=deals["amount"].where(deals["status"] == "won"))
    found = deal_desk(blank)
    assert np.isnan(found.per_point.value) and not found.offers_known
    assert "Cannot tell" in found.finding("won_per_point").sentence
    assert "say nothing" in hold_prices(found).finding("point_break_even").sentence
    assert approval_case(found).notices


def test_only_quoted_offers_count_where_quotes_are_known(deals: pd.DataFrame) -> None:
    lost = deals["status"] == "lost"
    some = deals["quoted_date"].where(~lost | (deals.index % 2 == 0))
    found = deal_desk(deals.assign(quoted_date=some))
    assert (~found.deals["won"]).sum() == (lost & (deals.index % 2 == 0)).sum()


def test_bare_deals_do(deals: pd.DataFrame) -> None:
    bare = deals[["rep_id", "status", "amount", "list_amount", "close_date"]]
    found = deal_desk(bare)
    assert any("Neither product nor segment" in one for one in found.notices)
    assert set(found.kinds["by"]) == {"size"}


def test_deals_that_are_nobodys(deals: pd.DataFrame) -> None:
    """The list amounts were said to be missing."""
    with pytest.raises(NotEnoughData, match="'rep_id': no deal closed in these months has a rep"):
        deal_desk(deals.assign(rep_id=None))


def test_too_few_reps(deals: pd.DataFrame) -> None:
    two = deals[deals["rep_id"].isin(["R00", "R01"])]
    found = deal_desk(two)
    assert found.model is None and found.reps.empty
    assert found.waterfall["value"].sum() == pytest.approx(found.discount_year.value)
    assert "too few" in found.finding("discount_reliability").sentence
    assert "too few reps" in found.finding("quarter_end_discount_year").sentence
    with pytest.raises(NotEnoughData):
        hold_prices(found)
    assert "Cannot tell" in not_held("too few reps").finding("held_prices_year").sentence


def test_above_list_counts_as_it_is(deals: pd.DataFrame) -> None:
    dear = deal_desk(deals.assign(amount=deals["list_amount"] * 1.05))
    assert dear.realisation.value == pytest.approx(1.05)
    assert any("guide price" in one for one in dear.notices)
    assert "more than" in dear.finding("price_realisation").sentence
    assert approval_case(dear).above_year.value == 0


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────


def test_a_list_that_is_a_guide_is_said_to_be_met(deals: pd.DataFrame) -> None:
    """As often above as below: nothing can be said to be given away."""
    noise = np.tile([0.95, 1.05], len(deals))[: len(deals)]
    found = deal_desk(deals.assign(amount=deals["list_amount"] * noise))
    assert found.discount_year.low < 0 < found.discount_year.high
    said = found.finding("price_realisation").sentence
    assert "cannot tell whether anything is given away" in said
    assert "cannot be told" in waterfall(found).get_title(loc="left").replace("\n", " ")


def test_no_list_amounts(deals: pd.DataFrame) -> None:
    for frame in (deals.drop(columns="list_amount"), deals.assign(list_amount=np.nan)):
        with pytest.raises(NotEnoughData, match="list amount"):
            deal_desk(frame)


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [("status", "signed", "open, won"), ("list_amount", -5.0, "below 0"), ("amount", "much", "numbers"),
     ("close_date", "soon", "dates")],
)  # fmt: skip
def test_bad_cells_are_named(deals: pd.DataFrame, column: str, value: object, word: str) -> None:
    wrong = deals.astype({column: object})
    wrong.loc[7, column] = value
    if column != "close_date":
        wrong["close_date"] = deals["close_date"]
    with pytest.raises(DataError, match=word) as fault:
        deal_desk(wrong)
    assert fault.value.column == column and fault.value.rows == (7,)


def test_options_out_of_range(deals: pd.DataFrame, desk) -> None:
    for options in ({"months": 0}, {"quarter_end_month": 13}, {"quarter_end_days": 0}):
        with pytest.raises(ParameterError):
            deal_desk(deals, **options)
    for options in ({"excess_closed": 0.0}, {"gross_margin": 1.2}):
        with pytest.raises(ParameterError):
            hold_prices(desk, **options)
    for options in ({"threshold": 1.0}, {"approval_cost": -1.0}):
        with pytest.raises(ParameterError):
            approval_case(desk, **options)


def test_returns_and_blanks_are_said(deals: pd.DataFrame) -> None:
    odd = deals.copy()
    first, second = odd.index[odd["status"] == "won"][:2]
    odd.loc[first, "amount"] = -10.0
    odd.loc[second, "list_amount"] = np.nan
    found = deal_desk(odd)
    assert len(found.deals) == len(deals) - 2
    assert any("returns" in one for one in found.notices)
    assert any("no list amount" in one for one in found.notices)


def test_a_return_without_a_list_amount_is_a_return(deals: pd.DataFrame) -> None:
    """It is no deal of which the list amount was not kept, and none that was won."""
    won = int((deals["status"] == "won").sum())
    first, second = deals.index[deals["status"] == "won"][:2]
    odd = deals.assign(
        amount=deals["amount"].where(deals.index != first, -10.0),
        list_amount=deals["list_amount"].where(~deals.index.isin([first, second])),
    )
    said = deal_desk(odd).notices
    assert any(
        one.startswith("1 deal with an amount below zero (returns) is left out") for one in said
    )
    assert any(one.startswith(f"1 won deal of {won - 1:,} has no list amount") for one in said)


# ── Nothing from the future; inputs stay ──────────────────────────────────────────────────────


def test_later_deals_change_nothing(deals: pd.DataFrame) -> None:
    then = deal_desk(deals, last_month="2026-06-10")
    later = deals["close_date"] > pd.Timestamp("2026-06-30")
    other = deals.assign(amount=deals["amount"].where(~later, 1.0))
    again = deal_desk(other[~later | (other.index % 2 == 0)], last_month="2026-06")
    pd.testing.assert_frame_equal(then.reps, again.reps)
    assert [one.sentence for one in then.findings] == [one.sentence for one in again.findings]


def test_inputs_unchanged_and_seeded(deals: pd.DataFrame, desk) -> None:
    before = deals.copy()
    again = deal_desk(deals, rng=0)
    pd.testing.assert_frame_equal(deals, before)
    pd.testing.assert_frame_equal(again.waterfall, desk.waterfall)
    assert json.dumps(approval_case(desk).to_dict())


# ── The sample ────────────────────────────────────────────────────────────────────────────────


def test_the_samples_planted_discounts_are_found(project: Path) -> None:
    from salesops_lib import load_dataset

    dataset = load_dataset("sample")
    found = deal_desk(dataset.deals(), last_month=dataset.last_complete_month)
    truth = json.loads((project / "data/sample/truth.json").read_text(encoding="utf-8"))["reps"]
    planted = found.reps["rep_id"].map({one["rep_id"]: one["discount"] for one in truth})
    inside = (found.reps["low"] <= planted) & (planted <= found.reps["high"])
    assert inside.mean() > 0.75
    beyond = np.maximum(planted - planted.mean(), 0)
    recovered = 0.5 * float((found.reps["list_year"] * beyond).sum())
    money = hold_prices(found).money_year
    assert found.established and money.low < recovered < money.high
    # Nothing is planted there.
    assert not found.quarter_end.excludes(0.0)
    assert not found.per_point.excludes(0.0)
