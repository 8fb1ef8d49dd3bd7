"""What months do to counts: by hand, against a search, planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from salesops_lib.analyses.forecast import creation, hazards, pipeline
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.analyses.forecast.months import (
    Months,
    _by_position,
    _pull,
    of_counts,
    over_usual,
    together,
)
from salesops_lib.dataset import Dataset

# January 2023 to December 2025, counted from year 0.
THREE_YEARS = 2023 * 12 + np.arange(36)
AS_OF = pd.Timestamp("2026-01-31")
DAYS = np.exp(over_usual(THREE_YEARS))


def test_working_days_by_hand() -> None:
    """February has 20 in 2026 and 21 in 2024, July 23 in 2026; a year of 261 has 21.75 a month."""
    month = np.array([2026 * 12 + 1, 2024 * 12 + 1, 2026 * 12 + 6])
    assert np.exp(over_usual(month)) * 261 / 12 == pytest.approx([20, 21, 23], rel=1e-3)


def test_factors_by_hand() -> None:
    """A February of 20 days whose season is 1.2, at a pull of a half; its error, that of the season and
    that of the pull together."""
    factor, doubt = np.ones(12), np.full(12, 0.03)
    factor[1] = 1.2
    one = Months(factor, doubt, 0.5, 0.4)
    month = np.array([2026 * 12 + 1])
    less = np.log(20 / (365.2425 * 5 / 7 / 12))
    assert one.at(month) == pytest.approx([1.2 * np.exp(0.5 * less)])
    assert one.doubt_at(month) == pytest.approx([np.hypot(0.03, 0.4 * less)])
    assert (Months().at(THREE_YEARS) == 1).all() and (Months().doubt_at(THREE_YEARS) == 0).all()
    assert together((one, Months()), month).shape == (2, 1)


def test_the_pull_of_working_days_has_bounds_that_no_count_moves() -> None:
    """Counts of hundreds of thousands that go with the third power of the days, or against it."""
    expected = np.full(36, 5e5)
    assert _pull(THREE_YEARS, expected * DAYS**3, expected)[0] == 1.5
    assert _pull(THREE_YEARS, expected * DAYS**-3, expected)[0] == -0.5
    assert _pull(THREE_YEARS, expected * DAYS, expected)[0] == pytest.approx(1.0, abs=1e-3)
    # Two months, or counts of nothing, leave it half-way.
    assert _pull(THREE_YEARS[:2], expected[:2] * DAYS[:2], expected[:2]) == (0.5, 0.5)
    assert _pull(THREE_YEARS, np.zeros(36), expected) == (0.5, 0.5)


def test_a_quarter_by_hand() -> None:
    """Three years in which every third month of a quarter brings 40 where 20 were expected, the
    others 10: ratios 2, ½, ½, hardly drawn with hundreds of events, and no doubt left to speak of
    but one over their number (36 months: 12 of 40, so 480 events)."""
    month = np.arange(36)
    observed = np.where(month % 3 == 2, 40.0, 10.0)
    factor, variance = _by_position(month % 3, observed, np.full(36, 20.0), 3)
    np.testing.assert_allclose(factor, [0.5, 0.5, 2.0], rtol=0.03)
    assert factor[2] == pytest.approx(2.0, rel=0.01)
    assert variance[2] == pytest.approx(1 / 480, rel=0.1)
    flat, none = _by_position(month % 3, np.full(36, 20.0), np.full(36, 20.0), 3)
    np.testing.assert_allclose(flat, 1.0, atol=1e-4)
    assert none.max() < 0.01**2
    found = of_counts(THREE_YEARS, observed, np.full(36, 20.0))
    given = 20 * np.exp(found.pull * over_usual(THREE_YEARS))
    quarter, one = _by_position(THREE_YEARS % 3, observed, given, 3)
    _, other = _by_position(THREE_YEARS % 12, observed, given * quarter[THREE_YEARS % 3], 12)
    np.testing.assert_allclose(found.doubt**2, one[np.arange(12) % 3] + other)
    # With days and months of the year, the pattern of the quarter is told all the same.
    whole = of_counts(THREE_YEARS, observed, np.full(36, 20.0)).at(THREE_YEARS)
    np.testing.assert_allclose(whole[2::3], 2.0, rtol=0.06)


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_much_business_tells_whether_days_count(truth: float) -> None:
    found = of_counts(THREE_YEARS, 2000 * DAYS**truth, np.full(36, 2000.0))
    assert found.pull == pytest.approx(truth, abs=0.05)
    assert found.pull_error < 0.1
    np.testing.assert_allclose(found.at(THREE_YEARS) / DAYS**truth, 1.0, rtol=0.01)


def test_little_business_leaves_it_half_way() -> None:
    """Nothing known is a half give or take a half; 20 a month move it by less than half of what is left;
    two months tell nothing."""
    assert of_counts(THREE_YEARS[:2], np.full(2, 9.0), np.full(2, 9.0)).pull == 0.5
    none = of_counts(THREE_YEARS, np.zeros(36), np.ones(36))
    assert (none.pull, none.pull_error) == (0.5, 0.5)
    few = of_counts(THREE_YEARS, 20 * DAYS, np.full(36, 20.0))
    assert 0.5 < few.pull < 0.75 and 0.3 < few.pull_error < 0.5


def test_what_seasons_do_is_no_proof_of_days() -> None:
    """Days that count in full, and a December that brings four times as much: less sure, and nearer a
    half."""
    december = np.where(THREE_YEARS % 12 == 11, 4.0, 1.0)
    plain = of_counts(THREE_YEARS, 200 * DAYS, np.full(36, 200.0))
    moved = of_counts(THREE_YEARS, 200 * DAYS * december, np.full(36, 200.0))
    assert moved.pull_error > 1.5 * plain.pull_error
    assert moved.at(THREE_YEARS)[11] / moved.at(THREE_YEARS)[10] > 3.5


def test_the_pull_is_the_likeliest() -> None:
    """scipy's search for the largest Poisson likelihood with a normal prior, the level free."""
    rng = np.random.default_rng(4)
    expected = rng.uniform(40, 60, 18)
    # Long months only: what they differ by among themselves is what tells.
    month = THREE_YEARS[DAYS > 1][:18]
    x = over_usual(month)
    observed = np.round(expected * np.exp(0.8 * x))
    found = of_counts(month, observed, expected)

    def against(pull: float) -> float:
        fitted = expected * np.exp(pull * x)
        share = fitted / fitted.sum()
        return float(-(observed * np.log(share)).sum() + (pull - 0.5) ** 2 / (2 * 0.5**2))

    best = optimize.minimize_scalar(against, bounds=(-1, 2), method="bounded")
    assert found.pull == pytest.approx(best.x, abs=1e-4)
    step = 1e-3
    bend = (against(best.x + step) - 2 * against(best.x) + against(best.x - step)) / step**2
    assert found.pull_error == pytest.approx(bend**-0.5, rel=1e-3)
    # How many were expected in all is not the months' business.
    other = of_counts(month, observed, 3 * expected)
    assert (other.pull, other.pull_error) == pytest.approx((found.pull, found.pull_error))


