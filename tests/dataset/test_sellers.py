"""Who stands among the reps and does not sell: worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.sellers import _none_closed, who_is_nobody, who_never_sells

SELLERS = list("ABCDEFGHIJ")
MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")


def months(idle: int = 24, tenure: int = 30, **idle_rep: float) -> pd.DataFrame:
    """Ten reps of 24 months who win one deal and lose one each month, and Z of `idle` months who does nothing."""
    one = pd.DataFrame({
        "month": MONTHS, "month_share": 1.0, "tenure_months": range(30, 54), "bookings": 10.0, "deals_won": 1,
        "deals_lost": 1, "deals_closed": 2, "quota": float("nan"),
    })  # fmt: skip
    z = one.iloc[-idle:].assign(
        bookings=0.0, deals_won=0, deals_lost=0, deals_closed=0, tenure_months=range(tenure, tenure + idle)
    )  # fmt: skip
    z = z.assign(**idle_rep)
    rows = [one.assign(rep_id=rep) for rep in SELLERS] + [z.assign(rep_id="Z")]
    return pd.concat(rows, ignore_index=True)


def test_who_closes_nothing_where_the_slow_close_several_does_not_sell() -> None:
    """Two a month are closed: three months would bring 6, which by chance are none once in 400 times; two
    months 4, once in 55."""
    assert who_never_sells(months(3)) == ("Z",)
    assert who_never_sells(months(2)) == ()


def test_the_first_half_year_on_the_job_tells_nothing() -> None:
    assert who_never_sells(months(8, tenure=1)) == ()
    assert who_never_sells(months(9, tenure=1)) == ("Z",)
    # When Z began is not known: all months count.
    assert who_never_sells(months(3).assign(tenure_months=float("nan"))) == ("Z",)


@pytest.mark.parametrize(
    "has", [{"quota": 5.0}, {"deals_lost": 1, "deals_closed": 1}, {"bookings": -3.0}]
)
def test_a_quota_a_loss_or_a_return_is_a_reps(has: dict[str, float]) -> None:
    assert who_never_sells(months(**has)) == ()


def test_the_slowest_tenth_says_how_much_would_be_closed() -> None:
    """A and B, two of ten who sell, close one deal a year: the tenth slowest rate is theirs, and 24 months
    would bring 2."""
    rows = months()
    slow = rows["rep_id"].isin(["A", "B"])
    rows.loc[slow, ["deals_won", "deals_lost", "deals_closed"]] = [0, 0, 0]
    rows.loc[slow & rows["month"].dt.month.eq(5), ["deals_won", "deals_closed"]] = 1
    assert who_never_sells(rows) == ()


@pytest.mark.parametrize(("losses", "told"), [(12, ()), (13, ("Z",))])
def test_losses_are_kept_where_one_deal_in_twenty_is_lost(losses: int, told: tuple[str]) -> None:
    """Of 240 won deals and 12 lost ones these are 4.8%, of 13 they are 5.1%."""
    rows = months().reset_index(drop=True)
    rows["deals_lost"] = (rows.index < losses).astype(int)
    rows["deals_closed"] = rows["deals_won"] + rows["deals_lost"]
    assert who_never_sells(rows) == told


def test_the_chance_of_closing_nothing_by_hand() -> None:
    """Paces 1, 2 and 3 a month in ten months each: mean 2, variance 1, of which luck makes 2 x 0.1; what is left, and
    one standard error of the variance (1 x the root of 2 / 2), is a spread of 1.8: a gamma law of shape 4 / 1.8. In
    five months nothing is closed with the chance (1 + 2 x 5 / 2.222) ^ -2.222. Of equal paces chance alone is left."""
    known = pd.DataFrame({"month_share": 10.0, "deals_closed": [10, 20, 30]})
    chance = _none_closed(known, np.array([0.0, 5.0]))
    assert chance == pytest.approx([1.0, 5.5 ** (-4 / 1.8)])
    same = _none_closed(known.assign(deals_closed=20), np.array([1.5]))
    assert same == pytest.approx([np.exp(-3.0)])


def test_where_paces_are_spread_some_close_nothing() -> None:
    """Paces of an exponential law: of its reps one in 1 + 24 × 2 closes nothing in 24 months of 2 on average,
    however many the slowest tenth would close."""
    rows = months()
    paces = np.round(-2 * np.log(1 - (np.arange(10) + 0.5) / 10) * 24).astype(int)
    sold = rows["rep_id"].map(dict(zip(SELLERS, paces, strict=True))).fillna(0)
    first = rows["month"] == MONTHS[0]
    rows["deals_closed"] = sold.where(first, 0)
    rows["deals_won"] = rows["deals_closed"]
    assert paces.min() > 1 and who_never_sells(rows) == ()
    # Of ten who all close two a month nobody does.
    assert who_never_sells(months()) == ("Z",)


def test_few_reps_or_few_days_do_not_say_what_slow_is() -> None:
    """Of who was there for a day, and closed a deal or two, no pace is known."""
    rows = months(24)
    keep = rows["rep_id"].isin([*SELLERS[:5], "Z"])
    assert who_never_sells(rows[keep]) == ("Z",)
    assert who_never_sells(rows[keep & (rows["rep_id"] != "A")]) == ()
    days = rows["rep_id"].eq("A") & (rows["month"] > MONTHS[0])
    short = rows[keep & ~days].assign(
        month_share=lambda one: one["month_share"].mask(one["rep_id"] == "A", 0.03)
    )
    assert who_never_sells(short) == ()


def test_without_losses_and_quotas_who_sells_badly_looks_the_same() -> None:
    rows = months().assign(deals_lost=0)
    rows["deals_closed"] = rows["deals_won"]
    assert who_never_sells(rows) == ()
    carries = rows["rep_id"].isin(SELLERS[:5])
    assert who_never_sells(rows.assign(quota=rows["quota"].mask(carries, 5.0))) == ("Z",)
    assert who_never_sells(rows.assign(quota=rows["quota"].mask(rows["rep_id"] == "A", 5.0))) == ()


def company(quota: bool) -> Dataset:
    """Ten reps who win and lose a deal a month, and two of sales development: they begin deals that others
    close."""
    people = [*SELLERS, "S1", "S2"]
    reps = pd.DataFrame({"rep_id": people, "hire_date": "2023-01-01"})
    reps.loc[reps["rep_id"] == "S2", "hire_date"] = "2024-08-01"
    closed = pd.DataFrame([
        (rep, status, day) for rep in SELLERS for status in ("won", "lost") for day in MONTHS
    ], columns=["rep_id", "status", "close_date"]).assign(amount=10.0)  # fmt: skip
    begun = pd.DataFrame({"rep_id": ["S1", "S2"], "status": "open", "created_date": MONTHS[-1]})
    deals = pd.concat([closed, begun], ignore_index=True)
    deals["deal_id"] = [f"D{at}" for at in range(len(deals))]
    tables = {"reps": reps, "deals": deals}
    if quota:
        tables["quotas"] = pd.DataFrame({"rep_id": "S1", "month": MONTHS, "quota": 10.0})
    return Dataset.from_frames(tables)


def test_rep_months_are_of_who_sells_and_a_notice_says_of_whom_not() -> None:
    data = company(quota=False)
    assert set(data.rep_months()["rep_id"]) == set(SELLERS)
    told = [one for one in data.notices if "never closed" in one]
    assert len(told) == 1
    assert told[0].startswith("2 reps never closed a deal, won or lost")
    assert "(S1 and S2)" in told[0]
    nobody = [one for one in data.notices_without_people if "never closed" in one]
    assert "S1" not in nobody[0]
    # Their open deals stay the company's, and who is hired to sell is counted without them.
    assert len(data.pipeline_on(data.last_day)) == 2
    assert data.assumptions["hires_per_year"].value == 0.0
    # As known in September 2024, S2 had been there for two months.
    assert set(data.as_of("2024-09-30").rep_months()["rep_id"]) == {*SELLERS, "S2"}


def test_a_quota_brings_back_who_was_left_out() -> None:
    data = company(quota=True)
    assert set(data.rep_months()["rep_id"]) == {*SELLERS, "S1"}
    assert [one[:11] for one in data.notices if "never closed" in one] == ["1 rep never"]


NOBODY = (
    "House Account", "West house accounts", "Lead Queue", "Unassigned (West)", "Nicht zugewiesen", "Non assigné",
    "Integration User", "HubSpot Sync User", "System Administrator", "Webshop", "Self-Service", "unknown",
)  # fmt: skip
# Somebody may be called so, who has a hire date.
PERHAPS = ("House", "Web", "Admin", "Marketing", "other")
PEOPLE = (
    "Gregory House",
    "Ann Service",
    "Store Manager",
    "Ada McQueue",
    "Queueing",
    "Systema",
    "R12",
)


def owners(called: str, column: str, hired: str | None = None) -> pd.DataFrame:
    """Four reps, and Z who stands in `column` as `called`."""
    reps = pd.DataFrame(
        {"rep_id": list("ABCDZ"), "name": None, "hire_date": pd.Timestamp("2023-01-01")}
    )
    reps.loc[4, column] = called
    reps.loc[4, "hire_date"] = pd.Timestamp(hired) if hired else pd.NaT
    return reps


@pytest.mark.parametrize("column", ["rep_id", "name"])
def test_who_is_called_as_no_person_is_is_nobody(column: str) -> None:
    for called in NOBODY:
        reps = owners(called, column, "2024-01-01")
        assert who_is_nobody(reps) == (reps["rep_id"].iloc[4],), called
    for called in PERHAPS:
        reps = owners(called, column)
        assert who_is_nobody(reps) == (reps["rep_id"].iloc[4],), called
        assert who_is_nobody(owners(called, column, "2024-01-01")) == (), called
    for called in PEOPLE:
        assert who_is_nobody(owners(called, column)) == (), called


def test_where_few_are_somebody_all_are_compared() -> None:
    reps = owners("Webshop", "name")
    assert who_is_nobody(reps.iloc[1:]) == ()
    many = [owners(f"House account {k}", "name").iloc[4:].assign(rep_id=f"H{k}") for k in range(4)]
    assert len(who_is_nobody(pd.concat([reps.iloc[:4], *many[:3]]))) == 3
    assert who_is_nobody(pd.concat([reps.iloc[:4], *many])) == ()
    assert who_is_nobody(reps.iloc[:0]) == ()


def with_house(table: bool) -> Dataset:
    """Ten reps who win 10 a month each, and a house account that wins 100; with a reps table, or known from
    their deals alone."""
    deals = pd.DataFrame([
        (rep, "won", day, 100.0 if rep == "House Account" else 10.0)
        for rep in [*SELLERS, "House Account"] for day in MONTHS
    ], columns=["rep_id", "status", "close_date", "amount"])  # fmt: skip
    deals["deal_id"] = [f"D{at}" for at in range(len(deals))]
    tables = {"deals": deals}
    if table:
        # A login has the day on which it was made.
        reps = {"rep_id": [*SELLERS, "House Account"], "hire_date": "2023-01-01"}
        tables["reps"] = pd.DataFrame(reps)
    return Dataset.from_frames(tables)


@pytest.mark.parametrize("table", [True, False])
def test_a_house_account_is_the_companys_and_no_rep(table: bool) -> None:
    """Half of 200 a month is its own: it stood first among eleven, and made nine reps in ten laggards."""
    data = with_house(table)
    assert set(data.rep_months()["rep_id"]) == set(SELLERS)
    assert data.deals()["amount"].sum() == 24 * 200
    told = [one for one in data.notices if "no person" in one]
    assert len(told) == 1
    assert told[0].startswith("1 rep (House Account), with 50% of what was booked, is no person")
    (unnamed,) = [one for one in data.notices_without_people if "no person" in one]
    assert "House Account)" not in unnamed
    if table:
        known = data.reps().assign(name=lambda one: one["rep_id"], rep_id=[*SELLERS, "U7"])
        deals = data.deals().assign(rep_id=lambda one: one["rep_id"].replace("House Account", "U7"))
        again = Dataset.from_frames({"reps": known, "deals": deals})
        assert any(one.startswith("1 rep (House Account), with 50%") for one in again.notices)
    # Its deals are not said to be of months in which it was not there, nor the account to be missing.
    assert not [one for one in data.notices if "outside" in one or "not in the reps table" in one]
