"""What was seen by month on the job, and what is taken out of it before, reckoned a second way."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib.analyses.ramp_time_cost import learning_curve
from salesops_lib.analyses.ramp_time_cost.spells import Columns, Spells, read_spells
from salesops_lib.statistics.learning_curve import score_at
from tests.analyses.ramp_frames import dated, noisy, smooth


def spells_of(frame: pd.DataFrame) -> Spells:
    return read_spells(frame, Columns(value="bookings"))


@pytest.fixture(scope="module")
def part_time() -> Spells:
    """Ten reps with noise, three of them for half a month each month, one gone after four."""
    frame = noisy(3, reps=10, months=9, noise=0.6)
    frame["month_share"] = np.where(frame["rep_id"] < 3, 0.5, 1.0)
    frame["bookings"] *= frame["month_share"]
    return spells_of(frame[(frame["rep_id"] != 9) | (frame["tenure_months"] <= 4)])


def test_shares_seen_and_their_limits_by_a_plain_loop(part_time: Spells) -> None:
    """Sold over what a mature rep would have sold, half of it in half a month; the spread between reps
    around that share, n over n − 1, gives the limits of t, which end at nothing below."""
    fit, design, spells = learning_curve.fit_curve(
        part_time, market=(), confidence=0.9, noise="proportional"
    )
    found = learning_curve.observed_shares(fit, design, spells, 6).set_index("month")
    assert found.index.tolist() == [1, 2, 3, 4, 5, 6]
    level = math.exp(float(fit.beta[0]))
    below = 0
    for month, row in found.iterrows():
        rows = spells.rows[spells.rows["tenure"] == month]
        full = level * rows["exposure"]
        share = rows["value"].sum() / full.sum()
        n = len(rows)
        assert (row["reps"], row["share"]) == pytest.approx((n, share))
        error = math.sqrt(n / (n - 1) * ((rows["value"] - share * full) ** 2).sum()) / full.sum()
        reach = stats.t.ppf(0.95, n - 1) * error
        below += share - reach < 0
        assert row["low"] == pytest.approx(max(share - reach, 0.0))
        assert row["high"] == pytest.approx(share + reach)
    assert found.loc[[4, 5], "reps"].tolist() == [10, 9]


def test_a_share_of_one_rep_has_no_limits() -> None:
    frame = smooth(reps=4, months=6)
    frame = frame[(frame["rep_id"] == 0) | (frame["tenure_months"] <= 3)]
    fit, design, spells = learning_curve.fit_curve(
        spells_of(frame), market=(), confidence=0.9, noise="constant"
    )
    found = learning_curve.observed_shares(fit, design, spells, 6)
    assert found["reps"].tolist() == [4, 4, 4, 1, 1, 1]
    assert found["low"].isna().tolist() == found["high"].isna().tolist() == [False] * 3 + [True] * 3


def test_season_and_trend_are_told_apart_only_where_hires_and_months_allow() -> None:
    """Six months of hire and a year of data for a trend, eighteen months and 150 rows for a season."""

    def effects(reps: int, months: int, apart: int) -> tuple[bool, bool]:
        spells = spells_of(dated(noisy(1, reps=reps, months=months, noise=0.1), apart=apart))
        names = learning_curve._design(spells, ()).names
        return "trend" in names, len(learning_curve.season_columns(names)) == 11

    assert effects(6, 26, 1) == (True, True)
    assert effects(5, 36, 1) == (False, False)
    assert effects(12, 4, 1) == (True, False)
    assert effects(6, 6, 1) == (False, False)
    assert effects(30, 24, 0) == (False, False)


def test_a_level_is_that_of_an_average_month_of_the_last_year() -> None:
    """Effects of months are deviations that sum to nothing; the level told lies at the trend's mean place in
    the last twelve months, in no month of the year."""
    spells = spells_of(dated(noisy(1, reps=8, months=30, noise=0.1), apart=1))
    design = learning_curve._design(spells, ())
    season = learning_curve.season_columns(design.names)
    month = spells.rows["period"].dt.month.to_numpy()
    columns = design.matrix[:, season]
    every = np.array([columns[month == one][0] for one in range(1, 13)])
    np.testing.assert_allclose(every.sum(axis=0), 0, atol=1e-12)
    assert (design.now[season] == 0).all()
    trend = list(design.names).index("trend")
    period = spells.rows["period"]
    index = (period.dt.year * 12 + period.dt.month).to_numpy()
    late = index > index.max() - 12
    assert design.now[trend] == pytest.approx((index[late].mean() - index.mean()) / 12)
    # Where rows of a market are blank, they are taken as average.
    rows = spells.rows.assign(extra_size=np.where(index % 5 == 0, np.nan, index % 3))
    market = learning_curve._design(Spells(rows, spells.reps, spells.dated, ()), ("size",))
    column = market.matrix[:, list(market.names).index("size")]
    assert (column[index % 5 == 0] == 0).all() and column.sum() == pytest.approx(0, abs=1e-9)


def test_levels_that_vanish_are_held_up() -> None:
    """Logs 30 below the highest count as none: nothing is divided by next to nothing."""
    frame = noisy(2, reps=12, months=8, noise=0.3)
    frame["channel"] = np.where(frame["rep_id"] < 6, "large", "tiny")
    frame.loc[frame["channel"] == "tiny", "bookings"] *= 1e-18
    fit, design, spells = learning_curve.fit_curve(
        spells_of(frame), market=(), confidence=0.9, noise="proportional"
    )
    clean = learning_curve.without_effects(fit, design, spells)
    tiny = clean.rows["channel"] == "tiny"
    level = math.exp(max(fit.beta) - 30)
    expected = spells.rows.loc[tiny, "value"] / level
    assert clean.rows.loc[tiny, "value"].to_numpy() == pytest.approx(expected.to_numpy())
    assert clean.rows.loc[~tiny & (clean.rows["tenure"] > 5), "value"].mean() == pytest.approx(
        1, abs=0.2
    )


def test_groups_are_held_against_the_common_curve() -> None:
    """The test of three groups that are alike has two degrees of freedom. Reps who are first seen after
    their first month tell of what mature months are worth and count in no group's start."""
    frame = noisy(4, reps=32, months=14, noise=0.4)
    late = (frame["rep_id"] >= 26) & (frame["tenure_months"] < 6)
    fit, design, spells = learning_curve.fit_curve(
        spells_of(frame[~late]), market=(), confidence=0.9, noise="proportional"
    )
    clean = learning_curve.without_effects(fit, design, spells)
    group = pd.Series(np.array(list("abc"))[spells.rows["rep"] % 3], index=spells.rows.index)
    group[spells.rows["rep"] >= 29] = "d"
    table, curves, p = learning_curve.by_group(fit, clean, group, target=0.9, horizon=12)
    assert table["group"].tolist() == ["a", "b", "c", "d"]
    assert table["reps"].tolist() == [9, 9, 8, 0]
    assert table["median_months"].isna().tolist() == [False, False, False, True]
    assert set(curves["group"]) == {"a", "b", "c"}
    squares = []
    for name in "abc":
        data = learning_curve.repeated(clean.rows[group == name])
        score = score_at(data, "proportional", fit.u)
        squares.append(stats.norm.isf(stats.t.sf(score.adjusted, score.df)) ** 2)
    assert p == pytest.approx(stats.chi2.sf(sum(squares), 2))


def test_a_group_that_sold_nothing_after_the_delay_has_no_curve() -> None:
    rows = pd.DataFrame({
        "rep": [1, 1, 2, 2, 3, 3], "time": [1.0, 5.0] * 3, "value": [4.0, 0.0] * 3, "exposure": 1.0,
    })  # fmt: skip
    assert learning_curve._after_start(rows, 2.0) is None
    assert learning_curve._after_start(rows, 0.5) is not None
    assert learning_curve._after_start(rows.assign(value=1.0), 2.0) is not None
    assert learning_curve._after_start(rows.assign(value=1.0)[:4], 2.0) is None
