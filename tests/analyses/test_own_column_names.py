"""Columns of a statistician's own frame may be called as ours are, or as no column of ours is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from tests.analyses.own_frames import ASKED, gap, months, said


def lines() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame({
        "channel": np.repeat(["EU", "US"], 60), "product": rng.choice(["P", "Q"], 120),
        "amount": rng.lognormal(8, 0.5, 120), "quantity": rng.integers(1, 9, 120).astype(float),
    })  # fmt: skip


def mix(frame: pd.DataFrame, **names: object) -> pd.DataFrame:
    asked = {"channel": "channel", "product": "product", "amount": "amount", "quantity": "quantity"}
    return so.price_volume_mix(frame, a="EU", b="US", **{**asked, **names})  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["deals_closed", "deals_created"])
@pytest.mark.parametrize("name", ASKED)
def test_a_column_of_words_that_is_called_as_a_count_of_ours(name: str, column: str) -> None:
    frame = months()
    named = frame.assign(**{column: [f"D{i:03d}" for i in range(len(frame))]})
    assert said(ASKED[name](named)) == said(ASKED[name](frame))


def test_a_count_behind_a_rate_that_is_none_is_named_with_the_way_out() -> None:
    frame = months().assign(win_rate=lambda one: one["market_size"] / 1000)
    named = frame.assign(deals_closed="many")
    with pytest.raises(so.DataError, match=r"deals_closed.*no count.*rows 0, 1.*counts=\{\}"):
        so.channel_gap(named, outcome="bookings", a="EU", b="US", practice=["win_rate"])
    asked = {
        "outcome": "bookings",
        "a": "EU",
        "b": "US",
        "practice": ["win_rate"],
        "permutations": 9,
    }
    assert said(so.channel_gap(named, **asked, counts={})) == said(so.channel_gap(frame, **asked))


def test_reps_in_a_column_called_value_have_their_quotas_read() -> None:
    """The years of a quota stand under `value` and `quota` while they are compared."""
    frame = months()
    asked = {"quota": "quota", "samples": 0, "draws": 200}
    whole = so.performance_curve(frame, **asked)
    with pytest.raises(so.DataError, match=r"column 'value'.*column of the result.*Rename it"):
        so.performance_curve(frame.rename(columns={"rep_id": "value"}), rep="value", **asked)
    sold = so.performance_curve(
        frame.rename(columns={"bookings": "year", "quota": "value"}), value="year",
        **{**asked, "quota": "value"},
    )  # fmt: skip
    pd.testing.assert_frame_equal(sold.quota, whole.quota)


@pytest.mark.parametrize("taken", ["observed", "rank", "tier", "first"])
def test_reps_are_not_written_over_by_a_number_of_the_same_name(taken: str) -> None:
    frame = months().rename(columns={"rep_id": taken})
    with pytest.raises(so.DataError, match=f"column '{taken}'.*Rename it, for example to 'rep'"):
        so.performance_curve(frame, rep=taken, samples=0, draws=200)


def test_reps_of_a_gap_are_not_written_over_by_their_means() -> None:
    frame = months().rename(columns={"rep_id": "value"})
    with pytest.raises(so.DataError, match=r"column 'value'.*Rename it"):
        so.channel_gap(frame, outcome="bookings", a="EU", b="US", cluster="value", permutations=9)


@pytest.mark.parametrize("taken", ["sold", "returned", "returns", "back", "price", "index"])
@pytest.mark.parametrize("role", ["channel", "product", "quantity", "amount"])
def test_price_volume_mix_under_any_names(role: str, taken: str) -> None:
    frame = lines()
    table = mix(frame.rename(columns={role: taken}), **{role: taken})
    expected = mix(frame).rename(columns={role: taken})
    pd.testing.assert_frame_equal(table, expected)


def test_a_product_column_that_the_table_needs_is_named() -> None:
    with pytest.raises(so.DataError, match=r"column 'effect'.*Rename it"):
        mix(lines().rename(columns={"product": "effect"}), product="effect")


def test_price_volume_mix_of_numbers_written_as_words() -> None:
    frame = lines()
    words = frame.assign(amount=frame["amount"].map(repr), quantity=frame["quantity"].map(repr))
    pd.testing.assert_frame_equal(mix(words), mix(frame))


def test_columns_named_by_numbers() -> None:
    frame = months()
    numbered = frame.set_axis(range(frame.shape[1]), axis=1)
    at = {name: i for i, name in enumerate(frame.columns)}
    curve = so.performance_curve(
        numbered, rep=at["rep_id"], period=at["month"], value=at["bookings"], quota=at["quota"],
        covariates=at["market_size"], samples=0, draws=200,
    )  # fmt: skip
    own = so.performance_curve(frame, quota="quota", covariates="market_size", samples=0, draws=200)
    assert [one.estimate for one in curve.findings] == [one.estimate for one in own.findings]
    between = so.channel_gap(
        numbered, outcome=at["bookings"], channel=at["channel"], a="EU", b="US",
        market=at["market_size"], cluster=at["rep_id"], period=at["month"], permutations=19,
    )  # fmt: skip
    assert [one.estimate for one in between.findings] == [
        one.estimate for one in gap(frame).findings
    ]
    ramp = so.ramp_time(
        numbered, rep=at["rep_id"], tenure=at["tenure_months"], value=at["bookings"],
        period=at["month"], channel=at["channel"], exposure=at["month_share"],
    )  # fmt: skip
    assert ramp.median_months == so.ramp_time(frame, value="bookings").median_months
    sold = lines()
    turned = sold[["quantity", "channel", "product", "amount"]].set_axis(range(4), axis=1)
    table = mix(turned, quantity=0, channel=1, product=2, amount=3)
    assert table["shapley"].tolist() == mix(sold)["shapley"].tolist()
