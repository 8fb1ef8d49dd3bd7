"""From cells to values, one column at a time (numbers are read in `amounts`). A cell that could mean
two things is not guessed: the column's other cells decide (31/12 shows that days come first), and where
they do not, the cell is refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import faults, midnights
from salesops_lib.dataset.day_order import PARTS, Evidence, evidence
from salesops_lib.dataset.faults import Fault, Kind

# What exporters write into number and date columns for "nothing". Text is not touched: the region
# NA is North America.
NOTHING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "-", "–", "—", "?"}
EARLIEST, LATEST = pd.Timestamp("1940-01-01"), pd.Timestamp("2100-12-31")
_OUTSIDE = faults.out_of_years(EARLIEST.year, LATEST.year)

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?$")
# The time of a day behind its date, with a zone that is not looked at.
_TIME = re.compile(
    r"(?<=\d)[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?: ?([AP])M)?"
    r"\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?$",
    re.I,
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/.]?(0[1-9]|1[0-2])$")
_WORDS = re.compile(
    r"^(?:(\d{1,2})[-\s/.]+([A-Za-z]{3,9})\.?[-\s/.,]+|([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+)"
    r"(\d{4}|\d{2})$"
)
# Days since 1900 as spreadsheets count them, 1954 to 2119: also with the hour behind the point.
_SERIAL = re.compile(r"^[2-7]\d{4}(?:\.\d+)?$")
_WORD_MONTH = re.compile(r"^([A-Za-z]{3,9})\.?[-\s]+(\d{4})$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
    for name in {names, names[:3], "sept" if number == 9 else names[:3]}
}


@dataclass
class Parsed:
    """A parsed column.

    Attributes
    ----------
    values
        The column, missing where the cell was empty or did not parse.
    refused
        Row position → why its cell did not parse.
    notes
        What was recognised, for the quality report.
    currencies
        Row position → currency sign, for cells that carried one.
    order
        Of dates, what the cells say on whether days come first.
    """

    values: pd.Series
    refused: dict[int, Fault] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    currencies: dict[int, str] = field(default_factory=dict)
    order: Evidence = field(default_factory=Evidence)

    def refuse(self, rows: np.ndarray, kind: Kind, cell: object) -> None:
        """Say of these row positions that their cell cannot be used."""
        self.refused.update(dict.fromkeys(rows.tolist(), Fault(kind, shown(cell))))


def as_id(column: pd.Series) -> Parsed:
    """Strings exactly as they came; a number is written without a decimal point where it has none,
    because 7.0 is how a missing neighbour turns an integer column."""
    return Parsed(_strings(column, trim=False))


def as_text(column: pd.Series) -> Parsed:
    """Strings without blanks around them."""
    return Parsed(_strings(column, trim=True))


def as_name(column: pd.Series) -> Parsed:
    """Names that reports show, as `wording.named` makes them fit to be shown: the same name in two
    tables stays the same, two names stay two unless only invisible characters told them apart."""
    codes, uniques = factorized(column)
    as_came = _strings(pd.Series(uniques, dtype=object), trim=True).tolist()
    names = [wording.named(one) or None if one else None for one in as_came]
    hidden = cut = 0
    for before, after in zip(as_came, names, strict=True):
        if before is not None and before != after:
            whole = len(before) <= wording.LONGEST_NAME
            cut += not whole
            hidden += whole and " ".join(before.split()) != after
    lookup = np.array([*names, None], dtype=object)
    parsed = Parsed(pd.Series(lookup[codes], index=column.index, dtype=object))
    if cut:
        long = "is longer" if cut == 1 else "are longer"
        parsed.notes.append(
            f"{wording.count(cut, 'name')} {long} than {wording.LONGEST_NAME} characters and cut"
        )
    if hidden:
        parsed.notes.append(
            f"characters that cannot be seen taken out of {wording.count(hidden, 'name')}"
        )
    return parsed


def _strings(column: pd.Series, *, trim: bool) -> pd.Series:
    codes, uniques = factorized(column)
    texts = []
    for value in uniques:
        if isinstance(value, float | np.floating) and float(value).is_integer():
            text = str(int(value))
        else:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        text = text.strip() if trim else text
        texts.append(text if text.strip() else None)
    lookup = np.array([*texts, None], dtype=object)
    return pd.Series(lookup[codes], index=column.index, dtype=object)


def factorized(column: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Codes of the cells, −1 where missing, and what each code stands for."""
    try:
        codes, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError:  # lists and mappings, as Parquet can hold them
        codes, uniques = pd.factorize(column.map(str, na_action="ignore"), use_na_sentinel=True)
    return codes, list(uniques)


