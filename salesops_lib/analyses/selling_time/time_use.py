"""selling_time: where the hours go, and how bookings answer to selling hours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses import leave, quarters
from salesops_lib.analyses.columns import check_columns, days, month_of, number, under_its_name
from salesops_lib.analyses.options import check_apart, check_confidence, check_rng, is_number
from salesops_lib.analyses.people import without_managers
from salesops_lib.analyses.selling_time import notices as say
from salesops_lib.analyses.selling_time import published, tables, words
from salesops_lib.analyses.selling_time.hours import Hours, count_hours
from salesops_lib.analyses.selling_time.response import (
    ESTIMATORS,
    Panel,
    Response,
    prior_interval,
    respond,
    week_error,
)
from salesops_lib.analyses.selling_time.result import SellingTime
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate

HOW = {"ppml": "Poisson pseudo-likelihood", "log": "log of months with bookings"}


def selling_time(
    data: pd.DataFrame,
    *,
    activities: pd.DataFrame | None = None,
    kinds: Mapping[str, tuple[bool, str]] | None = None,
    outcome: str = "bookings",
    hours: str = "selling_hours",
    cluster: str = "rep_id",
    period: str = "month",
    estimator: str = "ppml",
    prior: tuple[float, float] = (published.PRIOR_MEAN, published.PRIOR_SD),
    error_sd: float | None = None,
    confidence: float = 0.90,
    rng: int | np.random.Generator = 0,
    currency: str = "$",
) -> SellingTime:
    """Where a rep's week goes, and how bookings answer to selling hours.

    The response is an elasticity within reps: what sets a rep apart for good, and what moves a month
    for all, is taken out by effects of each rep and each month, and a rep's ramp by 1/tenure where
    `tenure_months` is there. A regression without them gives good reps' talent to their hours.
    Reported hours are off, which makes the elasticity too small: between none and all of a rep's
    week-to-week swings may be error, and the interval holds both ends. Then the estimate is drawn
    towards published experience by as much as it is uncertain.

    Parameters
    ----------
    data
        One row a rep and month. `month_share` (of the month worked) is used where it is there.
    outcome, cluster, period
        Columns of what is sold (money), reps and months.
    activities
        One row a rep (`cluster`), week, activity and its hours. Without it, `data` must have `hours`
        (selling) and the column `hours` (all), and nothing is known of whose work the rest is.
    kinds
        activity → (selling, owner); names are compared whatever their case.
    hours
        Selling hours of the month, for when there are no activities.
    estimator
        `ppml`: Poisson pseudo-likelihood, which months without bookings enter; `log`: least squares
        on the log of bookings, which has to leave them out.
    prior
        Mean and standard deviation of the elasticity in published experience.
    error_sd
        Standard deviation of the error in a month's log hours, where it is known.
    confidence
        Of all limits.
    rng
        Kept for the common signature: nothing here is drawn.
    currency
        Symbol in sentences.

    Returns
    -------
    SellingTime
        Hours a rep and week, shares from 0 to 1, elasticities without unit.

    Raises
    ------
    DataError
        For a missing or unusable column, or two rows of one rep and month.
    NotEnoughData
        If there are no hours, or no activity is known to be selling.
    ParameterError
        For an unknown estimator, or a prior or error that is no number above 0.

    References
    ----------
    Albers, Mantrala and Sridhar (2010), Journal of Marketing Research 47, 840–853; Santos Silva and
    Tenreyro (2006), Review of Economics and Statistics 88, 641–658; Fuller (1987), Measurement Error
    Models; Bell and McCaffrey (2002).
    """
    check_rng(rng)
    _check_options(estimator, prior, error_sd)
    check_confidence(confidence)
    check_apart(cluster=cluster, period=period, outcome=outcome)
    check_columns(data, [cluster, period, outcome], "selling time")
    data, of_managers = without_managers(data, rep=cluster)
    rows = _rows(data, cluster, period, outcome)
    if activities is None:
        account, monthly = tables.account_from_months(data, rows, hours)
    else:
        account = count_hours(
            activities, kinds or {}, reps=rows["rep"], months=rows["month"], rep=cluster
        )
        monthly = tables.by_month(account.weekly)
    away = leave.away(rows.assign(written=_written(rows, monthly)))
    panel, left_out = _panel(rows, monthly, account, away, known_weeks=activities is not None)
    found = respond(
        panel, estimator=estimator, prior=prior, error_sd=error_sd, confidence=confidence
    )
    if account.by_rep.sum() / account.weeks.sum() > say.WEEK:
        left_out.insert(0, say.no_week(float(account.by_rep.sum() / account.weeks.sum())))
    if away.any():
        left_out.append(leave.said(rows["rep"][away], "so no hours of theirs are freed then"))
    at_work = rows.assign(share=rows["share"].where(~away, 0.0))
    result = _result(at_work, monthly, account, found, prior, confidence, cluster, HOW[estimator])
    result = replace(
        result,
        estimator=estimator,
        error_known=error_sd is not None,
        currency=currency,
        notices=tuple(dict.fromkeys([*of_managers, *account.notices, *left_out, *found.notices])),
    )
    return replace(result, findings=words.findings(result))


def _check_options(estimator: str, prior: tuple[float, float], error_sd: float | None) -> None:
    if estimator not in ESTIMATORS:
        raise ParameterError(f"estimator == {estimator!r}, must be one of {', '.join(ESTIMATORS)}.")
    pair = isinstance(prior, Sequence | np.ndarray) and len(prior) == 2
    if not (pair and all(map(is_number, prior)) and prior[1] > 0):
        raise ParameterError(
            f"prior == {prior!r}, must be a mean and a standard deviation above 0."
        )
    if error_sd is not None and not (is_number(error_sd) and error_sd >= 0):
        raise ParameterError(f"error_sd == {error_sd!r}, must be 0 or more.")


def _rows(data: pd.DataFrame, cluster: str, period: str, outcome: str) -> pd.DataFrame:
    """rep, month, bookings, share, tenure; one row a rep and month."""
    nobody = data[cluster].isna()
    if nobody.any():
        raise DataError("is missing", column=cluster, rows=data.index[nobody],
                        remedy="Every row must say whose it is.")  # fmt: skip
    month = days(data, period, "months", "2026-09-01")
    rows = pd.DataFrame({
        "rep": data[cluster].to_numpy(),
        "month": month_of(month),
        "bookings": number(data, outcome).fillna(0.0).to_numpy(),
        "share": _shares(data),
        "tenure": _column(data, "tenure_months", math.nan),
        "busy": leave.busy(data, outcome),
    })  # fmt: skip
    if rows.empty:
        raise NotEnoughData("there are no rep-months", remedy="Choose a period with data.")
    twice = rows.duplicated(["rep", "month"], keep=False)
    if twice.any():
        raise DataError(
            "has two rows of one rep and month", column=cluster,
            rows=data.index[twice.to_numpy()], remedy="Add them up, one row a rep and month.",
        )  # fmt: skip
    return rows


def _written(rows: pd.DataFrame, monthly: pd.DataFrame) -> np.ndarray:
    """(rows,): whether the rep-month has hours of work."""
    keys = ["rep", "month"]
    hours = rows[keys].merge(monthly[[*keys, "hours"]], on=keys, how="left")["hours"]
    return leave.written(hours, rows["rep"])


def _shares(data: pd.DataFrame) -> np.ndarray:
    """(rows,): the share of the month worked, or DataError: in percent, a week would have a hundredth of its
    hours where they are those of a month."""
    share = _column(data, "month_share", 1.0)
    over = ~((share >= 0) & (share <= 1 + 1e-9))
    if over.any():
        raise DataError("must be from 0 to 1", column="month_share", rows=data.index[over],
                        remedy="Give the share of the month that the rep was there, 1 for all of it.")  # fmt: skip
    return share


def _column(data: pd.DataFrame, name: str, default: float) -> np.ndarray:
    if name not in data.columns:
        return np.full(len(data), default)
    return number(data, name).fillna(default).to_numpy()


def _panel(
    rows: pd.DataFrame,
    monthly: pd.DataFrame,
    account: Hours,
    away: np.ndarray,
    *,
    known_weeks: bool,
) -> tuple[Panel | None, list[str]]:
    """The rep-months with selling hours, `away` (rows,) of those on leave, and what was left out."""
    merged = rows.merge(monthly, on=["rep", "month"], how="left")
    usable = (merged["selling_week"] > 0) & (merged["share"] > 0)
    notices = []
    if not usable.all():
        notices.append(
            say.months_left_out(int((~usable).sum()), len(merged), "they have no selling hours")
        )
    kept, error = merged[usable], week_error(account.weekly) if known_weeks else math.nan
    found = quarters.in_quarters(merged["rep"], merged["month"], merged["bookings"])
    if found is not None:
        quarter, whole, booked = found
        notices.append(quarters.said(booked, say.QUARTERS))
        unknown = ~usable & (merged["share"] > 0) & ~away
        told = whole & _told(merged, quarter, unknown)
        kept = _of_quarters(merged[usable & told], quarter)
        error /= math.sqrt(quarters.QUARTER)
    scale = float(kept["bookings"].mean()) if len(kept) else 0.0
    if not scale > 0:
        return None, [*notices, say.bookings_not_there()]
    ramp = (1 / kept["tenure"].where(kept["tenure"] >= 1)).fillna(0.0).to_numpy()
    # Of reps past their second year it hardly moves, and a column that hardly moves decides nothing.
    controls = ramp[:, None] if _varies(ramp, kept["rep"]) else np.zeros((len(kept), 0))
    panel = Panel(
        kept["bookings"].to_numpy() / scale,
        np.log(kept["selling_week"].to_numpy()),
        kept["share"].to_numpy(),
        pd.factorize(kept["rep"], sort=True)[0].astype(np.int64),
        pd.factorize(kept["month"], sort=True)[0].astype(np.int64),
        controls,
        error,
    )
    return panel, notices


def _told(rows: pd.DataFrame, quarter: pd.Series, unknown: pd.Series) -> pd.Series:
    """(rows,): whether the hours of all months of its quarter are known: what was booked at its end is of all."""
    before = quarters.began_unseen(rows["rep"], rows["month"], quarter, rows["tenure"])
    return ~before & ~unknown.groupby([rows["rep"], quarter]).transform("any")


def _of_quarters(rows: pd.DataFrame, quarter: pd.Series) -> pd.DataFrame:
    """One row a rep and quarter: what was booked at its end follows from the hours of all its months."""
    hours = rows["selling_week"] * rows["share"]
    sums = rows.assign(selling_week=hours, month=quarter[rows.index]).groupby(
        ["rep", "month"], as_index=False
    )
    found = sums.agg(
        bookings=("bookings", "sum"), selling_week=("selling_week", "sum"), share=("share", "sum"),
        tenure=("tenure", "mean"),
    )  # fmt: skip
    return found.assign(selling_week=found["selling_week"] / found["share"])


def _varies(values: np.ndarray, reps: pd.Series) -> bool:
    grouped = pd.Series(values, index=reps.index).groupby(reps)
    return int((grouped.max() - grouped.min() > 0.2).sum()) >= 3


def _result(
    rows: pd.DataFrame, monthly: pd.DataFrame, account: Hours, found: Response, prior: tuple[float, float],
    confidence: float, cluster: str, estimator: str,
) -> SellingTime:  # fmt: skip
    """Everything but what was asked for and the sentences."""
    n_reps = len(account.reps)
    months = int(rows["month"].nunique())

    def elasticity(limits: tuple[float, float, float], n: int, method: str) -> Estimate:
        return Estimate(*limits, confidence, "index", n, method)

    how = f"{estimator}, rep and month effects, clustered by rep, t"
    activities, covariance = tables.by_activity(account, confidence)
    return SellingTime(
        activities=activities,
        covariance=covariance,
        owners=tables.by_owner(account, confidence),
        **tables.totals(account, confidence, n_reps),
        reps=under_its_name(tables.by_rep(account), cluster),
        sellers=under_its_name(tables.sellers(account, rows, monthly, months), cluster),
        elasticity=elasticity(found.together, found.reps, f"{how}, with published experience"),
        data_elasticity=elasticity(found.alone, found.reps, f"{how}, error of hours allowed for"),
        reported_elasticity=elasticity(found.reported, found.reps, how),
        pooled_elasticity=elasticity(
            found.pooled, found.reps, f"{estimator}, month effects only, t"
        ),
        prior=elasticity(prior_interval(prior, confidence), 0, published.PRIOR_SOURCE),
        prior_share=found.posterior.prior_share,
        posterior=pd.DataFrame(
            {"elasticity": found.posterior.grid, "probability": found.posterior.mass}
        ),
        sensitivity=found.sensitivity,
        error_sd=found.error_sd,
        error_known=False,
        estimator="",
        bookings_year=float(rows["bookings"].sum()) * 12 / months,
        headcount=float(rows["share"].sum()) / months,
        months=months,
        confidence=confidence,
    )
