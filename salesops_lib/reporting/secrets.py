"""Passwords stay out of every file, message and parameter.

Data with a password is named, not given: `env:NAME` or `keyring:SERVICE/USER`, which only
`load_dataset` in the kernel resolves. Error texts of database drivers like to quote the address,
so what the names stand for is also taken out of everything that a run writes.
"""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from salesops_lib.errors import ParameterError

# Anchored on the slashes, which a search finds fast: the texts are megabytes of drawings.
_URL = re.compile(r"(://[^\s:/@\"'<>]*):([^\s@\"'/<>]+)@")
# Drivers also take a password, or what is as good as one, after the question mark.
_NAMES = ("password", "passwd", "pwd", "token", "access_token", "secret", "private_key", "key")
# What is shorter stands in too many words that are none of it.
_SHORTEST = 4
_PLAIN = re.compile(r"[\w:/@. -]+")
_QUERY = re.compile(rf"://[^\s\"'<>]*[?&;](?:{'|'.join(_NAMES)})=", re.IGNORECASE)


def check_data(data: str) -> None:
    """Raise where `data` is an address with a password in it.

    Raises
    ------
    ParameterError
    """
    if _URL.search(data) or _QUERY.search(data):
        raise ParameterError(
            "the data's address holds a password, which would be written into every report. Put the "
            "address into an environment variable and give 'env:NAME', or into the keyring and give "
            "'keyring:SERVICE/USER'."
        )


def resolve(reference: str) -> str:
    """What `env:NAME` or `keyring:SERVICE/USER` stands for; empty where it is not set."""
    kind, _, rest = reference.partition(":")
    if kind == "env":
        return os.environ.get(rest, "")
    if kind == "keyring":
        import keyring

        service, _, user = rest.partition("/")
        return keyring.get_password(service, user) or ""
    return ""


def scrub(text: str, *secrets: str) -> str:
    """`text` without passwords: of any address in it, and those given."""
    if "://" in text:
        text = _URL.sub(r"\1:***@", text)
    for secret in secrets:
        for form in _forms(secret):
            if form in text:
                text = text.replace(form, "***")
    return text


@dataclass(frozen=True)
class Hidden:
    """What stands behind the name that the data were given by.

    Attributes
    ----------
    name
        `env:NAME` or `keyring:SERVICE/USER`.
    address
        What it stands for; empty where the data were not given by a name.
    passwords
        Those in the address.
    """

    name: str = ""
    address: str = ""
    passwords: tuple[str, ...] = ()

    def scrub(self, text: str) -> str:
        """`text` without passwords, and with the name where it holds the address: who reads it knows
        that, and asks what was meant where it is blotted out."""
        text = scrub(text)
        for form in _forms(self.address):
            text = text.replace(form, self.name)
        return scrub(text, *self.passwords)


def hidden_by(data: str) -> Hidden:
    """What must be scrubbed from all that a run about `data` writes."""
    address = resolve(data) if data.startswith(("env:", "keyring:")) else ""
    if len(address) < _SHORTEST:
        return Hidden()
    # Pages and notebooks are scrubbed as well, which another character might break.
    name = data if _PLAIN.fullmatch(data) else "***"
    found = tuple(one for one in _passwords(address) if len(one) >= _SHORTEST)
    return Hidden(name, address, found)


def _passwords(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    yield parts.password or ""
    yield from (text for name, text in parse_qsl(parts.query) if name.lower() in _NAMES)


@cache
def _forms(secret: str) -> tuple[str, ...]:
    """How a secret may stand in a file: as it is, as a URL, JSON, HTML or Python writes it, or one
    inside the other. The longest first, so that none leaves a part of another."""
    if not secret:
        return ()
    once = {form for one in (secret, unquote(secret)) for form in _written(one)}
    twice = {form for one in once for form in _written(one)}
    return tuple(sorted(once | twice, key=len, reverse=True))


def _written(text: str) -> Iterator[str]:
    yield text
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    yield from (html.escape(text), html.escape(text, quote=False))
    yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield repr(text)[1:-1]
