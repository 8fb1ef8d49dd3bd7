"""Poor data: notices where part of the answer stands, errors that name column and remedy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData, ParameterError, channel_gap, decompose_gap
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months


def gap(data: pd.DataFrame, **options):
    chosen = {
        "outcome": "bookings", "a": "EU", "b": "US", "market": MARKET, "practice": PRACTICE,
        "permutations": 99, **options,
    }  # fmt: skip
    return channel_gap(data, **chosen)


def said(result, *words: str) -> bool:
    return any(all(word in text for word in words) for text in result.notices)


def test_a_channel_with_two_reps_is_answered_with_a_warning() -> None:
    data = rep_months()
    us = data["channel"] == "US"
    few = data[~us | data["rep_id"].isin(data.loc[us, "rep_id"].unique()[:2])]
    found = gap(few)
    assert said(found, "US has only 2 reps")
    assert found.difference.high > found.difference.value > found.difference.low
    assert np.isfinite(found.correctable.value)


def test_a_channel_with_one_rep_is_refused() -> None:
    data = rep_months()
    us = data["channel"] == "US"
    one = data[~us | (data["rep_id"] == data.loc[us, "rep_id"].iloc[0])]
    with pytest.raises(NotEnoughData, match="'US' has 1 rep"):
        gap(one)


def test_a_market_factor_that_is_constant_within_channels_is_folded_in_and_said() -> None:
    data = rep_months().assign(tariff=lambda d: np.where(d["channel"] == "EU", 0.1, 0.2))
    found, without = gap(data, market=[*MARKET, "tariff"]), gap(data)
    assert said(found, "Tariff does not vary within EU or within US", "unexplained part")
    assert found.inseparable == ("tariff",)
    assert found.unexplained == without.unexplained
    assert "tariff" in found.finding("correctable_money_year").sentence
    assert "tariff" in found.finding("unexplained_part").sentence


def test_without_any_market_nothing_is_called_correctable_without_saying_so() -> None:
    for market in ([], ["tariff"]):
        data = rep_months().assign(tariff=lambda d: (d["channel"] == "EU") * 1.0)
        found = gap(data, market=market)
        assert not found.market_known
        assert np.isnan(found.market.value)
        sentence = found.finding("correctable_money_year").sentence
        assert "cannot be told" in sentence
        assert "market" in sentence
        assert "Cannot tell what the market" in found.finding("market_part").sentence
        assert said(found, "practice is not net of the market")


def test_collinear_columns_are_left_out_and_named() -> None:
    data = rep_months().assign(double=lambda d: 2 * d["size"] - 7, quota=lambda d: d["calls"] * 3)
    found = gap(data, market=[*MARKET, "double"], practice=[*PRACTICE, "quota"])
    assert said(found, "Double follows from the channel and the other market factors")
    assert said(found, "Quota follows from the other factors")
    assert found.practice == gap(data).practice


def test_a_category_seen_on_one_side_only() -> None:
    data = rep_months()
    data.loc[(data["channel"] == "EU") & (data["product"] == "suite"), "product"] = "export"
    found = gap(data, practice=[*PRACTICE, "product"])
    assert said(found, "'export'", "EU only")
    assert said(found, "'suite'", "US only")
    assert found.decomposition["value"].sum() == pytest.approx(found.difference.value, abs=1e-9)
    alone = gap(data, practice=[*PRACTICE, "product"], reference="b")
    assert said(alone, "Product cannot be weighed with the figures of US alone")
    assert alone.decomposition["value"].sum() == pytest.approx(found.difference.value, abs=1e-9)


def test_no_overlap_and_variation_on_one_side() -> None:
    data = rep_months()
    eu = data["channel"] == "EU"
    data["size"] += 500 * eu
    data["growth"] = data["growth"].where(eu, 0.02)
    found = gap(data)
    assert said(found, "no size in common")
    assert said(found, "Growth does not vary within US")


def test_what_is_the_same_everywhere_or_on_both_sides_explains_nothing() -> None:
    data = rep_months().assign(flat=1.0)
    found = gap(data, practice=[*PRACTICE, "flat"])
    assert said(found, "Flat is the same everywhere")
    assert sum("Flat" in one for one in found.notices) == 1
    assert "flat" not in found.decomposition["component"].tolist()
    # As a market factor it can be behind nothing either: the sentences named it as what may be.
    market = gap(rep_months().assign(flat=1.0), market=[*MARKET, "flat"])
    assert said(market, "Flat is the same everywhere") and market.inseparable == ()
    assert (
        market.finding("unexplained_part").sentence
        == gap(rep_months()).finding("unexplained_part").sentence
    )
    # What varies and is the same on average explains nothing as a practice, and holds a market steady.
    data = rep_months()
    first = ~data.duplicated("rep_id")
    alike = data.assign(turn=first * 1.0, bookings=data["bookings"] + 5_000 * first)
    alike = alike[first | ~data[~first].duplicated("rep_id").reindex(data.index, fill_value=True)]
    assert said(gap(alike, practice=[*PRACTICE, "turn"]), "Turn is the same on both sides")
    kept = gap(alike, market=[*MARKET, "turn"])
    assert "turn" in kept.decomposition["component"].tolist() and not said(kept, "Turn")


def test_practices_alone_are_not_net_of_the_market_and_without_any_nothing_is_said_of_it() -> None:
    assert said(gap(rep_months(), market=[]), "No market facts are given")
    assert not said(gap(rep_months(), market=[], practice=[]), "No market facts")
    steady = rep_months().assign(tariff=lambda d: (d["channel"] == "EU") * 1.0)
    assert gap(steady, practice=[*PRACTICE, "tariff"]).inseparable == ()


@pytest.mark.parametrize(
    ("reference", "left_out"), [("a", False), (1, False), ("neumark", False), ("b", True), (0.5, True)]
)  # fmt: skip
def test_a_factor_must_vary_where_its_effect_is_taken_from(
    reference: str | float, left_out: bool
) -> None:
    """Growth is one number in the US, b."""
    data = rep_months()
    data["growth"] = data["growth"].where(data["channel"] == "EU", 0.02)
    found = gap(data, reference=reference)
    assert said(found, "Growth cannot be weighed with the figures of US alone") == left_out
    assert ("growth" in found.decomposition["component"].tolist()) != left_out


def test_few_reps_are_said_below_five_and_many_factors_from_half_the_reps_less_two() -> None:
    """Eight reps are four a side, ten are five; four factors and the two sides are six of twelve reps."""
    assert said(gap(rep_months(reps=8)), "US has only 4 reps")
    assert not said(gap(rep_months(reps=10)), "has only")
    assert said(gap(rep_months(reps=10)), "4 factors are weighed on 10 reps")
    assert not said(gap(rep_months(reps=12)), "factors are weighed")


def test_missing_values_of_a_practice_are_filled_with_the_reps_own_and_counted() -> None:
    data = rep_months(reps=20)
    holes = data.index[::5]
    found = gap(data.assign(calls=data["calls"].drop(holes)))
    assert said(found, f"Calls is not known in {len(holes)} of {len(data)} rows")
    by_hand = data["calls"].drop(holes).reindex(data.index)
    by_hand = by_hand.fillna(by_hand.groupby(data["rep_id"]).transform("mean"))
    assert found.practice.value == pytest.approx(gap(data.assign(calls=by_hand)).practice.value)


def test_a_practice_that_most_reps_never_show_is_left_out() -> None:
    data = rep_months(reps=20)
    us = data.loc[data["channel"] == "US", "rep_id"].unique()
    data.loc[data["rep_id"].isin(us[:6]), "calls"] = np.nan
    found = gap(data)
    assert said(found, "Calls is left out", "60% of the reps of US")
    assert "calls" not in found.decomposition["component"].tolist()


def test_rows_without_outcome_are_counted_and_a_market_gap_is_a_level_of_its_own() -> None:
    data = rep_months(reps=20)
    data.loc[data.index[:4], "bookings"] = np.nan
    data.loc[data.index[6], "product"] = None
    found = gap(data, market=[*MARKET, "product"])
    assert said(found, f"4 of {len(data)} rows have no bookings")
    assert said(found, "Product is not known in 1 of")


def test_a_rep_on_both_sides_is_one_person() -> None:
    data = rep_months(reps=20)
    both = data[data["channel"] == "EU"].assign(
        channel="US", bookings=lambda d: d["bookings"] - 500
    )
    found = gap(pd.concat([data, both], ignore_index=True))
    assert said(found, "10 reps sell on both sides")
    assert found.difference.n == 20
    assert found.decomposition["value"].sum() == pytest.approx(found.difference.value, abs=1e-9)


def test_too_many_factors_for_the_reps() -> None:
    data = rep_months(reps=10)
    rng = np.random.default_rng(0)
    extra = {f"x{i}": rng.normal(size=len(data)) for i in range(4)}
    assert said(gap(data.assign(**extra), practice=[*PRACTICE, *extra]), "8 factors", "10 reps")


def test_without_practice_or_covariates_the_gap_still_stands() -> None:
    found = gap(rep_months(), market=[], practice=[])
    assert found.difference.value == found.unexplained.value
    assert np.isnan(found.correctable.value)
    assert np.isnan(found.correctable_share.value)
    assert (
        "Cannot tell what training US could close"
        in found.finding("correctable_money_year").sentence
    )
    assert len(found.sensitivity) == 0


def test_constant_outcomes_do_not_crash() -> None:
    found = gap(rep_months().assign(bookings=5.0))
    assert found.difference.value == 0.0
    assert found.permutation_p == 1.0


@pytest.mark.parametrize(("change", "error", "match"), [
    ({"outcome": "booking"}, DataError, "'booking': is not there.*bookings"),
    ({"channel": "chanel"}, DataError, "chanel"),
    ({"market": ["sise"]}, DataError, "sise"),
    ({"a": "APAC"}, DataError, "has no rows with 'APAC'.*EU, US"),
    ({"a": "US"}, ParameterError, "two different channels"),
    ({"outcome": "product"}, DataError, "'product': is not a number"),
    ({"practice": ["bookings"]}, ParameterError, "both a covariate and the outcome"),
    ({"practice": ["size"]}, ParameterError, "'size' is named twice"),
    ({"reference": "oaxaca"}, ParameterError, "pooled, neumark, cotton, a, b"),
    ({"reference": 1.5}, ParameterError, "from 0 to 1"),
    ({"scale": "logs"}, ParameterError, "auto, money, log, share"),
    ({"counts": {"size": "calls"}}, ParameterError, "no practice"),
])  # fmt: skip
def test_bad_input_is_named(change: dict, error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        gap(rep_months(), **change)


def test_bad_rows_are_named() -> None:
    data = rep_months()
    with pytest.raises(DataError, match="'rep_id': is missing; rows 3"):
        gap(data.assign(rep_id=data["rep_id"].where(data.index != 3)))
    with pytest.raises(DataError, match="infinite; rows 7"):
        gap(data.assign(bookings=data["bookings"].where(data.index != 7, np.inf)))
    with pytest.raises(DataError, match=r"no logarithm.* rows 0"):
        gap(data.assign(bookings=data["bookings"].where(data.index > 0, 0.0)), scale="log")


def test_decompose_gap_refuses_what_it_cannot_tell_apart() -> None:
    data = rep_months().assign(double=lambda d: d["size"] * 2, side=lambda d: d["channel"] == "EU")
    options = {"outcome": "bookings", "group": "channel", "a": "EU", "b": "US"}
    with pytest.raises(NotEnoughData, match="'side': does not vary within the groups"):
        decompose_gap(data, **options, covariates=["side"])
    with pytest.raises(NotEnoughData, match="'double': follows from"):
        decompose_gap(data, **options, covariates=["size", "double"])
    with pytest.raises(ParameterError, match="kind == 'fourfold'"):
        decompose_gap(data, **options, covariates=["size"], kind="fourfold")
