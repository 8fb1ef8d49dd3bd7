"""Minimum trace against hierarchicalforecast, and what every projection must do."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics import reconciliation

SUMMING = np.vstack([np.ones((1, 5)), [[1, 1, 0, 0, 0], [0, 0, 1, 1, 1]], np.eye(5)])


def made(seed: int = 0, length: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(8, 8))
    return rng.normal(size=(length, 8)) @ mixing, rng.uniform(1, 9, size=(8, 3))


@pytest.mark.parametrize("method", ["mint_shrink", "wls_var", "wls_struct", "ols", "bottom_up"])
def test_parts_add_up_and_coherent_forecasts_stay(method: reconciliation.Method) -> None:
    errors, base = made()
    weights = reconciliation.projection(SUMMING, method=method, errors=errors)
    whole = reconciliation.reconcile(base, SUMMING, weights)
    np.testing.assert_allclose(whole[0], whole[3:].sum(axis=0))
    np.testing.assert_allclose(whole[1], whole[3:5].sum(axis=0))
    coherent = SUMMING @ base[3:]
    np.testing.assert_allclose(reconciliation.reconcile(coherent, SUMMING, weights), coherent)


@pytest.mark.parametrize("method", ["mint_shrink", "wls_var", "wls_struct", "ols"])
def test_as_hierarchicalforecast(method: reconciliation.Method) -> None:
    from hierarchicalforecast.methods import MinTrace

    errors, base = made(3)
    insample = np.random.default_rng(9).uniform(5, 9, size=(8, len(errors)))
    theirs = MinTrace(method=method).fit_predict(
        S=SUMMING, y_hat=base, y_insample=insample, y_hat_insample=insample - errors.T
    )["mean"]
    weights = reconciliation.projection(SUMMING, method=method, errors=errors)
    np.testing.assert_allclose(reconciliation.reconcile(base, SUMMING, weights), theirs, rtol=1e-5)


def test_no_part_below_zero_and_still_a_sum() -> None:
    base = np.array([[1.0], [0.5], [0.5], [-3.0], [1.0], [0.2], [0.2], [0.1]])
    weights = reconciliation.projection(SUMMING, method="bottom_up")
    whole = reconciliation.reconcile(base, SUMMING, weights, floor=True)
    assert whole.min() == 0
    assert whole[0, 0] == pytest.approx(1.5)


def test_errors_are_asked_for() -> None:
    with pytest.raises(ValueError, match="needs errors"):
        reconciliation.projection(SUMMING, method="mint_shrink")
