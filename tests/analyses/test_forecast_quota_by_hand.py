"""Quotas of reps and parts, chances and coverage, on numbers small enough to be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings, quota
from salesops_lib.analyses.forecast.periods import Span, coming_quarter
from salesops_lib.analyses.forecast.what_if import Scaled
from tests.analyses.forecast_company import AS_OF, opened, planted, reps, with_quotas

WORLD = planted(8, months=30)


@pytest.fixture(scope="module")
def made() -> BookingsForecast:
    tables = opened(with_quotas(WORLD, 50_000.0))
    return forecast_bookings(tables, as_of=AS_OF, horizon=3, draws=300)


@pytest.fixture
def quarter(made: BookingsForecast) -> Span:
    assert made.ahead is not None
    return coming_quarter(made.ahead.views.history, made.horizon)


def won(*rows: tuple[str, float, str]) -> pd.DataFrame:
    deals = pd.DataFrame(rows, columns=["rep_id", "amount", "close_date"])
    return deals.assign(deal_id=[f"D{k}" for k in range(len(rows))], status="won")


def quotas(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["rep_id", "month", "quota"])


def test_share_of_reps_with_a_quota() -> None:
    """Of the year to September R0 brought 60 and R1 40. R1's quotas are of last year, or 0, and what
    he brought on the last day of the year before does not count."""
    deals = won(
        ("R0", 50.0, "2026-09-30"), ("R0", 10.0, "2025-10-01"), ("R1", 40.0, "2026-01-15"),
        ("R1", 999.0, "2025-09-30"),
    )  # fmt: skip
    deals = pd.concat([deals, deals.head(1).assign(deal_id="L", status="lost", amount=500.0)])
    data = opened({"reps": reps(), "deals": deals})
    asked = quotas(("R0", "2026-10-01", 5.0), ("R1", "2025-09-01", 5.0), ("R1", "2026-03-01", 0.0))
    assert quota._of_reps(data, asked, AS_OF) == pytest.approx(0.6)
    both = pd.concat([asked, quotas(("R1", "2025-10-01", 1.0))])
    assert quota._of_reps(data, both, AS_OF) == 1.0
    # By the end of 2025 only the 10 of October and the 999 of September were won.
    assert quota._of_reps(data, asked[:1], pd.Timestamp("2025-12-31")) == pytest.approx(10 / 1009)
    assert quota._of_reps(data, asked, pd.Timestamp("2024-12-31")) == 1.0


def test_share_of_parts_with_a_quota(made: BookingsForecast) -> None:
    """The teams of one region: what they brought in twelve months over what all did."""
    coming = made.quota[made.quota["period"] == made.quarter]
    assert quota._covered(made, coming) == pytest.approx(1.0)
    north = coming[coming["unique_id"].str.startswith("company/North")]
    months = made.history[made.history["ds"] > "2025-09-30"].groupby("unique_id")["y"].sum()
    share = months["company/North"] / months["company"]
    assert 0.2 < share < 0.8
    assert quota._covered(made, north) == pytest.approx(share)
    # Quotas of regions say nothing of which teams have one.
    assert quota._covered(made, north[north["level"] == "region"]) == 1.0


def test_quotas_of_nodes_are_sums(made: BookingsForecast) -> None:
    """One quota for every rep and month: a node's is as many times three of them as it has reps."""
    count = WORLD.tables["reps"].groupby("region").size()
    coming = made.quota[made.quota["period"] == made.quarter]
    found = coming.set_index("unique_id")["quota"]
    assert len(found) == len(made.nodes)
    assert found["company"] == 150_000.0 * count.sum()
    for region, many in count.items():
        assert found[f"company/{region}"] == 150_000.0 * many
        below = found[found.index.str.startswith(f"company/{region}/")]
        assert len(below) and below.sum() == found[f"company/{region}"]


def test_quotas_of_one_rep_and_of_nobody(made: BookingsForecast) -> None:
    """The company's is the sum of both, a region's that of its own, and where no rep of a region has
    one there is none to reach. A quota that is blank is none."""
    assert made.ahead is not None
    views = made.ahead.views
    months = quotas(
        ("R0", "2026-10-01", 5.0), ("R9", "2026-10-01", 7.0), ("R0", "2026-11-01", np.nan)
    )
    data = opened({**WORLD.tables, "quotas": months})
    table, below = quota.quotas_by_node(data, views)
    month = 2026 * 12 + 9
    assert below and table.columns.tolist() == [month]
    assert table.loc["company", month] == 12.0
    home = WORLD.tables["reps"].set_index("rep_id").loc["R0", "region"]
    assert table.loc[f"company/{home}", month] == 5.0
    other = [name for name in table.index if name.count("/") == 1 and home not in name]
    assert table.loc[other, month].isna().all()
    assert quota.quotas_by_node(opened(WORLD.tables), views)[0].empty


def test_chances_are_shares_of_draws() -> None:
    """2 and 3 of 1, 2, 3, 4 reach 2 or more: three quarters; where a draw is missing, nothing is said."""
    sample = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 1.0], [4.0, 1.0]])
    found = quota._chance(sample, np.array([2.0, 0.5]))
    np.testing.assert_array_equal(found, [0.75, np.nan])


def test_coverage_by_hand(made: BookingsForecast, quarter: Span) -> None:
    """Open pipeline over what is left of the quota. A quota that is reached leaves nothing to cover, and
    a part without pipeline has none that could be more; none is needed for next to nothing, and none is
    enough for a thousand times what is expected."""
    ahead = made.ahead
    assert ahead is not None
    mean = ahead.mean(quarter.window)
    left, amount = 1.2 * mean, np.full(len(mean), 3.0)
    left[1:5] = -1.0, 1.2 * mean[2], 1e-6 * mean[3], 1000 * mean[4]
    amount[2] = 0.0
    now, needed = quota._coverage(ahead, quarter, left, amount)
    assert now[[0, 2]] == pytest.approx([3.0 / left[0], 0.0])
    assert np.isnan(now[1]) and np.isnan(needed[[1, 2]]).all()
    assert needed[3] == 0.0 and needed[4] == np.inf
    factor = quota.needed_factor(ahead, quarter, left)
    assert 1 < factor[0] < 50
    assert needed[0] == pytest.approx(factor[0] * now[0])
    scaled = Scaled.of(ahead, quarter.window, ahead.sample(quarter.window))
    over = (scaled.mean(factor) - left)[0] / scaled.spread(factor)[0]
    assert ndtr(over) == pytest.approx(quota.WANTED)


def test_a_middle_that_is_too_low_needs_less_pipeline(
    made: BookingsForecast, quarter: Span
) -> None:
    """An error of the middle upwards needs less pipeline for the same chance, one downwards more."""
    assert made.ahead is not None
    left = 1.2 * made.ahead.mean(quarter.window)
    up, none, down = (
        quota.needed_factor(made.ahead, quarter, left, shift=shift)[0] for shift in (1.0, 0.0, -1.0)
    )
    assert up < none < down
