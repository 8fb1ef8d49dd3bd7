"""Names from the data as folders: inside the output folder, one for each, readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesops_lib.reporting import places


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("company", "company"),
        ("manager=M07", "manager=M07"),
        ("region=North America", "region=North America"),
        ("region=Süd", "region=Süd"),
        ("../../x", "%2E.%2F..%2Fx"),
        ("region=../../x", "region=..%2F..%2Fx"),
        ("..", "%2E%2E"),
        ("a\\b:c*", "a%5Cb%3Ac%2A"),
        ("x\u202egnp", "x%E2%80%AEgnp"),
        ("zero\u200bwidth", "zero%E2%80%8Bwidth"),
        ("nul\0", "nul%00"),
        ("trailing.", "trailing%2E"),
        ("", "%"),
        ("\0", "%00"),
    ],
)
def test_examples(text: str, name: str) -> None:
    assert places.safe(text) == name


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_any_text_is_one_short_name(text: str) -> None:
    name = places.safe(text)
    assert Path("out").joinpath(name).parent == Path("out")
    assert name not in (".", "..") and not set(name) & set('/\\:*?"<>|\0\n')
    assert 0 < len(name.encode()) <= 120


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=300), max_size=6))
def test_different_texts_get_different_names(texts: list[str]) -> None:
    import unicodedata

    different = {unicodedata.normalize("NFC", text) for text in texts}
    assert len({places.safe(text) for text in different}) == len(different)


def test_very_long_names_stay_apart() -> None:
    one, other = places.safe("n" * 10_000), places.safe("n" * 10_001)
    assert one != other and len(one) <= 120
