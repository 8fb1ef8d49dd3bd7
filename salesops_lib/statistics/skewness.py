"""Whether a sample is about as symmetric as a normal one."""

from __future__ import annotations

import math

# A skewness up to this is well behaved, however well it is known.
_WELL_BEHAVED = 0.5


def well_behaved(skewness: float, freedom: float) -> bool:
    """Whether a sample skewness is small, or within two standard errors of being small.

    >>> well_behaved(0.9, 100), well_behaved(1.1, 100)
    (True, False)
    """
    return abs(skewness) <= _WELL_BEHAVED + 2 * math.sqrt(6 / max(freedom, 1.0))
