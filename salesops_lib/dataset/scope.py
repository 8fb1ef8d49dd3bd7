"""For whom a report is: the whole company, one region, or one manager's team, by name or by pseudonym."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesops_lib.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

# How a report may call people.
NAMES = ("full", "pseudonym")
_KINDS = {"region": "region", "manager": "manager_id"}


@dataclass(frozen=True, slots=True)
class Scope:
    """`company`, `region=North` or `manager=M07`. Analyses run on the whole company; a scope
    cuts what is shown.

    Attributes
    ----------
    kind
        `company`, `region` or `manager`.
    value
        The region's name or the manager's id; empty for the company.
    """

    kind: str
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Raises ParameterError unless `text` is one of the three forms."""
        if text == "company":
            return cls("company")
        kind, equals, value = text.partition("=")
        if equals and kind in _KINDS and value:
            return cls(kind, value)
        raise ParameterError(
            f"scope == {text!r}, must be 'company', 'region=NAME' or 'manager=ID'."
        )

    @property
    def column(self) -> str | None:
        """The reps column that decides, or None for the company."""
        return _KINDS.get(self.kind)

    def reps(self, reps: pd.DataFrame) -> list[str]:
        """The rep_ids inside this scope.

        Raises
        ------
        ParameterError
            If the table lacks the column, or nobody is in scope.
        """
        from salesops_lib import wording

        if self.column is None:
            return reps["rep_id"].tolist()
        if self.column not in reps:
            raise ParameterError(
                f"scope {self}: the reps table has no column '{self.column}'. "
                "Add it, or use scope 'company'."
            )
        # The table's names went through the same.
        inside = reps.loc[reps[self.column] == wording.named(self.value), "rep_id"].tolist()
        if not inside:
            raise ParameterError(f"scope {self}: no rep has {self.column} == {self.value!r}.")
        return inside

    def __str__(self) -> str:
        return self.kind if self.kind == "company" else f"{self.kind}={self.value}"
