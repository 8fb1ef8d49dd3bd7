"""Messages after a pack: headlines to the audience, failures to the maintainers, sent for real to a
server on this machine."""

from __future__ import annotations

import http.server
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.reporting.conftest import Bench, Running, eventually

Make = Callable[..., str]


class Inbox:
    """A web hook that keeps what it is sent, by path."""

    def __init__(self) -> None:
        inbox: dict[str, list[dict[str, str]]] = {}
        self.received = inbox

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.setdefault(self.path.strip("/"), []).append(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self, name: str) -> str:
        return f"json://user:hunter2pass@127.0.0.1:{self.server.server_port}/{name}"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    one = Inbox()
    yield one
    one.server.shutdown()
    one.server.server_close()


SECTION = """[notify]
audience = "env:MY_AUDIENCE"
maintainers = "env:MY_MAINTAINERS"
"""


def run(bench: Bench, inbox: Inbox) -> Running:
    bench.sections = SECTION
    return bench.run(
        MY_AUDIENCE=inbox.address("audience"), MY_MAINTAINERS=inbox.address("maintainers")
    )


def test_headlines_go_to_the_audience(bench: Bench, inbox: Inbox, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    assert run(bench, inbox).code == 0
    (message,) = inbox.received["audience"]
    assert message["title"] == "Test, 2026-Q3"
    assert "What is the answer?: The answer is 2 (1 to 3)." in message["message"]
    assert "index.html" in message["message"]
    assert "maintainers" not in inbox.received
    # Nothing new, nothing said.
    assert run(bench, inbox).code == 0
    assert len(inbox.received["audience"]) == 1


def test_failures_go_to_the_maintainers(bench: Bench, inbox: Inbox, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1/0"))
    assert run(bench, inbox).code == 1
    (message,) = inbox.received["maintainers"]
    assert message["title"] == "Test, 2026-Q3: 1 report failed"
    assert "one for company: ZeroDivisionError" in message["message"]
    assert "audience" not in inbox.received


def test_a_run_that_makes_nothing_is_told_too(
    bench: Bench, inbox: Inbox, make_notebook: Make
) -> None:
    bench.add("one", make_notebook("1"))
    (bench.root / "data" / "reps.csv").write_bytes(b"\x00\xff\xfe not a table")
    assert run(bench, inbox).code == 1
    (message,) = inbox.received["maintainers"]
    assert message["title"] == "Test, 2026-Q3: the run failed" and "reps" in message["message"]


def test_an_interrupted_run_is_told_too(bench: Bench, inbox: Inbox, make_notebook: Make) -> None:
    note = bench.root / "waits"
    bench.add(
        "one", make_notebook(f"import time; open({str(note)!r}, 'w').close(); time.sleep(300)")
    )
    bench.sections = SECTION
    started = bench.start(
        MY_AUDIENCE=inbox.address("audience"), MY_MAINTAINERS=inbox.address("maintainers")
    )
    assert eventually(note.exists), started.stderr
    os.kill(started.process.pid, signal.SIGTERM)
    assert started.wait(60) == 1
    (message,) = inbox.received["maintainers"]
    assert "interrupted by SIGTERM" in message["message"]
    assert "audience" not in inbox.received


def test_some_made_some_failed(bench: Bench, inbox: Inbox, make_notebook: Make) -> None:
    """Each list hears its own part only."""
    bench.add("one", make_notebook("1"))
    bench.add("two", make_notebook("1/0", title="What failed?"))
    assert run(bench, inbox).code == 1
    (news,), (trouble,) = inbox.received["audience"], inbox.received["maintainers"]
    assert "The answer is 2" in news["message"] and "ZeroDivision" not in news["message"]
    assert "ZeroDivision" in trouble["message"] and "The answer is 2" not in trouble["message"]


def test_a_message_that_cannot_be_sent_is_said(
    bench: Bench, inbox: Inbox, make_notebook: Make
) -> None:
    bench.add("one", make_notebook("1"))
    inbox.server.server_close()
    inbox.server.shutdown()
    done = run(bench, inbox)
    assert done.code == 0
    assert "The message to audience could not be sent" in done.stderr


def test_no_address_reaches_a_file(bench: Bench, inbox: Inbox, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1/0"))
    assert run(bench, inbox).code == 1 and inbox.received["maintainers"]
    for path in bench.root.rglob("*"):
        assert path.is_dir() or b"hunter2pass" not in path.read_bytes(), path


def test_an_address_in_the_packs_file_is_refused(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    bench.sections = '[notify]\naudience = "slack://token/a/b"\n'
    done = bench.run()
    assert done.code == 2 and "[notify] audience" in done.stderr and "token" not in done.stderr
