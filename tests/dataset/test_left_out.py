"""A reps table of who is still there is said: ramp read from it is that of who stayed. Worked by hand."""

from __future__ import annotations

import pandas as pd

from salesops_lib.dataset import Dataset


def company(
    *, listed: int = 6, left: int = 3, until: str = "2025-06-15", ended: int = 0
) -> Dataset:
    """Reps who close a deal a month through 2025; beside those listed some who are not, and close their last
    on the day given. Of the listed, the first `ended` have left in June."""
    deals = [
        (f"R{at}", month) for at in range(listed) for month in pd.date_range("2025-01-15", periods=12, freq="MS")
        if at >= ended or month < pd.Timestamp("2025-06-30")
    ]  # fmt: skip
    deals += [
        (f"L{at}", day)
        for at in range(left)
        for day in pd.date_range("2025-01-15", until, freq="30D")
    ]
    table = pd.DataFrame(deals, columns=["rep_id", "close_date"])
    table = table.assign(deal_id=[f"D{at}" for at in range(len(table))], status="won", amount=10.0)
    reps = pd.DataFrame(
        {"rep_id": [f"R{at}" for at in range(listed)], "hire_date": pd.Timestamp("2024-01-01")}
    )
    reps["end_date"] = [
        pd.Timestamp("2025-06-30") if at < ended else pd.NaT for at in range(listed)
    ]
    return Dataset.from_frames({"deals": table, "reps": reps})


def said(data: Dataset) -> str:
    (one,) = [one for one in data.notices if "not in the reps table" in one]
    return one.partition("channel.")[2]


def test_who_left_is_missed() -> None:
    assert said(company()).startswith(" Of them 3 closed nothing for three months")
    assert "Export who left, too, with hire_date and end_date." in said(company(left=2))


def test_who_sells_still_or_is_one_is_not() -> None:
    assert not said(company(until="2025-11-30"))
    assert not said(company(left=1))


def test_a_table_that_has_others_who_left_has_them_all() -> None:
    assert not said(company(ended=4))
    assert "and in the table 3 have left: if others who left are missing" in said(company(ended=3))
    assert "in the table one has left" in said(company(ended=1))
    assert "in the table nobody has left" in said(company())


def test_where_deals_are_rare_silence_tells_nothing() -> None:
    """Of six who are still there, one closed nothing for three months either, then more."""
    data = company()
    reps, deals = data.reps(), data.deals()
    reps = reps[reps["rep_id"].str.startswith("R")]
    for quiet, so in ((1, True), (2, True), (3, False), (6, False)):
        silent = deals["rep_id"].isin([f"R{at}" for at in range(quiet)])
        kept = deals[~(silent & (deals["close_date"] > "2025-08-31"))]
        # Until when the records go is known, whoever closes a deal.
        through = {"data_through": "2025-12-31"}
        tables = {"deals": kept, "reps": reps}
        assert bool(said(Dataset.from_frames(tables, assumptions=through))) == so


def test_some_who_sell_still_are_strangers_of_another_kind() -> None:
    """Of five not listed, two sell no more; then three."""
    data = company(left=5)
    reps = data.reps()
    reps = reps[reps["rep_id"].str.startswith("R")]
    deals = data.deals()
    last = deals["rep_id"].isin(["L2", "L3", "L4"]) & ~deals["rep_id"].duplicated(keep="last")
    deals.loc[last, "close_date"] = pd.Timestamp("2025-12-10")
    assert not said(Dataset.from_frames({"deals": deals, "reps": reps}))
    deals.loc[deals["rep_id"] == "L2", "close_date"] = pd.Timestamp("2025-03-10")
    assert said(Dataset.from_frames({"deals": deals, "reps": reps})).startswith(" Of them 3 closed")
