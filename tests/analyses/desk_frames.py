"""Deals for the tests of the deal desk."""

from __future__ import annotations

import numpy as np
import pandas as pd


def by_hand() -> pd.DataFrame:
    """Three reps with two wins each at list 100: A gives 10 and 30, B 10 and 10, C 0 and 20; and an
    offer to a customer who did not buy, at 40 off."""
    rows = [
        ("A", "won", 90.0), ("A", "won", 70.0), ("B", "won", 90.0), ("B", "won", 90.0),
        ("C", "won", 100.0), ("C", "won", 80.0), ("A", "lost", 60.0),
    ]  # fmt: skip
    deals = pd.DataFrame(rows, columns=["rep_id", "status", "amount"])
    days = ["2026-01-10", "2026-03-28", "2026-04-15", "2026-05-11", "2026-07-02", "2026-09-30"]
    return deals.assign(list_amount=100.0, close_date=[*days, "2026-08-01"])


def company(
    reps: int = 12,
    deals: int = 24,
    *,
    spread: float = 0.03,
    late: float = 0.02,
    lost: bool = True,
    seed: int = 1,
) -> pd.DataFrame:
    """A year of deals; discounts of product P are .12, of Q .15; the quarter's end adds `late`. As
    many lost as won, with the same discounts; some quotes still open."""
    rng = np.random.default_rng(seed)
    rep = np.repeat(np.arange(reps), deals)
    own = spread * rng.permutation(np.linspace(-1.5, 1.5, reps))
    month = rng.integers(0, 12, len(rep))
    day = rng.integers(1, 29, len(rep))
    end = (month % 3 == 2) & (day > 21)
    product = rng.integers(0, 2, len(rep))
    discount = 0.12 + 0.03 * product + own[rep] + late * end + 0.05 * rng.standard_normal(len(rep))
    listed = np.exp(rng.normal(10, 0.6, len(rep)))
    first = np.datetime64("2025-10") + month
    closed = first.astype("datetime64[D]") + day
    status = np.where(rng.random(len(rep)) < 0.5, "lost", "won") if lost else "won"
    return pd.DataFrame({
        "deal_id": [f"D{at}" for at in range(len(rep))],
        "rep_id": [f"R{one:02d}" for one in rep], "status": status,
        "amount": listed * (1 - discount), "list_amount": listed, "close_date": closed,
        "quoted_date": closed - rng.integers(1, 60, len(rep)),
        "product": np.array(["P", "Q"])[product], "segment": "All",
    })  # fmt: skip
