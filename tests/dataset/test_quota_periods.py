"""Quotas of a quarter that stand in one month of it: worked by hand, and the same as month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset

LAST, FIRST = (3, 6, 9, 12), (1, 4, 7, 10)
REPS = pd.DataFrame(
    [("A", "2024-03-01", None), ("B", "2025-05-20", None), ("C", "2024-03-01", "2025-07-31"),
     ("D", None, None)],
    columns=["rep_id", "hire_date", "end_date"],
)  # fmt: skip
DEALS = pd.DataFrame({
    "deal_id": [f"D{at}" for at in range(44)], "rep_id": list("ABCD") * 11, "status": "won",
    "amount": 10.0, "close_date": np.repeat(pd.date_range("2025-01-15", periods=11, freq="MS"), 4)
    + pd.Timedelta(days=9),
})  # fmt: skip


def opened(rows: list[tuple[str, str, float]], reps: pd.DataFrame = REPS) -> Dataset:
    quotas = pd.DataFrame(rows, columns=["rep_id", "month", "quota"])
    return Dataset.from_frames({"reps": reps, "deals": DEALS, "quotas": quotas})


def of(data: Dataset, rep: str) -> dict[str, float]:
    """Quotas by month, those ahead with them."""
    every = pd.concat([data.quotas(), data.quotas_ahead()])
    mine = every[every["rep_id"] == rep]
    return dict(zip(mine["month"].dt.strftime("%y-%m"), mine["quota"], strict=True))


def quarterly(rep: str, places: tuple[int, ...], quota: float) -> list[tuple[str, str, float]]:
    return [(rep, f"2025-{month:02d}-01", quota) for month in places]


def monthly(rep: str, quota: float) -> list[tuple[str, str, float]]:
    return [(rep, f"2025-{month:02d}-01", quota) for month in range(1, 13)]


@pytest.mark.parametrize("places", [LAST, FIRST, (2, 5, 8, 11)])
def test_a_quarters_quota_is_its_months(places: tuple[int, ...]) -> None:
    """The records begin in February, where the first deal closed, so January's part is not in them. B is
    hired in May: of 60 in the second quarter May and June have 30 each. C leaves in July."""
    rows = [
        *quarterly("A", places, 90.0),
        *quarterly("B", places[1:], 60.0),
        *quarterly("C", places, 30.0),
    ]
    data = opened(rows)
    assert of(data, "A") == {f"25-{month:02d}": 30.0 for month in range(2, 13)}
    assert of(data, "B") == {
        f"25-{month:02d}": 30.0 if month < 7 else 20.0 for month in range(5, 13)
    }
    assert set(of(data, "C").values()) == {10.0}
    seen = data.rep_months().set_index(["rep_id", "month"])["attainment"]
    assert seen["A"].round(9).unique().tolist() == [round(10 / 30, 9)]
    assert len(seen["C"]) == 6 and seen["C"].notna().all()
    (said,) = [one for one in data.notices if "uotas" in one]
    assert said.startswith("Quotas of 3 reps stand in ") and "the calendar's quarter" in said
    assert data.quality.tables.set_index("table").loc["quotas", "rows_accepted"] == len(rows)


@pytest.mark.parametrize("places", [LAST, FIRST])
def test_it_is_the_same_as_month_by_month(places: tuple[int, ...]) -> None:
    """So every report says the same, whichever way equal quotas are written down."""
    one = opened([*quarterly("A", places, 90.0), *quarterly("D", places, 45.0)])
    other = opened([*monthly("A", 30.0), *monthly("D", 15.0)])
    pd.testing.assert_frame_equal(
        one.rep_months(),
        other.rep_months()[lambda f: f["month"] >= "2025-02-01"].reset_index(drop=True),
    )
    early = "2025-10-31"
    pd.testing.assert_frame_equal(
        one.as_of(early).quotas_ahead(),
        other.as_of(early).quotas_ahead().sort_values(["rep_id", "month"]),
    )


def test_zeros_between_are_no_quotas_of_their_own() -> None:
    rows = [(r, m, q if int(m[5:7]) in LAST else 0.0) for r, m, q in monthly("A", 90.0)]
    assert set(of(opened(rows), "A").values()) == {30.0}


@pytest.mark.parametrize(
    ("places", "part"), [((6, 12), 15.0), ((1, 7), 15.0)], ids=["its last month", "its first"]
)
def test_half_years(places: tuple[int, ...], part: float) -> None:
    rows = [row for rep in "AD" for row in quarterly(rep, places, 90.0)]
    assert of(opened(rows), "A") == {f"25-{month:02d}": part for month in range(2, 13)}


@pytest.mark.parametrize(
    "rows",
    [
        [*monthly("A", 30.0), *monthly("D", 15.0)],
        # Two quotas of one rep, where the others' are of months.
        [*monthly("A", 30.0), *monthly("B", 30.0), ("D", "2025-03-01", 9.0), ("D", "2025-06-01", 9.0)],
        # The same where half of those with several have theirs so; one quota says nothing of its rep's.
        [*monthly("A", 30.0), ("B", "2025-06-01", 9.0), ("D", "2025-03-01", 9.0), ("D", "2025-06-01", 9.0)],
        # Nothing tells of how often one quota is set.
        [("A", "2025-09-01", 9.0), ("D", "2025-09-01", 9.0)],
        # A quarter without its quota of one month.
        [one for one in monthly("A", 30.0) if one[1] != "2025-05-01"],
    ],
    ids=["monthly", "two of one", "half of several", "one each", "one missing"],
)  # fmt: skip
def test_quotas_of_months_stay_as_they_are(rows: list[tuple[str, str, float]]) -> None:
    data = opened(rows)
    assert sum(len(of(data, rep)) for rep in "ABD") == len(rows)
    assert not any("uotas" in one for one in data.notices)


def test_a_quarter_without_a_quota_makes_no_half_years() -> None:
    """Of the second quarter none is known; the others' months have a third each."""
    rows = [row for rep in "AD" for row in quarterly(rep, (3, 9, 12), 90.0)]
    assert of(opened(rows), "A") == {f"25-{m:02d}": 30.0 for m in (2, 3, 7, 8, 9, 10, 11, 12)}


