"""Slopes within units: a published panel, statsmodels with a dummy for everything, loops, and errors
in the regressor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.two_way_effects import (
    WithinFit,
    t_interval,
    within_poisson,
    within_regression,
)
from tests.reference.selling_time import GRUNFELD_WITHIN


def panel(seed: int = 0, units: int = 9, periods: int = 7) -> pd.DataFrame:
    """Unbalanced, with zeros; unit effects go with x."""
    rng = np.random.default_rng(seed)
    u, p = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    talent = rng.normal(size=units)
    x = 0.5 * talent[u] + 0.4 * rng.normal(size=len(u))
    mean = np.exp(0.6 * x + 0.5 * talent[u] + 0.1 * p)
    frame = pd.DataFrame({"u": u, "p": p, "x": x, "w": rng.normal(size=len(u))})
    frame["y"] = rng.poisson(0.8 * mean) * rng.lognormal(0, 0.3, len(u))
    frame["offset"] = np.log(rng.uniform(0.5, 1.0, len(u)))
    return frame.drop(index=rng.choice(len(u), 9, replace=False)).reset_index(drop=True)


def dummies(frame: pd.DataFrame, *columns: str) -> np.ndarray:
    """The regressors and a column for every unit and every period but the first."""
    unit = pd.get_dummies(frame["u"]).to_numpy(float)
    period = pd.get_dummies(frame["p"]).to_numpy(float)[:, 1:]
    return np.column_stack([frame[list(columns)], unit, period])


def poisson(frame: pd.DataFrame, *columns: str) -> WithinFit:
    x = frame[list(columns)].to_numpy()
    return within_poisson(
        frame["y"].to_numpy(), x, frame["u"].to_numpy(), frame["p"].to_numpy(),
        frame["offset"].to_numpy(),
    )  # fmt: skip


def test_grunfeld_as_published() -> None:
    data = sm.datasets.grunfeld.load_pandas().data
    ten = data[data["firm"] != "American Steel"]
    fit = within_regression(
        ten["invest"].to_numpy(), ten[["value", "capital"]].to_numpy(float),
        pd.factorize(ten["firm"])[0],
    )  # fmt: skip
    assert ten["firm"].nunique() == fit.units == 10
    assert fit.coef == pytest.approx(GRUNFELD_WITHIN, abs=5e-7)


def test_regression_is_least_squares_with_a_dummy_for_everything() -> None:
    frame = panel()
    fit = within_regression(
        frame["y"].to_numpy(), frame[["x", "w"]].to_numpy(), frame["u"].to_numpy(),
        frame["p"].to_numpy(),
    )  # fmt: skip
    twin = sm.OLS(frame["y"], dummies(frame, "x", "w")).fit()
    assert fit.coef == pytest.approx(twin.params[:2], rel=1e-9)


def test_poisson_is_the_generalised_linear_model_with_a_dummy_for_everything() -> None:
    frame = panel()
    assert (frame["y"] == 0).any()
    fit = poisson(frame, "x", "w")
    twin = sm.GLM(
        frame["y"], dummies(frame, "x", "w"), family=sm.families.Poisson(), offset=frame["offset"]
    ).fit(tol=1e-12)
    assert fit.coef == pytest.approx(twin.params[:2], rel=1e-6)


def test_errors_are_those_of_a_loop_over_units() -> None:
    """CR2 with every matrix written out (Bell and McCaffrey 2002): residuals of a unit times the
    inverse root of I − H, H the unit's block of the weighted hat matrix of the demeaned design."""
    frame = panel()
    fit = poisson(frame, "x")
    design = dummies(frame, "x")
    twin = sm.GLM(
        frame["y"], design, family=sm.families.Poisson(), offset=frame["offset"]
    ).fit(tol=1e-12)  # fmt: skip
    mu = np.asarray(twin.mu)
    root = np.sqrt(mu)
    unit, units = frame["u"].to_numpy(), frame["u"].unique()
    z = np.column_stack([design[:, 0], design[:, 1 + len(units) :]])
    for u in units:
        own = unit == u
        z[own] -= np.average(z[own], axis=0, weights=mu[own])
    z = z * root[:, None]
    e = (frame["y"].to_numpy() - mu) / root
    bread = np.linalg.inv(z.T @ z)
    meat = np.zeros_like(bread)
    for u in units:
        own = unit == u
        block = np.eye(own.sum()) - z[own] @ bread @ z[own].T
        values, vectors = np.linalg.eigh(block)
        scale = np.where(values > 1e-8, 1 / np.sqrt(np.maximum(values, 1e-8)), 0.0)
        score = z[own].T @ (vectors * scale) @ vectors.T @ e[own]
        meat += np.outer(score, score)
    assert fit.std_error[0] == pytest.approx(np.sqrt((bread @ meat @ bread)[0, 0]), rel=1e-5)
    assert 1 < fit.df[0] <= fit.units - 1


