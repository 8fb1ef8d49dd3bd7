"""Which months count."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, Period
from salesops_lib.errors import NotEnoughData, ParameterError

DEALS = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date"]


def deals(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=DEALS)


def months(dataset: Dataset) -> list[str]:
    return sorted({f"{one:%Y-%m}" for one in dataset.rep_months()["month"]})


@pytest.mark.parametrize(
    ("last", "complete"),
    [
        ("2026-08-31", True),  # a Monday, the last day
        ("2026-08-28", False),  # Monday the 31st is still to come
        ("2026-05-29", True),  # a Friday, and only the weekend is left
        ("2026-05-28", False),
        ("2026-08-15", False),
    ],
)
def test_a_month_is_complete_when_no_working_day_is_left(last: str, complete: bool) -> None:
    dataset = Dataset.from_frames({"deals": deals(("d", "a", "won", 1, "2026-01-01", last))})
    assert (dataset.partial_month is None) == complete
    assert any("known only to" in text for text in dataset.notices) != complete


@pytest.mark.parametrize(
    ("every", "last", "complete"),
    [
        # A win in seven days: four days without one before the month's end are nothing odd …
        (7, "2026-09-26", True),
        # … but a win each second day does not stop for four.
        (2, "2026-09-26", False),
        # However rare wins are, more than six days may be the rest of a month that is running.
        (21, "2026-09-22", False),
    ],
)
def test_a_silence_that_often_passes_without_a_win_ends_no_month(
    every: int, last: str, complete: bool
) -> None:
    """The forecast took such a month for over, while everything else left it out as running."""
    days = pd.date_range(end=last, periods=300 // every, freq=f"{every}D")
    rows = [(f"d{k}", "a", "won", 1, day, day) for k, day in enumerate(days)]
    dataset = Dataset.from_frames({"deals": deals(*rows)})
    assert (dataset.partial_month is None) == complete
    end = pd.Timestamp("2026-09-30")
    assert (dataset.last_day == end) == complete
    # Asked on a day before the month's end, it is not over.
    assert dataset.as_of("2026-09-28").last_day == pd.Timestamp(last)


def test_trailing_leaves_the_partial_month_out() -> None:
    dataset = Dataset.from_frames(
        {
            "deals": deals(
                ("d1", "a", "won", 1, "2025-01-01", "2025-01-10"),
                ("d2", "a", "won", 1, "2026-08-01", "2026-08-15"),
            )
        }
    )
    kept = dataset.rep_months(trailing=12)
    assert len(kept) == 12
    assert kept["month"].max() == pd.Timestamp("2026-07-01")
    assert dataset.rep_months()["month"].max() == pd.Timestamp("2026-08-01")
    assert len(dataset.as_of("2026-06-30").rep_months(trailing=12)) == 0  # last deal seen in 2025


def test_months_after_the_day_never_appear() -> None:
    reps = pd.DataFrame({"rep_id": ["a"], "hire_date": ["2026-01-01"]})
    dataset = Dataset.from_frames(
        {"deals": deals(("d", "a", "won", 1, "2026-01-05", "2026-06-30")), "reps": reps}
    )
    assert months(dataset)[-1] == "2026-06"
    assert months(dataset.as_of("2026-03-31"))[-1] == "2026-03"
    assert months(dataset.as_of("2027-12-31"))[-1] == "2026-06"


def test_hired_long_before_the_records_begin() -> None:
    """No months of zero before the first closed deal of an established company."""
    reps = pd.DataFrame({"rep_id": ["a"], "hire_date": ["2015-01-01"]})
    dataset = Dataset.from_frames(
        {"deals": deals(("d", "a", "won", 1, "2025-10-01", "2026-01-30")), "reps": reps}
    )
    assert months(dataset) == ["2026-01"]
    assert dataset.rep_months()["tenure_months"].tolist() == [133]
    assert "rep-months start in January 2026" in dataset.quality.tables["notes"].iloc[0]


def test_quotas_say_that_a_month_counts() -> None:
    tables = {
        "deals": deals(("d", "a", "won", 1, "2025-10-01", "2026-01-30")),
        "reps": pd.DataFrame({"rep_id": ["a"], "hire_date": ["2015-01-01"]}),
        "quotas": pd.DataFrame({"rep_id": ["a"], "month": ["2025-11"], "quota": [5]}),
    }
    assert months(Dataset.from_frames(tables)) == ["2025-11", "2025-12", "2026-01"]


def test_a_new_company_counts_from_its_first_hire() -> None:
    reps = pd.DataFrame({"rep_id": ["a"], "hire_date": ["2025-12-10"]})
    dataset = Dataset.from_frames(
        {"deals": deals(("d", "a", "won", 1, "2026-01-20", "2026-02-27")), "reps": reps}
    )
    assert months(dataset) == ["2025-12", "2026-01", "2026-02"]


def test_quotas_alone_are_a_dataset() -> None:
    dataset = Dataset.from_frames(
        {
            "quotas": pd.DataFrame({"rep_id": ["a"], "month": ["2026-01"], "quota": [5]}),
            "reps": pd.DataFrame({"rep_id": ["a"], "hire_date": ["2026-01-01"]}),
        }
    )
    assert dataset.rep_months()["bookings"].tolist() == [0]
    assert not dataset.has("deals")
    assert dataset.has("quotas", "quota")
    assert not dataset.has("reps", "region")


def test_latest_is_the_last_complete_quarter() -> None:
    dataset = Dataset.from_frames(
        {"deals": deals(("d", "a", "won", 1, "2026-01-05", "2026-09-30"))}
    )
    assert Period.parse("latest", latest=dataset.last_day).name == "2026-Q3"


def test_planned_orders_and_quotes_are_not_taken_for_what_is_known() -> None:
    """An open deal to be ordered in December: the records end in September, October is no month without
    bookings, and a forecast of it is not scored yet. Quotes alone say when they end."""
    rows = deals(
        ("d", "a", "won", 1, "2026-01-05", "2026-09-14"),
        ("e", "a", "open", 1, "2026-09-10", None),
    ).assign(quoted_date=["2025-12-20", "2026-10-15"], ordered_date=["2026-09-28", "2026-12-01"])
    dataset = Dataset.from_frames({"deals": rows})
    assert dataset.last_day == pd.Timestamp("2026-09-14")
    assert dataset.first_day == pd.Timestamp("2025-12-20")
    assert dataset.rep_months()["month"].max() == pd.Timestamp("2026-09-01")
    alone = rows[["deal_id", "rep_id", "status", "amount", "quoted_date"]].assign(status="open")
    assert Dataset.from_frames({"deals": alone}).last_day == pd.Timestamp("2026-10-15")


@pytest.mark.parametrize(
    ("day", "start", "name"),
    [
        ("2026-10-31", 2, "2026-08-to-2026-10"),
        ("2026-10-30", 2, "2026-05-to-2026-07"),
        ("2026-01-31", 2, "2025-11-to-2026-01"),
        ("2026-02-28", 3, "2025-12-to-2026-02"),
        ("2026-05-30", 3, "2025-12-to-2026-02"),
        ("2026-10-31", 7, "2026-Q3"),  # quarters of the calendar, a year that is none
        ("2026-12-31", 10, "2026-Q4"),
    ],
)
def test_latest_is_the_last_complete_quarter_of_a_fiscal_year(
    day: str, start: int, name: str
) -> None:
    latest = Period.parse("latest", latest=pd.Timestamp(day), fiscal_year_start=start)
    assert latest.name == name
    assert latest == Period.parse(name)


def test_a_year_may_be_a_number() -> None:
    """`papermill -p period 2026` and an untyped TOML hand it over as one."""
    assert Period.parse(2026) == Period.parse("2026")


@pytest.mark.parametrize("name", ["2026-10", "2026-Q4", "2027", "2030-W01"])
def test_a_period_after_the_data_is_refused(name: str) -> None:
    """2026-10 began and ended with the numbers of September, published under its own name."""
    first, last = pd.Timestamp("2024-01-05"), pd.Timestamp("2026-09-30")
    with pytest.raises(NotEnoughData, match=f"end on 2026-09-30, before {name} begins"):
        Period.parse(name).check_known(first, last)


def test_a_period_before_the_data_is_refused_and_others_are_not() -> None:
    first, last = pd.Timestamp("2024-01-05"), pd.Timestamp("2026-09-30")
    with pytest.raises(NotEnoughData, match="begin on 2024-01-05, after the end of 2023"):
        Period.parse("2023").check_known(first, last)
    # The quarter that is running, and weeks without a deal, as over the holidays.
    for name in ("2024-Q1", "2026-Q3", "2026", "2026-W40", "2026-W43"):
        Period.parse(name).check_known(first, last)


def test_where_the_data_end_before_the_period_it_is_said() -> None:
    last = pd.Timestamp("2026-08-14")
    (said,) = Period.parse("2026-Q3").notices(last)
    assert "data end on 2026-08-14, 2026-Q3 on 2026-09-30" in said
    # Of a month that is running the dataset itself says how far it is known.
    assert Period.parse("2026-08").notices(last) == ()
    assert Period.parse("2026-Q3").notices(pd.NaT) == ()


def test_quotas_ahead_are_kept_apart() -> None:
    dataset = Dataset.from_frames(
        {
            "deals": deals(("d", "a", "won", 1, "2026-01-05", "2026-06-30")),
            "quotas": pd.DataFrame(
                {"rep_id": "a", "month": ["2026-06", "2026-07", "2026-08"], "quota": [1, 2, 3]}
            ),
        }
    )
    then = dataset.as_of("2026-06-30")
    assert then.quotas()["quota"].tolist() == [1]
    assert then.quotas_ahead()["quota"].tolist() == [2, 3]


def test_latest_of_a_dataset_without_events_says_so() -> None:
    empty = Dataset.from_frames({"reps": pd.DataFrame({"rep_id": ["a"]})})
    with pytest.raises(ParameterError, match="dated rows"):
        Period.parse("latest", latest=empty.last_day)
    assert empty.rep_months(trailing=12).empty
    assert empty.pipeline_on("2026-01-01").empty
    assert len(empty.fingerprint) == 64
