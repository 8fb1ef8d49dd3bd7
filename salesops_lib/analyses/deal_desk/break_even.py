"""How many deals may be lost before a smaller discount costs more than it brings: arithmetic of
contribution, which needs no guess of what a discount does to customers.

A deal with list 1 and discount d is paid 1 − d and leaves m (1 − d) at gross margin m. Taking k of the
discount back leaves m (1 − d) + k, since what the deal costs stays the same. A share x of the deals may
be lost while (1 − x) (m (1 − d) + k) is no less than m (1 − d):

    x = k / (m (1 − d) + k)

the break-even sales change of Nagle and Müller (2018), The Strategy and Tactics of Pricing, for a
price rise.
"""

from __future__ import annotations

from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.errors import ParameterError

Array = NDArray[np.float64]


@overload
def break_even_loss(gain: float, paid: float, gross_margin: float) -> float: ...
@overload
def break_even_loss(gain: Array, paid: Array | float, gross_margin: float) -> Array: ...
def break_even_loss(gain: Array | float, paid: Array | float, gross_margin: float) -> Array | float:
    """Share of deals that may be lost.

    Parameters
    ----------
    gain
        Discount taken back, money (or share of list).
    paid
        What is paid before, in the same unit.
    gross_margin
        On what is paid, above 0 and at most 1.

    Returns
    -------
    0 to 1; 0 where nothing is taken back.

    Raises
    ------
    ParameterError
        For a margin out of range.

    Examples
    --------
    >>> round(break_even_loss(0.02, 0.90, 0.70), 6)
    0.030769
    """
    if not 0 < gross_margin <= 1:
        raise ParameterError(f"gross_margin == {gross_margin!r}, must be above 0 and at most 1.")
    whole = gross_margin * np.asarray(paid, dtype=np.float64) + gain
    share = np.divide(gain, whole, out=np.zeros_like(whole), where=whole > 0)
    return float(share) if share.ndim == 0 else share


def break_even_curve(
    discount: float, gross_margin: float, most: float = 0.10, steps: int = 41
) -> pd.DataFrame:
    """points, break_even: for up to `most` of list taken back off an average discount."""
    points = np.linspace(0.0, most, steps)
    share = break_even_loss(points, 1 - discount, gross_margin)
    return pd.DataFrame({"points": points, "break_even": share})
