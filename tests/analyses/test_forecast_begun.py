"""Deals begun in the months ahead: parts that grow, open, close or rest, each by itself and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import creation
from salesops_lib.analyses.forecast.begun import begun_ahead
from salesops_lib.analyses.forecast.history import History, read_history
from salesops_lib.dataset import Dataset

AS_OF = pd.Timestamp("2026-09-30")
MONTHS = 30
FULL = np.full(MONTHS, 20)


def company(by_region: dict[str, np.ndarray], level: str = "region") -> History:
    """A company that began so many a month (region, month), or team of one region; of each four one
    is won, the others lost, within the month."""
    first = pd.date_range(end=AS_OF, periods=MONTHS, freq="MS")
    rows = [
        (f"{region}{at:%y%m}{k}", region, "won" if k % 4 == 0 else "lost", at, at)
        for region, counts in by_region.items()
        for month, count in zip(first, counts, strict=True)
        for k in range(int(count))
        for at in [month + pd.Timedelta(days=k % 28)]
    ]
    names = ["deal_id", "rep_id", "status", "created_date", "close_date"]
    deals = pd.DataFrame(rows, columns=names).assign(amount=100.0)
    reps = pd.DataFrame({"rep_id": list(by_region), "region": "All", "team": list(by_region)})
    if level == "region":
        reps["region"] = list(by_region)
    return read_history(
        Dataset.from_frames({"reps": reps, "deals": deals}), as_of=AS_OF, by=["region", "team"]
    )


def ahead(
    by_region: dict[str, np.ndarray], leads: int = 6, level: str = "region"
) -> dict[str, np.ndarray]:
    """Deals expected to begin in each month ahead, by region or team."""
    history = company(by_region, level)
    groups = creation.cohorts(history)
    last = int(history.months[-1])
    found = begun_ahead(history, groups.created, groups.first, last, last + np.arange(leads + 1))
    return dict(zip(history.leaves["team"], found.leaves[:, 1:], strict=True))


def alone() -> np.ndarray:
    """Of a region that begins 20 a month and is all there is: 20, some more in months of more days."""
    found = ahead({"North": FULL})["North"]
    assert found.mean() == pytest.approx(20, rel=0.005)
    assert np.ptp(found) < 1.5
    return found


def since(month: int, many: int = 20) -> np.ndarray:
    return np.where(np.arange(MONTHS) >= MONTHS - month, many, 0)


@pytest.mark.parametrize("months", [3, 8])
def test_a_region_that_opened_is_no_growth_of_the_other(months: int) -> None:
    """By its share of last year's deals it would have a fifth, or half, of what it begins, and North
    the rest."""
    opened = since(months)
    opened[-months] = 4  # a few days of its first month
    found = ahead({"North": FULL, "South": opened})
    assert found["North"] == pytest.approx(alone(), rel=0.01)
    assert found["South"] == pytest.approx(alone(), rel=0.02)


def test_a_region_that_opened_has_the_companys_season() -> None:
    """Every third month brings four times as many, in South too, which opened eight months ago; its line
    through months of such a season would rise or fall by where it happens to begin."""
    season = np.where(np.arange(MONTHS) % 3 == 2, 40, 10)
    found = ahead({"North": season, "South": np.minimum(season, since(8, 40))})
    assert found["South"] == pytest.approx(found["North"], rel=0.08)
    assert found["North"][2] > 3 * found["North"][1]


def test_a_team_that_opened_within_the_year_has_its_own_share_of_the_region() -> None:
    """20 of 40 since four months: by deals of twelve months it would have a quarter of them."""
    opened = since(4)
    opened[-4] = 10  # half of its first month
    found = ahead({"North": FULL, "South": opened}, level="team")
    assert found["South"] / sum(found.values()) == pytest.approx(np.full(6, 0.5), abs=0.02)


def test_a_first_deal_alone_says_nothing_of_how_many_more() -> None:
    found = ahead(
        {"North": FULL, "South": np.where(np.arange(MONTHS) == MONTHS - 1, 1, 0)}, level="team"
    )
    assert found["South"].max() < 0.02 * found["North"].min()


def test_a_region_that_closed_begins_nothing_and_the_other_goes_on() -> None:
    found = ahead({"North": FULL, "South": FULL - since(3)})
    assert found["North"] == pytest.approx(alone(), rel=0.01)
    assert (found["South"] == 0).all()


def test_a_region_that_rests_for_months_has_not_closed() -> None:
    """South begins deals in two of every four months, none in the last two."""
    rests = np.where(np.arange(MONTHS) % 4 < 2, 0, 20)
    assert (rests[-4:] == [20, 20, 0, 0]).all()
    found = ahead({"North": FULL, "South": rests})
    assert found["South"].mean() > 5
    assert sum(found.values()).mean() == pytest.approx(30, rel=0.1)


def test_two_months_without_one_of_a_few_deals_are_chance() -> None:
    few = np.full(MONTHS, 2) - since(2, 2)
    assert ahead({"North": FULL, "South": few})["South"].mean() > 1


def test_each_region_goes_on_as_it_grew() -> None:
    """North began 3% more each month, South 2% less; growth ahead fades by a twentieth a month. By
    their shares of last year North would begin three quarters of what South does."""
    at = np.arange(MONTHS) - MONTHS + 1
    north, south = (np.round(200 * np.exp(rate * at)) for rate in (0.03, -0.02))
    found = ahead({"North": north, "South": south})
    reach = np.cumsum(0.95 ** np.arange(1, 7))
    assert found["North"] / found["South"] == pytest.approx(np.exp(0.05 * reach), rel=0.03)


def test_halves_begin_what_the_whole_does() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(40, MONTHS)
    half = counts // 2
    whole = ahead({"All": counts})["All"]
    assert sum(ahead({"North": half, "South": counts - half}).values()) == pytest.approx(whole)


def test_two_months_on_record_go_on_at_their_mean() -> None:
    """20 and 30 in North, 10 and 10 in South: 25 and 10 a month, growth of a half being no trend yet."""
    two = np.arange(MONTHS) - MONTHS + 2
    found = ahead({"North": np.where(two < 0, 0, 20 + 10 * two), "South": np.where(two < 0, 0, 10)})
    assert found["North"] == pytest.approx(np.full(6, 25.0))
    assert found["South"] == pytest.approx(np.full(6, 10.0))


def test_before_any_deal_began_none_is_expected() -> None:
    """At a past day three months before the first deal there is no month to take a mean of."""
    history = company({"North": since(6)})
    groups = creation.cohorts(history)
    last = groups.first - 3
    found = begun_ahead(history, groups.created, groups.first, last, last + np.arange(4))
    assert (found.leaves == 0).all()
    assert (found.spread == 1).all()
