"""Quotas of managers that are their teams' once more: worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset

MONTHS = pd.date_range("2025-02-01", periods=11, freq="MS")


def company(
    people: list[tuple[str, str | None]],
    quotas: dict[str, float],
    sold: dict[str, float],
    **columns: list[object],
) -> Dataset:
    """Reps with the same quota and the same sale every month."""
    reps = pd.DataFrame(people, columns=["rep_id", "manager_id"]).assign(
        hire_date="2024-01-01", **columns
    )
    deals = pd.concat([
        pd.DataFrame({"rep_id": rep, "amount": amount, "close_date": MONTHS + pd.Timedelta(days=20)})
        for rep, amount in sold.items()
    ], ignore_index=True)  # fmt: skip
    deals = deals.assign(deal_id=[f"D{at}" for at in range(len(deals))], status="won")
    rows = pd.concat(
        [
            pd.DataFrame({"rep_id": rep, "month": MONTHS, "quota": one})
            for rep, one in quotas.items()
        ],
        ignore_index=True,
    )
    return Dataset.from_frames({"reps": reps, "deals": deals, "quotas": rows})


def total(data: Dataset) -> float:
    """The company's quota of a month."""
    return float(data.rep_months().groupby("month")["quota"].sum().iloc[-1])


def said(data: Dataset) -> list[str]:
    return [one for one in data.notices if "reps below" in one]


REPS = [("A", "M"), ("B", "M"), ("C", "M"), ("M", None)]
SOLD = {"A": 90.0, "B": 110.0, "C": 100.0}


@pytest.mark.parametrize("teams", [300.0, 270.0, 345.0])
def test_a_team_is_to_sell_its_quota_once(teams: float) -> None:
    """Three reps at 100 have 300 together, and that is the company's, whether the manager answers for a tenth
    less or for some more."""
    data = company(REPS, {"A": 100.0, "B": 100.0, "C": 100.0, "M": teams}, SOLD | {"M": 20.0})
    assert total(data) == 300.0
    assert set(data.quotas()["rep_id"]) == {"A", "B", "C"}
    assert len(said(data)) == 1
    assert said(data)[0].startswith("11 monthly quotas of 1 manager are about what the reps below")


def test_two_levels_of_managers_are_two_times_too_much() -> None:
    """Two teams of two at 100 each, two managers at 200, and who leads both at 400: of 1,200 in the table
    400 are to be sold. Managers may be written by their names."""
    people = [
        ("A", "Mia"),
        ("B", "Mia"),
        ("C", "N"),
        ("D", "N"),
        ("M", "V"),
        ("N", "V"),
        ("V", None),
    ]
    quotas = dict.fromkeys("ABCD", 100.0) | {"M": 200.0, "N": 200.0, "V": 400.0}
    data = company(people, quotas, SOLD | {"D": 95.0}, name=["", "", "", "", "Mia", "Nel", "Vic"])
    assert total(data) == 400.0
    assert said(data)[0].startswith("33 monthly quotas of 3 managers")


@pytest.mark.parametrize(
    ("quotas", "sold"),
    [
        # One who leads and sells has a quota of the same size as the others have.
        ({"A": 100.0, "B": 100.0, "C": 100.0, "M": 100.0}, 20.0),
        # The founder of a small company is to sell as much as three juniors, and does half of it.
        ({"A": 100.0, "B": 100.0, "C": 100.0, "M": 300.0}, 150.0),
        # Of the others nothing is known.
        ({"M": 300.0}, 20.0),
        # One rep below, as large: it may be either's own.
        ({"A": 100.0, "M": 100.0}, 0.0),
    ],
)
def test_a_managers_own_quota_stays(quotas: dict[str, float], sold: float) -> None:
    data = company(REPS, quotas, SOLD | ({"M": sold} if sold else {}))
    assert total(data) == sum(quotas.values())
    assert not said(data)


def playing(months: int) -> Dataset:
    """A player-coach at 50 a month, who sold one deal of 200 in the last month, and two reps who start in 2025
    at 25 for so many months, and at 50 then. Who was there before sells a deal of 200 a quarter."""
    quotas = pd.DataFrame([
        (rep, month, 25.0 if rep != "M" and at < months else 50.0)
        for rep in "ABM" for at, month in enumerate(MONTHS)
    ], columns=["rep_id", "month", "quota"])  # fmt: skip
    days = [("D", day) for day in MONTHS[::3]] + [(rep, MONTHS[-1]) for rep in "ABM"]
    deals = pd.DataFrame(days, columns=["rep_id", "close_date"])
    deals = deals.assign(deal_id=[f"D{at}" for at in range(len(deals))], status="won", amount=200.0)
    reps = pd.DataFrame({"rep_id": [*"ABDM"], "manager_id": ["M", "M", "X", None]})
    return Dataset.from_frames({"reps": reps, "deals": deals, "quotas": quotas})


