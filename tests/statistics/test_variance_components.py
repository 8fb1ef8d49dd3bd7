"""One random intercept: published values, and a slow twin with covariates and unequal groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib.statistics.variance_components import (
    group_sums,
    point_estimates,
    restricted_likelihood,
)
from tests.reference import performance_curve as published
from tests.reference.mixed_model import reml


def _batches(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


def _one_way(frame: pd.DataFrame) -> object:
    codes, labels = pd.factorize(frame["Batch"])
    y = frame["Yield"].to_numpy() - frame["Yield"].mean()
    return group_sums(y, np.ones((len(y), 1)), codes, len(labels))


def test_dyestuff(reference_files: Path) -> None:
    sums = _one_way(_batches(reference_files, "Dyestuff"))
    between, residual = point_estimates(sums)
    assert between == pytest.approx(published.DYESTUFF_REML, abs=0.01)
    assert residual == pytest.approx(published.DYESTUFF_RESIDUAL, abs=0.01)
    assert point_estimates(sums, method="ml")[0] == pytest.approx(published.DYESTUFF_ML, abs=0.01)


def test_dyestuff2_has_no_spread_at_all(reference_files: Path) -> None:
    sums = _one_way(_batches(reference_files, "Dyestuff2"))
    assert point_estimates(sums)[0] == published.DYESTUFF2_BETWEEN


def test_sleepstudy_random_intercept(reference_files: Path) -> None:
    frame = pd.read_csv(reference_files / "sleepstudy.csv")
    codes, labels = pd.factorize(frame["Subject"])
    design = np.column_stack([np.ones(len(frame)), frame["Days"]])
    sums = group_sums(frame["Reaction"].to_numpy(), design, codes, len(labels))
    between, residual = point_estimates(sums)
    assert between**0.5 == pytest.approx(published.SLEEP_INTERCEPT_SD, abs=1e-3)
    assert residual**0.5 == pytest.approx(published.SLEEP_INTERCEPT_RESIDUAL, abs=1e-3)
    beta = restricted_likelihood(sums, np.array([(between / residual) ** 0.5]))[1][0]
    assert beta == pytest.approx(published.SLEEP_FIXED, abs=1e-4)


def test_the_twin_gives_lme4s_random_slopes(reference_files: Path) -> None:
    frame = pd.read_csv(reference_files / "sleepstudy.csv")
    design = np.column_stack([np.ones(len(frame)), frame["Days"]])
    beta, covariance, residual = reml(
        frame["Reaction"].to_numpy() / 30, design, design, frame["Subject"].to_numpy()
    )
    sds = 30 * np.sqrt(np.diag(covariance))
    assert 30 * beta == pytest.approx(published.SLEEP_FIXED, abs=1e-3)
    assert sds == pytest.approx(published.SLEEP_SDS, abs=2e-3)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert correlation == pytest.approx(published.SLEEP_CORRELATION, abs=1e-3)
    assert 30 * residual == pytest.approx(published.SLEEP_RESIDUAL, abs=2e-3)


def test_against_the_twin_with_unequal_groups_and_covariates() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(15), rng.integers(1, 9, 15))
    x = np.column_stack([np.ones(len(groups)), rng.normal(size=len(groups)), groups > 7])
    y = x @ [2.0, 0.5, -1.0] + rng.normal(size=15)[groups] + rng.normal(0, 0.7, len(groups))
    beta, covariance, residual = reml(y, x, np.ones((len(y), 1)), groups)
    sums = group_sums(y, x, groups, 15)
    between, noise = point_estimates(sums)
    assert between == pytest.approx(covariance[0, 0], rel=1e-4)
    assert noise == pytest.approx(residual**2, rel=1e-4)
    ours = restricted_likelihood(sums, np.array([(between / noise) ** 0.5]))[1][0]
    assert ours == pytest.approx(beta, abs=1e-5)
