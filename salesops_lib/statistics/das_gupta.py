"""How much each factor of a product contributes to the difference between two products.

Das Gupta (1993): average over all orders in which the factors can be switched from one group to the
other, which is the Shapley value. It sums to the difference and depends on no order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from salesops_lib.statistics.cluster_moments import Array


def in_order(a: Sequence[Array], b: Sequence[Array], order: Sequence[int]) -> list[Array]:
    """Contributions to Π a − Π b when the factors switch from b to a in `order`.

    Factors are arrays that multiply elementwise; contributions keep their shape.
    """
    now = [np.asarray(one, float) for one in b]
    before = _product(now)
    out: list[Array] = [np.zeros(())] * len(now)
    for factor in order:
        now[factor] = np.asarray(a[factor], float)
        after = _product(now)
        out[factor] = after - before
        before = after
    return out


def shapley(a: Sequence[Array], b: Sequence[Array]) -> list[Array]:
    """The average of `in_order` over all orders.

    >>> [round(float(x), 3) for x in shapley([16591, 0.825974], [10930, 0.717892])]
    [4369.913, 1487.262]
    """
    orders = list(permutations(range(len(a))))
    totals: list[Array] = [np.zeros(())] * len(a)
    for order in orders:
        totals = [total + one for total, one in zip(totals, in_order(a, b, order), strict=True)]
    return [total / len(orders) for total in totals]


def _product(factors: Sequence[Array]) -> Array:
    out = np.ones(())
    for one in factors:
        out = out * one
    return out
