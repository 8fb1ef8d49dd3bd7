"""The chance that a team reaches its quota, and the pipeline that would make it likely."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from salesops_lib.analyses.forecast import notice_words
from salesops_lib.analyses.forecast.hierarchy import path_of
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.periods import Span
from salesops_lib.analyses.forecast.planned_quotas import Planned, planned
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.analyses.forecast.sales_data import SalesData
from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.analyses.forecast.spells import latest_spells
from salesops_lib.analyses.forecast.views import Views
from salesops_lib.analyses.forecast.what_if import Scaled
from salesops_lib.dataset.period_names import month_number

# A quota is out of reach where even a generous reading of the evidence gives it less than this.
OUT_OF_REACH = 0.10
# The chance at which a pipeline counts as enough.
WANTED = 0.80
_MOST_COVERAGE = 50.0
# Below this share of bookings under a quota, the whole's chance is that of a quota for a part of it.
_MOST_COVERED = 0.9
_COLUMNS = [
    "unique_id",
    "level",
    "parent",
    "kind",
    "period",
    "start",
    "end",
    "quota",
    "assumed",
    "so_far",
    "mean",
    "probability",
    "probability_low",
    "probability_high",
    "coverage_now",
    "coverage_needed",
    "out_of_reach",
]


def notices(dataset: SalesData, made: BookingsForecast) -> tuple[list[str], float | None]:
    """What must be known of the quotas of the coming quarter before a chance is trusted; and the share of the last
    twelve months' bookings that came from parts, or reps, with a quota to reach, None where that is most of them."""
    plan = planned(dataset, made.as_of)
    every = plan.rows
    if not len(every):
        return [], None
    coming = made.quota[made.quota["period"] == made.quarter]
    if coming.empty:
        return [notice_words.no_quota_above_zero(made.quarter)], None
    said = []
    if coming["assumed"].any():
        said.append(notice_words.assumed_quota(every["month"].max()))
    parts, reps = _covered(made, coming), _of_reps(dataset, every, made.as_of)
    if parts < _MOST_COVERED:
        said.append(notice_words.quotas_of_some(parts))
    elif reps < _MOST_COVERED:
        said.append(notice_words.quotas_of_some_reps(reps))
    under = min(parts, reps)
    return said + _of_the_quarter(plan, made, coming), under if under < _MOST_COVERED else None


def _of_the_quarter(plan: Planned, made: BookingsForecast, coming: pd.DataFrame) -> list[str]:
    """Which reps' quotas of the coming quarter are not in the data, and whose are gone for good."""
    start, end = (pd.Timestamp(coming[name].iloc[0]) for name in ("start", "end"))
    months = (month_number(start), month_number(end))
    said = []
    reps, money = plan.stands_in(*months)
    if reps:
        said.append(notice_words.quotas_not_set(reps, money, made.quarter, made.currency))
    share = 0.0 if coming["assumed"].any() else plan.not_passed_on(*months)
    if share > 1 - _MOST_COVERED:
        said.append(notice_words.quotas_not_passed_on(share, made.quarter))
    return said


def _of_reps(dataset: SalesData, quotas: pd.DataFrame, as_of: pd.Timestamp) -> float:
    """Share of the last twelve months' bookings that came from reps who had a quota in them, or have
    one ahead; 1 where nothing was booked. Where quotas end before, those of the latest quarter known stand in
    (`quota_of`), and who had one then has one."""
    since = as_of - pd.DateOffset(months=12)
    deals = dataset.deals()
    late = deals[(deals["status"] == "won") & (deals["close_date"] > since)]
    late = late[late["close_date"] <= as_of]
    whole = float(late["amount"].sum())
    months = pd.to_datetime(quotas["month"])
    stands_in = months.max() - pd.DateOffset(months=3)
    planned = set(quotas.loc[(months > min(since, stands_in)) & (quotas["quota"] > 0), "rep_id"])
    if not whole > 0:
        return 1.0
    return float(late.loc[late["rep_id"].isin(planned), "amount"].sum()) / whole


def _covered(made: BookingsForecast, coming: pd.DataFrame) -> float:
    """Share of the last twelve months' bookings that came from parts with a quota to reach; 1 where
    no part has one of its own."""
    finest = made.nodes["level"].iloc[-1]
    judged = coming.loc[coming["level"] == finest, "unique_id"]
    since = made.as_of - pd.DateOffset(months=12)
    late = made.history[(made.history["level"] == finest) & (made.history["ds"] > since)]
    whole = float(late["y"].sum())
    if finest == "total" or judged.empty or not whole > 0:
        return 1.0
    return float(late.loc[late["unique_id"].isin(judged), "y"].sum()) / whole


