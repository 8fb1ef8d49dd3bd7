"""Signals that end a run in good order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


class Interrupted(BaseException):
    """A signal ended the run.

    No Exception, as KeyboardInterrupt is none: it may come in the midst of an import or of a reading
    that goes on when anything goes wrong, and the run would go on with it, deaf to later signals.
    """


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP end the run in good order, once; later ones are ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        for one in watched:
            signal.signal(one, signal.SIG_IGN)
        raise Interrupted(f"The run was interrupted by {signal.Signals(number).name}.")

    names = ("SIGTERM", "SIGINT", "SIGHUP")
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # What is ignored already stays so: nohup means it.
    watched = [one for one in known if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, stop) for one in watched}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