def rows_of(codes: np.ndarray, wanted: list[bool]) -> dict[int, np.ndarray]:
    """Code → its row positions, for the wanted codes; one pass, however many there are."""
    chosen = np.flatnonzero(np.array([*wanted, False])[codes])
    if not len(chosen):
        return {}
    ordered = chosen[np.argsort(codes[chosen], kind="stable")]
    starts = np.flatnonzero(np.diff(codes[ordered], prepend=-1))
    return {int(codes[part[0]]): part for part in np.split(ordered, starts[1:])}


def as_date(column: pd.Series, *, keep_time: bool = False, day_first: bool | None = None) -> Parsed:
    """Days as normalised timestamps (moments where `keep_time`). A time zone is dropped: the date
    is the one written down, unless all are midnights of another zone (`midnights`). `day_first` holds
    where no cell of the column says."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        values = column.dt.tz_localize(None) if column.dt.tz is not None else column
        outside = (values < EARLIEST) | (values > LATEST)
        parsed = Parsed(values.mask(outside))
        zone = str(column.dt.tz)
        _settle(parsed, keep_time, utc=lambda: zone in {"UTC", "UTC+00:00"})
        for at in np.flatnonzero(outside).tolist():
            parsed.refuse(np.array([at]), _OUTSIDE, values.iloc[at])
        return parsed
    codes, uniques = factorized(column)
    # Days repeat where moments do not: each is read once.
    parts = [_day_and_time(value) for value in uniques]
    seen: dict[str | pd.Timestamp | None, int] = {}
    within = [seen.setdefault(day, len(seen)) for day, _ in parts]
    day_codes = np.array([*within, -1])[codes]
    texts = list(seen)
    order = evidence(texts, np.bincount(day_codes[day_codes >= 0], minlength=len(texts)))
    own = order.first is not None
    if order.undecided:
        order = replace(order, first=day_first)
    day_first = order.first
    results = [_moment(text, day_first) for text in texts]
    lookup = pd.Series([*(value for value, _ in results), pd.NaT], dtype="datetime64[ns]")
    times = np.array([*(time for _, time in parts), 0], dtype="timedelta64[ns]")
    values = pd.Series(lookup.to_numpy()[day_codes] + times[codes], index=column.index)
    parsed = Parsed(values, order=order)
    some = (one for one in uniques if _date_text(one) is not None)
    _settle(parsed, keep_time, utc=lambda: midnights.in_utc(some))
    bad = [bool(results[day][1]) for day in within]
    for at, rows in rows_of(codes, bad).items():
        why = results[within[at]][1]
        if why:
            parsed.refuse(rows, why, uniques[at])
    if own:
        parsed.notes.append(f"dates read {'day' if day_first else 'month'} first")
    return parsed


def as_month(column: pd.Series, *, day_first: bool | None = None) -> Parsed:
    """The first day of the month."""
    parsed = as_date(column, day_first=day_first)
    parsed.values = parsed.values.dt.to_period("M").dt.to_timestamp().astype("datetime64[ns]")
    return parsed


def as_week(column: pd.Series, *, day_first: bool | None = None) -> Parsed:
    """The Monday of the week."""
    parsed = as_date(column, day_first=day_first)
    days = pd.to_timedelta(parsed.values.dt.dayofweek, unit="D")
    parsed.values = (parsed.values - days).astype("datetime64[ns]")
    return parsed


def _settle(parsed: Parsed, keep_time: bool, *, utc: Callable[[], bool]) -> None:
    """Days or moments as they are kept, those of another zone's midnights on the day they begin."""
    values = parsed.values
    if midnights.on_the_next_day(values, utc=utc):
        values = midnights.next_day(values)
        parsed.notes.append("midnights of another time zone read as the days that begin with them")
    # Databases know nothing below a microsecond, and refuse to lose it.
    settled = values.dt.floor("us") if keep_time else values.dt.normalize()
    parsed.values = settled.astype("datetime64[ns]")


