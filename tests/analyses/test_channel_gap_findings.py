"""What the channel gap prints holds what is planted: a few of the companies that `make calibrate` asks,
and what is said of the largest of several."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.calibration import channel_gap_findings as calibration
from salesops_lib import channel_gap
from salesops_lib.analyses import channel_gap as gaps
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months

SETTINGS = {
    "12+12": 40, "12+12, four practices that bring nothing": 30, "funnel, 12 a channel": 40,
    "funnel, 12 a channel, no difference": 40, "5 channels, none differs": 20,
}  # fmt: skip


def tolerance(replicates: int) -> float:
    return 0.02 + 3 * float(np.sqrt(0.9 * 0.1 / replicates))


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "replicates"), SETTINGS.items())
def test_findings_hold_what_is_planted(setting: str, replicates: int) -> None:
    rows = calibration.block(setting, 99, replicates, seed=3)
    table = calibration.summary(setting, rows, 3).set_index("quantity")
    table = table[table["asked"].astype(bool)]
    said = table.index.str.startswith("says")
    off = 0.90 - table.loc[~said, "coverage"]
    assert len(off) and (off <= tolerance(replicates)).all(), off.to_dict()
    wrong = table.loc[said, "coverage"]
    assert len(wrong) and (wrong <= 0.1 + tolerance(replicates)).all(), wrong.to_dict()


def compared() -> gaps.ChannelGap:
    return channel_gap(
        rep_months(reps=24), outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
        permutations=9,
    )  # fmt: skip


def test_every_finding_has_a_row_or_follows_one() -> None:
    rows = calibration.block("12+12", 99, 1, seed=4)
    known = {*rows["quantity"], *calibration.FOLLOWS}
    gap = compared()
    found = {one.name for one in (*gap.findings, *gaps.closing_gap(gap).findings)}
    # With a row in the table of the analysis itself.
    assert found <= known | {"correctable_money_year"}


def test_what_follows_is_an_exact_transform() -> None:
    gap = compared()
    closing = gaps.closing_gap(gap, gap_closed=0.5, gross_margin=0.6)
    for name in ("value", "low", "high"):
        year = getattr(gap.correctable_year, name)
        assert getattr(closing.limit_year, name) == pytest.approx(0.3 * year)


def test_the_first_practice_is_judged_with_all_others() -> None:
    """With two practices at 90% each limit is that of 95%: t at 97.5% instead of 95%."""
    gap = compared()
    closing = gaps.closing_gap(gap)
    top = closing.practices.iloc[0]
    row = gap.decomposition.set_index("component").loc[top["component"]]
    wider = stats.t.ppf(0.975, row["df"]) / stats.t.ppf(0.95, row["df"])
    assert closing.first.value == pytest.approx(top["value"])
    assert closing.first.low == pytest.approx(top["value"] - wider * (top["value"] - top["low"]))


def shown(values: list[float], error: float) -> str:
    """The sentence about practices of these worths, of one a year each and large samples."""
    gap = compared()
    rows = gap.decomposition[gap.decomposition["group"] == "practice"].iloc[[0] * len(values)]
    rows = rows.assign(
        component=[f"p{at}" for at in range(len(values))], label=[f"p{at}" for at in range(len(values))],
        value=values, std_error=error, df=1e9,
    )  # fmt: skip
    rows = rows.assign(low=rows["value"] - 1.645 * error, high=rows["value"] + 1.645 * error)
    made = replace(gap, decomposition=rows, rows_per_year=1.0)
    return gaps.closing_gap(made).finding("first_practice").sentence


def test_what_is_said_of_the_first_practice() -> None:
    """Two practices, each known to ±1.96 at 95%: 10 and 5 are apart, 10 and 7 are not, 1.8 may be none."""
    assert shown([10.0, 5.0], 1.0).startswith("P0 carries more of it than any other practice: $10")
    assert "cannot tell that it is more than another" in shown([10.0, 7.0], 1.0)
    assert "may carry most of it, but we cannot tell" in shown([1.8, 0.0], 1.0)
    assert "behind EU in no measured practice" in shown([-1.0, -2.0], 1.0)


def funnel(a: tuple[float, ...], b: tuple[float, ...], noise: float) -> gaps.Funnel:
    """Ten reps a channel around these means of open, closed, won deals and bookings."""
    rng = np.random.default_rng(0)
    rows = []
    for name, means in (("a", a), ("b", b)):
        for rep in range(10):
            own = np.array(means) * np.exp(noise * rng.standard_normal(4))
            rows.append((f"{name}{rep}", name, *own))
    columns = ["rep_id", "channel", "open_deals", "deals_closed", "deals_won", "bookings"]
    return gaps.funnel_gap(pd.DataFrame(rows, columns=columns), a="a", b="b")


def test_what_is_said_of_the_largest_step() -> None:
    one = funnel((20, 10, 5, 5_000), (10, 5, 2.5, 2_500), 0.02)
    assert one.apart and "the step “open deals” (" in one.findings[0].sentence
    assert " adds most: " in one.findings[0].sentence
    # Twice as many deals, won twice as often: which adds more is not known.
    two = funnel((20, 10, 10, 10_000), (10, 5, 2.5, 2_500), 0.02)
    assert (
        not two.apart
        and "cannot tell that it is more than another step" in two.findings[0].sentence
    )
    # The first lies above what the other is taken for, but the other may be more than that.
    near = funnel((23, 11.5, 11.5, 11_500), (10, 5, 2.5, 2_500), 0.05)
    assert near.largest.low > near.steps["value"].iloc[2] and not near.apart
    none = funnel((10, 5, 2.5, 2_500), (10, 5, 2.5, 2_500), 0.2)
    assert "cannot tell that any single step" in none.findings[0].sentence
