"""What every test of a figure holds besides."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _the_callers_style_stays() -> Iterator[None]:
    """A figure is drawn in the house style, and what the caller draws next is not."""
    before = dict(plt.rcParams)
    yield
    assert dict(plt.rcParams) == before
