"""Passwords stay out of every file, message and parameter.

Data with a password is named, not given: `env:NAME` or `keyring:SERVICE/USER`, which only
`load_dataset` in the kernel resolves. Error texts of database drivers like to quote the address,
so what the names stand for is also taken out of everything that a run writes.
"""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

from salesops_lib.errors import ParameterError

# Anchored on the slashes, which a search finds fast: the texts are megabytes of drawings.
_URL = re.compile(r"(://[^\s:/@\"'<>]*):([^\s@\"'/<>]+)@")


def check_data(data: str) -> None:
    """Raise where `data` is an address with a password in it.

    Raises
    ------
    ParameterError
    """
    if _URL.search(data):
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
            text = text.replace(form, "***")
    return text


def known(data: str) -> tuple[str, ...]:
    """The secrets behind `data`, to be scrubbed from what a run writes."""
    if not data.startswith(("env:", "keyring:")):
        return ()
    value = resolve(data)
    if not value:
        return ()
    try:
        password = urlsplit(value).password or ""
    except ValueError:
        password = ""
    return tuple(part for part in (value, password) if len(part) >= 4)


def _forms(secret: str) -> set[str]:
    return {secret, unquote(secret), secret.replace("\\", "\\\\")}
