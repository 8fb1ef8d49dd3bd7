"""What the rows set aside would have added: money that is in no total is said in money, not in rows."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import amounts, faults
from salesops_lib.dataset.admission import Admitted, numbers_of
from salesops_lib.dataset.reading import RawTable
from salesops_lib.dataset.schema import STATUS_ALIASES, TABLES, canonical, plain_name

# Rows that add nothing, since others hold the same; and rows whose money is of another measure.
_NOTHING = (faults.REPEATS, faults.SAME_KEY, faults.TOTAL, faults.EMPTY_ROW)
_OF_ANOTHER = (faults.OTHER_CURRENCY, faults.TWO_CURRENCIES, faults.TOO_LARGE, faults.INFINITE)
# Less of what was booked is not worth a sentence.
_FEW = 0.005


def won_but_unused(deals: Admitted, raw: RawTable, sign: str) -> list[str]:
    """A sentence about the won deals among the rows set aside, where they would add half a percent or more to what
    was booked.

    Parameters
    ----------
    deals, raw
        The table after the door, and as it was read.
    sign
        Of the money.
    """
    columns = {new: old for old, new in canonical(TABLES["deals"], list(raw.frame)).items()}
    if not {"status", "amount"} <= set(columns) or deals.quarantine.empty:
        return []
    # As for all rows, so that a comma means here what it means there.
    amount = amounts.as_number(raw.frame[columns["amount"]], semicolons=raw.semicolons).values
    left = {row for row, fault in deals.faults if fault.kind in (*_NOTHING, *_OF_ANOTHER)}
    aside = pd.Series(numbers_of(raw)).isin(set(deals.quarantine["row"]) - left).to_numpy()
    status = raw.frame[columns["status"]][aside].map(lambda cell: plain_name(str(cell)))
    won = status.map(lambda one: STATUS_ALIASES.get(one, one)).eq("won")
    amount = amount[aside][won.to_numpy()].dropna()
    held, booked = float(amount.sum()), _booked(deals.accepted)
    if not held > 0 or held < _FEW * (booked + held):
        return []
    one = len(amount) == 1
    return [
        f"{wording.count(len(amount), 'won deal')} worth {wording.money(held, sign)} {'is' if one else 'are'} set "
        f"aside, because {'its row' if one else 'their rows'} cannot be used: bookings, and all that rests on them, "
        f"lack {wording.percent(held / (booked + held))} of what was won. `salesops check` tells the rows and what "
        "to do."
    ]


def _booked(deals: pd.DataFrame) -> float:
    return float(deals.loc[deals["status"] == "won", "amount"].sum())
