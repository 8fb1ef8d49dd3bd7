"""List amounts and lost offers that are known of some deals only: hand-worked values and identities."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses.deal_desk import approval_case, deal_desk
from tests.analyses.desk_frames import by_hand, company

LAST = "2026-09"


def test_months_before_list_amounts_were_kept_are_not_months_without_discount() -> None:
    """A year of deals with list amounts in its last four months: their money times 3, not as it is."""
    deals = company()
    kept = deals["close_date"] >= "2026-06-01"
    late = deal_desk(deals.assign(list_amount=deals["list_amount"].where(kept)), last_month=LAST)
    won = deals[kept & (deals["status"] == "won")]
    given = float((won["list_amount"] - won["amount"]).sum())
    assert late.months == 4
    assert late.discount_year.value == pytest.approx(3 * given)
    assert any("closed before June 2026" in one for one in late.notices)
    offers = (1 - deals["amount"] / deals["list_amount"] > 0.2)[kept].sum()
    assert approval_case(late, threshold=0.2).approvals_month.value == pytest.approx(offers / 4)


def test_list_amounts_missing_here_and_there_change_no_months() -> None:
    deals = company()
    some = deals.assign(list_amount=deals["list_amount"].where(deals.index % 2 == 0))
    found = deal_desk(some, last_month=LAST)
    assert found.months == 12
    assert not any("closed before" in one for one in found.notices)


def test_list_amounts_known_before_the_window_change_no_months() -> None:
    """Kept, then not kept for half a year: the months without are a gap and no beginning."""
    deals = company()
    kept = deals["close_date"] >= "2026-04-01"
    older = deals.assign(close_date=deals["close_date"] - pd.DateOffset(years=1))
    both = pd.concat([older, deals.assign(list_amount=deals["list_amount"].where(kept))])
    assert deal_desk(both.reset_index(drop=True), last_month=LAST).months == 12


def test_a_few_lost_offers_are_said_to_be_counted() -> None:
    """Above 25% lie one of six won deals and the one lost offer that is known: two in nine months, and
    no word that won deals alone were counted."""
    case = approval_case(deal_desk(by_hand(), last_month=LAST), threshold=0.25)
    assert case.approvals_month.value == pytest.approx(2 / 9)
    (said,) = case.notices
    assert "only 1 is known" in said and "won deals only" not in said
    sold = by_hand().query("status == 'won'")
    (said,) = approval_case(deal_desk(sold, last_month=LAST)).notices
    assert "won deals only" in said


def test_lost_offers_without_a_list_amount_are_said_though_others_are_known() -> None:
    """Of the lost offers half lose their list amount: fewer approvals are counted, and that is said; it was
    not where 30 others were known."""
    deals = company()
    lost = deals["status"] == "lost"
    assert lost.sum() >= 80
    blank = lost & (deals.groupby("status").cumcount() % 2 == 0)
    some = deals.assign(list_amount=deals["list_amount"].mask(blank))
    whole, part = (approval_case(deal_desk(one, last_month=LAST)) for one in (deals, some))
    assert part.approvals_month.value < whole.approvals_month.value
    assert whole.notices == ()
    (said,) = part.notices
    assert said.startswith(f"{blank.sum()} lost deals have no list amount")
    # Nobody saw what was never quoted: it lacks no approval.
    quoted = some.assign(quoted_date=some["close_date"].mask(blank))
    assert approval_case(deal_desk(quoted, last_month=LAST)).notices == ()
