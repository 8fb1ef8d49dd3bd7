"""Business booked at the quarter's end, and months in which nobody sells: the response of bookings to hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import selling_time
from salesops_lib.analyses import quarters

ELASTICITY = 0.34


def months(seed: int, reps: int = 30) -> pd.DataFrame:
    """Rep-months of a year whose bookings answer to the month's own hours."""
    rng = np.random.default_rng(seed)
    talent = np.exp(0.3 * rng.standard_normal(reps))
    hours = 80 * np.exp(0.3 * rng.standard_normal((reps, 12)))
    wins = rng.poisson(8 * talent[:, None] * (hours / 80) ** ELASTICITY)
    month = pd.date_range("2025-01-01", periods=12, freq="MS")
    return pd.DataFrame({
        "rep_id": np.repeat([f"R{k}" for k in range(reps)], 12), "month": np.tile(month, reps),
        "bookings": 1000.0 * wins.ravel(), "selling_hours": hours.ravel(), "hours": 2 * hours.ravel(),
        "tenure_months": np.tile(np.arange(30.0, 42.0), reps),
    })  # fmt: skip


def at_quarter_ends(data: pd.DataFrame) -> pd.DataFrame:
    quarter = data["month"].dt.to_period("Q")
    sums = data.groupby(["rep_id", quarter])["bookings"].transform("sum")
    return data.assign(bookings=sums.where(data["month"].dt.month % 3 == 0, 0.0))


def test_the_last_month_of_quarters_by_hand() -> None:
    """75 of 100 in the quarters' last months, of the calendar's or of others; with 74, or in eleven months, none."""
    number = pd.Series(range(24300, 24312))  # January to December
    for place in range(3):
        value = pd.Series(np.where(number % 3 == place, 75.0, 12.5))
        assert quarters.last_month(number, value) == place
        assert (
            quarters.last_month(number, value.mask(value == 75, 74.0).replace(12.5, 13.0)) is None
        )
        assert quarters.last_month(number[:-1], value[:-1]) is None
    assert quarters.last_month(number, value * 0) is None


def test_large_deals_at_quarter_ends_by_chance_are_none() -> None:
    """Of twelve quarters two, seven and eight end with a hundred times what the first months of the others hold, and
    of four quarters three and four."""
    number = pd.Series(range(24300, 24336))
    last = number % 3 == 2
    for many, ends, so in (
        (36, 2, False),
        (36, 7, False),
        (36, 8, True),
        (12, 3, False),
        (12, 4, True),
    ):
        at = number[:many]
        others = many // 3 - ends
        value = (last & (last.cumsum() > others))[:many] * 100.0 + (
            (number % 3 == 0) & (last.cumsum() < others)
        )[:many] * 1.0
        assert (quarters.last_month(at, value) == 2) == so, (many, ends)


