"""How much a month varies: against least squares with a dummy for each rep and month, and planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.performance_curve.noise import means_noise
from salesops_lib.analyses.performance_curve.panel import Panel, read_panel
from salesops_lib.analyses.performance_curve.variation import squared_variation


def _panel(rng: np.random.Generator, reps: int = 24, months: int = 12) -> Panel:
    """Skill .25, luck .8, a strong calendar, a tenth of months without a sale, and newcomers."""
    skill, season = rng.lognormal(0, 0.25, reps), rng.lognormal(0, 0.3, months)
    luck = rng.lognormal(-0.32, 0.8, (reps, months)) * (rng.random((reps, months)) >= 0.1)
    values = skill[:, None] * season * luck
    first = np.where(rng.random(reps) < 0.2, rng.integers(1, 9, reps), 0)
    rep, month = np.nonzero(np.arange(months) >= first[:, None])
    frame = pd.DataFrame({"rep": rep, "month": month, "value": values[rep, month]})
    return read_panel(frame, rep="rep", period="month", value="value")


def test_logs_against_dummies() -> None:
    panel = _panel(np.random.default_rng(3))
    sold = panel.value > 0
    design = np.hstack(
        [np.eye(panel.n_reps)[panel.rep[sold]], np.eye(12)[panel.period[sold]][:, 1:]]
    )
    logs = np.log(panel.value[sold])
    left = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    sigma2 = left @ left / (len(logs) - design.shape[1])
    expected = np.exp(sigma2) / sold.mean() - 1
    # At many degrees of freedom the middle of a chi-squared one is its mean less 2/3.
    found = squared_variation(panel, panel.value, panel.value, panel.observed, np.array([0.5]))
    freedom = len(logs) - design.shape[1]
    middle = np.exp(sigma2 * freedom / (freedom - 2 / 3)) / sold.mean() - 1
    assert found[0] == pytest.approx(middle, rel=1e-4)
    assert abs(expected - middle) < 0.02 * expected


def test_a_calendar_to_be_estimated_does_not_make_months_look_steadier() -> None:
    """Mean over 150 companies within two and a half standard errors, 1.6%: divided by estimated
    factors, months would look 3% steadier than they are."""
    rng = np.random.default_rng(4)
    planted = np.exp(0.64) / 0.9 - 1
    found = [means_noise(_panel(rng)).nodes.scale[2] for _ in range(150)]
    error = np.std(np.log(found)) / np.sqrt(150)
    assert np.log(np.array(found) / planted).mean() == pytest.approx(0, abs=2.5 * error)
    assert error < 0.014
