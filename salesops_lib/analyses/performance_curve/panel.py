"""The caller's long-form frame, checked and coded: one row a rep and period."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.analyses.columns import check_once, there_are, time_labels, with_measures
from salesops_lib.analyses.people import FEWEST_REPS
from salesops_lib.analyses.performance_curve.headings import period_name
from salesops_lib.analyses.performance_curve.periods import per_year_of
from salesops_lib.analyses.performance_curve.sizes import logs_of_size, may_be_size
from salesops_lib.errors import DataError, NotEnoughData

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A new rep's shortfall fades by a factor e in this many months; its size is estimated.
_RAMP_FADE = 3.0
# With less of it between rows than this, everyone is ramped, and it is as good as the constant.
_LEAST_RAMP = 1e-3
# With fewer rows a period than this, calendar effects cost more than they explain.
_ROWS_A_PERIOD = 4


@dataclass(frozen=True)
class Panel:
    """Rows coded by rep and period.

    Attributes
    ----------
    reps
        Labels of the reps, in order.
    rep, period
        Codes of each row.
    periods
        Labels of the periods, in order of time.
    value, exposure
        Of each row; exposure is the share of the period that the rep was there.
    covariates, covariate_names
        Columns (rows x covariates), centred at the reference rep: average market, fully ramped.
    logs
        The same, with logs of the columns that may be sizes; None where none may.
    per_year
        Periods in a year.
    gone
        Whether a rep has no row in the last period, or left in it.
    deals
        Deals won in each row, where that is known.
    """

    rep_column: str
    value_column: str
    reps: NDArray[np.object_]
    rep: Ints
    period: Ints
    periods: NDArray[np.object_]
    value: Floats
    exposure: Floats
    covariates: Floats
    covariate_names: tuple[str, ...]
    per_year: float
    gone: NDArray[np.bool_]
    notices: tuple[str, ...] = field(default=())
    deals: Floats | None = None
    logs: Floats | None = None

    @property
    def n_reps(self) -> int:
        return len(self.reps)

    @property
    def n_periods(self) -> Ints:
        """Rows of each rep."""
        return np.bincount(self.rep, minlength=self.n_reps).astype(np.int64)

    @property
    def sold(self) -> Floats:
        """Value of all periods of each rep."""
        return np.bincount(self.rep, weights=self.value, minlength=self.n_reps).astype(np.float64)

    @property
    def observed(self) -> Floats:
        """Mean value a (full) period of each rep."""
        return self.sold / np.bincount(self.rep, weights=self.exposure, minlength=self.n_reps)

    @property
    def called(self) -> str:
        """What a reader calls a period: `month`."""
        return period_name(self.per_year)

    def plain(self) -> Panel:
        """The same without covariates."""
        return dataclasses.replace(
            self, covariates=np.empty((len(self.value), 0)), covariate_names=(), logs=None
        )

    def rows(self, keep: NDArray[np.bool_]) -> Panel:
        """The panel of some rows only; reps without a row left are out."""
        codes, reps = pd.factorize(self.rep[keep], sort=True)
        periods, period = np.unique(self.period[keep], return_inverse=True)
        covariates = self.covariates[keep]
        # A column may have become constant (a tenure effect among the ramped): it says nothing.
        varies = np.ptp(covariates, axis=0) > 0 if len(covariates) else np.zeros(0, bool)
        return Panel(
            self.rep_column,
            self.value_column,
            self.reps[reps],
            codes.astype(np.int64),
            period.astype(np.int64),
            self.periods[periods],
            self.value[keep],
            self.exposure[keep],
            covariates[:, varies],
            tuple(n for n, v in zip(self.covariate_names, varies, strict=True) if v),
            self.per_year,
            np.zeros(len(reps), bool),
            deals=None if self.deals is None else self.deals[keep],
            logs=None if self.logs is None else self.logs[keep][:, varies],
        )


def read_panel(
    data: pd.DataFrame,
    *,
    rep: str,
    period: str,
    value: str,
    covariates: Sequence[str] = (),
    exposure: str | None = None,
    periods_per_year: float | None = None,
    deals: str | None = None,
) -> Panel:
    """Check `data` and code it.

    Raises
    ------
    DataError
        Naming the column and rows at fault.
    NotEnoughData
        With fewer than four reps.
    """
    amounts = [value, *(c for c in (exposure, deals) if c is not None)]
    _require(data, [rep, period, *amounts, *covariates])
    data = with_measures(data, amounts, covariates)
    notices: list[str] = []
    amount = _numbers(data, value)
    blank = np.isnan(amount)
    if blank.any():
        notices.append(
            f"{wording.count(int(blank.sum()), 'row')} without a value in '{value}' left out."
        )
    kept = data.loc[~blank]
    if kept.empty:
        raise NotEnoughData(
            "no row has a value", column=value, remedy="Give one row a rep and period."
        )
    codes, labels = pd.factorize(kept[rep], sort=True)
    _unique_rows(kept, rep, period)
    period_codes, period_labels = pd.factorize(time_labels(kept[period], period), sort=True)
    if len(labels) < FEWEST_REPS:
        raise NotEnoughData(
            f"{wording.count(len(labels), 'rep')} cannot show a spread",
            column=rep,
            remedy=f"At least {FEWEST_REPS} are needed.",
        )
    # In which order the rows came is no fact about the reps: sums end in another digit, and draws turn on it.
    order = np.lexsort((period_codes, codes))
    kept, codes, period_codes = kept.iloc[order], codes[order], period_codes[order]
    share = _exposure(kept, exposure, notices)
    per_year = periods_per_year or per_year_of(pd.Index(period_labels))
    called = period_name(per_year)
    columns, logs, names = _covariates(kept, covariates, codes, period_codes, called, notices)
    last = np.full(len(labels), -1)
    np.maximum.at(last, codes, period_codes)
    return Panel(
        rep,
        value,
        np.asarray(labels, dtype=object),
        codes.astype(np.int64),
        period_codes.astype(np.int64),
        np.asarray(period_labels, dtype=object),
        amount[~blank][order],
        share,
        columns,
        names,
        per_year,
        last < len(period_labels) - 1,
        tuple(notices),
        None if deals is None else _counts(kept, deals),
        logs,
    )


def _require(data: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in data]
    if missing:
        raise DataError(
            f"no column {wording.listed([repr(name) for name in missing])}",
            remedy=there_are(data, missing),
        )
    check_once(data, columns)
    if data.empty:
        raise NotEnoughData(
            "there is no row of a rep and period", remedy="Choose a period with data."
        )


def _numbers(data: pd.DataFrame, column: str) -> Floats:
    series = data[column]
    if not _is_number(series):
        raise DataError(
            f"holds {series.dtype}, not numbers",
            column=column,
            remedy="Convert it, for example with pandas.to_numeric.",
        )
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        raise DataError(
            "infinite values",
            column=column,
            rows=data.index[np.isinf(numbers)],
            remedy="Correct or remove these rows.",
        )
    return numbers


def _is_number(series: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)


def _counts(data: pd.DataFrame, column: str) -> Floats | None:
    """Numbers of 0 or more, blank ones 0; None where nothing was counted."""
    numbers = np.nan_to_num(_numbers(data, column))
    if (numbers < 0).any():
        raise DataError(
            "below 0", column=column, rows=data.index[numbers < 0],
            remedy="It counts deals: 0 or more.",
        )  # fmt: skip
    return numbers if numbers.any() else None


def _unique_rows(data: pd.DataFrame, rep: str, period: str) -> None:
    for column in (rep, period):
        if data[column].isna().any():
            raise DataError(
                "missing", column=column, rows=data.index[data[column].isna()],
                remedy="Every row needs one.",
            )  # fmt: skip
    twice = data.duplicated([rep, period])
    if twice.any():
        raise DataError(
            f"more than one row for a {rep} and {period}",
            column=period,
            rows=data.index[twice],
            remedy="Sum them first, so that there is one row a rep and period.",
        )


def _exposure(data: pd.DataFrame, column: str | None, notices: list[str]) -> Floats:
    if column is None:
        return np.ones(len(data))
    share = _numbers(data, column)
    none, more = ~(share > 0), share > 1 + 1e-9
    wrong = none if none.any() else more
    if wrong.any():
        raise DataError(
            "must be at most 1" if wrong is more else "must be above 0", column=column, rows=data.index[wrong],
            remedy="It is the share of the period that the rep was there.",
        )  # fmt: skip
    # A rep who was there for two days says next to nothing about a full month; a floor keeps one
    # deal in those two days from counting as fifteen.
    if (share < 0.25).any():
        notices.append(
            f"{wording.count(int((share < 0.25).sum()), 'rep-month')} of less than a week counted "
            "as a quarter of a month."
        )
    return np.maximum(share, 0.25)


def _covariates(
    data: pd.DataFrame,
    columns: Sequence[str],
    codes: Ints,
    periods: Ints,
    called: str,
    notices: list[str],
) -> tuple[Floats, Floats | None, tuple[str, ...]]:
    calendar = has_calendar(len(data), int(periods.max()) + 1)
    blocks: list[Floats] = []
    names: list[str] = []
    sizes: dict[int, Floats] = {}
    for column in columns:
        series = data[column]
        ramp = str(column).startswith("tenure") and _is_number(series)
        if series.isna().any():
            notices.append(
                f"'{column}' is missing in {wording.count(int(series.isna().sum()), 'row')}: "
                + ("taken as long ramped." if ramp else "the average stands in.")
            )
        if series.nunique(dropna=True) < 2:
            notices.append(f"'{column}' is the same in every row and explains nothing.")
            continue
        if calendar and series.groupby(periods).nunique().max() <= 1:
            notices.append(
                f"'{column}' is the same for everyone in a {called}: the calendar accounts for it."
            )
            continue
        if _is_number(series):
            numbers = _numbers(data, column)
            if ramp:
                block = ramp_shortfall(numbers)
                if block.std() < _LEAST_RAMP:
                    notices.append(f"Everyone is long ramped, so '{column}' explains nothing.")
                    continue
            else:
                block = (numbers - np.nanmean(numbers)) / np.nanstd(numbers)
                block = np.where(np.isnan(block), 0.0, block)
                if may_be_size(numbers):
                    sizes[len(names)] = logs_of_size(numbers)
            blocks.append(block[:, None])
            names.append(column)
            continue
        _not_a_name(series, codes, column)
        dummies = pd.get_dummies(series.astype(object), drop_first=True, dtype=float)
        matrix = dummies.to_numpy()
        # As blank rows hold no level, they would else be of the one left out, the first by name.
        centred = matrix - matrix[series.notna()].mean(0)
        blocks.append(np.where(series.notna().to_numpy()[:, None], centred, 0.0))
        names += [f"{column}={level}" for level in dummies.columns]
    if not blocks:
        return np.empty((len(data), 0)), None, ()
    design = np.hstack(blocks)
    kept = _independent(design, names, periods if calendar else None, notices)
    logs = None
    if sizes and kept:
        columns_of = [sizes.get(one, design[:, one]) for one in kept]
        logs = np.stack(columns_of, axis=1)
    return design[:, kept], logs, tuple(names[one] for one in kept)


def _not_a_name(series: pd.Series, codes: Ints, column: str) -> None:
    """Groups of one or two reps each would explain all skill away."""
    groups, reps = series.nunique(), int(codes.max()) + 1
    if groups > reps / 3 and series.groupby(codes).nunique().max() <= 1:
        raise DataError(
            f"has {groups} groups for {reps} reps, which leaves no one to compare a rep with",
            column=column,
            remedy="Use fewer, larger groups.",
        )


def ramp_shortfall(tenure: Floats) -> Floats:
    """1 in the first period of tenure, fading to 0: the reference is a ramped rep."""
    fading = np.exp(-(np.maximum(tenure, 1) - 1) / _RAMP_FADE)
    return np.where(np.isnan(fading), 0.0, fading)


def has_calendar(rows: int, periods: int) -> bool:
    """Whether there are rows enough to estimate an effect of each period."""
    return periods > 1 and rows >= _ROWS_A_PERIOD * periods


def _independent(
    design: Floats, names: Sequence[str], periods: Ints | None, notices: list[str]
) -> list[int]:
    """The columns that neither the ones before them nor the calendar imply; notices say of the others."""
    if periods is not None:
        count = np.bincount(periods)
        design = design - np.column_stack(
            [(np.bincount(periods, weights=column) / count)[periods] for column in design.T]
        )
    full = np.column_stack([np.ones(len(design)), design])
    gram = full.T @ full
    tolerance = 1e-9 * np.trace(gram)
    kept = [0]
    for column in range(1, full.shape[1]):
        part = gram[np.ix_([*kept, column], [*kept, column])]
        if np.linalg.matrix_rank(part, hermitian=True, tol=tolerance) > len(kept):
            kept.append(column)
        else:
            notices.append(
                f"'{names[column - 1]}' says the same as the covariates before it and is left out."
            )
    return [column - 1 for column in kept[1:]]