def company(seed: int) -> dict[str, pd.DataFrame]:
    """Some 65 wins a month, begun and closed evenly from Monday to Friday."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2023-07-03", "2026-02-27").to_numpy()
    created = np.repeat(days, rng.poisson(10, len(days)))
    later = created + rng.gamma(3, 25, len(created)).astype("timedelta64[D]")
    close = np.busday_offset(later.astype("datetime64[D]"), 0, roll="forward")
    return {
        "reps": pd.DataFrame({"rep_id": ["R0"], "name": ["A"], "hire_date": "2020-01-01"}),
        "deals": pd.DataFrame({
            "deal_id": [f"D{k}" for k in range(len(created))],
            "rep_id": "R0",
            "status": np.where(rng.random(len(created)) < 0.3, "won", "lost"),
            "amount": 100.0,
            "created_date": created,
            "close_date": close.astype("datetime64[ns]"),
        }),
    }  # fmt: skip


def test_short_months_bring_less() -> None:
    """Five companies of even daily business: the next month of 20 days is expected to bring 6% less of
    the open deals than an average one; it would be 8%, were it known, but 65 wins a month leave that
    open. Begun are 200 a month: of them 8% fewer than in March, which has 22 days."""
    february = np.array([2026 * 12 + 1])
    shares, begins = [], []
    for seed in range(5):
        tables = company(seed)
        deals = tables["deals"][tables["deals"]["created_date"] <= AS_OF].copy()
        deals.loc[deals["close_date"] > AS_OF, ["status", "close_date"]] = ["open", pd.NaT]
        data = Dataset.from_frames({**tables, "deals": deals})
        history = read_history(data, as_of=AS_OF, by=())
        counts, now = hazards.count(history, 3), len(history.snaps) - 1
        rates = hazards.fit(history, counts, now, 3)
        assert rates.season[0, 1] == rates.calendar[0].at(february)[0]
        shares.append(float(rates.season[0, 1]))
        groups = creation.cohorts(history)
        new = creation.new_deals(history, groups, rates.calendar, rates.leaf[0], now, 3)
        begins.append(new.begun[1] / new.begun[2])
    assert np.mean(shares) == pytest.approx(0.94, abs=0.02)
    assert np.mean(begins) == pytest.approx(0.925, abs=0.02)


def test_new_deals_are_decided_by_the_months_they_come_to() -> None:
    """Of ten begun in a month a tenth of what is left is won in each of three, a fifth lost: the chance of
    each month goes with its own factors, that of winning with the first, of losing with the second."""
    hazard = np.array([[0.1] * 25, [0.2] * 25])
    month = 2026 * 12 + np.arange(3)
    win, loss = Months(np.linspace(0.5, 2, 12), pull=1.0), Months(np.linspace(1.5, 1, 12))
    found = creation._incidence(hazard, (win, loss), month)
    expected = np.zeros((3, 3))
    for begun in range(3):
        left = 1.0
        for at in range(begun, 3):
            won, lost = 0.1 * win.at(month)[at], 0.2 * loss.at(month)[at]
            expected[begun, at] = left * won
            left *= 1 - won - lost
    np.testing.assert_allclose(found, expected)


def test_chances_by_lag_are_those_of_an_average_month() -> None:
    """Where every month has been one of twice the usual, half of what was seen is usual."""
    deals = company(0)["deals"]
    deals = deals[deals["close_date"] <= AS_OF]
    data = Dataset.from_frames({**company(0), "deals": deals})
    history = read_history(data, as_of=AS_OF, by=())
    groups, last = creation.cohorts(history), int(history.months[-1])
    even = creation._hazard(history, groups, (Months(), Months()), last)
    twice = creation._hazard(history, groups, (Months(2 * np.ones(12)), Months()), last)
    assert even[0, :6] / twice[0, :6] == pytest.approx(np.full(6, 2.0), rel=0.02)
    assert even[1] == pytest.approx(twice[1])
    counts, now = hazards.count(history, 3), len(history.snaps) - 1
    seen = pipeline.view(history, counts, groups, now, 3)
    doubt = seen.hazards.calendar[0].doubt_at(last + np.arange(4))
    assert seen.season_doubt.tolist() == doubt.tolist()
    assert doubt.max() > 0 and seen.hazards.calendar[1].doubt_at(last + np.arange(4))[0] != doubt[0]
