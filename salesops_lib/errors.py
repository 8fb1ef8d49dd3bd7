"""The errors a user can cause, each naming what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable


class SalesOpsError(Exception):
    """Base of every error this library raises on purpose.

    The command line prints its text without a traceback: the mistake is in the input, not in
    the program.
    """


class DataError(SalesOpsError):
    """A table, column or row cannot be used.

    Parameters
    ----------
    problem
        What is wrong, in plain words, without a full stop.
    column
        The column at fault, as the caller named it.
    rows
        The labels of the rows at fault; the message shows the first five and the count.
    remedy
        What the user can do, as an imperative sentence.
    """

    def __init__(
        self,
        problem: str,
        *,
        column: str | None = None,
        rows: Iterable[object] = (),
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.column = column
        self.rows = tuple(rows)
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [f"column '{self.column}': {self.problem}" if self.column else self.problem]
        if self.rows:
            shown = ", ".join(str(row) for row in self.rows[:5])
            more = f" and {len(self.rows) - 5} more" if len(self.rows) > 5 else ""
            parts.append(f"rows {shown}{more}")
        text = "; ".join(parts) + "."
        return f"{text} {self.remedy}" if self.remedy else text


class ParameterError(SalesOpsError):
    """A parameter of a notebook, pack or function is unknown, ill-typed or out of range."""


class ReportError(SalesOpsError):
    """A report could not be made; the last good one stays published."""


class NotEnoughData(DataError):
    """The question is well put, but the data cannot answer it."""
