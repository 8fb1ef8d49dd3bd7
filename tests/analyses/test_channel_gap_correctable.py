"""What training can close, by hand: as a share, and as money a year."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib.analyses.channel_gap import correctable
from salesops_lib.analyses.channel_gap.overlap import Usable
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.picked import Picked


def part(value: float, error: float, df: float, at: int) -> Part:
    """An estimate whose error is that of one of two clusters, so that two such go their own ways."""
    return Part(value, error * np.eye(2)[at], pieces=((error**2, df),))


def parts(practice: Part, gap: Part) -> Sequential:
    none = part(0.0, 0.0, 9, 0)
    return Sequential(gap, {}, {}, none, practice, practice, none, np.zeros(0))


def test_a_share_whose_interval_is_bounded_needs_no_more_rows() -> None:
    """.5 of 2, with errors of .1 and .2, at the t of the fewer degrees, 9: the roots of
    (.5 − 2r)² = t² (.01 + .04 r²)."""
    practice, gap = part(0.5, 0.1, 9, 0), part(2.0, 0.2, 40, 1)
    found, more = correctable.share(parts(practice, gap), Picked(gap, 0.9), 24, data_rows=300)
    t2 = stats.t.ppf(0.95, 9) ** 2
    roots = np.sort(np.roots([4 - 0.04 * t2, -2.0, 0.25 - 0.01 * t2]))
    assert (found.value, found.low, found.high) == pytest.approx((0.25, *roots))
    assert (found.unit, found.n, more) == ("share", 24, 0.0)


def test_rows_that_would_bound_a_share() -> None:
    """A gap of 1 with an error of 1: its variance must shrink by t², so t² times the 300 rows are wanted,
    and 300 are there."""
    practice, gap = part(0.5, 0.1, 40, 0), part(1.0, 1.0, 9, 1)
    found, more = correctable.share(parts(practice, gap), Picked(gap, 0.9), 24, data_rows=300)
    assert more == pytest.approx(300 * (stats.t.ppf(0.95, 9) ** 2 - 1))
    assert (found.low, found.high) == (-math.inf, math.inf)


def rows(scale: str) -> Rows:
    """Two reps of a and two of b, with one and three rows of 10 and 30 each: b's reps book 10 and 30."""
    clusters = np.array([0, 1, 2, 3, 3, 3])
    amount = np.array([99.0, 99.0, 10.0, 20.0, 30.0, 40.0])
    outcome = np.log(amount) if scale == "log" else amount
    in_a, names = np.array([True, True, False, False]), np.array(list("PQRS"), dtype=object)
    empty = pd.DataFrame(index=range(6))
    return Rows(empty, outcome, amount, clusters, in_a, names, None, np.ones(6), scale, (), (), ())  # type: ignore[arg-type]


PRACTICE = part(0.2, 0.05, 9, 0)
KEPT = Usable((), ("win_rate",), (), ())


def year(scale: str, kept: Usable = KEPT) -> tuple[float, float, float, str]:
    of = parts(PRACTICE, part(1.0, 0.5, 9, 1))
    found = correctable.yearly(rows(scale), of, kept, 12.0, Picked(of.gap, 0.9), 4)
    assert (found.unit, found.n, found.confidence) == ("money/year", 4, 0.9)
    return found.value, found.low, found.high, found.method


def test_money_a_year_is_twelve_months_of_it() -> None:
    reach = 0.05 * stats.t.ppf(0.95, 9)
    by_hand = [12 * one for one in (0.2, 0.2 - reach, 0.2 + reach)]
    assert year("money")[:3] == pytest.approx(by_hand)


def test_on_logs_practice_multiplies_what_reps_of_b_book_now() -> None:
    """They book 10 and 30 a month, 20 on average, 240 a year: .2 in logs is e^.2 − 1 of that."""
    reach = 0.05 * stats.t.ppf(0.95, 9)
    by_hand = [240 * math.expm1(one) for one in (0.2, 0.2 - reach, 0.2 + reach)]
    assert year("log")[:3] == pytest.approx(by_hand)


def test_shares_and_gaps_without_practices_are_no_money() -> None:
    for found in (year("share"), year("money", Usable((), (), (), ()))):
        assert np.isnan(found[:3]).all() and found[3] == "no money"
