"""Messages after a pack: the headlines to its audience, what failed to the maintainers.

Sent through Apprise, so to mail, Slack, Teams or any of a hundred services. The addresses hold
passwords, so they are in the environment or the keyring, never in a file; the packs file says under
which name. Scheduled notebooks fail in silence more than in any other way: a failure is sent even
where no audience is configured, and a message that cannot be sent is said on stderr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesops_lib.reporting import secrets


@dataclass(frozen=True)
class Message:
    """One message: `to` is `audience` or `maintainers`."""

    to: str
    title: str
    body: str


def messages(result: Any, title: str) -> list[Message]:
    """What there is to say after a run (`request.Result`).

    The audience hears nothing where no report was made: news only. It gets company-wide headlines
    alone, for a list of readers is rarely one team.
    """
    from salesops_lib import wording

    found: list[Message] = []
    headlines = [
        f"- {one['title']}: {one['headline']['sentence']}"
        for record in result.records
        if record["scope"] == "company"
        for one in record["notebooks"]
        if one["status"] == "published" and one.get("headline")
    ]
    where = f"\n\nReports: {result.where}" if result.where else ""
    if result.made and headlines:
        found.append(Message("audience", f"{title}, {result.period}", "\n".join(headlines) + where))
    elif result.made:
        have = "has" if result.made == 1 else "have"
        count = f"{wording.count(result.made, 'report')} {have} been published."
        found.append(Message("audience", f"{title}, {result.period}", count + where))
    if result.failures:
        lines = [f"- {notebook} for {scope}: {why}" for scope, notebook, why in result.failures]
        found.append(
            Message(
                "maintainers",
                f"{title}, {result.period}: {wording.count(len(lines), 'report')} failed",
                "\n".join(lines) + where,
            )
        )
    return found


def failure(pack: str, period: str, reason: str) -> Message:
    """For a run that ended before it could make any report."""
    return Message("maintainers", f"{pack}, {period}: the run failed", reason)


def send(found: list[Message], where: Mapping[str, str]) -> list[str]:
    """Send each message to its list.

    Parameters
    ----------
    where
        List → `env:NAME` or `keyring:SERVICE/USER`, as in the packs file.

    Returns
    -------
    list of str
        What could not be sent, without any address.
    """
    troubles: list[str] = []
    for message in found:
        addresses = secrets.resolve(where.get(message.to, "")).split()
        if not addresses:
            continue
        import apprise

        sender = apprise.Apprise()
        good = [sender.add(address) for address in addresses]
        if not all(good):
            troubles.append(
                f"An address of {message.to} in {where[message.to]} is none that Apprise knows."
            )
        if any(good) and not sender.notify(title=message.title, body=message.body):
            troubles.append(f"The message to {message.to} could not be sent.")
    return troubles
