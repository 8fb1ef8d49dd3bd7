"""Which currency money is in: the sign in an amount, or a currency column beside it. Amounts in two
currencies are never added up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesops_lib.dataset.faults import OTHER_CURRENCY, TWO_CURRENCIES, Fault
from salesops_lib.dataset.schema import Table, plain_name

_SIGN = re.compile(
    r"US\$|A\$|C\$|[$€£¥₹]|\b(?:USD|EUR|GBP|JPY|CHF|SEK|NOK|DKK|PLN|AUD|CAD|INR|CNY)\b|kr\b|CHF"
)
_SAME = {
    "USD": "$", "US$": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "AUD": "A$",
    "CAD": "C$", "US DOLLAR": "$", "US DOLLARS": "$", "EURO": "€", "EUROS": "€",
    "POUND STERLING": "£",
}  # fmt: skip
# Signs that several countries write: an amount of $10 in a row of AUD is no contradiction.
_SHARED = {
    "$": {"A$", "C$", "NZD", "SGD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP", "TWD"},
    "¥": {"CNY"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
    "£": {"EGP", "GIP"},
}
# As `plain_name` writes them, what exporters call the column; the first one that is there counts.
COLUMNS = (
    "currency",
    "currency_code",
    "currency_iso_code",
    "iso_currency_code",
    "deal_currency",
    "deal_currency_code",
    "amount_currency",
    "transaction_currency",
    "transactioncurrencyid",
    "opportunity_currency",
    "ccy",
)


def sign_in(text: str) -> str | None:
    """The currency sign that an amount carries: `US$ 7` is in `$`."""
    found = _SIGN.search(text)
    return _SAME.get(found.group(), found.group()) if found else None


def without_sign(text: str) -> str:
    """The amount without it."""
    return _SIGN.sub("", text)


def of_code(text: str) -> str:
    """The one way a currency is written here: `eur`, `EUR` and `€` are `€`; one that is not known
    by name stays as it is, in capitals."""
    plain = text.strip()
    for form in (plain, plain.upper()):
        if form in _SAME or _SIGN.fullmatch(form):
            return _SAME.get(form, form)
    return plain.upper()


def column_of(table: Table, own: list[str]) -> str | None:
    """Which of the columns that are none of the table's says in which currency its money is."""
    if not any(one.kind == "number" for one in table.columns) or table.name == "activities":
        return None
    plain = {plain_name(heading): heading for heading in reversed(own)}
    return next((plain[name] for name in COLUMNS if name in plain), None)


def unread(frame: pd.DataFrame, table: Table) -> dict[str, list[str]]:
    """Heading → currencies, of the caller's own columns that hold nothing but names of two or more: money of
    these may be summed as one."""
    out = {}
    for name in frame.columns.difference(list(table.names)):
        cells = frame[name].dropna()
        if cells.empty or not pd.api.types.is_object_dtype(cells):
            continue
        named = [str(one).strip().upper() for one in cells.unique()]
        known = [one for one in named if one in _SAME or _SIGN.fullmatch(one)]
        if len(known) == len(named) and len({of_code(one) for one in known}) > 1:
            out[str(name)] = sorted({of_code(one) for one in known})
    return out


def codes_of(cells: pd.Series) -> dict[int, str]:
    """Row position → currency, where the cell says one."""
    codes, uniques = pd.factorize(cells.astype(object), use_na_sentinel=True)
    said = [of_code(str(one)) or None for one in uniques]
    filled = np.flatnonzero(np.array([*(one is not None for one in said), False])[codes])
    return {int(row): str(said[codes[row]]) for row in filled}


def settled(
    signs: Mapping[int, tuple[str, str]], said: Mapping[int, str], money: pd.Series
) -> tuple[dict[int, str], dict[int, Fault]]:
    """Row position → currency of its money, and the rows that contradict themselves.

    Parameters
    ----------
    signs
        Row position → column and sign of an amount that carries one.
    said
        Row position → what the currency column says.
    money
        Whether the row holds money at all; where it does not, its currency changes nothing.
    """
    holds = money.to_numpy()
    known = {row: code for row, code in said.items() if holds[row]}
    wrong: dict[int, Fault] = {}
    for row, (column, sign) in signs.items():
        code = known.setdefault(row, sign)
        if not agree(sign, code):
            told = f"is written in {sign}, and the currency column says {code}"
            wrong[row] = Fault(TWO_CURRENCIES, detail=told, column=column)
    return known, wrong


def usual_of(counts: Mapping[str, int], wanted: str | None = None) -> str | None:
    """The currency of a table: the wanted one where any row is in it, else the most frequent."""
    fits = {one: n for one, n in counts.items() if agree(str(wanted), one)}
    among = {str(wanted): 1} if wanted in counts else fits or counts
    return max(among, key=lambda one: among[one]) if among else None


def agree(sign: str, code: str) -> bool:
    """Whether what is written as `sign` may be money in `code`."""
    return sign == code or code in _SHARED.get(sign, ())


def others(
    known: Mapping[int, str],
    usual: str | None,
    heading: str | None,
    signs: Mapping[int, tuple[str, str]],
) -> dict[int, Fault]:
    """The rows whose money cannot be added to that of the rest. The column at fault is the one
    that says so: the currency column, `heading`, or the amount that carries a sign."""
    return {
        row: Fault(
            OTHER_CURRENCY,
            f"'{one}'",
            f"{OTHER_CURRENCY.says}: the rest is in {usual}",
            column=heading or signs[row][0],
        )
        for row, one in known.items()
        if usual is not None and not agree(one, usual)
    }


def counted(known: Mapping[int, str]) -> dict[str, int]:
    """Currency → rows, most frequent first."""
    return dict(Counter(known.values()).most_common())