def test_what_a_unit_or_a_period_adds_changes_nothing() -> None:
    frame = panel()
    fit = poisson(frame, "x")
    moved = frame.assign(
        x=frame["x"] + 3 * frame["u"] - frame["p"] ** 2, y=frame["y"] * 1e6
    ).sample(frac=1, random_state=1)
    again = poisson(moved, "x")
    assert again.coef == pytest.approx(fit.coef, rel=1e-7)
    assert again.std_error == pytest.approx(fit.std_error, rel=1e-5)
    assert again.variance == pytest.approx(fit.variance, rel=1e-5)
    ten = poisson(frame.assign(x=10 * frame["x"]), "x")
    assert ten.coef * 10 == pytest.approx(fit.coef, rel=1e-7)


def test_units_and_periods_without_anything_are_left_out() -> None:
    frame = panel()
    silent = frame.assign(y=frame["y"].where((frame["u"] != 3) & (frame["p"] != 2), 0.0))
    less = frame[(frame["u"] != 3) & (frame["p"] != 2)]
    assert poisson(silent, "x").coef == pytest.approx(poisson(less, "x").coef, rel=1e-9)
    assert poisson(silent, "x").units == poisson(less, "x").units == frame["u"].nunique() - 1


def test_the_variance_within_is_that_of_the_residuals_of_a_dummy_regression() -> None:
    frame = panel()
    fit = within_regression(
        frame["y"].to_numpy(), frame["x"].to_numpy(), frame["u"].to_numpy(), frame["p"].to_numpy()
    )
    twin = sm.OLS(frame["x"], dummies(frame)).fit()
    assert fit.variance == pytest.approx(twin.mse_resid, rel=1e-9)
    kept = 1 - 0.04 / twin.mse_resid
    assert fit.reliability(0.2) == pytest.approx(kept)
    assert fit.corrected(0.2)[0] == pytest.approx(fit.coef[0] / kept)
    assert fit.corrected(0.0) == pytest.approx((fit.coef[0], fit.std_error[0]))
    assert np.isnan(fit.corrected(5.0)).all()


def test_the_corrected_error_is_that_of_a_loop() -> None:
    """Score of unit u: Σ r·(y − βr) + β·s²·(what error leaves of Σ r²), r the residual of x."""
    frame = panel()
    y, unit = frame["y"].to_numpy(), frame["u"].to_numpy()
    fit = within_regression(y, frame["x"].to_numpy(), unit, frame["p"].to_numpy())
    every = dummies(frame)
    maker = np.eye(len(y)) - every @ np.linalg.pinv(every)
    r, s2 = maker @ frame["x"].to_numpy(), 0.15**2
    slope = fit.corrected(0.15)[0]
    plain = [r[unit == u] @ (maker @ y - fit.coef[0] * r)[unit == u] for u in frame["u"].unique()]
    score = [
        r[unit == u] @ (maker @ y - slope * r)[unit == u]
        + slope * s2 * np.diag(maker)[unit == u].sum()
        for u in frame["u"].unique()
    ]
    inflation = fit.std_error[0] / (np.sqrt(np.square(plain).sum()) / (r @ r))
    left = r @ r - s2 * np.trace(maker)
    expected = inflation * np.sqrt(np.square(score).sum()) / left
    assert fit.corrected(0.15)[1] == pytest.approx(expected, rel=1e-8)


