"""Which notices a forecast of bookings carries: slips in the data, what is missing, what moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast import (
    lost_deals,
    notice_words,
    periods,
    scoring,
    surprise,
    words,
)
from salesops_lib.analyses.forecast.history import PART, History
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.pipeline import PipelineView
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.analyses.forecast.sales_data import SalesData
from salesops_lib.analyses.forecast.spells import moved
from salesops_lib.analyses.forecast.views import A_YEAR, LEAST_MONTHS, Views

# Months before the first past forecast, and past errors that an interval of 90% asks for.
_FIRST_ORIGIN, _ERRORS = 4, 9
# Wins of a year from which on one deal should not be most of it, open deals from which on the chance of one
# should not be so much of a quarter.
_FEW_WINS, _FEW_OPEN, _LUMP = 10, 10, 0.25


def oddities(dataset: SalesData, history: History, currency: str) -> list[str]:
    """What is likely a slip in the data, and moves the numbers."""
    said = []
    amount = np.where(history.won, np.nan_to_num(history.amount), 0.0)
    day = (history.as_of - pd.Timestamp("1970-01-01")).days
    late = np.where((history.close > day - 365) & (history.close <= day), amount, 0.0)
    largest = int(late.argmax())
    if (late > 0).sum() >= _FEW_WINS and late[largest] > 0.5 * late.sum():
        when = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(history.close[largest]))
        share = float(late[largest] / late.sum())
        said.append(notice_words.one_deal(float(late[largest]), when, share, currency))
    if movers := moved(dataset.reps(), list(history.leaves.columns)):
        said.append(notice_words.moved(movers))
    owners = dataset.quotas().reindex(columns=["rep_id"])["rep_id"].dropna().unique()
    strangers = set(owners) - set(dataset.reps()["rep_id"]) if len(owners) else set()
    if strangers and PART not in history.leaves:
        said.append(notice_words.quotas_of_strangers(len(strangers)))
    return said


def notices_of(ahead: Outlook, made: BookingsForecast, *, origins: int = 1) -> list[str]:
    """What a reader of this forecast should know about it, as sentences.

    Parameters
    ----------
    origins
        Past dates that it was to be tested on: where none, that it was not is no fault of the history.
    """
    views = ahead.views
    history = views.history
    said = _about_the_pipeline(views, made.horizon, made.confidence) + _one_open_deal(ahead, made)
    if views.run_rate is None:
        said.append(notice_words.no_series())
    elif (months := history.last_complete_month - history.first_month + 1) < 24:
        at = int(np.argmax(views.nodes["unique_id"].to_numpy() == made.focus))
        ahead_alone = views.series[0, at, 1:].tolist()
        said.append(
            notice_words.first_year(ahead_alone) if months < A_YEAR else notice_words.short_season()
        )
    if way := _new_level(views, made.focus):
        said.append(notice_words.new_level(way, pipeline=views.trusted))
    tested = 0 if made.backtest.empty else made.backtest["cutoff"].nunique()
    if origins and tested < _ERRORS:
        said.append(
            notice_words.few_origins(
                int(tested),
                interval=bool(made.known),
                at=words.past_day(history.month_end),
                behind=_behind(ahead),
                enough=_ERRORS,
            )
        )
    mine = made.totals[made.totals["unique_id"] == made.focus]
    unlimited = mine.loc[mine["commit"].isna(), "period"].tolist()
    if unlimited:
        coming_ends = periods.coming_quarter(history, made.horizon).window.last
        needed = _FIRST_ORIGIN + coming_ends + _ERRORS - 1
        said.append(
            notice_words.no_limits(
                [str(one) for one in unlimited],
                len(unlimited) == len(mine),
                months=max(history.last_complete_month - history.first_month + 1, 0),
                # A pipeline that is only too young gives its own limits sooner.
                needed=min(needed, LEAST_MONTHS + 1) if _too_young(views) else needed,
            )
        )
    return said


def _too_young(views: Views) -> bool:
    """Whether there is a pipeline to forecast from, and only months of closed deals are wanting."""
    history = views.history
    there = history.has_open and history.has_paid and history.beginnings_known
    return views.today is None and there and not lost_deals.missing(history)


def _about_the_pipeline(views: Views, horizon: int, confidence: float) -> list[str]:
    history = views.history
    if not history.has_open:
        return [notice_words.no_open_deals(history.undated_open)]
    if lost_deals.missing(history):
        return [notice_words.losses_missing(some=history.has_lost)]
    if views.today is None:
        return [notice_words.pipeline_too_young()]
    said = []
    if history.undated_open:
        if views.trusted:
            said.append(notice_words.undated_open(history.undated_open))
        else:
            tried = notice_words.pipeline_tried(
                *scoring.tried(views), at=words.past_day(history.month_end)
            )
            said.append(notice_words.undated_beginnings(history.undated_open) + tried)
    opened = views.today.open
    if not history.has_stages:
        said.append(notice_words.no_stage_history(by_source=history.by_source))
    if not history.has_lost:
        said.append(notice_words.no_lost_deals())
    elif more := lost_deals.looks_swollen(history):
        said.append(notice_words.swollen(*more))
    unstated = int((~opened.stated).sum())
    if unstated:
        said.append(notice_words.typical_amounts(unstated, len(opened.deal)))
    if views.trusted:
        said += _about_closed_parts(views)
        said += _about_amounts(views.today, views.history, horizon, confidence)
    return said


def _about_closed_parts(views: Views) -> list[str]:
    """Of those that booked something in the last twelve months: older ones surprise nobody."""
    history = views.history
    lately = history.bookings[:, -A_YEAR:].any(axis=1) & views.closed[0]
    parts = int((history.member @ lately > 0).sum())
    return [notice_words.closed_parts(parts, history.leaves.columns)] if parts else []


def _about_amounts(
    today: PipelineView, history: History, horizon: int, confidence: float
) -> list[str]:
    moves = [
        one
        for one in today.levels.moved(confidence)
        # What nobody states while a deal is open moves no open deal.
        if one.what != "stated" or today.open.stated.any()
    ]
    # The moves of one kind stand side by side: two of parts without a name would contradict each other.
    before = ["", *(one.what for one in moves)]
    said = [
        notice_words.level_moved(
            one.what, one.factor, one.among, history.leaves.columns, another=one.what == last
        )
        for one, last in zip(moves, before, strict=False)
    ]
    coming = periods.coming_quarter(history, horizon)
    month = np.arange(coming.first_month, coming.last_month + 1)
    season = today.amounts.seasons.typical.told(month, confidence)
    if season is not None:
        said.append(notice_words.amount_season(f"{coming.start:%B}", f"{coming.end:%B}", season))
    return said


def _one_open_deal(ahead: Outlook, made: BookingsForecast) -> list[str]:
    """An open deal whose chance alone is much of the coming quarter: what is expected then is what neither
    comes with it nor without it."""
    views = ahead.views
    if views.today is None or not views.trusted:
        return []
    opened, coming = views.today.open, periods.coming_quarter(views.history, made.horizon)
    at = int(np.argmax(views.nodes["unique_id"].to_numpy() == made.focus))
    mine = views.summing[at, opened.leaf] > 0
    mean, weight = float(ahead.mean(coming.window)[at]), ahead.blend.weight[0, coming.window.last]
    if mine.sum() < _FEW_OPEN:
        return []
    brings = coming.window.of(opened.win * opened.value) * opened.amount
    brings = np.where(mine & opened.stated, brings, 0.0)
    largest = int(brings.argmax())
    part = float(weight * brings[largest])
    if part <= _LUMP * mean:
        return []
    amount = float(opened.amount[largest] / views.today.amounts.ratio[opened.stage[largest]])
    return [notice_words.one_open_deal(amount, part, mean, coming.name, made.currency)]


def _behind(ahead: Outlook) -> int:
    """Past forecasts of the company's coming quarter that its interval rests on: more than are shown where
    last year's quarter, or its growth, could be told from the latest of them only."""
    views, window = ahead.views, scoring.COMING
    if not ahead.has_pipeline:
        return ahead.witnesses(window, 0)[0]
    known = slice(window.last, None)
    error = window.of(views.actual[known, 0]) - window.of(ahead.blend.mean[known, 0])
    return int((~np.isnan(error) & (views.spread[window][known, 0] > 0)).sum())


def _new_level(views: Views, focus: str) -> str:
    """Whether the months just past all came in `above` or `below` what past bookings let expect, by
    more than ever before; else nothing."""
    past = views.run_rate
    if past is None or past.panel is None or past.origins is None or focus not in past.panel.ids:
        return ""
    side = int(surprise.missed(past.origins)[past.panel.ids.index(focus)])
    return {1: "above", -1: "below"}.get(side, "")
