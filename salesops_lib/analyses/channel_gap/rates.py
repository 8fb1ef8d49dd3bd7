"""Rates that rest on few deals, counted by how many deals are behind them.

The win rate of a month with one closed deal is 0 or 1, and moves bookings by one deal; that of a
month with twenty moves them by twenty. Regressed as they come, the wild months drag the coefficient
towards nothing, and months without a deal have no rate at all. So a rate enters as

    p̄ + (n / n̄) (p − p̄),

with n deals behind the month's rate p, the rep's mean n̄ and the mean rate p̄ of all deals. Its mean
over a rep's months is the rep's pooled rate (won ÷ closed of the whole time), a month without deals
is neutral, and bookings, a sum over deals, are linear in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_columns, number
from salesops_lib.errors import DataError, ParameterError

# The rates of rep-months and what they are averages over.
COUNTS = {"win_rate": "deals_closed", "discount": "deals_won", "cycle_days": "deals_won"}


def counted(
    data: pd.DataFrame,
    practice: Sequence[str],
    *,
    cluster: str,
    channel: str,
    counts: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """`data` with its rates weighed by their counts.

    Parameters
    ----------
    counts
        Rate → column with the number of deals behind each value; by default `COUNTS`, as far as
        both columns are there.

    Raises
    ------
    DataError
        If a count is missing or negative.
    ParameterError
        If a rate of `counts` is no practice.
    """
    if counts is None:
        chosen = {
            rate: count
            for rate, count in COUNTS.items()
            if rate in practice and rate in data and count in data
        }
    else:
        if not isinstance(counts, Mapping):
            raise ParameterError(
                f"counts == {counts!r}, must say of each rate which column counts."
            )
        chosen = dict(counts)
        unknown = sorted(set(chosen) - set(practice))
        if unknown:
            raise ParameterError(f"counts names '{unknown[0]}', which is no practice.")
    if not chosen:
        return data
    check_columns(data, [*chosen, *chosen.values(), cluster, channel], "a comparison of channels")
    return data.assign(**{
        rate: _weighed(data, rate, count, [cluster, channel]) for rate, count in chosen.items()
    })  # fmt: skip


def _weighed(data: pd.DataFrame, rate: str, count: str, keys: list[str]) -> pd.Series:
    values = number(data, rate)
    behind = pd.to_numeric(data[count], errors="coerce").astype(float)
    bad = ~(np.isfinite(behind) & (behind >= 0))
    if bad.any():
        raise DataError(f"is no count of the deals behind {rate} in every row", column=count,
                        rows=data.index[bad],
                        remedy="A count is needed for every row, 0 where there was nothing; "
                        "counts={} takes rates as they are.")  # fmt: skip
    behind = behind.where(values.notna(), 0.0)
    if not behind.sum() > 0:
        return values
    mean = float((values.fillna(0.0) * behind).sum() / behind.sum())
    usual = behind.groupby([data[one] for one in keys], observed=True).transform("mean")
    # A rep without any deal keeps no rate; the channel's stands in later, with a notice.
    return mean + behind / usual.where(usual > 0) * (values.fillna(mean) - mean)
