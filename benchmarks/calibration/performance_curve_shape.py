"""How often is the true family, and the true shape, ruled out? At most as often as claimed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.performance_curve import fit_families, shape_verdict
from salesops_lib.analyses.performance_curve.shape import LEVEL, SHAPES
from salesops_lib.statistics.families import FAMILIES

SIZES = (20, 30, 100)
SAMPLES = 199
# One of each family as sales data look: a bell of sd .25, a skew of sd .8, long tails.
TRUTHS = {
    "normal": (1.0, 0.25),
    "lognormal": (0.0, 0.8),
    "gamma": (2.0, 1.0),
    "weibull": (1.5, 1.0),
    "exponential": (1.0,),
    "pareto": (1.0, 1.5),
    "power_law_cutoff": (1.0, 1.5, 0.05),
}


def run(replicates: int | None = None, seed: int = 20260301) -> pd.DataFrame:
    """A row a family and size: how often the family is rejected (`coverage` is 1 minus that), and
    how often another shape is declared."""
    count = 1_000 if replicates is None else replicates
    rows = []
    for index, (name, params) in enumerate(TRUTHS.items()):
        for n in SIZES:
            rng = np.random.default_rng([seed, 100 + index, n])
            samples = FAMILIES[name].draw(np.array(params), (count, n), rng)
            # A bell of sd .25 has its rare value at or below 0, which no positive family can hold.
            samples = np.where(samples > 0, samples, 1e-3)
            rejected = wrong = right = 0
            for sample in samples:
                fits = fit_families(sample, samples=SAMPLES, rng=rng)
                verdict = shape_verdict(fits)
                rejected += float(fits.set_index("family").loc[name, "gof_p"]) <= LEVEL
                wrong += verdict not in {SHAPES[name], "undetermined"}
                right += verdict == SHAPES[name]
            error = 2 * np.sqrt(LEVEL * (1 - LEVEL) / count)
            for quantity, hits in (("true family kept", rejected), ("no wrong verdict", wrong)):
                rows.append(
                    {
                        "analysis": "performance_curve",
                        "setting": f"{name}, {n} reps (right verdict {right / count:.3f})",
                        "quantity": quantity,
                        "nominal": 1 - LEVEL,
                        "replicates": count,
                        "coverage": 1 - hits / count,
                        "seed": seed,
                        "ok": hits / count <= LEVEL + error,
                    }
                )
    return pd.DataFrame(rows)
