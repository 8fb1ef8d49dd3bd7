"""Does what the brief says of the lever at the top hold, though it was picked for being the largest?

Five levers whose estimates are normal around what they are worth, with standard errors of a quarter to
a half of a million. `alike`: each is worth a million. `apart`: one is worth three. `nothing`: none is
worth anything. Every lever's own interval holds by construction; what is asked is the picked one's.

- `lever_to_push, own interval`: as its own report says it; there to be compared (`asked` is False).
- `lever_to_push, as picked`: the limits of the notice, for all levers at once, so at least 90%.
- `says that it is ahead`: wrong where all are alike, at most one time in ten.
- `says that a lever pays`: wrong where none is worth anything; one lever in twenty is so by chance,
  `coverage` counts levers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.executive_brief import executive_brief
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.registry import Analysis, Lever

SEED, COMPANIES, NOMINAL, MILLION = 20261129, 4_000, 0.90, 1e6
TRUTHS = {
    "five levers alike": (1.0, 1.0, 1.0, 1.0, 1.0),
    "five levers, one apart": (3.0, 1.0, 1.0, 0.5, 0.0),
    "five levers worth nothing": (0.0, 0.0, 0.0, 0.0, 0.0),
}
NAMES = tuple(f"lever_{k}" for k in range(5))
ONE = (Analysis("plan", "Which?", NAMES[0], tuple(Lever(name, name) for name in NAMES)),)
FOLLOWS = {
    "lever_to_push": "executive_brief_findings: lever_to_push, as picked; said in the notice"
}


def one(truth: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """What one brief says against what is planted."""
    error = rng.uniform(0.25, 0.5, len(truth)) * MILLION
    seen = truth + error * rng.standard_normal(len(truth))
    half = stats.norm.ppf(0.5 + NOMINAL / 2) * error
    found = [
        Finding(name, Estimate(v, v - h, v + h, NOMINAL, "money/year", 24), "A lever.")
        for name, v, h in zip(NAMES, seen, half, strict=True)
    ]
    brief = executive_brief({"plan": found}, analyses=ONE)
    paying = brief.levers[brief.levers["verdict"] == "pays"]
    if not truth.any():
        yield "says that a lever pays", 1 - len(paying) / len(truth)
        return
    if paying.empty:
        return
    pushed = truth[NAMES.index(str(paying["finding"].iloc[0]))]
    own = brief.finding("lever_to_push").estimate
    yield "lever_to_push, own interval", float(own.low <= pushed <= own.high)
    yield "lever_to_push, as picked", float(brief.picked.low <= pushed <= brief.picked.high)
    if truth.min() == truth.max():
        said = brief.finding("lever_to_push").sentence
        yield "says that it is ahead", float("clearly ahead" not in said)


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """The whole table; `replicates` overrides 4,000 briefs a setting."""
    n, tables = replicates or COMPANIES, []
    for at, (setting, truth) in enumerate(TRUTHS.items()):
        rng = np.random.default_rng([seed, at])
        planted = np.array(truth) * MILLION
        rows = pd.DataFrame(
            [found for _ in range(n) for found in one(planted, rng)],
            columns=["quantity", "covered"],
        )
        table = rows.groupby("quantity", sort=False)["covered"].agg(["size", "mean"]).reset_index()
        table.columns = ["quantity", "replicates", "coverage"]
        pays = table["quantity"] == "says that a lever pays"
        table["nominal"] = np.where(pays, 0.5 + NOMINAL / 2, NOMINAL)
        error = np.sqrt(table["nominal"] * (1 - table["nominal"]) / table["replicates"])
        table["ok"] = table["coverage"] >= table["nominal"] - 2 * error
        table["asked"] = ~table["quantity"].str.endswith("own interval")
        tables.append(table.assign(analysis="executive_brief", setting=setting, seed=seed))
    columns = [
        "analysis", "setting", "quantity", "nominal", "replicates", "coverage", "seed", "ok", "asked",
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[columns]
