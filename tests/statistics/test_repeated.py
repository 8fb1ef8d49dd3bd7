"""Repeated values of units: order of rows, and parts of them."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.statistics.repeated import Repeated

VALUE, TIME = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0], [2.0, 1.0, 1.0, 2.0, 3.0, 4.0]
UNIT, EXPOSURE = ["b", "a", "b", "c", "c", "c"], [0.5, 1.0, 1.0, 1.0, 0.25, 1.0]
DESIGN = np.column_stack([np.ones(6), np.arange(6.0)])


def test_rows_stand_by_unit_with_all_that_is_theirs() -> None:
    found = Repeated.build(VALUE, TIME, UNIT, design=DESIGN, exposure=EXPOSURE)
    assert found.value.tolist() == [1.0, 3.0, 4.0, 1.0, 5.0, 9.0]
    assert found.time.tolist() == [1.0, 2.0, 1.0, 2.0, 3.0, 4.0]
    assert found.exposure.tolist() == [1.0, 0.5, 1.0, 1.0, 0.25, 1.0]
    assert found.design[:, 1].tolist() == [1.0, 0.0, 2.0, 3.0, 4.0, 5.0]
    assert found.starts.tolist() == [0, 1, 3] and found.sizes.tolist() == [1, 2, 3]
    assert found.by_unit(found.value).tolist() == [1.0, 7.0, 15.0]
    bare = Repeated.build(VALUE, TIME, UNIT)
    assert bare.design.tolist() == [[1.0]] * 6 and bare.exposure.tolist() == [1.0] * 6


def test_after_a_delay_times_count_from_it() -> None:
    """Of what is later than 1: a has nothing left, b one row and c three."""
    found = Repeated.build(VALUE, TIME, UNIT, design=DESIGN, exposure=EXPOSURE)
    assert found.after(0.0) is found
    later = found.after(1.0)
    assert later.value.tolist() == [3.0, 1.0, 5.0, 9.0]
    assert later.time.tolist() == [1.0, 1.0, 2.0, 3.0]
    assert later.exposure.tolist() == [0.5, 1.0, 0.25, 1.0]
    assert later.design[:, 1].tolist() == [0.0, 3.0, 4.0, 5.0]
    assert later.sizes.tolist() == [1, 3]


def test_every_second_unit_is_whole() -> None:
    found = Repeated.build(VALUE, TIME, UNIT, design=DESIGN, exposure=EXPOSURE)
    assert found.every(1) is found
    some = found.every(2)
    assert some.value.tolist() == [1.0, 1.0, 5.0, 9.0] and some.starts.tolist() == [0, 1]


def test_times_before_the_first_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="above 0"):
        Repeated.build(VALUE, [0.0, *TIME[1:]], UNIT)
    with pytest.raises(NotEnoughData, match="every value is 0"):
        Repeated.build(np.zeros(6), TIME, UNIT)