def quotas_by_node(dataset: SalesData, views: Views) -> tuple[pd.DataFrame, bool]:
    """(node × month number) quotas, and whether they could be given below the company."""
    every = planned(dataset, views.history.as_of).rows
    nodes = views.nodes["unique_id"].tolist()
    if not len(every):
        return pd.DataFrame(index=nodes), False
    total = every.groupby("number")["quota"].sum()
    table = pd.DataFrame(np.nan, index=nodes, columns=total.index)
    table.loc[nodes[0]] = total
    keys = list(views.history.leaves.columns)
    reps = latest_spells(dataset.reps())
    # The rep may be a level, too.
    reps = reps.set_index("rep_id", drop=False).rename_axis(None)
    if not all(key in reps for key in keys):
        return table, False
    paths = reps[keys].astype(object).where(reps[keys].notna(), "unassigned").astype(str)
    leaf = every["rep_id"].map(paths.agg(path_of, axis=1))
    by_leaf = every.assign(leaf=leaf).pivot_table(
        index="leaf", columns="number", values="quota", aggfunc="sum"
    )
    named = views.history.leaves[keys].agg(path_of, axis=1)
    values = by_leaf.reindex(index=named, columns=total.index).fillna(0.0).to_numpy()
    summed = views.summing @ values
    # A team without quota in any month has none to reach.
    summed[(views.summing @ (values > 0)).sum(axis=1) == 0] = np.nan
    table.iloc[1:] = summed[1:]
    return table, True


def quota_of(table: pd.DataFrame, span: Span) -> tuple[Floats, bool]:
    """(node,) quota of the period, and whether some of it is the latest known quarter's.

    A month without quotas takes those of the same month of the latest quarter that has them.
    """
    known = set(table.columns)
    if not known:
        return np.full(len(table), np.nan), False
    last, assumed = max(known), False
    total = np.zeros(len(table))
    for month in range(span.first_month, span.last_month + 1):
        used = month
        while used > last:
            used -= 3
        assumed |= used != month
        if used not in known:
            return np.full(len(table), np.nan), False
        total = total + table[used].to_numpy(dtype=np.float64)
    return total, assumed


def quota_frame(
    ahead: Outlook,
    quotas: pd.DataFrame,
    spans: list[Span],
    booked: dict[str, Floats],
    amount: Floats,
    confidence: float,
) -> pd.DataFrame:
    """One row a node and period with a quota; see `BookingsForecast.quota`."""
    blocks = []
    z = float(ndtri((1 + confidence) / 2))
    for span in spans:
        quota, assumed = quota_of(quotas, span)
        if not (quota > 0).any():
            continue
        so_far = booked[span.name]
        sample = ahead.sample(span.window)
        centre, off = ahead.mean(span.window), ahead.error_of_centre(sample)
        left = quota - so_far
        now, needed = _coverage(ahead, span, left, amount)
        block = ahead.views.table(
            ["unique_id", "level", "parent"],
            kind=span.kind,
            period=span.name,
            start=span.start,
            end=span.end,
            quota=quota,
            assumed=assumed,
            so_far=so_far,
            mean=so_far + centre,
            probability=_chance(sample, left),
            probability_low=_chance(sample - z * off, left),
            probability_high=_chance(sample + z * off, left),
            coverage_now=now,
            coverage_needed=needed,
        )
        blocks.append(block[block["quota"] > 0])
    if not blocks:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(blocks, ignore_index=True)
    table["out_of_reach"] = table["probability_high"] < OUT_OF_REACH
    return table


def _chance(sample: Floats, left: Floats) -> Floats:
    """Share of the draws that reach what is left; NaN where there are no draws."""
    reached = (sample >= left[None, :]).mean(axis=0)
    return np.where(np.isnan(sample).any(axis=0), np.nan, reached)


def _coverage(ahead: Outlook, span: Span, left: Floats, amount: Floats) -> tuple[Floats, Floats]:
    """Open pipeline ÷ quota still open: as it is, and as needed for `WANTED`."""
    nothing = np.full(len(left), np.nan)
    if not ahead.has_pipeline:
        return nothing, nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        now = np.where(left > 0, amount / left, np.nan)
    some = (left > 0) & (amount > 0)
    factor = needed_factor(ahead, span, left)
    return now, np.where(some, factor * np.where(some, now, 1.0), nothing)


def needed_factor(ahead: Outlook, span: Span, left: Floats, *, shift: float = 0.0) -> Floats:
    """(node,) how many times today's open pipeline would reach `left` with chance `WANTED`.

    The same mix of deals, more of them (`what_if.Scaled`). 0 where deals not begun yet are enough;
    infinite where no pipeline is.

    Parameters
    ----------
    shift
        Moves the forecast by so many standard errors of its middle, for an interval.
    """
    sample = ahead.sample(span.window)
    scaled = Scaled.of(ahead, span.window, sample)
    off = shift * ahead.error_of_centre(sample)
    low, high = np.zeros(len(left)), np.full(len(left), _MOST_COVERAGE)

    def chance(factor: Floats) -> Floats:
        over = scaled.mean(factor) + off - left
        return np.asarray(ndtr(over / np.maximum(scaled.spread(factor), 1e-9)))

    enough, never = chance(low) >= WANTED, chance(high) < WANTED
    for _ in range(40):
        middle = (low + high) / 2
        reached = chance(middle) >= WANTED
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle)
    return np.where(enough, 0.0, np.where(never, np.inf, high))


def booked(history: History, summing: Floats, span: Span) -> Floats:
    """(node,) money already booked in the period."""
    first = max(span.first_month - history.first_month, 0)
    last = span.last_month - history.first_month
    total: Floats = summing @ history.bookings[:, first : last + 1].sum(axis=1)
    return total
