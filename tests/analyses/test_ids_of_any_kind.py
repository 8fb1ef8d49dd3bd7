"""Reps may be known by words, numbers, pairs, or some by each: they are the same people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from tests.analyses.own_frames import months

KINDS: dict[str, Callable[[int], object]] = {
    "pairs": lambda one: ("team", one),
    "numbers beside words": lambda one: one if one % 2 else f"R{one:02d}",
    "bytes": lambda one: f"R{one:02d}".encode(),
}


def called(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    ids = [KINDS[kind](int(one[1:])) for one in frame["rep_id"]]
    return frame.assign(rep_id=pd.Series(ids, index=frame.index, dtype=object))


@pytest.mark.parametrize("kind", KINDS)
def test_ramp_of_reps_known_by(kind: str) -> None:
    frame = months()
    ramp, own = (so.ramp_time(one, value="bookings") for one in (called(frame, kind), frame))
    assert ramp.median_months.value == pytest.approx(own.median_months.value, rel=1e-9)
    assert ramp.findings[0].sentence == own.findings[0].sentence


@pytest.mark.parametrize("kind", KINDS)
def test_discounts_of_reps_known_by(kind: str) -> None:
    rng = np.random.default_rng(3)
    n = 600
    deals = pd.DataFrame({
        "rep_id": np.repeat([f"R{i:02d}" for i in range(20)], 30), "status": "won",
        "list_amount": rng.lognormal(9, 0.5, n),
        "close_date": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 360, n), "D"),
    })  # fmt: skip
    lean = np.repeat(rng.normal(0, 0.03, 20), 30)
    deals["amount"] = deals["list_amount"] * (1 - rng.uniform(0, 0.3, n) - lean)
    desk, own = (so.deal_desk(one, last_month="2025-12-31") for one in (called(deals, kind), deals))
    value = desk.finding("price_realisation").estimate.value
    assert value == own.finding("price_realisation").estimate.value
    assert {*map(repr, desk.reps["rep_id"])} == {repr(KINDS[kind](i)) for i in range(20)}
