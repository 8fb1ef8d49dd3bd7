"""Covariates that are sizes: what a market twice as large brings is a multiple.

Where luck and skill multiply, a column enters as its exponential: right for a rate of growth, too steep
for large markets where one is several times another. Reps of the smallest and largest markets then look
worse, those between them better than they are: with ten regions from 1 to 10, values went with skill by
.66 instead of .86. So a column that may be a size also stands ready in logs, and the one that tells more
of the reps' levels is taken.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from salesops_lib.analyses.performance_curve.panel import Panel

Floats = NDArray[np.float64]
# Closer together, a column and its logs say the same.
_APART = 2.0


def may_be_size(numbers: Floats) -> bool:
    """Whether all are above 0, and the largest is more than twice the smallest."""
    least, most = np.nanmin(numbers), np.nanmax(numbers)
    return bool(least > 0 and most > _APART * least)


def logs_of_size(numbers: Floats) -> Floats:
    """Logs with 0 at the average size, missing ones there; in standard deviations."""
    logs = np.log(numbers / np.nanmean(numbers))
    return np.where(np.isnan(logs), 0.0, logs / np.nanstd(logs))


def in_proportion(panel: Panel) -> Panel:
    """`panel` with logs in place of the columns that go with the log of what reps sell less than their
    logs do."""
    if panel.logs is None:
        return panel
    level = panel.observed
    known = level > 0
    covariates = panel.covariates.copy()
    for at in range(covariates.shape[1]):
        plain, logs = (
            _together(_rep_means(panel, one[:, at])[known], np.log(level[known]))
            for one in (panel.covariates, panel.logs)
        )
        if logs > plain:
            covariates[:, at] = panel.logs[:, at]
    # Columns that are powers of each other have the same logs.
    if np.linalg.matrix_rank(covariates - covariates.mean(axis=0)) < covariates.shape[1]:
        return panel
    return dataclasses.replace(panel, covariates=covariates, logs=None)


def _rep_means(panel: Panel, values: Floats) -> Floats:
    return np.bincount(panel.rep, weights=values, minlength=panel.n_reps) / panel.n_periods


def _together(x: Floats, y: Floats) -> float:
    """Absolute correlation; 0 where either does not vary."""
    if len(x) < 3 or not (np.ptp(x) > 1e-12 and np.ptp(y) > 0):
        return 0.0
    return float(abs(np.corrcoef(x, y)[0, 1]))
