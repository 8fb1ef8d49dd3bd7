"""The errors a user can cause, each naming what is wrong, where, and what to do about it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

_HERE = Path(__file__).parent


class SalesOpsError(Exception):
    """Base of every error this library raises on purpose.

    The command line prints its text without a traceback: the mistake is in the input, not in
    the program. A notebook shows the text, the line of the cell, and the way through this library in
    one line, where fifty lines of its code would hide what is wrong.
    """

    def _render_traceback_(self) -> list[str]:
        """Asked for by IPython."""
        steps = traceback.extract_tb(self.__traceback__)
        inside = [one for one in steps if Path(one.filename).is_relative_to(_HERE)]
        before = steps[: steps.index(inside[0])] if inside else steps
        shown = [f"{type(self).__name__}: {self}"]
        if before:
            shown.append(f"line {before[-1].lineno} of the cell: {before[-1].line}")
        if inside:
            way = (f"{one.name} ({Path(one.filename).name}:{one.lineno})" for one in inside)
            shown.append(f"by way of {', '.join(way)}")
        return shown


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