def test_who_came_back_within_a_quarter_had_its_quota_from_its_beginning() -> None:
    """A was there in July and from September on: of the third quarter's quota each month has a third. B
    left in March and came back in August: August and September have half each, as of one set for them."""
    rows = [("A", "2024-03-01", "2025-07-05"), ("A", "2025-09-01", None),
            ("B", "2024-03-01", "2025-03-31"), ("B", "2025-08-01", None)]  # fmt: skip
    reps = pd.DataFrame(rows, columns=["rep_id", "hire_date", "end_date"])
    data = opened([row for rep in "AB" for row in quarterly(rep, FIRST, 90.0)], reps)
    assert set(of(data, "A").values()) == {30.0}
    assert {of(data, "B")[f"25-{month:02d}"] for month in (8, 9)} == {45.0}
    assert "25-07" not in of(data, "B") and of(data, "B")["25-10"] == 30.0


def test_one_reps_quarters_beside_monthly_quotas() -> None:
    data = opened([*monthly("A", 30.0), *monthly("B", 30.0), *quarterly("D", LAST, 45.0)])
    assert set(of(data, "D").values()) == {15.0} and set(of(data, "A").values()) == {30.0}
    # Three of one rep are enough, and the table is in order of rep and month all the same.
    data = opened([*quarterly("D", LAST[:3], 45.0), *monthly("B", 30.0), *monthly("A", 30.0)])
    assert of(data, "D") == {f"25-{month:02d}": 15.0 for month in range(2, 10)}
    keys = data.quotas()[["rep_id", "month"]]
    pd.testing.assert_frame_equal(keys, keys.sort_values(["rep_id", "month"]))
