"""The ratio of two channels and the tests of their gap, of other people and of the same, by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib import channel_gap
from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.statistics.fieller import fieller
from tests.analyses.gap_frames import many

A = np.array([12.0, 15.0, 6.0, 14.0, 11.0, 17.0, 13.0, 10.0])
B = np.array([9.0, 13.0, 8.0, 10.0, 9.5, 12.0, 11.0, 7.0])


def frame(a: np.ndarray, b: np.ndarray, *, same: bool) -> pd.DataFrame:
    """One row a rep; `same` people in both channels, or others."""
    who = [f"r{k}" for k in range(len(a))]
    others = who[: len(b)] if same else [f"s{k}" for k in range(len(b))]
    return pd.DataFrame({
        "rep_id": [*who, *others], "channel": ["a"] * len(a) + ["b"] * len(b),
        "bookings": [*a, *b],
    })  # fmt: skip


def test_a_ratio_of_other_people_by_fieller() -> None:
    """Variances of means, n − 1, and Welch's degrees of freedom."""
    b = B[:5]
    found = channel_gap(frame(A, b, same=False), outcome="bookings", a="a", b="b", permutations=0)
    va, vb = A.var(ddof=1) / 8, b.var(ddof=1) / 5
    df = (va + vb) ** 2 / (va**2 / 7 + vb**2 / 4)
    expected = fieller(A.mean(), b.mean(), va, vb, 0.0, float(stats.t.ppf(0.95, df)))
    ratio = found.ratio
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_a_ratio_and_tests_of_the_same_people() -> None:
    """Who sells much in one channel does in the other: the covariance makes the ratio surer. p is that of
    the paired t, and the share of all 256 changes of sign that lie as far from nothing."""
    found = channel_gap(frame(A, B, same=True), outcome="bookings", a="a", b="b", permutations=9999)
    cover = np.cov(A, B) / 8
    t = float(stats.t.ppf(0.95, 7))
    expected = fieller(A.mean(), B.mean(), cover[0, 0], cover[1, 1], cover[0, 1], t)
    ratio = found.ratio
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert found.welch_p == pytest.approx(stats.ttest_rel(A, B).pvalue)
    apart = A - B
    every = np.array([np.dot(signs, apart) for signs in itertools.product((1, -1), repeat=8)])
    share = np.mean(np.abs(every) >= abs(apart.sum()) - 1e-9)
    assert found.permutation_p == pytest.approx(share, abs=0.005)


def test_the_same_people_but_one_have_no_changes_of_sign() -> None:
    """With a rep in one channel only there are no pairs of all: p is that of t."""
    found = channel_gap(
        frame(A, B[:7], same=True), outcome="bookings", a="a", b="b", permutations=999
    )
    assert found.permutation_p == found.welch_p < 0.2


def test_channels_without_any_spread() -> None:
    for b, p in ((np.full(3, 5.0), 1.0), (np.full(3, 4.0), 0.0)):
        found = channel_gap(
            frame(np.full(3, 5.0), b, same=False), outcome="bookings", a="a", b="b", permutations=9
        )
        assert (found.welch_p, found.permutation_p) == (p, p)
        assert found.ratio.low == found.ratio.high == 5.0 / b[0]


def test_pairs_by_holm_have_limits_for_all_at_once() -> None:
    """Ten pairs at 90%: each at 99%."""
    data = many(spread=4.0)
    pairs = gaps.compare_channels(data, outcome="bookings", method="holm").pairs
    means = data.groupby(["channel", "rep_id"])["bookings"].mean()
    row = pairs.iloc[0]
    test = stats.ttest_ind(means[row["a"]], means[row["b"]], equal_var=False)
    assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval(0.99)))


def test_no_ratio_is_below_nothing_where_nothing_sold_is() -> None:
    """One of four sells twenty times what the others do: by Fieller the ratio may be −0.5. Where somebody
    gave back more than was sold, it may."""
    a, b = np.array([1.0, 1.2, 0.8, 20.0]), np.array([1.0, 1.1, 0.9, 1.05])
    found = channel_gap(frame(a, b, same=False), outcome="bookings", a="a", b="b", permutations=0)
    assert found.ratio.low == 0.0 < found.ratio.value < found.ratio.high
    a[0] = -0.5
    found = channel_gap(frame(a, b, same=False), outcome="bookings", a="a", b="b", permutations=0)
    assert found.ratio.low < -1.0
