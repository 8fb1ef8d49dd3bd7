"""Deals won for nothing, and list amounts that only discounted deals have: worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses.deal_desk import DealDesk, approval_case, deal_desk
from salesops_lib.errors import NotEnoughData
from tests.analyses.desk_frames import company

LAST = "2026-09"


def desk(*won: tuple[float | None, float], lost: tuple[tuple[float, float], ...] = ()) -> DealDesk:
    """Of deals of two reps, (list amount, amount) each, won and lost in the spring of 2026."""
    rows = [("won", *one) for one in won] + [("lost", *one) for one in lost]
    deals = pd.DataFrame(rows, columns=["status", "list_amount", "amount"])
    number = pd.Series(range(len(deals)))
    days = pd.Timestamp("2025-10-15") + pd.to_timedelta(number * 330 // len(deals), unit="D")
    deals = deals.assign(rep_id=number.map(lambda at: "AB"[at % 2]), close_date=days)
    return deal_desk(deals, last_month=LAST)


def said(found: DealDesk, words: str) -> list[str]:
    return [one for one in found.notices if words in one]


def test_what_is_given_away_whole_is_no_discount() -> None:
    """Four at 90 of 100 and one for nothing: customers pay 90%, with it 72%. A lost offer of nothing has no
    amount yet, and needs no approval."""
    found = desk(*[(100.0, 90.0)] * 4, (100.0, 0.0), lost=((100.0, 0.0), (100.0, 70.0)))
    assert found.realisation.value == pytest.approx(0.9)
    assert found.discount_year.value == pytest.approx(40.0)
    (one,) = said(found, "amount of 0")
    assert one.startswith("1 won deal of 5 with a list amount has an amount of 0")
    assert one.endswith("With it customers pay 72% of list.")
    assert found.unpriced == 1
    case = approval_case(found, threshold=0.2)
    assert case.approvals_month.value == pytest.approx(1 / found.months)


def test_free_deals_hide_nobodys_discounts() -> None:
    """Every twelfth deal won is given away: reps' differences stay as told apart as without those deals."""
    deals = company()
    free = (deals["status"] == "won") & (deals.index % 12 == 0)
    given = deal_desk(deals.assign(amount=deals["amount"].mask(free, 0.0)), last_month=LAST)
    without = deal_desk(deals[~free], last_month=LAST)
    assert given.reliability == without.reliability
    assert given.realisation.value == without.realisation.value
    assert given.per_point.value == without.per_point.value


def test_list_amounts_of_discounted_deals_only_are_said() -> None:
    """Two of ten have a list amount and were sold at 80% of it; with the eight at 100 as their own list amount
    customers pay 960 of 1,000."""
    found = desk(*[(100.0, 80.0)] * 2, *[(None, 100.0)] * 8)
    assert found.realisation.value == pytest.approx(0.8)
    (one,) = said(found, "count nowhere")
    assert one.startswith("8 won deals of 10 have no list amount")
    assert "the others were sold at list, and customers pay 96% of it" in one


@pytest.mark.parametrize(
    "won",
    [
        [(100.0, 80.0), (100.0, 100.0), *[(None, 100.0)] * 8],  # some are sold at list
        [*[(100.0, 80.0)] * 40, (None, 100.0)],  # hardly any money without
    ],
)
def test_other_missing_list_amounts_are_counted_only(won: list[tuple[float | None, float]]) -> None:
    (one,) = said(desk(*won), "count nowhere")
    assert "sold at list" not in one


def test_months_before_list_amounts_were_kept_explain_what_is_missing() -> None:
    deals = company()
    kept = deals["close_date"] >= "2026-06-01"
    found = deal_desk(deals.assign(list_amount=deals["list_amount"].where(kept)), last_month=LAST)
    assert said(found, "closed before June 2026") and not said(found, "sold at list")


def test_why_no_deal_has_a_price() -> None:
    """List amounts were asked for that were all there."""
    data = company()
    for change, column, why in (
        ({"status": "lost"}, "status", "no deal was won in these months"),
        ({"amount": 0.0}, "amount", "every deal won in these months was given away whole"),
        ({"amount": -1.0}, "status", "no deal was won in these months"),
        ({"list_amount": 0.0}, "list_amount", "no deal won in these months has a list amount"),
        ({"amount": float("nan")}, "amount", "no deal won in these months has an amount"),
    ):
        with pytest.raises(NotEnoughData, match=why) as caught:
            deal_desk(data.assign(**change))
        assert caught.value.column == column
