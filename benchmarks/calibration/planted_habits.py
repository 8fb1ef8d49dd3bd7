"""Companies where what reps do, how quotas are set or how heavy the tail is has been planted.

Practices: reps' habits are standard normal and have correlations `RHOS` (four of them none) with the log
of skill (sd .25); a month's measure of one adds a noise of sd 1.5 and half of the month's own log luck,
which is no habit. Quotas: three years; a quota is 1.1 times last year's sales to the power of `ratchet`,
and for the rest skill with an error of 10%; another 5% is whim. Tails: skill is a power law of index 1.5.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from salesops_lib.analyses.performance_curve import (
    performance_curve,
    quota_ratchet,
    separating_practices,
)

SKILL_SD, NOISE_SD, MONTHS = 0.25, 0.8, 12
RHOS, NOTHING = (0.6, 0.3, 0.0, 0.0, 0.0, 0.0), (0.0,) * 6
HABIT_NOISE, LUCK_IN_HABIT = 1.5, 0.5
INDEX = 1.5
Row = dict[str, object]


def practices(reps: int, rhos: tuple[float, ...], rng: np.random.Generator) -> Iterator[Row]:
    """The truth of a slope: what one more unit of the year's mean goes with in expected sales, as a
    share of the average rep's, times the spread of these reps' means. False claims: the share of
    practices said to separate that have nothing to do with skill, and, of the intervals of those said,
    the share that misses."""
    habit = rng.standard_normal((reps, len(rhos)))
    rest = np.sqrt(1 - np.sum(np.square(rhos))) * rng.standard_normal(reps)
    skill = np.exp(SKILL_SD * (habit @ np.array(rhos) + rest))
    luck = NOISE_SD * rng.standard_normal((reps, MONTHS)) - NOISE_SD**2 / 2
    frame = _months(skill[:, None] * np.exp(luck))
    for j in range(len(rhos)):
        noise = HABIT_NOISE * rng.standard_normal(luck.shape) + LUCK_IN_HABIT * luck
        frame[f"habit{j}"] = (habit[:, [j]] + noise).ravel()
    columns = [f"habit{j}" for j in range(len(rhos))]
    curve = performance_curve(frame, samples=0, draws=400, rng=rng)
    result = separating_practices(curve, frame, columns=columns)
    spread = frame.groupby("rep_id")[columns].mean().std().to_numpy()
    seen = 1 + (HABIT_NOISE**2 + (LUCK_IN_HABIT * NOISE_SD) ** 2) / MONTHS
    truth = dict(zip(columns, SKILL_SD * np.array(rhos) / seen * spread, strict=True))
    for row in result.table.to_dict(orient="records"):
        true = truth[row["practice"]]
        kind = {0.6: "strong", 0.3: "weak", 0.0: "none"}[rhos[columns.index(row["practice"])]]
        yield {
            "quantity": f"practice_*, {kind}", "covered": float(row["low"] <= true <= row["high"]),
            "value": row["slope"], "truth": true, "width": row["high"] - row["low"], "judge": "both",
        }  # fmt: skip
    said = [one for one in result.findings if one.name != "practices"]
    right = {one.name: truth[one.name.removeprefix("practice_")] for one in said}
    missed = [not one.estimate.low <= right[one.name] <= one.estimate.high for one in said]
    false = [right[one.name] == 0 for one in said]
    yield _claim("practices, share of false ones said", false)
    yield _claim("practice_*, share of those said that miss", missed)


def _claim(name: str, wrong: list[bool]) -> Row:
    share = float(np.mean(wrong)) if wrong else 0.0
    return {
        "quantity": name, "covered": share, "value": float(len(wrong)), "truth": np.nan,
        "width": np.nan, "judge": "claim",
    }  # fmt: skip


def quotas(reps: int, ratchet: float, rng: np.random.Generator) -> Iterator[Row]:
    """The truth of `follow` is `ratchet`: by how much last year's luck moves the quota."""
    skill = np.exp(SKILL_SD * rng.standard_normal(reps))
    luck = np.exp(NOISE_SD * rng.standard_normal((reps, 3 * MONTHS)) - NOISE_SD**2 / 2)
    sales = skill[:, None] * luck
    by_year = sales.reshape(reps, 3, MONTHS).mean(2)
    last = np.column_stack([skill, by_year[:, :2]])
    base = skill[:, None] * np.exp(0.1 * rng.standard_normal((reps, 3)))
    whim = np.exp(0.05 * rng.standard_normal((reps, 3)))
    frame = _months(sales)
    frame["quota"] = np.repeat(1.1 * last**ratchet * base ** (1 - ratchet) * whim, MONTHS)
    found = quota_ratchet(frame)
    follow = found.follow
    yield {
        "quantity": "quota_ratchet", "covered": float(follow.low <= ratchet <= follow.high),
        "value": follow.value, "truth": ratchet, "width": follow.high - follow.low, "judge": "both",
    }  # fmt: skip
    if ratchet == 0:
        yield _claim("says that quotas follow", [follow.low > 0])
    if ratchet < 0.5:
        yield _claim("says not to rank on attainment", [bool(found.detected)])


def tails(reps: int, samples: int, rng: np.random.Generator) -> Iterator[Row]:
    """Of the reps at any level of the tail, 2^-1.5 sell twice as much. Only where the curve is called
    heavy-tailed is the finding there."""
    skill = (1 - rng.random(reps)) ** (-1 / INDEX)
    luck = np.exp(0.3 * rng.standard_normal((reps, MONTHS)) - 0.3**2 / 2)
    curve = performance_curve(_months(skill[:, None] * luck), samples=samples, draws=400, rng=rng)
    if curve.says("tail"):
        tail, true = curve.finding("tail").estimate, 2**-INDEX
        yield {
            "quantity": "tail", "covered": float(tail.low <= true <= tail.high),
            "value": tail.value, "truth": true, "width": tail.high - tail.low, "judge": "both",
        }  # fmt: skip


def _months(sales: np.ndarray) -> pd.DataFrame:
    reps, months = sales.shape
    return pd.DataFrame({
        "rep_id": np.repeat(np.arange(reps), months), "month": np.tile(np.arange(months), reps),
        "bookings": sales.ravel(),
    })  # fmt: skip
