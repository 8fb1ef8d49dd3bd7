"""Chances of reaching a quota against what came, in planted companies; the full Monte Carlo is
`make calibrate`'s `forecast_findings`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import forecast_findings as planted

COMPANIES = 14


@pytest.fixture(scope="module")
def every() -> pd.DataFrame:
    first = planted.SEED + 50_000
    return pd.concat([planted.one("two years", first + k) for k in range(COMPANIES)])


def test_chances_come_true_on_average(every: pd.DataFrame) -> None:
    """Mean chance of a team against the share reached, to within the error of 14 companies, whose
    teams are lucky together."""
    teams = every[every["level"] == "team"]
    off = float((teams["probability"] - teams["reached"]).mean())
    assert abs(off) <= planted.TOLERANCE + 2 * planted._error(teams)


def test_chances_tell_quotas_apart(every: pd.DataFrame) -> None:
    """Squared error of the chances against that of one chance for all: a good half of the difference
    between a coin and knowing it lies in how high the quota is."""
    teams = every[every["level"] == "team"]
    told = float(((teams["probability"] - teams["reached"]) ** 2).mean())
    same = float(((teams["reached"].mean() - teams["reached"]) ** 2).mean())
    assert told < 0.9 * same


def test_what_is_out_of_reach_is_not_reached(every: pd.DataFrame) -> None:
    lost = every[every["out_of_reach"].astype(bool)]
    assert lost["reached"].mean() <= planted.OUT_OF_REACH + 2 * planted._error(lost)
    assert len(lost) > 0


def test_quotas_set_by_hand() -> None:
    """A team that won 24,000 in the last twelve months has a month's quota of 2,000 times the factor."""
    world = planted.plant(np.random.default_rng(1), months=24)
    quotas = planted.with_quotas(world, 1.5)["quotas"]
    deals = world.tables["deals"]
    since = world.as_of - pd.DateOffset(months=12)
    mine = (deals["rep_id"] == "R0") & (deals["status"] == "won")
    mine &= deals["close_date"].between(since, world.as_of)
    own = quotas.loc[quotas["rep_id"] == "R0", "quota"].unique()
    assert own == pytest.approx([deals.loc[mine, "amount"].sum() / 12 * 1.5])
    assert quotas["month"].max() == world.as_of.to_period("M").to_timestamp() + pd.DateOffset(
        months=3
    )