def test_who_sells_nothing_of_a_few_deals_may_have_had_no_luck() -> None:
    """While both start their 50 together are those of M, who sold none of them yet: of one deal in four months
    none is sold once in e. Of 2.5 deals in ten months, once in twelve."""
    assert not said(playing(4))
    assert not said(playing(10))
    assert len(playing(4).quotas()) == 33


def test_quotas_from_before_the_records_tell_nothing() -> None:
    """M sells 150 of 300 a month since February. The quotas reach back two years."""
    data = company(REPS, {"A": 100.0, "B": 100.0, "C": 100.0, "M": 300.0}, SOLD | {"M": 150.0})
    before = pd.DataFrame([
        (rep, month, quota)
        for rep, quota in {"A": 100.0, "B": 100.0, "C": 100.0, "M": 300.0}.items()
        for month in pd.date_range("2024-02-01", periods=12, freq="MS")
    ], columns=["rep_id", "month", "quota"])  # fmt: skip
    quotas = pd.concat([data.quotas(), before], ignore_index=True)
    data = Dataset.from_frames({"reps": data.reps(), "deals": data.deals(), "quotas": quotas})
    assert not said(data)


def test_a_quota_counts_for_the_team_that_a_rep_was_in() -> None:
    """C goes from M to N in July. M's 300 until then and 200 since are the team's, and so are N's 100 since,
    because N leads D, too, from October on; N's own 100 of the time before stay."""
    people = [("A", "M"), ("B", "M"), ("C", "M"), ("C", "N"), ("D", "N"), ("M", None), ("N", None)]
    hired = ["2024-01-01"] * 3 + ["2025-07-01", "2025-10-01", "2024-01-01", "2024-01-01"]
    left = [None, None, "2025-06-30", *[None] * 4]
    reps = pd.DataFrame(people, columns=["rep_id", "manager_id"])
    reps = reps.assign(hire_date=hired, end_date=left)
    first, autumn = pd.Timestamp("2025-07-01"), pd.Timestamp("2025-10-01")
    late = first <= MONTHS
    own = {
        "A": np.full(11, 100.0), "B": np.full(11, 100.0), "C": np.full(11, 100.0),
        "D": np.where(autumn <= MONTHS, 100.0, 0.0), "M": np.where(late, 200.0, 300.0),
        "N": np.where(autumn <= MONTHS, 200.0, 100.0),
    }  # fmt: skip
    quotas = pd.concat(
        [pd.DataFrame({"rep_id": rep, "month": MONTHS, "quota": q}) for rep, q in own.items()]
    )
    deals = company(REPS, {"A": 1.0}, SOLD).deals()
    data = Dataset.from_frames({"reps": reps, "deals": deals, "quotas": quotas})
    by_month = data.quotas().groupby("month")["quota"].sum()
    assert (by_month[by_month.index < first] == 400.0).all()
    assert (by_month[(by_month.index >= first) & (by_month.index < autumn)] == 300.0).all()
    assert (by_month[by_month.index >= autumn] == 400.0).all()


def test_quotas_ahead_are_told_by_what_was_sold_before() -> None:
    """Quotas begin next year: M sold 20 a month, so 300 a month are the team's; with 150 a month they stay."""
    quotas = {"A": 100.0, "B": 100.0, "C": 100.0, "M": 300.0}
    for sold, whole in ((20.0, 300.0), (150.0, 600.0)):
        data = company(REPS, {"A": 1.0}, SOLD | {"M": sold})
        ahead = pd.DataFrame([
            (rep, month, quota)
            for rep, quota in quotas.items()
            for month in pd.date_range("2026-01-01", periods=11, freq="MS")
        ], columns=["rep_id", "month", "quota"])  # fmt: skip
        data = Dataset.from_frames({"reps": data.reps(), "deals": data.deals(), "quotas": ahead})
        assert (data.quotas_ahead().groupby("month")["quota"].sum() == whole).all()
