"""Covariates as columns for least squares: numbers standardised, categories coded so that no base
category matters.

Categories are coded as deviations that sum to zero over the levels, which is the normalisation of
Gardeazabal and Ugidos (2004) and Yun (2005): every level has a coefficient, and detailed parts of a
decomposition do not depend on which level somebody happened to leave out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.statistics.cluster_moments import Array

# A column of which less than this share of variance is left is a combination of the others.
TOLERANCE = 1e-7
# Regressions are solved from sums of squares, which hold the square of this of what they are made of.
_ROUND_OFF = 1e-7


@dataclass(frozen=True)
class Design:
    """Columns of covariates.

    Attributes
    ----------
    raw
        (rows, raw columns): numbers as (x − centre) / scale, one 0/1 column for every level.
    basis
        (raw columns, fit columns): coefficients of the raw columns = basis @ those of the fit
        columns, and fit columns = raw @ basis.
    covariate, level
        Of each raw column; the level is empty for numbers.
    fit_covariate
        Of each fit column.
    shift
        centre / scale of each raw column, 0 for levels.
    """

    raw: Array
    basis: Array
    covariate: tuple[str, ...]
    level: tuple[str, ...]
    fit_covariate: tuple[str, ...]
    shift: Array

    def without(self, names: Sequence[str]) -> Design:
        """The same without some covariates."""
        keep = np.array([one not in names for one in self.covariate], bool)
        keep_fit = np.array([one not in names for one in self.fit_covariate], bool)
        return Design(
            self.raw[:, keep],
            self.basis[keep][:, keep_fit],
            tuple(one for one in self.covariate if one not in names),
            tuple(x for x, ok in zip(self.level, keep, strict=True) if ok),
            tuple(one for one in self.fit_covariate if one not in names),
            self.shift[keep],
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Covariates, in order."""
        return tuple(dict.fromkeys(self.covariate))

    def raw_of(self, names: Sequence[str]) -> list[int]:
        """Positions of the raw columns of these covariates."""
        return [i for i, one in enumerate(self.covariate) if one in names]

    def fit_of(self, names: Sequence[str]) -> list[int]:
        """Positions of the fit columns of these covariates."""
        return [i for i, one in enumerate(self.fit_covariate) if one in names]


def is_categorical(column: pd.Series) -> bool:
    """Whether a column holds categories rather than numbers; true/false counts as a number."""
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def encode(data: pd.DataFrame, covariates: Sequence[str]) -> Design:
    """The columns `covariates` of `data`, which must have no missing values."""
    raw: list[Array] = []
    covariate: list[str] = []
    level: list[str] = []
    fit_covariate: list[str] = []
    shift: list[float] = []
    blocks: list[Array] = []
    for name in covariates:
        column = data[name]
        if is_categorical(column):
            codes, levels = pd.factorize(column, sort=True)
            dummies = (codes[:, None] == np.arange(len(levels))).astype(float)
            raw.extend(dummies.T)
            covariate += [name] * len(levels)
            level += [str(one) for one in levels]
            shift += [0.0] * len(levels)
            blocks.append(np.vstack([np.eye(len(levels) - 1), -np.ones(len(levels) - 1)]))
            fit_covariate += [name] * (len(levels) - 1)
        else:
            values = column.to_numpy(float)
            centre, scale = float(values.mean()), float(values.std())
            if scale <= 1e-12 * max(abs(centre), 1e-300):
                scale = 1.0
            raw.append((values - centre) / scale)
            covariate.append(name)
            level.append("")
            shift.append(centre / scale)
            blocks.append(np.ones((1, 1)))
            fit_covariate.append(name)
    basis = np.zeros((len(covariate), len(fit_covariate)))
    at, fit_at = 0, 0
    for block in blocks:
        basis[at : at + block.shape[0], fit_at : fit_at + block.shape[1]] = block
        at, fit_at = at + block.shape[0], fit_at + block.shape[1]
    columns = np.column_stack(raw) if raw else np.zeros((len(data), 0))
    return Design(columns, basis, tuple(covariate), tuple(level), tuple(fit_covariate),
                  np.array(shift))  # fmt: skip


@dataclass(frozen=True)
class Rank:
    """Which covariates cannot stand beside the others.

    Attributes
    ----------
    constant
        Without any variation (within the groups, where groups were given).
    collinear
        A combination of covariates named earlier.
    """

    constant: tuple[str, ...]
    collinear: tuple[str, ...]

    @property
    def dropped(self) -> tuple[str, ...]:
        return self.constant + self.collinear


def check_rank(design: Design, weights: Array, groups: Sequence[NDArray[np.bool_]]) -> Rank:
    """Look, covariate by covariate in order, for what is left after the groups' means and the
    covariates before it.

    Parameters
    ----------
    groups
        Row masks; variation is taken around each group's own mean.
    """
    x = design.raw @ design.basis
    rows = np.zeros(len(x), bool)
    centred = np.zeros_like(x)
    for mask in groups:
        rows |= mask
        share = weights[mask] / weights[mask].sum() if mask.any() else weights[mask]
        centred[mask] = x[mask] - share @ x[mask]
    root = np.sqrt(weights[rows])[:, None]
    whole = x[rows] - np.average(x[rows], axis=0, weights=weights[rows]) if rows.any() else x[rows]
    # What a constant leaves of itself is round-off, measured against its own size: in one group alone
    # there is no other variation to measure it against.
    scale = np.maximum(
        TOLERANCE * ((root * whole) ** 2).sum(axis=0),
        _ROUND_OFF**2 * ((root * x[rows]) ** 2).sum(axis=0),
    )
    left = root * centred[rows]
    constant: list[str] = []
    collinear: list[str] = []
    kept: list[Array] = []
    for name in design.names:
        block = left[:, design.fit_of([name])]
        size = scale[design.fit_of([name])]
        if block.shape[1] == 0 or ((block**2).sum(axis=0) <= size).any():
            constant.append(name)
            continue
        found: list[Array] = []
        for j in range(block.shape[1]):
            rest = block[:, j].copy()
            for _ in range(2):  # twice is enough (Kahan and Parlett)
                for direction in (*kept, *found):
                    rest = rest - direction * (direction @ rest)
            if rest @ rest <= size[j]:
                break
            found.append(rest / np.sqrt(rest @ rest))
        if len(found) < block.shape[1]:
            collinear.append(name)
        else:
            kept += found
    return Rank(tuple(constant), tuple(collinear))