def _day_and_time(value: object) -> tuple[str | pd.Timestamp | None, int]:
    """The text of the day and the nanoseconds since it began; what is no time of day stays with
    the text, which is then no date."""
    text = _date_text(value)
    found = _TIME.search(text) if isinstance(text, str) and ":" in text else None
    if not found or not isinstance(text, str):
        return text, 0
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[5] or "").upper()
    if minute > 59 or second > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        return text, 0
    hour = hour % 12 + 12 * (half == "P") if half else hour
    seconds = (hour * 60 + minute) * 60 + second
    return text[: found.start()], seconds * 10**9 + int((found[4] or "").ljust(9, "0")[:9])


def _date_text(value: object) -> str | pd.Timestamp | None:
    if isinstance(value, datetime | date | np.datetime64):
        stamp = pd.Timestamp(value)
        return stamp.tz_localize(None) if stamp.tz is not None else stamp
    text = str(value).strip()
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    return None if text.lower() in NOTHING else text


def _moment(text: str | pd.Timestamp | None, day_first: bool | None) -> tuple[object, Kind | None]:
    if text is None:
        return pd.NaT, None
    if isinstance(text, pd.Timestamp):
        stamp: object = text
    elif (found := _ISO.match(text)) or (found := _COMPACT.match(text)):
        stamp = _build(found[1], found[2], found[3])
    elif found := _YEAR_MONTH.match(text):
        stamp = _build(found[1], found[2], "1")
    elif found := PARTS.match(text):
        first, second = int(found[1]), int(found[3])
        same = first == second
        ambiguous = first <= 12 and second <= 12 and not same
        if day_first is None and ambiguous:
            return pd.NaT, faults.DAY_OR_MONTH
        days = day_first if (day_first is not None and (ambiguous or same)) else first > 12
        day, month = (first, second) if days else (second, first)
        stamp = _build(_year(found[4]), month, day)
    elif (found := _WORDS.match(text)) and (found[2] or found[3]).lower() in _MONTHS:
        month = _MONTHS[(found[2] or found[3]).lower()]
        stamp = _build(_year(found[5]), month, found[1] or found[4])
    elif (found := _WORD_MONTH.match(text)) and found[1].lower() in _MONTHS:
        stamp = _build(found[2], _MONTHS[found[1].lower()], "1")
    else:
        return pd.NaT, faults.SERIAL_DAY if _SERIAL.match(text) else faults.NOT_A_DATE
    if not isinstance(stamp, pd.Timestamp):
        return pd.NaT, faults.NOT_OF_THE_CALENDAR
    if not EARLIEST <= stamp <= LATEST:
        return pd.NaT, _OUTSIDE
    return stamp, None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _build(year: object, month: object, day: object) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(year=int(str(year)), month=int(str(month)), day=int(str(day)))
    except ValueError:
        return None


def shown(value: object) -> str:
    """The cell in quotes, shortened, and with nothing in it that moves a terminal's cursor."""
    text = "".join(one if one.isprintable() else "?" for one in str(value))
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"
