"""Repeated values of units, sorted so that everything a unit contributes is one `reduceat`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from salesops_lib.errors import DataError, NotEnoughData

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Repeated:
    """Values of units over time, sorted by unit.

    Attributes
    ----------
    value, time, exposure
        One entry a row; time > 0; exposure is the part of the period observed.
    design
        Columns of log-linear nuisance effects (an intercept, groups, season), full column rank.
    starts
        First row of each unit.
    """

    value: Floats
    time: Floats
    exposure: Floats
    design: Floats
    starts: NDArray[np.intp]

    @classmethod
    def build(
        cls,
        value: ArrayLike,
        time: ArrayLike,
        unit: ArrayLike,
        *,
        design: ArrayLike | None = None,
        exposure: ArrayLike | None = None,
    ) -> Repeated:
        # Labels that numpy cannot order (numbers beside words) are units as well.
        codes = pd.factorize(np.asarray(unit), sort=True)[0]
        order = np.argsort(codes, kind="stable")
        y = np.asarray(value, dtype=float)[order]
        x = np.ones((len(y), 1)) if design is None else np.asarray(design, dtype=float)[order]
        e = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)[order]
        t = np.asarray(time, dtype=float)[order]
        if not (t > 0).all():
            raise DataError("time must be above 0", column="time")
        if y.sum() <= 0:
            raise NotEnoughData("every value is 0")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        return cls(y, t, e, x, starts)

    @property
    def n_units(self) -> int:
        return len(self.starts)

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        return np.diff(np.append(self.starts, len(self.value)))

    def by_unit(self, rows: Floats) -> Floats:
        """Sums of `rows` within units."""
        return np.asarray(np.add.reduceat(rows, self.starts, axis=0))

    def after(self, delay: float) -> Repeated:
        """The values later than `delay`, their times counted from it."""
        if delay <= 0:
            return self
        rows = self.time > delay
        units = np.repeat(np.arange(self.n_units), self.sizes)[rows]
        return Repeated(
            self.value[rows],
            self.time[rows] - delay,
            self.exposure[rows],
            self.design[rows],
            np.flatnonzero(np.diff(units, prepend=-1)),
        )

    def every(self, step: int) -> Repeated:
        """Every `step`-th unit."""
        if step <= 1:
            return self
        rows = np.repeat(np.arange(self.n_units) % step == 0, self.sizes)
        sizes = self.sizes[::step]
        return Repeated(
            self.value[rows],
            self.time[rows],
            self.exposure[rows],
            self.design[rows],
            np.cumsum(sizes) - sizes,
        )
