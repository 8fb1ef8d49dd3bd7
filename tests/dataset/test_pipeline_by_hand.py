"""What was known of single deals on single days: each cell by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset

NONE = None
DEALS = pd.DataFrame(
    [
        # An open deal whose history says everything.
        ("A", "R1", "open", 400.0, "2026-01-05", NONE, "Late", 500.0, "2026-02-20", NONE),
        # One whose history says nothing, and that was never quoted.
        ("B", "R1", "open", 70.0, "2026-01-10", NONE, "Early", 90.0, NONE, NONE),
        # One without any date.
        ("C", "R2", "open", 55.0, NONE, NONE, "Early", NONE, NONE, NONE),
        # One that was won in March, ordered a week before.
        ("D", "R2", "won", 250.0, "2026-01-20", "2026-03-15", "Won", 300.0, "2026-02-01",
         "2026-03-08"),
        # One that is lost, nobody knows since when.
        ("E", "R2", "lost", 10.0, "2026-01-02", NONE, "Lost", NONE, NONE, NONE),
        # And the last day on record.
        ("F", "R1", "won", 1.0, "2026-04-01", "2026-04-30", "Won", NONE, NONE, NONE),
    ],
    columns=["deal_id", "rep_id", "status", "amount", "created_date", "close_date", "stage",
             "list_amount", "quoted_date", "ordered_date"],
)  # fmt: skip
CHANGES = pd.DataFrame(
    [
        ("A", "2026-01-05 09:00", "Early", 100.0, "2026-03-01"),
        ("A", "2026-02-05 23:30", "Early", NONE, "2026-04-01"),
        ("A", "2026-03-05 09:00", "Late", 400.0, NONE),
        ("D", "2026-01-20 09:00", "Early", 200.0, "2026-02-28"),
    ],
    columns=["deal_id", "changed_at", "stage", "amount", "expected_close_date"],
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "region": ["North", "South"]})
    return Dataset.from_frames({"reps": reps, "deals": DEALS, "stage_changes": CHANGES})


def known(data: Dataset, day: str, deal: str) -> dict[str, object]:
    table = data.pipeline_on(pd.Timestamp(day)).set_index("deal_id")
    row = table.loc[deal, ["stage", "amount", "expected_close_date", "stage_since"]]
    return {
        name: f"{one:%m-%d}" if isinstance(one, pd.Timestamp) else one
        for name, one in row.dropna().items()
    }


@pytest.mark.parametrize(
    ("day", "amount", "stage", "expected", "since"),
    [
        ("2026-01-05", 100.0, "Early", "03-01", "01-05"),
        ("2026-02-04", 100.0, "Early", "03-01", "01-05"),
        # Late in the evening the date was moved: the amount stays as it was, and so does the stage.
        ("2026-02-05", 100.0, "Early", "04-01", "01-05"),
        ("2026-03-05", 400.0, "Late", "04-01", "03-05"),
        ("2026-04-30", 400.0, "Late", "04-01", "03-05"),
    ],
)
def test_the_last_word_on_each_thing_holds(
    data: Dataset, day: str, amount: float, stage: str, expected: str, since: str
) -> None:
    assert known(data, day, "A") == {
        "stage": stage, "amount": amount, "expected_close_date": expected, "stage_since": since,
    }  # fmt: skip


def test_moments_may_be_told_to_the_nanosecond(data: Dataset) -> None:
    moments = pd.to_datetime(CHANGES["changed_at"]) + pd.Timedelta(nanoseconds=7)
    reps = pd.DataFrame({"rep_id": ["R1", "R2"]})
    exact = Dataset.from_frames(
        {"reps": reps, "deals": DEALS, "stage_changes": CHANGES.assign(changed_at=moments)}
    )
    for day in ("2026-02-05", "2026-03-05"):
        assert known(exact, day, "A") == known(data, day, "A")


def test_of_a_deal_without_history_only_today_is_known(data: Dataset) -> None:
    assert known(data, "2026-03-31", "B") == {}
    assert known(data, "2026-04-30", "B") == {"stage": "Early", "amount": 70.0}


def test_who_is_in_the_pipeline_of_a_day(data: Dataset) -> None:
    """C, without any date, today only; E, lost by now, on no day; D until the day before it was won."""
    days = ("2026-01-01", "2026-01-20", "2026-03-14", "2026-03-15", "2026-04-01", "2026-04-30")
    found = ["".join(data.pipeline_on(pd.Timestamp(day))["deal_id"]) for day in days]
    assert found == ["", "ABD", "ABD", "AB", "ABF", "ABC"]


def test_what_was_quoted_and_ordered_later_is_not_there(data: Dataset) -> None:
    """A list price is known with the quote: of B, never quoted, only today."""

    def cells(day: str) -> dict[str, list[object]]:
        deals = data.as_of(pd.Timestamp(day)).deals().set_index("deal_id")
        names = ["list_amount", "quoted_date", "ordered_date", "close_date", "amount"]
        return {
            deal: [
                f"{one:%m-%d}" if isinstance(one, pd.Timestamp) else one
                for one in deals.loc[deal, names].astype(object).where(deals.loc[deal, names].notna(), NONE)
            ]
            for deal in deals.index.intersection(["A", "B", "D"])
        }  # fmt: skip

    assert cells("2026-01-31")["D"] == [NONE, NONE, NONE, NONE, 200.0]
    assert cells("2026-02-01")["D"] == [300.0, "02-01", NONE, NONE, 200.0]
    assert cells("2026-03-08")["D"] == [300.0, "02-01", "03-08", NONE, 200.0]
    assert cells("2026-03-15")["D"] == [300.0, "02-01", "03-08", "03-15", 250.0]
    assert cells("2026-02-19")["A"][:2] == [NONE, NONE]
    assert cells("2026-02-20")["A"][:2] == [500.0, "02-20"]
    assert cells("2026-02-20")["B"] == [NONE, NONE, NONE, NONE, NONE]


def test_money_given_back_is_no_open_deal() -> None:
    """R goes back to a deal of January and comes off March's bookings: in February nobody had it open, and
    an amount that was not known then would not have told. P is to be given back, and was agreed as a deal
    of 80; L is written down with what was lost."""
    deals = pd.DataFrame(
        [
            ("A", "R1", "won", 100.0, "2026-01-02", "2026-01-09"),
            ("R", "R1", "won", -50.0, "2026-01-05", "2026-03-10"),
            ("P", "R1", "open", -20.0, "2026-01-06", NONE),
            ("L", "R1", "lost", -30.0, "2026-01-07", "2026-03-12"),
            ("W", "R1", "won", 400.0, "2026-01-08", "2026-03-31"),
        ],
        columns=[*DEALS.columns[:4], "created_date", "close_date"],
    )
    changes = pd.DataFrame(
        [("P", "2026-01-06", "Early", 80.0), ("P", "2026-02-20", "Back", -20.0)],
        columns=["deal_id", "changed_at", "stage", "amount"],
    )
    data = Dataset.from_frames({"deals": deals, "stage_changes": changes})
    days = ("2026-02-15", "2026-02-28", "2026-03-10", "2026-03-12")
    assert ["".join(data.pipeline_on(day)["deal_id"]) for day in days] == ["LPW", "LW", "LW", "W"]
    assert "".join(data.as_of("2026-02-15").deals()["deal_id"]) == "APLW"
    assert "".join(data.as_of("2026-03-10").deals()["deal_id"]) == "ARPLW"
    seen = data.rep_months().set_index("month")
    assert seen.loc["2026-01-01", ["deals_created", "open_deals"]].tolist() == [3, 3]
    march = ["bookings", "deals_won", "deals_lost", "open_deals"]
    assert seen.loc["2026-03-01", march].tolist() == [350.0, 1, 1, 2]
    # As it was known in February, P was a deal still.
    then = data.as_of("2026-02-15").rep_months().set_index("month")
    assert then.loc["2026-01-01", "deals_created"] == 4
