"""What the rows set aside would have added: money that is in no total is said in money, not in rows."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import faults
from salesops_lib.dataset.admission import Admitted

# Rows that add nothing, since others hold the same; and rows whose money is of another measure.
_NOTHING = (faults.REPEATS, faults.SAME_KEY, faults.TOTAL, faults.EMPTY_ROW)
_OF_ANOTHER = (faults.OTHER_CURRENCY, faults.TWO_CURRENCIES, faults.TOO_LARGE, faults.INFINITE)
# Less of what was booked is not worth a sentence.
_FEW = 0.005


def won_but_unused(deals: Admitted, sign: str) -> list[str]:
    """A sentence about the won deals among the rows set aside, where they would add half a percent or more to what
    was booked; `sign` of the money."""
    left = [row for row, fault in deals.faults if fault.kind in (*_NOTHING, *_OF_ANOTHER)]
    amount = _won(deals.refused.drop(index=left, errors="ignore")).dropna()
    held, booked = float(amount.sum()), float(_won(deals.accepted).sum())
    if not held > 0 or held < _FEW * (booked + held):
        return []
    one = len(amount) == 1
    return [
        f"{wording.count(len(amount), 'won deal')} worth {wording.money(held, sign)} {'is' if one else 'are'} set "
        f"aside, because {'its row' if one else 'their rows'} cannot be used: bookings, and all that rests on them, "
        f"lack {wording.percent(held / (booked + held))} of what was won. `salesops check` tells the rows and what "
        "to do."
    ]


def _won(deals: pd.DataFrame) -> pd.Series:
    """What was paid for each that is won."""
    return deals.loc[deals["status"] == "won", "amount"]
