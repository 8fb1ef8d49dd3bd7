"""What every page shares: the security policy, the style sheet, the script, the frame.

The policy allows nothing from outside the file: styles and scripts by their hash, images as data.
So nothing a CRM user typed can run, load or phone home, even where an escape was forgotten.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "template"


@functools.cache
def asset(name: str) -> str:
    """The text of a style sheet or script, which goes into the page whole."""
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@functools.cache
def policy() -> str:
    """The Content-Security-Policy of our pages."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src {_hash(asset('page.css'))}",
            f"script-src {_hash(asset('page.js'))}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@functools.cache
def environment() -> jinja2.Environment:
    """Autoescaping templates: what is not explicitly markup is text."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def rendered(template: str, **values: object) -> str:
    """The whole page."""
    return environment().get_template(template).render(**frame(), **values)


def frame() -> dict[str, object]:
    """The variables that `frame.html.j2` needs."""
    return {
        "policy": policy(),
        "css": Markup(asset("page.css")),
        "script": Markup(asset("page.js")),
    }
