"""A hierarchy of 400 reps × 60 months, forecast, reconciled and backtested over 6 origins.

Beside it AutoETS with MinT through statsforecast and hierarchicalforecast: one fit at the end and one
at each of the 6 origins. The library is timed on every `STRIDE`-th node and its fitting time scaled
by the number of nodes (the table says so); its reconciliation is timed whole.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration.forecast_series import months_of, planted
from salesops_lib.analyses.forecast import forecast_hierarchy

REPS, TEAMS, REGIONS, MONTHS, HORIZON, ORIGINS = 400, 40, 8, 60, 12, 6
STRIDE = int(os.environ.get("SALESOPS_BENCH_STRIDE", "8"))


def run() -> pd.DataFrame:
    """Processor seconds of each and the ratio."""
    frame = company(np.random.default_rng(4))
    start = time.process_time()
    result = forecast_hierarchy(
        frame,
        by=("region", "team", "rep_id"),
        horizon=HORIZON,
        season_length=12,
        origins=ORIGINS,
        partial="keep",
    )
    spent = time.process_time() - start
    fits, reconciling = libraries(result)
    row: dict[str, Any] = {
        "what": f"{REPS} reps × {MONTHS} months ({len(result.nodes)} nodes): forecast {HORIZON} months, "
        f"reconciled, intervals, {ORIGINS} reported origins ({result.origins.cuts} made)",
        "ours_seconds": spent,
        "theirs": f"AutoETS + MinT (shrink), no intervals, 1 + {ORIGINS} origins; fitting timed on every "
        f"{STRIDE}th node and scaled",
        "theirs_seconds": fits + reconciling,
        "ratio": (fits + reconciling) / spent,
    }
    return pd.DataFrame([row])


def company(rng: np.random.Generator) -> pd.DataFrame:
    values = planted(rng, REPS, MONTHS)
    team = np.arange(REPS) % TEAMS
    return pd.DataFrame(
        {
            "region": np.repeat([f"R{one % REGIONS}" for one in team], MONTHS),
            "team": np.repeat([f"T{one:02}" for one in team], MONTHS),
            "rep_id": np.repeat([f"P{i:03}" for i in range(REPS)], MONTHS),
            "ds": np.tile(months_of(MONTHS), REPS),
            "y": values.ravel(),
        }
    )


def libraries(result: Any) -> tuple[float, float]:
    """Processor seconds of fitting (scaled to all nodes) and of reconciling, over all origins."""
    from hierarchicalforecast.methods import MinTrace
    from statsforecast.models import AutoETS

    values, ids = result.panel.values, result.panel.ids
    some = np.arange(0, len(ids), STRIDE)
    fitting = reconciling = 0.0
    summing = np.array([[one.startswith(node) for one in ids[-REPS:]] for node in ids], dtype=float)
    for cut in (0, *range(HORIZON, HORIZON + ORIGINS)):
        known = values[:, : MONTHS - cut]
        start = time.process_time()
        for row in some:
            AutoETS(season_length=12).forecast(y=known[row], h=HORIZON, fitted=True)
        fitting += (time.process_time() - start) * len(ids) / len(some)
        # Any forecasts and fitted values do for the time that reconciling takes.
        fitted = np.roll(known, 12, axis=1)
        start = time.process_time()
        MinTrace(method="mint_shrink").fit_predict(
            S=summing,
            y_hat=known[:, -HORIZON:],
            y_insample=known[:, 12:],
            y_hat_insample=fitted[:, 12:],
        )
        reconciling += time.process_time() - start
    return fitting, reconciling
