"""Days from quote to decision: open quotes are followed, not dropped."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib import NotEnoughData
from salesops_lib.analyses.deal_desk import quote_time
from tests.analyses.desk_frames import company

END = "2026-09"


def quotes(rows: list[tuple[str, str, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["status", "quoted_date", "close_date"])
    return frame.assign(deal_id=[f"D{at}" for at in range(len(frame))])


def test_by_hand() -> None:
    """Decided after 10 and 30 days, one open for 20: the curve is at 2/3, then at 0."""
    frame = quotes([
        ("won", "2026-07-01", "2026-07-11"), ("lost", "2026-07-01", "2026-07-31"),
        ("open", "2026-09-10", None),
    ])  # fmt: skip
    found = quote_time(frame, last_month=END)
    assert found.median_days.value == 30 and (found.quotes, found.open) == (3, 1)
    # Dropped, the open one would leave a median of 10.
    assert quote_time(frame[:2], last_month=END).median_days.value == 10


def test_what_was_decided_later_is_open_then() -> None:
    frame = quotes([
        ("won", "2026-07-01", "2026-07-11"), ("won", "2026-09-01", "2026-12-01"),
        ("won", "2026-10-05", "2026-10-06"),
    ])  # fmt: skip
    found = quote_time(frame, last_month=END)
    assert (found.quotes, found.open) == (2, 1)
    assert found.median_days.value == 10


def test_the_stage_that_is_called_so() -> None:
    frame = quotes([("won", "", "2026-07-11"), ("lost", "", "2026-08-30")]).drop(
        columns="quoted_date"
    )
    changes = pd.DataFrame({
        "deal_id": ["D0", "D0", "D1", "D1"],
        "changed_at": pd.to_datetime(["2026-06-01", "2026-07-01", "2026-08-10", "2026-08-20"]),
        "stage": ["Qualified", "Proposal/Price Quote", "Quote sent", "Proposal"],
    })  # fmt: skip
    found = quote_time(frame, stage_changes=changes, last_month=END)
    assert found.median_days.value == 10 and found.quotes == 2


def test_nothing_dated_is_said() -> None:
    frame = quotes([("won", "2026-07-01", "2026-07-11")])
    with pytest.raises(NotEnoughData, match="quoted"):
        quote_time(frame.drop(columns="quoted_date"), last_month=END)
    with pytest.raises(NotEnoughData, match="decided"):
        quote_time(frame.assign(status="open", close_date=None), last_month=END)


def test_closed_before_the_quote_is_left_out_and_said() -> None:
    frame = quotes([("won", "2026-07-11", "2026-07-01"), ("won", "2026-07-01", "2026-07-04")])
    found = quote_time(frame, last_month=END)
    assert found.quotes == 1 and found.notices


def test_money_given_back_is_no_quote() -> None:
    """A return with the day of the deal's quote would be one more decision, 90 days later; a lost deal is
    one whatever amount is written there."""
    frame = quotes([
        ("won", "2026-05-01", "2026-05-11"), ("won", "2026-05-01", "2026-07-30"),
        ("lost", "2026-05-01", "2026-05-21"), ("open", "2026-09-20", None),
    ]).assign(amount=[10.0, -10.0, -5.0, -7.0])  # fmt: skip
    found = quote_time(frame, last_month=END)
    assert (found.quotes, found.open) == (2, 0) and found.median_days.value == 10
    assert quote_time(frame.drop(columns="amount"), last_month=END).median_days.value == 20


def test_large_discounts_are_compared_where_there_are_enough() -> None:
    deals = company(deals=40)
    found = quote_time(deals, threshold=0.15)
    assert found.groups["quotes"].sum() == found.quotes and len(found.groups) == 2
    assert found.p == pytest.approx(found.p) and "take" in found.findings[0].sentence
    assert quote_time(deals, threshold=0.9).groups.empty


def test_the_window_ends_with_the_last_day_of_any_quote_or_decision() -> None:
    """Quoted in September and open still: followed, though nothing was decided after March."""
    frame = quotes([("won", "2026-03-01", "2026-03-05"), ("open", "2026-09-10", None)])
    found = quote_time(frame)
    assert (found.quotes, found.open) == (2, 1)


def test_how_many_closed_before_their_quote_is_counted() -> None:
    frame = quotes([
        ("won", "2026-07-11", "2026-07-01"), ("lost", "2026-07-12", "2026-07-02"),
        ("won", "2026-07-01", "2026-07-04"),
    ])  # fmt: skip
    assert quote_time(frame, last_month=END).notices[0].startswith("2 deals closed before")


@pytest.mark.parametrize("blank", [0.0, None])
@pytest.mark.parametrize("column", ["list_amount", "amount"])
def test_a_quote_without_a_price_is_in_no_group(column: str, blank: float | None) -> None:
    deals = company(deals=40)
    priced = quote_time(deals.drop(index=deals.index[::10]), threshold=0.15)
    deals.loc[deals.index[::10], column] = blank
    found = quote_time(deals, threshold=0.15)
    assert found.groups["quotes"].sum() == priced.quotes < found.quotes


def test_quotes_are_followed_to_the_last_day_seen() -> None:
    """Decided after 10 and 20 days, one open since June 1 and last seen on June 3: at 20 days one of the
    two still followed decides, and half are decided. Followed to June 30, the open one would be there at
    20 days, and a third of them more."""
    frame = quotes([
        ("won", "2026-05-24", "2026-06-03"), ("lost", "2026-05-10", "2026-05-30"),
        ("open", "2026-06-01", None),
    ])  # fmt: skip
    assert quote_time(frame).median_days.value == 10
    assert quote_time(frame, last_month="2026-06").median_days.value == 20


def test_days_kept_of_won_deals_only_do_not_stand_for_all() -> None:
    """By stages customers decide after 10, 40 and 50 days; those who bought did after 10."""
    frame = quotes([
        ("won", "2026-06-01", "2026-06-11"), ("lost", None, "2026-07-11"), ("lost", None, "2026-07-21"),
    ])  # fmt: skip
    changes = pd.DataFrame({
        "deal_id": ["D0", "D1", "D2"], "changed_at": pd.to_datetime(["2026-05-01"] + ["2026-06-01"] * 2),
        "stage": "Proposal",
    })  # fmt: skip
    found = quote_time(frame, stage_changes=changes, last_month=END)
    assert (found.quotes, found.median_days.value) == (3, 40)