def test_an_error_attenuates_and_is_taken_out_again() -> None:
    """METHODS: a log error of .15 makes .212 of .34 where the months differ by .193."""
    rng = np.random.default_rng(5)
    units, periods = 2000, 12
    u, p = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    true = 0.193 * rng.normal(size=len(u))
    y = 0.34 * true + 0.2 * rng.normal(size=len(u)) + rng.normal(size=units)[u]
    fit = within_regression(y, true + 0.15 * rng.normal(size=len(u)), u, p)
    assert fit.coef[0] == pytest.approx(0.212, abs=0.02)
    assert fit.corrected(0.15)[0] == pytest.approx(0.34, abs=0.03)


def test_what_cannot_be_told_is_said() -> None:
    frame = panel()
    y, u, p = (frame[name].to_numpy() for name in ("y", "u", "p"))
    with pytest.raises(NotEnoughData, match="does not vary"):
        within_regression(y, u + 2.0 * p, u, p)
    with pytest.raises(NotEnoughData, match="does not vary"):
        within_poisson(y, u.astype(float), u, p)
    with pytest.raises(NotEnoughData, match="fewer than two units"):
        within_poisson(y[u == 0], frame["x"].to_numpy()[u == 0], u[u == 0], p[u == 0])
    assert t_interval(1.0, 0.5, 0.0, 0.9) == (-np.inf, np.inf)


def test_a_panel_in_two_pieces_is_fitted() -> None:
    """Some reps in spring only, the others in autumn only: no period links the pieces."""
    frame = panel(units=12, periods=6)
    half = frame[(frame["u"] < 6) == (frame["p"] < 3)]
    design = dummies(half, "x")
    twin = np.linalg.lstsq(design, half["y"], rcond=None)[0]
    fit = within_regression(
        half["y"].to_numpy(), half["x"].to_numpy(), half["u"].to_numpy(), half["p"].to_numpy()
    )
    assert fit.coef[0] == pytest.approx(twin[0], rel=1e-8)


def test_the_corrected_error_of_poisson_is_that_of_a_loop() -> None:
    """As above with every square weighted by the expected value, which averages to 1."""
    frame = panel()
    unit, x = frame["u"].to_numpy(), frame["x"].to_numpy()
    fit = poisson(frame, "x")
    model = {"family": sm.families.Poisson(), "offset": frame["offset"]}
    mu = np.asarray(sm.GLM(frame["y"], dummies(frame, "x"), **model).fit(tol=1e-12).mu)
    w, every = mu / mu.mean(), dummies(frame)
    maker = np.eye(len(x)) - every @ np.linalg.solve(every.T @ (every * w[:, None]), every.T * w)
    r, gap = maker @ x, (frame["y"].to_numpy() - mu) / mu.mean()
    mass = w * np.diag(maker)
    slope = fit.corrected(0.15)[0]
    assert slope == pytest.approx(
        fit.coef[0] / (1 - 0.15**2 * mass.sum() / (w * r**2).sum()), rel=1e-5
    )
    score, plain = [], []
    for u in frame["u"].unique():
        own = unit == u
        size = (w * r**2)[own].sum()
        plain.append(r[own] @ gap[own])
        score.append(plain[-1] + fit.coef[0] * size - slope * (size - 0.15**2 * mass[own].sum()))
    total = (w * r**2).sum()
    inflation = fit.std_error[0] / (np.sqrt(np.square(plain).sum()) / total)
    left = total - 0.15**2 * mass.sum()
    expected = inflation * np.sqrt(np.square(score).sum()) / left
    assert fit.corrected(0.15)[1] == pytest.approx(expected, rel=1e-4)