def test_who_has_few_large_deals_is_not_said_to_close_at_quarter_ends() -> None:
    """Three reps with a deal every fourth month, of sizes far apart: every fourth company of a year was said to. Of 60
    companies, at most 6 are in all but two of a thousand runs at a chance of 3 in 100."""
    said = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        month = pd.Series(np.tile(pd.date_range("2025-01-01", periods=12, freq="MS"), 3))
        value = np.exp(1.5 * rng.standard_normal(36)) * (rng.random(36) < 0.25)
        said += (
            quarters.in_quarters(month.index.to_series() // 12, month, pd.Series(value)) is not None
        )
    assert said <= 6


def test_a_rep_has_a_quarter_whose_last_month_is_there() -> None:
    month = pd.Series(pd.date_range("2025-02-01", periods=14, freq="MS"))
    rep = pd.Series(["A"] * 14)
    value = pd.Series(np.where(month.dt.month % 3 == 0, 10.0, 1.0))
    found = quarters.in_quarters(rep, month, value)
    assert found is not None
    quarter, whole, share = found
    assert quarter.nunique() == 5 and quarter.value_counts(sort=False).tolist() == [2, 3, 3, 3, 3]
    assert whole.all() and share == pytest.approx(50 / 59)
    # Without its last month the last quarter is not over.
    _, whole, _ = quarters.in_quarters(rep[:-1], month[:-1], value[:-1]) or (None, None, 0)
    assert whole is not None and whole.tolist() == [True] * 11 + [False] * 2


def test_quarters_are_read_as_a_frame_of_quarters_is() -> None:
    data = at_quarter_ends(months(1))
    found = selling_time(data, error_sd=0.0)
    assert "how they answer to selling hours is read from quarters" in " ".join(found.notices)
    # Hours a day, as a month's hours count by its days.
    daily = data.assign(
        month=data["month"].dt.to_period("Q").dt.to_timestamp(),
        selling_hours=data["selling_hours"] / data["month"].dt.days_in_month,
    )
    whole = daily.groupby(["rep_id", "month"], as_index=False).agg(
        bookings=("bookings", "sum"), selling_hours=("selling_hours", "mean"),
        tenure_months=("tenure_months", "mean"),
    )  # fmt: skip
    whole["selling_hours"] *= whole["month"].dt.days_in_month
    whole["hours"] = 2 * whole["selling_hours"]
    same = selling_time(whole, error_sd=0.0)
    for one in ("data_elasticity", "elasticity"):
        a, b = getattr(found, one), getattr(same, one)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-6)
    plain = selling_time(months(1), error_sd=0.0)
    assert "quarters" not in " ".join(plain.notices)


def test_a_quarter_of_which_hours_are_missing_says_nothing() -> None:
    """What its end holds is of all three months: with the hours of two, a rep seemed to sell half as
    much again in them. Nor one that began before the records, whose end seemed to be thrice as much."""
    data = at_quarter_ends(months(3))
    number = data["month"].dt.month
    some = (data["rep_id"] == "R0") & number.isin([1, 5])
    gone = (data["rep_id"] == "R0") & (number <= 6)
    blank = data.assign(
        selling_hours=data["selling_hours"].mask(some), hours=data["hours"].mask(some)
    )
    more = data.assign(
        month=data["month"] + pd.DateOffset(years=1), tenure_months=data["tenure_months"] + 12
    )
    long = pd.concat([data, more], ignore_index=True)
    begun = (long["month"] < "2025-02-01", long["month"] < "2025-04-01")
    for given, same in ((blank, data[~gone]), (long[~begun[0]], long[~begun[1]])):
        found, rest = (selling_time(one, error_sd=0.0).data_elasticity for one in (given, same))
        assert (found.value, found.low, found.high) == pytest.approx(
            (rest.value, rest.low, rest.high)
        )


def test_a_planted_elasticity_is_found_in_quarters() -> None:
    """Read from the hours of the last months alone it was a half of the truth, 0.18. Of 16 companies at 90%, 11
    hold the truth in all but four of a thousand runs."""
    values, held = [], 0
    for seed in range(16):
        one = selling_time(at_quarter_ends(months(seed)), error_sd=0.0).data_elasticity
        values.append(one.value)
        held += one.low <= ELASTICITY <= one.high
    error = float(np.std(values, ddof=1)) / 4
    assert abs(np.mean(values) - ELASTICITY) < 2.5 * error and np.mean(values) > 0.18 + error
    assert held >= 11


@pytest.mark.parametrize("estimator", ["ppml", "log"])
def test_months_in_which_nobody_sells_say_nothing(estimator: str) -> None:
    """Eight dead months of twelve ended in a singular matrix; what is told is what the others tell."""
    data = months(2)
    dead = data["month"].dt.month.between(3, 10)
    quiet = data.assign(bookings=data["bookings"].mask(dead, 0.0))
    options = {"error_sd": 0.0, "estimator": estimator}
    found, rest = selling_time(quiet, **options), selling_time(data[~dead], **options)
    for one in ("data_elasticity", "pooled_elasticity"):
        a, b = getattr(found, one), getattr(rest, one)
        assert a.value == pytest.approx(b.value, rel=1e-4) and a.high == pytest.approx(
            b.high, rel=1e-3
        )
