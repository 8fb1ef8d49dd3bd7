"""The pipeline of a past day: only what was known that day."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.pipeline import COLUMNS
from salesops_lib.errors import DataError
from tests.dataset import twins
from tests.dataset.companies import FIRST, random_tables

DEALS = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date", "stage"]
CHANGES = ["deal_id", "changed_at", "stage", "amount", "expected_close_date"]


def history() -> Dataset:
    """One deal won on 1 May for 900, worth 500 in March and 700 in April; one still open."""
    deals = [
        ("d1", "a", "won", 900, "2026-03-01", "2026-05-01", "Won"),
        ("d2", "a", "open", 40, "2026-04-10", None, "B"),
        ("d3", "a", "lost", 10, "2026-03-05", "2026-04-01", "Lost"),
    ]
    changes = [
        ("d1", "2026-03-01", "A", 500, "2026-04-30"),
        ("d1", "2026-04-05 17:00", "B", 700, None),
        ("d1", "2026-05-01", "Won", 900, None),
        ("d2", "2026-04-10", "A", 30, "2026-06-30"),
        ("d2", "2026-05-20", "B", 40, "2026-07-31"),
        ("d3", "2026-03-05", "A", 10, None),
    ]
    return Dataset.from_frames(
        {
            "deals": pd.DataFrame(deals, columns=DEALS),
            "stage_changes": pd.DataFrame(changes, columns=CHANGES),
            "reps": pd.DataFrame(
                {
                    "rep_id": ["a"],
                    "team": ["T"],
                    "region": ["N"],
                    "channel": ["C"],
                    "manager_id": ["m"],
                }
            ),
        }
    )


def test_hand_worked() -> None:
    then = history().pipeline_on("2026-04-15").set_index("deal_id")
    assert tuple(history().pipeline_on("2026-04-15").columns) == COLUMNS
    assert list(then.index) == ["d1", "d2"]
    first = then.loc["d1"]
    assert (first["stage"], first["amount"]) == ("B", 700)
    assert first["expected_close_date"] == pd.Timestamp("2026-04-30")
    assert (first["age_days"], first["stage_age_days"]) == (45, 10)
    assert first[["team", "region", "channel", "manager_id"]].tolist() == ["T", "N", "C", "m"]
    assert then.loc["d2", "amount"] == 30


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        ("2026-02-28", []),
        ("2026-03-01", ["d1"]),
        ("2026-03-31", ["d1", "d3"]),
        ("2026-04-01", ["d1"]),  # lost that day: at its end no longer open
        ("2026-05-01", ["d2"]),
        ("2027-01-01", ["d2"]),
    ],
)
def test_a_deal_is_open_from_its_first_day_until_it_closes(day: str, ids: list[str]) -> None:
    assert history().pipeline_on(day)["deal_id"].tolist() == ids


def test_a_change_counts_on_its_day_whatever_the_hour() -> None:
    assert history().pipeline_on("2026-04-05")["amount"].tolist() == [700]
    assert history().pipeline_on("2026-04-04")["amount"].tolist() == [500]


def test_a_deal_closed_later_is_open_again() -> None:
    then = history().as_of("2026-04-15").deals().set_index("deal_id")
    assert then["status"].tolist() == ["open", "open", "lost"]
    assert pd.isna(then.loc["d1", "close_date"])
    assert then.loc["d1", "amount"] == 700
    assert then.loc["d3", "amount"] == 10


def test_without_history_the_final_amount_does_not_leak() -> None:
    """Of a deal closed later neither amount nor stage was known, nor of one that stays open: a
    missing amount would otherwise tell the outcome."""
    whole = history()
    plain = Dataset.from_frames({"deals": whole.deals(), "reps": whole.reps()})
    then = plain.pipeline_on("2026-04-15").set_index("deal_id")
    assert list(then.index) == ["d1", "d2"]
    assert then["amount"].isna().all()
    assert then["stage"].isna().all()
    assert any("no stage history" in text for text in plain.notices)
    today = plain.pipeline_on(plain.last_day).set_index("deal_id")
    assert today.loc["d2", "amount"] == 40


def test_who_leaves_later_is_still_there_and_who_comes_later_is_not() -> None:
    reps = pd.DataFrame(
        {
            "rep_id": ["a", "new", "gone"],
            "hire_date": ["2026-01-01", "2026-05-01", "2026-01-01"],
            "end_date": ["2026-06-30", None, "2026-02-28"],
        }
    )
    dataset = Dataset.from_frames({"deals": history().deals(), "reps": reps})
    then = dataset.as_of("2026-04-15").reps().set_index("rep_id")
    assert list(then.index) == ["a", "gone"]
    assert pd.isna(then.loc["a", "end_date"])
    assert then.loc["gone", "end_date"] == pd.Timestamp("2026-02-28")
    assert dataset.as_of("2026-04-15").rep_months()["end_date"].isna().sum() == 4


def test_later_facts_of_a_quote_are_hidden() -> None:
    deals = pd.DataFrame(
        {
            "deal_id": ["d1", "d2", "d3"],
            "rep_id": "a",
            "status": ["won", "won", "won"],
            "amount": [1, 2, 3],
            "created_date": "2026-01-01",
            "quoted_date": ["2026-02-01", "2026-04-01", None],
            "ordered_date": ["2026-06-01", "2026-06-01", "2026-06-01"],
            "close_date": "2026-06-01",
            "list_amount": [5, 6, 7],
        }
    )
    then = Dataset.from_frames({"deals": deals}).as_of("2026-03-01").deals()
    assert then["list_amount"].tolist() == pytest.approx([5, math.nan, math.nan], nan_ok=True)
    assert then["quoted_date"].notna().tolist() == [True, False, False]
    assert then["ordered_date"].isna().all()


def test_a_rep_who_came_back_does_not_double_the_pipeline() -> None:
    reps = pd.DataFrame(
        {
            "rep_id": ["a", "a"],
            "hire_date": ["2025-01-01", "2026-01-01"],
            "end_date": ["2025-06-01", None],
            "team": ["old", "new"],
        }
    )
    dataset = Dataset.from_frames({"deals": history().deals(), "reps": reps})
    then = dataset.pipeline_on("2026-04-15")
    assert then["team"].tolist() == ["new", "new"]


@pytest.mark.parametrize("seed", range(10))
def test_twin(seed: int) -> None:
    dataset = Dataset.from_frames(random_tables(seed))
    tables = {"deals": dataset.deals(), "stage_changes": dataset.stage_changes()}
    rng = np.random.default_rng(seed)
    for offset in [*rng.integers(0, 420, 4), 900]:
        day = FIRST + pd.Timedelta(days=int(offset))
        slow = twins.pipeline_on(tables, day, current=bool(day >= dataset.last_day))
        fast = dataset.pipeline_on(day)
        assert len(fast) == len(slow)
        if len(slow):
            pd.testing.assert_frame_equal(
                twins.comparable(fast[slow.columns.tolist()]),
                twins.comparable(slow.sort_values("deal_id", ignore_index=True)),
                check_dtype=False,
            )


# Without shrinking: an example costs a second, and any counterexample will do.
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 10**6), st.integers(30, 380))
def test_rows_of_the_future_change_nothing(seed: int, offset: int) -> None:
    """The dataset cut at a day, and the whole one as of that day, are the same to the last bit."""
    tables = random_tables(seed)
    day = FIRST + pd.Timedelta(days=offset)
    whole = Dataset.from_frames(tables).as_of(day)
    later = Dataset.from_frames(_with_future(tables, day)).as_of(day)
    for get in ("deals", "reps", "quotas", "stage_changes", "activities", "markets", "rep_months"):
        pd.testing.assert_frame_equal(getattr(whole, get)(), getattr(later, get)(), obj=get)
    pd.testing.assert_frame_equal(whole.pipeline_on(day), later.pipeline_on(day))
    assert whole.fingerprint == later.fingerprint
    assert whole.last_day == later.last_day
    assert whole.notices == later.notices


def _with_future(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Tables with rows after `day` added, and what happened after it changed. A return is one from the
    beginning, however much it comes to: it was entered as such, and does not become one."""
    late = f"{day + pd.Timedelta(days=40):%Y-%m-%d}"
    month = f"{day + pd.DateOffset(months=2):%Y-%m-01}"
    deals = tables["deals"].copy()
    after = pd.to_datetime(deals["close_date"]) > day
    unquoted = ~(pd.to_datetime(deals["quoted_date"]) <= day)
    sign = np.where((deals["status"] == "won") & (deals["amount"] < 0), -1.0, 1.0)
    deals.loc[after, "stage"] = "Z"
    deals["amount"] = deals["amount"].mask(after, 77_777.0 * sign)
    deals.loc[after & unquoted, "list_amount"] = 99_999.0
    more = pd.DataFrame(
        {
            "deal_id": ["F1", "F2"],
            "rep_id": ["R1", "future"],
            "status": ["won", "open"],
            "amount": [1e6, 5.0],
            "created_date": [late, late],
            "close_date": [late, None],
        }
    )
    change = pd.DataFrame(
        [(one, late, "Z", 1e6, late) for one in deals["deal_id"]], columns=CHANGES
    )
    rep = pd.DataFrame({"rep_id": ["new"], "hire_date": [late], "region": ["North"]})
    hours = pd.DataFrame({"rep_id": ["R1"], "week": [late], "activity": ["Calls"], "hours": [9.0]})
    quota = pd.DataFrame({"rep_id": ["new"], "month": [month], "quota": [1.0]})
    market = pd.DataFrame({"region": ["East"], "month": [month], "size": [1.0]})
    return {
        "deals": pd.concat([deals, more], ignore_index=True),
        "stage_changes": pd.concat([tables["stage_changes"], change], ignore_index=True),
        "reps": pd.concat([tables["reps"], rep], ignore_index=True),
        "activities": pd.concat([tables["activities"], hours], ignore_index=True),
        "quotas": pd.concat([tables["quotas"], quota], ignore_index=True),
        "markets": pd.concat([tables["markets"], market], ignore_index=True),
    }


def test_as_of_twice_is_as_of_the_earlier_day() -> None:
    whole = Dataset.from_frames(random_tables(1))
    early, late = "2025-06-30", "2025-09-30"
    once = whole.as_of(early)
    pd.testing.assert_frame_equal(whole.as_of(late).as_of(early).deals(), once.deals())
    assert once.as_of(late).last_day == once.last_day


def test_own_columns_and_order_survive_as_of() -> None:
    deals = history().deals().assign(till=[1, 2, 3], current="x").iloc[::-1]
    then = Dataset.from_frames({"deals": deals}).as_of("2026-04-15").deals()
    assert then["deal_id"].tolist() == ["d3", "d2", "d1"]
    assert then["till"].tolist() == [3, 2, 1]


@pytest.mark.parametrize("date", ["soon", None, "2026-13-01", object()])
def test_a_bad_date_says_so(date: object) -> None:
    with pytest.raises(DataError, match="not a date"):
        history().pipeline_on(date)
