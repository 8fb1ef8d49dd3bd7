"""What a run shows while it works: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from salesops_lib.reporting import console


class Progress:
    """Counts reports; `started` and `ended` are called for each."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.total = self.done = self.failed = 0
        self.running: dict[str, float] = {}
        self._bar: Any = None
        self._line: Any = None

    def begin(self, total: int, skipped: int) -> None:
        self.total = total
        if skipped:
            self.say(f"{skipped} of {total + skipped} reports are up to date already")
        if not total or self.quiet or not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("Reports"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._line = self._bar.add_task("starting", total=total)
        self._draw(self._bar.start)

    def started(self, label: str) -> None:
        self.running[label] = time.monotonic()
        self._show()

    def ended(self, label: str, reason: str = "") -> None:
        """`reason` is empty where it went well."""
        began = self.running.pop(label, None)
        self.done += 1
        self.failed += bool(reason)
        took = f" ({time.monotonic() - began:.1f} s)" if began else ""
        if reason:
            self.say(f"[{self.done}/{self.total}] {label}: FAILED: {reason}", error=True)
        elif self._bar is None:
            self.say(f"[{self.done}/{self.total}] {label}{took}")
        self._show()

    def say(self, text: str, *, error: bool = False) -> None:
        """A line of its own."""
        if self.quiet and not error:
            return
        if self._bar is not None:
            self._draw(self._bar.console.print, text, markup=False, highlight=False)
        else:
            console.tell(text)

    def close(self) -> None:
        if self._bar is not None:
            self._draw(self._bar.stop)
            self._bar = None

    def _draw(self, what: Callable[..., object], *given: Any, **how: Any) -> None:
        """Draw on the terminal; one that is gone ends the bar, not the run."""
        try:
            what(*given, **how)
        except OSError:
            console.turn_off(sys.stderr)

    def _show(self) -> None:
        if self._bar is None:
            return
        now = ", ".join(sorted(self.running)[:2])
        more = f" and {len(self.running) - 2} more" if len(self.running) > 2 else ""
        self._bar.update(self._line, completed=self.done, description=f"{now}{more}")
