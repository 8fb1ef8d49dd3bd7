"""The pieces that deals begun ahead are made of: lines, shares, rests and spreads, each by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.analyses.forecast import begun


def test_a_year_of_a_leaf_that_opened_lately() -> None:
    """Of ten months. B opened in the last with 5: the first says nothing, 4 in a month are 4 · 12 = 48.
    C opened in the seventh, and 9 + 3 · 20 = 69 deals are 68 in 3.5 months, 68 · 12 / 3.5. D opened
    in the third, with the company, E in the fourth, late: 6 in 6.5 months."""
    created = np.zeros((5, 10))
    created[0] = 2
    created[1, -1] = 5
    created[2, -4:] = 9, 20, 20, 20
    created[3, 2:] = 1
    created[4, 3:] = 1
    assert begun.a_year(created) == pytest.approx([20, 48, 68 * 12 / 3.5, 8, 6 * 12 / 6.5])


def test_a_year_is_no_more_than_twelve_months() -> None:
    """Fourteen months of 3: 36, and so of a leaf that opened in the third of them."""
    created = np.full((2, 14), 3.0)
    created[1, :2] = 0
    assert begun.a_year(created) == pytest.approx([36, 36])


@pytest.mark.parametrize(
    ("months", "longest"),
    [([1, 0, 0, 0, 1, 0, 1], 3), ([0, 0, 1, 1, 0, 0, 0], 0), ([0, 0], 0), ([0, 1, 0, 1], 1)],
)
def test_rests_lie_between_two_months_with_deals(months: list[int], longest: int) -> None:
    assert begun._longest_rest(np.array(months) > 0) == longest


def test_who_has_closed_and_who_came_late() -> None:
    """4 a month, none for two: 8 are missed, and it is closed; of 3 a month 6 are, which is chance, and
    one month without 8 is one. Who rested for two months before may rest again. From the third month
    on is with the others, from the fourth is not."""
    counts = np.full((7, 12), 4.0)
    counts[0, -2:] = 0
    counts[1], counts[1, -2:] = 3, 0
    counts[2], counts[2, -1] = 8, 0
    counts[3, [4, 5, 10, 11]] = 0
    counts[4, :3] = 0
    counts[5, :2] = 0
    settled, closed = begun._settled(counts)
    assert closed.tolist() == [True] + 6 * [False]
    assert settled.tolist() == [False, True, True, True, False, True, True]


def test_parts_that_all_opened_late_or_closed_are_the_company() -> None:
    counts = np.zeros((3, 12))
    counts[0, :6], counts[1, 6:] = 10, 10
    settled, closed = begun._settled(counts)
    assert settled.tolist() == [True, True, False]
    assert not closed.any()


def test_spread_by_hand() -> None:
    """The last twelve months hold 4 each: of a variance of .36 a quarter is chance of counts and .11
    wanders, a tenth of it a month; growth is doubted by .06 a year, and .3 of a slope of .02."""
    line = begun._Line(0.0, 0.02, 0.6, 0.1)
    counts = np.r_[np.full(18, 100.0), np.full(12, 4.0)]
    by_hand = [
        0.1**2 + 0.011 * max(ahead, 1) + (0.06 * ahead / 12) ** 2 + (0.006 * ahead) ** 2
        for ahead in (0, 1, 6)
    ]
    assert begun._spread(line, counts, np.array([0, 1, 6])) ** 2 == pytest.approx(by_hand)
    # Fewer than one a month: no more is known of the chance than of one's.
    few = begun._spread(line, np.full(24, 0.1), np.array([0, 12])) ** 2
    assert few == pytest.approx([0.01, 0.01 + 0.06**2 + 0.072**2])


def test_shares_by_hand() -> None:
    """Three quarters of 8 a month, and of 4 in the last twelve: 48 deals against 5 of a prior that says
    a half, (48 · .75 + 5 · .5) / 53."""
    total = np.r_[np.full(18, 8.0), np.full(12, 4.0)]
    counts = np.array([[0.75], [0.25]]) * total
    share = begun._shares(counts, np.full(2, 0.3), np.arange(30), np.arange(30, 33))
    first = (48 * 0.75 + 5 * 0.5) / 53
    assert share == pytest.approx(np.array([[first] * 3, [1 - first] * 3]))


@pytest.mark.parametrize(("months", "first"), [(5, 0.5), (6, (6 + 2.5) / 11)])
def test_shares_of_few_months_are_those_of_lately(months: int, first: float) -> None:
    """One deal a month, all of them the first part's: five months are chance, six count."""
    counts = np.zeros((2, 12))
    counts[0, -months:] = 1
    share = begun._shares(counts, np.ones(2), np.arange(12), np.array([12]))
    assert share[:, 0] == pytest.approx([first, 1 - first])


