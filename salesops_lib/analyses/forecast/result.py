"""What `forecast_bookings` returns."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from salesops_lib.analyses.forecast.views import Views
from salesops_lib.estimate import Finding, Result, plain


@dataclass(frozen=True)
class BookingsForecast(Result):
    """Bookings ahead over the whole organisation, with what the forecast rests on.

    Every table that has a `unique_id` names a node by its path, `company/West/T01`, and carries
    its `level` (`total`, then the levels of the hierarchy). Children sum to their parent in every
    column of expected money; limits are each node's own and do not sum. Limits are named `lo-L`,
    `hi-L` for the level L in percent, as statsforecast names them.

    Attributes
    ----------
    forecast
        One row a node and month: unique_id, level, parent, ds (first of the month), so_far
        (already booked in it), mean (so_far included), lo-L, hi-L, pipeline, series (what each
        view said, NaN where there was none), weight (of the pipeline view).
    totals
        One row a node and quarter, year, or the next twelve months: kind (`quarter`, `year`,
        `twelve months`), period, start, end, so_far, mean, lo-L, hi-L, commit, best_case,
        pipeline, series.
        Nine times in ten at least `commit` is booked, one time in ten `best_case` or more.
    nodes
        unique_id, level, parent, the keys, reps (people with deals in the last twelve months).
    pipeline
        One row a node, for the coming quarter: open_deals, open_amount, promised (amounts whose
        reps expect to close within it), expected_wins, expected_open, expected_new, begun.
    waterfall
        Of the company, from the open pipeline to the forecast of the coming quarter: step, kind
        (`total`, `change`), value.
    chances
        stage, age_months_low, age_months_high, open_deals, p_quarter, p_ever (within the
        horizon), wins (evidence): chances of the open deals.
    backtest
        One row a node and past origin, for the quarter after it: cutoff, start, end, y, forecast,
        lo-L, hi-L, pipeline, series, seasonal_naive, last_years_growth, rep_dates.
    accuracy
        One row a level (or node `company`) and method: n, mase, rmsse, smape, crps, coverage,
        bias, for the quarter after each origin.
    quota
        One row a node and period with a quota: quota, assumed (the quota of that period is not in
        the data), so_far, mean, probability, probability_low, probability_high, out_of_reach,
        coverage_now, coverage_needed.
    as_of, horizon, confidence, currency
        What was asked.
    methods
        `pipeline and series`, `pipeline` or `series`.
    """

    forecast: pd.DataFrame
    totals: pd.DataFrame
    nodes: pd.DataFrame
    pipeline: pd.DataFrame
    waterfall: pd.DataFrame
    chances: pd.DataFrame
    backtest: pd.DataFrame
    accuracy: pd.DataFrame
    quota: pd.DataFrame
    history: pd.DataFrame
    as_of: pd.Timestamp
    horizon: int
    confidence: float
    currency: str
    methods: str
    quarter: str
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    views: Views | None = field(default=None, repr=False)

    @property
    def limits(self) -> tuple[str, str]:
        """Names of the columns of the interval at the asked confidence."""
        level = f"{round(self.confidence * 100, 6):g}"
        return f"lo-{level}", f"hi-{level}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the arrays behind the frames are left out."""
        kept = [f.name for f in dataclasses.fields(self) if f.name != "views"]
        return {name: plain(getattr(self, name)) for name in kept}
