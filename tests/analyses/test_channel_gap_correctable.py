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
from salesops_lib.statistics.bilinear import Part, Quantity, product
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.picked import Picked


def part(value: float, error: float, df: float, at: int) -> Part:
    """An estimate whose error is that of one of two clusters, so that two such go their own ways."""
    return Part(value, error * np.eye(2)[at], pieces=((error**2, df),))


def parts(practice: Part, gap: Part) -> Sequential:
    none = part(0.0, 0.0, 9, 0)
    return Sequential(gap, {}, {}, none, practice, practice, none, np.zeros(0))


def test_a_share_whose_interval_is_bounded_needs_no_more_rows() -> None:
    """.5 of 2, with errors of .1 and .2: at both ends (.5 − 2r)² = t² (.01 + .04 r²), where t is that of
    the two variances' degrees together, 9 of the first and 40 of the second."""
    practice, gap = part(0.5, 0.1, 9, 0), part(2.0, 0.2, 40, 1)
    found, more = correctable.share(parts(practice, gap), Picked(gap, 0.9), 24, data_rows=300)
    assert (found.unit, found.n, more) == ("share", 24, 0.0)
    assert found.low < found.value == 0.25 < found.high
    for end in (found.low, found.high):
        one, other = 0.01, 0.04 * end**2
        df = (one + other) ** 2 / (one**2 / 9 + 2 * one * other / 40 + other**2 / 40)
        t = stats.t.ppf(0.95, df)
        assert abs(0.5 - 2 * end) == pytest.approx(t * math.sqrt(one + other), rel=1e-9)


def errors(seed: int, rows: int, size: float) -> np.ndarray:
    """(24, rows) shares of 24 clusters in errors of about `size`."""
    return np.random.default_rng(seed).standard_normal((24, rows)) * size / math.sqrt(24)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("among", [1, 5])
def test_a_share_may_be_nothing_where_the_practice_part_may(seed: int, among: int) -> None:
    """Both factors of the practice part are weak: its limits are no standard errors either way. The
    share of a gap that is told from nothing has their sign."""
    left, right = np.random.default_rng(seed).uniform(0.1, 0.5, 2)
    factors = [
        Quantity(np.array([one]), errors(seed + k, 1, 0.2), lambda _: 18.0)
        for k, one in enumerate((left, right))
    ]
    practice = product(*factors)
    gap = Quantity(np.ones(1), errors(seed + 9, 1, 0.2), lambda _: 22.0).part(np.ones(1))
    picked = Picked(gap, 0.9, among)
    found, _ = correctable.share(parts(practice, gap), picked, 24, data_rows=300)
    low, high = picked.interval(practice)
    assert np.sign([found.low, found.high]).tolist() == np.sign([low, high]).tolist()
    # Were the gap known, the share would be the practice part in another unit.
    known = gap.scaled(1e-9).at(2.0)
    found, _ = correctable.share(parts(practice, known), Picked(gap, 0.9), 24, data_rows=300)
    low, high = practice.interval(0.9)
    assert (found.low, found.high) == pytest.approx((low / 2, high / 2), rel=1e-6)


def test_the_share_of_a_negative_gap() -> None:
    """Where b sells more than a, and would more still with a's practices, the share is that of the other
    way round."""
    practice, gap = part(0.5, 0.1, 9, 0), part(2.0, 0.2, 40, 1)
    one, _ = correctable.share(parts(practice, gap), Picked(gap, 0.9), 24, data_rows=300)
    turned = parts(practice.scaled(-1.0), gap.scaled(-1.0))
    other, _ = correctable.share(turned, Picked(turned.gap, 0.9), 24, data_rows=300)
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))
    half = parts(practice.scaled(-1.0), gap)
    other, _ = correctable.share(half, Picked(gap, 0.9), 24, data_rows=300)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))


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