def test_one_part_alone_has_all() -> None:
    share = begun._shares(np.full((1, 12), 4.0), np.ones(1), np.arange(12), np.array([12, 13]))
    assert (share == 1).all()


def test_a_part_that_opened_late_goes_on_at_its_mean_until_half_a_year() -> None:
    """After its first month, which was part of one: five months are a mean, six a line."""
    known, ahead = np.arange(12), np.array([12, 13])
    grew = np.r_[1.0, 16.0, 20.0, 25.0, 31.0, 39.0, 49.0]
    five, six = np.zeros(12), np.zeros(12)
    five[-6:], six[-7:] = grew[:6], grew
    assert begun._alone(five, known, ahead) == pytest.approx(
        np.full(2, (16 + 20 + 25 + 31 + 39) / 5)
    )
    line = begun._line(known[-6:], six[-6:])
    assert begun._alone(six, known, ahead) == pytest.approx(line.at(np.array([1, 2])))
    assert begun._alone(six, known, ahead)[0] > 49
    assert (begun._alone(np.zeros(12), known, ahead) == 0).all()
    # A first month that is the last is all there is.
    assert begun._alone(np.r_[np.zeros(11), 7.0], known, ahead) == pytest.approx([7, 7])


def test_a_part_that_only_ever_began_a_deal_in_its_first_month_begins_none() -> None:
    """Seven months without another: no line goes through the logarithm of nothing, and no warning of it
    reaches who asked."""
    counts = np.array([0.0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    with np.errstate(divide="raise", invalid="raise"):
        made = begun._alone(counts, np.arange(11), 11 + np.arange(3))
    assert made.tolist() == [0, 0, 0]


def test_a_line_is_that_of_weighted_least_squares_drawn_towards_none() -> None:
    """The twin: numpy's fit, with weights that halve after nine months; its slope is kept by its own
    square over that and its variance, and the level is such that the months add up."""
    month = np.arange(100, 120)
    counts = np.random.default_rng(3).poisson(20 * 1.03 ** np.arange(20)).astype(float)
    x, y = month - 119.0, np.log(counts + 0.5)
    w = 2.0 ** (x / 9)
    slope, level = np.polyfit(x, y, 1, w=np.sqrt(w))
    noise2 = (w * (y - level - slope * x) ** 2).sum() / w.sum() * 20 / 18
    mean = (w * x).sum() / w.sum()
    variance = noise2 * (w**2 * (x - mean) ** 2).sum() / (w * (x - mean) ** 2).sum() ** 2
    kept = slope**2 / (slope**2 + variance)
    line = begun._line(month, counts)
    assert 0.1 < kept < 0.999
    assert line.slope == pytest.approx(slope * kept)
    assert line.noise == pytest.approx(np.sqrt(noise2))
    error = noise2 * (w**2).sum() / w.sum() ** 2 + kept * variance * mean**2
    assert line.error == pytest.approx(np.sqrt(error))
    assert (w * line.at(x.astype(int))).sum() == pytest.approx((w * counts).sum())


def test_ahead_of_the_last_month_growth_fades() -> None:
    """A slope of .1: .095 in the first month ahead, .095 + .09025 in two; behind, the whole of it."""
    line = begun._Line(np.log(10.0), 0.1, 0.0, 0.0)
    found = line.at(np.array([-2, 0, 1, 2]))
    assert found == pytest.approx(10 * np.exp([-0.2, 0.0, 0.095, 0.18525]))
