"""What `forecast_bookings` returns."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.forecast.hierarchy import names_of
from salesops_lib.analyses.forecast.notice_words import no_quota_above_zero
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.words import no_chance
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
        Nine times in ten at least `commit` is booked, one time in ten `best_case` or more: the
        limits of the 80% interval, NaN where too few past errors are known to give one. Limits hold the
        mean, so where a rare deal is most of it, `best_case` or more is booked less often.
    nodes
        unique_id, level, parent, the keys, reps (people with deals in the last twelve months).
    pipeline
        One row a node, for the coming quarter: open_deals, open_amount, promised (amounts whose
        reps expect to close within it), expected_wins, expected_open, expected_new, begun.
    waterfall
        Of the focus, from the open pipeline to the forecast of the coming quarter: step, kind
        (`total`, `change`), value.
    chances
        stage, age_months_low, age_months_high, open_deals, p_quarter, p_ever (within the
        horizon, and no less than three months), wins (evidence): chances of the open deals. Where stages
        have no history and sources are known, `stage` holds those.
    backtest
        One row a node and past origin, for the quarter after it: cutoff, start, end, y, forecast,
        lo-L, hi-L, pipeline, series, seasonal_naive, last_years_growth, months_before (where there
        is no last year), rep_dates, rep_commits (amounts of the deals that reps expected to close
        in it, and of those that they called a commit). Only origins from which every method could
        forecast the company; NaN for a method that could at no more than a third of them, and for a
        part that had no deal yet.
    accuracy
        One row a level (or node `company`) and method: n, mase, rmsse, smape, crps, coverage,
        bias, for the quarter after each origin.
    quota
        One row a node and period with a quota: quota (with what stands in for reps who have none
        yet, see `planned_quotas.planned`), assumed (the quota of that period is not in the data),
        so_far, mean, probability, probability_low, probability_high, out_of_reach,
        coverage_now, coverage_needed.
    rests_on
        assumption, value, source: what the forecast leans on.
    as_of, horizon, confidence, currency
        What was asked.
    focus
        The node that findings and waterfall are about.
    quarter
        Name of the coming quarter (of the whole horizon, where that is shorter).
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
    rests_on: pd.DataFrame
    as_of: pd.Timestamp
    horizon: int
    confidence: float
    currency: str
    methods: str
    quarter: str
    focus: str = "company"
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    ahead: Outlook | None = field(default=None, repr=False, compare=False)

    @property
    def limits(self) -> tuple[str, str]:
        """Names of the columns of the interval at the asked confidence."""
        level = level_name(self.confidence)
        return f"lo-{level}", f"hi-{level}"

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that split bookings further than the one above them does."""
        counts = self.nodes["level"].value_counts()
        ordered = list(dict.fromkeys(self.nodes["level"]))
        kept = [ordered[0]]
        for level in ordered[1:]:
            if counts[level] > counts[kept[-1]]:
                kept.append(level)
        return tuple(kept)

    def past(self, node: str | None = None) -> pd.DataFrame:
        """Rows of the backtest in which a forecast of `node` (by default the focus) was made, the oldest first. A
        part in which hardly anything is sold may have none where the company has."""
        mine = self.backtest[self.backtest["unique_id"] == (node or self.focus)]
        return mine.dropna(subset=["forecast"]).sort_values("cutoff")

    @property
    def checked(self) -> int:
        """Past intervals that can be held against what came."""
        return int(self.backtest[self.limits[0]].notna().sum())

    @property
    def known(self) -> bool:
        """Whether the coming quarter of the focus has an interval."""
        mine = self.totals["unique_id"] == self.focus
        return bool(
            self.totals.loc[mine & (self.totals["period"] == self.quarter), self.limits[0]]
            .notna()
            .any()
        )

    def level_label(self, level: str) -> str:
        """What a reader calls a level: `company`, `region`, `manager`."""
        return "company" if level == "total" else level.removesuffix("_id").replace("_", " ")

    def present(self, *names: str) -> list[str]:
        """Those of the findings that this data could give."""
        there = {one.name for one in self.findings}
        return [name for name in names if name in there]

    def quotas_below(self, period: str | None = None) -> pd.DataFrame:
        """Quota rows of the focus and of the parts of the finest level within it.

        Parameters
        ----------
        period
            By default the coming quarter.
        """
        if self.quota.empty:
            return self.quota
        table = self.quota[self.quota["period"] == (period or self.quarter)]
        inside = table["unique_id"].str.startswith(f"{self.focus}/")
        finest = table["level"] == self.levels[-1]
        mine = (table["unique_id"] == self.focus) | (inside & finest)
        return table[mine].reset_index(drop=True)

    @property
    def quotas_unjudged(self) -> str:
        """Why no chance of reaching the quotas of the coming quarter can be given."""
        if no_quota_above_zero(self.quarter) in self.notices:
            return f"the quotas of {self.quarter} are zero or incomplete"
        return no_chance(held=not self.quota.empty)

    def quotas_by_period(self, shown: pd.DataFrame | None = None) -> pd.DataFrame:
        """Chance of reaching quota: one row a part, one column a period.

        Parameters
        ----------
        shown
            Rows of `quotas_below()` whose parts are wanted, by default all of them.

        Returns
        -------
        DataFrame
            part (its own name), then the quarters and years whose chance is known for some part, in
            order; the focus first, then the parts, the least likely in the coming quarter first.
        """
        wanted = (self.quotas_below() if shown is None else shown)["unique_id"]
        table = self.quota[self.quota["unique_id"].isin(wanted)].dropna(subset=["probability"])
        if table.empty:
            return pd.DataFrame(columns=["part"])
        order = table.sort_values(["kind", "start"])["period"].unique()
        wide = table.pivot_table(
            index="unique_id", columns="period", values="probability", aggfunc="first"
        )[list(order)]
        names = [names_of(str(one))[-1] for one in wide.index]
        wide.insert(0, "part", [wording.opened(one) for one in names])
        by = [self.quarter] if self.quarter in wide else ["part"]
        out = wide.assign(below=wide.index != self.focus).sort_values(["below", *by])
        return out.drop(columns="below").rename_axis(columns=None).reset_index(drop=True)

    def chance_label(self, value: float) -> str:
        """A chance in a table, where there is no room for words: `34%`, `>99%`, `–` where it is not known."""
        return "–" if pd.isna(value) else wording.probability(value)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the arrays behind the frames are left out."""
        kept = [f.name for f in dataclasses.fields(self) if f.name != "ahead"]
        return {name: plain(getattr(self, name)) for name in kept}


def level_name(level: float) -> str:
    """`90` for .9, `97.5` for .975, as statsforecast names columns."""
    return f"{level * 100:.6g}"
