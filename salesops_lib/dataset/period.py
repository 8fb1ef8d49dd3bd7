"""A reporting period: a month, quarter or year, as `2026-09`, `2026-Q3`, `2026`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from salesops_lib.errors import ParameterError

_FORMS = {
    re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$"): "M",
    re.compile(r"^(\d{4})-?Q([1-4])$"): "Q",
    re.compile(r"^(\d{4})$"): "Y",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A closed range of days; nothing dated after `end` may be seen by a run.

    Attributes
    ----------
    name
        Canonical text: `2026-09`, `2026-Q3` or `2026`.
    start, end
        First and last day, as normalised timestamps (both included).
    """

    name: str
    start: pd.Timestamp
    end: pd.Timestamp

    @classmethod
    def parse(cls, text: str, *, latest: pd.Timestamp | None = None) -> Period:
        """Read `text`; `latest` means the last quarter complete on the day `latest`.

        Raises
        ------
        ParameterError
            If the text is none of the forms, or is `latest` and no date is given.
        """
        if text == "latest":
            if latest is None:
                raise ParameterError("period 'latest' needs a dataset with dated rows.")
            return cls._of_pandas(pd.Period(latest + pd.Timedelta(days=1), freq="Q") - 1)
        for form, freq in _FORMS.items():
            found = form.match(text)
            if found:
                label = "Q".join(found.groups()) if freq == "Q" else text
                return cls._of_pandas(pd.Period(label, freq=freq))
        raise ParameterError(
            f"period == {text!r}, must be a month (2026-09), a quarter (2026-Q3), "
            "a year (2026) or 'latest'."
        )

    @classmethod
    def _of_pandas(cls, period: pd.Period) -> Period:
        name = str(period)
        if "Q" in name:
            name = f"{name[:4]}-{name[4:]}"
        return cls(name, period.start_time.normalize(), period.end_time.normalize())

    def __str__(self) -> str:
        return self.name
