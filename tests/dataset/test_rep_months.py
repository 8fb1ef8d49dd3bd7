"""Rep-months: hand-worked, against the plain loop, and what must never happen."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.rep_months import COLUMNS, PRACTICES
from tests.dataset import twins
from tests.dataset.companies import random_tables

DEALS = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date"]


def company(deals: list[tuple[object, ...]], **tables: pd.DataFrame) -> Dataset:
    return Dataset.from_frames({"deals": pd.DataFrame(deals, columns=DEALS), **tables})


def hired(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["rep_id", "hire_date", "end_date"])


def test_hand_worked() -> None:
    """Hired 15 January (17 of 31 days), two deals of 100 and 50 in March, one lost, quota 300."""
    dataset = company(
        [
            ("d1", "a", "won", 100, "2026-01-20", "2026-03-01"),
            ("d2", "a", "won", 50, "2026-02-28", "2026-03-10"),
            ("d3", "a", "lost", 70, "2026-02-01", "2026-03-31"),
        ],
        reps=hired(("a", "2026-01-15", None)),
        quotas=pd.DataFrame({"rep_id": ["a"], "month": ["2026-03"], "quota": [300]}),
    )
    frame = dataset.rep_months().set_index("month")
    assert tuple(dataset.rep_months().columns) == COLUMNS
    assert frame.index.strftime("%Y-%m").tolist() == ["2026-01", "2026-02", "2026-03"]
    assert frame["month_share"].tolist() == pytest.approx([17 / 31, 1, 1])
    assert frame["tenure_months"].tolist() == [1, 2, 3]
    assert frame["bookings"].tolist() == [0, 0, 150]
    assert frame["deals_created"].tolist() == [1, 2, 0]
    assert frame["open_deals"].tolist() == [1, 3, 3]
    march = frame.loc["2026-03-01"]
    assert (march["deals_won"], march["deals_lost"], march["deals_closed"]) == (2, 1, 3)
    assert march["win_rate"] == pytest.approx(2 / 3)
    assert march["mean_amount"] == 75
    assert march["cycle_days"] == (40 + 10) / 2
    assert march["attainment"] == 0.5
    assert math.isnan(frame["win_rate"].iloc[0])
    assert math.isnan(march["hours"])


def test_a_return_takes_from_bookings_and_is_no_deal_won() -> None:
    """Two of 100 won, one lost, one given back with its dates and list price: half of the money stays,
    and the win rate, the size, the days and the discount are those of the sales. Counted as a win it
    raised the win rate to 3 of 4, and made a size of 33 and a discount of 72%."""
    rows = [
        ("d1", "a", "won", 100, 120, "2026-01-01", "2026-01-11"),
        ("d2", "a", "won", 100, 120, "2026-01-01", "2026-01-21"),
        ("d3", "a", "lost", 90, None, "2026-01-01", "2026-01-25"),
        ("d4", "a", "won", -100, 120, "2026-01-11", "2026-01-12"),
        ("d5", "a", "won", -30, None, "2026-01-01", "2026-02-12"),
    ]
    deals = pd.DataFrame(rows, columns=[*DEALS[:4], "list_amount", *DEALS[4:]])
    frame = Dataset.from_frames({"deals": deals}).rep_months().set_index("month")
    january, february = frame.loc["2026-01-01"], frame.loc["2026-02-01"]
    counts = ["deals_won", "deals_lost", "deals_closed", "deals_created", "open_deals"]
    assert january[counts].tolist() == [2, 1, 3, 3, 3]
    assert (january["bookings"], january["mean_amount"], january["cycle_days"]) == (100, 100, 15)
    assert january["win_rate"] == pytest.approx(2 / 3)
    assert january["discount"] == pytest.approx(1 / 6)
    assert february["bookings"] == -30 and february[counts].tolist() == [0] * 5
    assert math.isnan(february["win_rate"]) and math.isnan(february["mean_amount"])


def test_a_deal_closed_before_it_was_created_was_open_when_it_closed() -> None:
    """Written down in March, won in January: it is closed there, and has no length."""
    rows = [("d1", "a", "won", 100, "2026-03-05", "2026-01-10"),
            ("d2", "a", "won", 100, None, "2026-03-10")]  # fmt: skip
    frame = company(rows).rep_months()
    assert frame["open_deals"].tolist() == frame["deals_closed"].tolist() == [1, 0, 1]
    assert frame["deals_created"].tolist() == [0, 0, 1] and frame["cycle_days"].isna().all()


def test_discount_is_weighed_by_money() -> None:
    """List 100 and 300, sold at 80 and 300: 1 − 380 ÷ 400. Without a list price, or at one of 0, nothing
    was taken off; what is lost was not sold, and what is given away whole has no price."""
    deals = pd.DataFrame(
        [
            ("d1", "a", "won", 80, 100, "2026-01-05"),
            ("d2", "a", "won", 300, 300, "2026-01-06"),
            ("d3", "a", "won", 50, 0, "2026-01-07"),
            ("d4", "a", "won", 50, None, "2026-01-07"),
            ("d5", "a", "lost", 50, 500, "2026-01-07"),
            ("d6", "a", "won", 0, 400, "2026-01-07"),
        ],
        columns=["deal_id", "rep_id", "status", "amount", "list_amount", "close_date"],
    )
    frame = Dataset.from_frames({"deals": deals}).rep_months()
    assert frame["discount"].tolist() == pytest.approx([0.05])


def test_a_week_is_split_by_working_days() -> None:
    """The week of Monday 30 March 2026 has two working days in March, three in April."""
    dataset = company(
        [("d", "a", "won", 1, "2026-03-02", "2026-04-30")],
        reps=hired(("a", "2026-03-01", None)),
        activities=pd.DataFrame(
            {
                "rep_id": ["a", "a"],
                "week": ["2026-03-30", "2026-04-01"],
                "activity": ["Calls", "CRM Entry"],
                "hours": [10, 20],
            }
        ),
    )
    frame = dataset.rep_months()
    assert frame["hours"].tolist() == pytest.approx([12, 18])
    assert frame["selling_hours"].tolist() == pytest.approx([4, 6])
    assert frame["selling_share"].tolist() == pytest.approx([1 / 3, 1 / 3])


@pytest.mark.parametrize("seed", range(12))
def test_twin(seed: int) -> None:
    _same_as_loop(Dataset.from_frames(random_tables(seed)))


# Without shrinking: an example costs a second, and any counterexample will do.
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(100, 10**6), st.integers(0, 25), st.integers(2, 6), st.integers(0, 420))
def test_twin_as_of_any_day(seed: int, deals: int, reps: int, day: int) -> None:
    whole = Dataset.from_frames(random_tables(seed, deals=deals, reps=reps))
    _same_as_loop(whole.as_of(pd.Timestamp("2025-01-01") + pd.Timedelta(days=day)))


def _same_as_loop(dataset: Dataset) -> None:
    slow = twins.rep_months(dataset)
    fast = dataset.rep_months()
    if slow.empty:
        assert fast.empty
        return
    pd.testing.assert_frame_equal(
        twins.comparable(fast[slow.columns.tolist()]),
        twins.comparable(slow.sort_values(["rep_id", "month"], ignore_index=True)),
        check_dtype=False,
        rtol=1e-9,
    )


@pytest.mark.parametrize("seed", range(5))
def test_nothing_lost_but_what_a_notice_says(seed: int) -> None:
    """Bookings of all rep-months and of the deals outside them are the bookings of all deals."""
    dataset = Dataset.from_frames(random_tables(seed))
    won = dataset.deals().query("status == 'won'")
    frame = dataset.rep_months()
    inside = pd.MultiIndex.from_frame(frame[["rep_id", "month"]])
    month = won["close_date"].dt.to_period("M").dt.to_timestamp()
    outside = ~pd.MultiIndex.from_arrays([won["rep_id"], month]).isin(inside)
    total = frame["bookings"].sum() + won.loc[outside, "amount"].sum()
    assert total == pytest.approx(won["amount"].sum())
    assert any("outside the rep's months" in t for t in dataset.notices) == bool(outside.any())


def test_row_order_changes_nothing() -> None:
    tables = random_tables(3)
    rng = np.random.default_rng(0)
    # Not the history: of two changes at one moment the later row holds.
    shuffled = {
        name: frame.sample(frac=1, random_state=rng) if name != "stage_changes" else frame
        for name, frame in tables.items()
    }
    pd.testing.assert_frame_equal(
        Dataset.from_frames(tables).rep_months(), Dataset.from_frames(shuffled).rep_months()
    )


def test_frames_handed_out_are_copies() -> None:
    dataset = Dataset.from_frames(random_tables(0))
    for get in (dataset.rep_months, dataset.deals, dataset.reps):
        first = get()
        first.drop(first.index, inplace=True)  # noqa: PD002
        assert len(get())


def test_inputs_are_not_changed() -> None:
    tables = random_tables(0)
    before = {name: frame.copy() for name, frame in tables.items()}
    Dataset.from_frames(tables).rep_months()
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_hired_after_the_first_deal_is_said() -> None:
    dataset = company(
        [
            ("d1", "a", "won", 100, "2026-01-01", "2026-01-20"),
            ("d2", "a", "won", 50, "2026-01-01", "2026-04-20"),
        ],
        reps=hired(("a", "2026-03-01", None)),
    )
    assert dataset.rep_months()["bookings"].sum() == 50
    assert any("$100" in text and "outside" in text for text in dataset.notices)


def test_without_hire_dates_from_first_to_last_deal() -> None:
    dataset = company(
        [
            ("d1", "a", "won", 1, "2026-01-05", "2026-02-01"),
            ("d2", "a", "lost", 1, "2026-02-05", "2026-03-02"),
            ("d3", "b", "won", 1, "2026-02-05", "2026-05-29"),
        ]
    )
    frame = dataset.rep_months()
    months = frame.groupby("rep_id")["month"].agg(["min", "max"]).map(lambda d: f"{d:%m}")
    assert months.loc["a"].tolist() == ["02", "03"]  # January holds no closed deal at all
    assert months.loc["b"].tolist() == ["02", "05"]
    assert frame["tenure_months"].isna().all()
    assert any("no reps table" in text for text in dataset.notices)


def test_who_has_no_hire_date_is_there_all_of_the_first_and_last_month_of_the_records() -> None:
    """B closes little: the last deal on 8 May says nothing of leaving on that day, nor the first on 20
    January of beginning on it. C comes on 15 February and sells last on 15 April: both show in the middle
    of the records, as before."""
    dataset = company(
        [
            ("d1", "a", "won", 1, "2026-01-02", "2026-01-02"),
            ("d2", "a", "won", 1, "2026-01-05", "2026-05-31"),
            ("d3", "b", "won", 1, "2026-01-20", "2026-01-25"),
            ("d4", "b", "won", 1, "2026-02-01", "2026-05-08"),
            ("d5", "c", "won", 1, "2026-02-15", "2026-03-10"),
            ("d6", "c", "won", 1, "2026-03-01", "2026-04-15"),
        ]
    )
    share = dataset.rep_months().set_index(["rep_id", "month"])["month_share"]
    assert share["a"].tolist() == [1, 1, 1, 1, 1]
    assert share["b"].tolist() == [1, 1, 1, 1, 1]
    assert share["c"].tolist() == [0.5, 1, 0.5]
    # Seen from 12 May that month runs: April is the last whole one, and of May there are 12 days.
    early = dataset.as_of("2026-05-12").rep_months().set_index(["rep_id", "month"])["month_share"]
    assert early["b"].tolist() == pytest.approx([1, 1, 1, 1, 12 / 31])
    assert early["c"].tolist() == [0.5, 1, 1]


def test_an_end_date_ends_what_has_no_beginning() -> None:
    """Without a hire date the months run from the first deal, but to the end date if there is one."""
    dataset = company(
        [
            ("d1", "a", "won", 1, "2026-01-05", "2026-01-20"),
            ("d2", "a", "won", 1, "2026-01-05", "2026-02-10"),
            ("d3", "b", "won", 1, "2026-01-05", "2026-05-29"),
        ],
        reps=hired(("a", None, "2026-04-15"), ("b", None, None)),
    )
    mine = dataset.rep_months().query("rep_id == 'a'")
    assert mine["month"].dt.month.tolist() == [1, 2, 3, 4]
    assert mine["month_share"].iloc[-1] == 0.5


def test_a_rep_without_a_deal_has_months_of_zero() -> None:
    dataset = company(
        [("d1", "a", "won", 1, "2026-01-05", "2026-02-27")],
        reps=hired(("a", "2026-01-01", None), ("idle", "2026-01-01", None)),
    )
    idle = dataset.rep_months().query("rep_id == 'idle'")
    assert idle["bookings"].tolist() == [0, 0]
    assert idle["open_deals"].tolist() == [0, 0]


def test_a_leaver_has_no_month_after_leaving() -> None:
    dataset = company(
        [("d1", "a", "won", 1, "2026-01-05", "2026-04-30")],
        reps=hired(("a", "2026-01-01", None), ("b", "2026-01-01", "2026-02-10")),
    )
    left = dataset.rep_months().query("rep_id == 'b'")
    assert left["month_share"].tolist() == pytest.approx([1, 10 / 28])


def test_hired_after_the_last_day_has_no_month_yet() -> None:
    dataset = company(
        [("d1", "a", "won", 1, "2026-04-01", "2026-04-10")],
        reps=hired(("a", "2026-01-01", None), ("next", "2026-04-20", None)),
    )
    assert set(dataset.rep_months()["rep_id"]) == {"a"}


def test_practices_are_those_with_values() -> None:
    dataset = company([("d1", "a", "won", 1, "2026-01-05", "2026-04-30")])
    assert set(dataset.practice_columns) <= set(PRACTICES)
    assert "selling_share" not in dataset.practice_columns
    assert "win_rate" in dataset.practice_columns


def test_market_columns_never_hide_a_column() -> None:
    dataset = company(
        [("d1", "a", "won", 1, "2026-01-05", "2026-01-30")],
        reps=hired(("a", "2026-01-01", None)).assign(region="N"),
        markets=pd.DataFrame(
            {
                "region": ["N"],
                "month": ["2026-01"],
                "quota": [9],
                "Market Size": ["1,000"],
                "tier": ["x"],
            }
        ),
    )
    assert dataset.market_columns == ("market_quota", "market_size", "tier")
    (row,) = dataset.rep_months().to_dict(orient="records")
    assert (row["market_quota"], row["market_size"], row["tier"]) == (9, 1000, "x")
    assert math.isnan(row["quota"])


def test_an_empty_company_has_no_months() -> None:
    dataset = company([])
    assert dataset.rep_months().empty
    assert list(dataset.rep_months().columns) == list(COLUMNS)
    assert pd.isna(dataset.last_day)


@pytest.mark.slow
def test_two_thousand_reps_in_seconds() -> None:
    """300,000 deals of 2,000 reps over 36 months."""
    rng = np.random.default_rng(1)
    n, reps = 300_000, 2000
    start = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    deals = pd.DataFrame(
        {
            "deal_id": np.arange(n).astype(str),
            "rep_id": rng.integers(0, reps, n).astype(str),
            "status": rng.choice(["won", "lost"], n),
            "amount": rng.gamma(2, 1000, n),
            "created_date": start,
            "close_date": start + pd.to_timedelta(rng.integers(0, 95, n), unit="D"),
        }
    )
    people = pd.DataFrame({"rep_id": np.arange(reps).astype(str), "hire_date": "2020-01-01"})
    dataset = Dataset.from_frames({"deals": deals, "reps": people})
    begun = time.process_time()
    frame = dataset.rep_months()
    spent = time.process_time() - begun
    assert len(frame) == reps * 36
    assert frame["bookings"].sum() == pytest.approx(
        deals.loc[deals["status"] == "won", "amount"].sum()
    )
    assert spent < 8  # 1.5 s alone on a laptop; the machine may be busy


def test_an_end_date_before_the_first_deal_is_no_time_there() -> None:
    """Left on 10 March, first deal on the 20th, no hire date: -10 of 31 days of employment."""
    made = company(
        [("1", "a", "won", 100, "2026-01-05", "2026-01-20"),
         ("2", "b", "won", 100, "2026-03-20", "2026-03-28")],
        reps=hired(("a", None, None), ("b", None, "2026-03-10")),
    )  # fmt: skip
    assert set(made.rep_months()["rep_id"]) == {"a"}
    assert any("1 won deal worth $100 closed outside" in one for one in made.notices)
