"""Options out of range are refused by name, not carried into the money; one column's name is a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from salesops_lib import Estimate, ParameterError
from tests.analyses.curve_frames import rep_months

RNG = np.random.default_rng(4)
FRAME = rep_months(1e5 * np.exp(0.3 * RNG.standard_normal(12)), 10, RNG).assign(
    channel=np.repeat(["EU", "US"] * 6, 10),
    calls=RNG.poisson(20, 120),
    size=RNG.normal(100, 9, 120),
    selling_hours=RNG.normal(80, 9, 120),
    hours=160.0,
)
DEALS = pd.DataFrame(
    {
        "rep_id": RNG.choice(list("abcdef"), 200),
        "status": "won",
        "list_amount": 100.0,
        "amount": RNG.uniform(70, 100, 200),
        "close_date": "2026-03-31",
    }
)


def curve(**options: Any) -> so.PerformanceCurve:
    return so.performance_curve(FRAME, **{"samples": 0, "draws": 200, **options})


def gap(**options: Any) -> so.ChannelGap:
    return so.channel_gap(
        FRAME, outcome="bookings", a="EU", b="US", **{"practice": ["calls"], **options}
    )


def split(**options: Any) -> pd.DataFrame:
    return so.decompose_gap(
        FRAME,
        outcome="bookings",
        group="channel",
        a="EU",
        b="US",
        covariates=["calls"],
        **options,
    )


CALLS: dict[str, Callable[..., Any]] = {
    "curve": curve,
    "gap": gap,
    "split": split,
    "time": lambda **options: so.selling_time(FRAME, **options),
    "desk": lambda **options: so.deal_desk(DEALS, **options),
    "levers": lambda **options: so.moving_the_middle(curve(), **options),
}


@pytest.mark.parametrize("name", ["curve", "gap", "split", "time", "desk"])
@pytest.mark.parametrize("confidence", [95, 1.0, 0, float("nan"), "0.9", None])
def test_a_confidence_is_a_share(name: str, confidence: object) -> None:
    """decompose_gap took 95 and gave limits that are no numbers."""
    with pytest.raises(ParameterError, match=r"confidence == .*must be between 0 and 1"):
        CALLS[name](confidence=confidence)


@pytest.mark.parametrize("name", ["curve", "gap", "split", "time", "desk", "levers"])
@pytest.mark.parametrize("rng", ["1", 1.5, -1, None, True, np.random.RandomState(1)])
def test_a_source_of_random_numbers_is_a_seed_or_a_generator(name: str, rng: object) -> None:
    """numpy's own words name neither the option nor what it may be; with None two runs differ."""
    with pytest.raises(ParameterError, match=r"rng == .*must be a seed"):
        CALLS[name](rng=rng)


@pytest.mark.parametrize("rng", [3, np.int64(3), np.random.default_rng(3)])
def test_a_seed_may_be_of_any_whole_kind(rng: object) -> None:
    assert curve(rng=rng).findings[0].estimate == curve(rng=3).findings[0].estimate


@pytest.mark.parametrize(
    ("name", "option", "value", "said"),
    [
        ("levers", "gross_margin", 70, "above 0 and at most 1"),
        ("levers", "gross_margin", Estimate(1.2, 1.1, 1.3), "gross_margin == 1.2"),
        ("levers", "lift", 5, "a share such as 0.05"),
        ("levers", "cost_per_rep", -5, "0 or more"),
        ("levers", "programme_cost", "x", "0 or more"),
        ("levers", "star_deal_cost", float("nan"), "0 or more"),
        ("levers", "star_deals_year", -1, "0 or more"),
        ("levers", "star_deal_value", float("nan"), "0 or more"),
        ("levers", "replacement", -1000, "replacement hiring_cost == -1000"),
        ("levers", "replacement", {"vacancy_months": -1}, "replacement vacancy_months == -1"),
        ("gap", "rows_per_year", -1, "above 0"),
        ("gap", "permutations", -1, "a whole number from 0 on"),
        ("curve", "periods_per_year", 0, "above 0"),
        ("curve", "draws", 0, "a whole number from 2 on"),
        ("curve", "samples", -1, "a whole number from 0 on"),
        ("split", "draws", 1, "a whole number from 2 on"),
        ("desk", "months", 2.5, "a whole number from 1 on"),
    ],
)
def test_what_is_out_of_range_is_named(name: str, option: str, value: object, said: str) -> None:
    """A margin of 70 multiplied every lever by 70; −1 row a year turned the sign of the gap."""
    with pytest.raises(ParameterError, match=said) as caught:
        CALLS[name](**{option: value})
    assert option in str(caught.value)


def test_the_ends_of_each_range_are_in_it() -> None:
    levers = so.moving_the_middle(
        curve(), gross_margin=1, lift=1, star_deal_value=0, star_deal_cost=0, cost_per_rep=0
    ).levers.set_index("lever")
    assert levers.loc["star_deal", "net"] == 0
    # Lifted by 100%, the middle brings as much again as it sells: twenty times what 5% bring.
    little = so.moving_the_middle(curve(), lift=0.05).levers.set_index("lever")
    name = "moving_the_middle"
    assert levers.loc[name, "value"] == pytest.approx(20 * little.loc[name, "value"])


def test_one_column_may_be_named_without_a_list() -> None:
    """Of `covariates="size"` each letter was looked for."""
    pd.testing.assert_frame_equal(curve(covariates="size").reps, curve(covariates=["size"]).reps)
    one, listed = gap(market="size", practice="calls"), gap(market=["size"], practice=["calls"])
    pd.testing.assert_frame_equal(one.decomposition, listed.decomposition)
    pd.testing.assert_frame_equal(
        so.decompose_gap(
            FRAME, outcome="bookings", group="channel", a="EU", b="US", covariates="calls"
        ),
        split(),
    )
    values = FRAME["bookings"]
    assert so.fit_families(values, families="gamma", samples=0)["family"].tolist() == ["gamma"]
    with pytest.raises(ParameterError, match="no family is named"):
        so.fit_families(values, families=[])


def test_one_level_of_a_forecast_may_be_named_without_a_list() -> None:
    options = {"horizon": 3, "origins": 0, "draws": 100}
    sample = so.load_dataset("sample")
    one = so.forecast_bookings(sample, by="region", **options)
    assert one.levels == so.forecast_bookings(sample, by=["region"], **options).levels
