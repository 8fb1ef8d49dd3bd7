"""`forecast_bookings`: what will be booked, over the whole organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.forecast import (
    conclusions,
    notice_words,
    periods,
    quota,
    scoring,
    tables,
)
from salesops_lib.analyses.forecast.calendar import day_of
from salesops_lib.analyses.forecast.history import (
    PART,
    History,
    read_history,
    without_twins,
)
from salesops_lib.analyses.forecast.notices import notices_of, oddities
from salesops_lib.analyses.forecast.outlook import Outlook, outlook
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.analyses.forecast.sales_data import Ordered, SalesData
from salesops_lib.analyses.forecast.views import QUARTER, Views, look
from salesops_lib.analyses.options import (
    check_confidence,
    check_made,
    check_rng,
    check_whole,
    names_of,
)
from salesops_lib.errors import NotEnoughData, ParameterError


def forecast_bookings(
    dataset: SalesData,
    *,
    as_of: Any = None,
    horizon: int = 12,
    by: str | Sequence[str] = ("region", "team"),
    confidence: float = 0.90,
    origins: int = 12,
    draws: int = 1000,
    currency: str | None = None,
    focus: str = "company",
    fiscal_year_start: int = 1,
    rng: int | np.random.Generator = 0,
) -> BookingsForecast:
    """Forecast bookings from the pipeline and from the past, by month, quarter and year.

    Two views are combined, with weights learned from past origins: the pipeline view (chances of
    winning by stage and age, counted from monthly snapshots of the open deals, times their
    amounts, plus deals not begun yet) and the series view (a reconciled forecast of past
    bookings). Nothing dated after `as_of` is used, and nothing dated after a past origin is used
    to forecast from there.

    Parameters
    ----------
    dataset
        As `load_dataset` returns it.
    as_of
        The last day that may be known; by default the last day of the data. Where the data end
        earlier, the forecast starts there. A month that is running is forecast for its rest.
    horizon
        Whole calendar months ahead.
    by
        Levels below the company, widest first: columns of the reps or deals table, such as
        `region`, `team`, `rep_id`, `product`. A level without values is left out, with a notice,
        and so is one whose parts are those of the level above, such as one team a region.
    confidence
        Nominal coverage of the intervals.
    origins
        Past origins (month ends) to test on, at most.
    draws
        Simulated futures; fewer where there are very many open deals.
    currency
        Symbol for the sentences; by default the dataset's.
    focus
        The node that the findings are about: `company`, or the name or path of a part of it.
    fiscal_year_start
        The month, 1 to 12, in which years begin, and with them the quarters that are forecast.
    rng
        Seed or generator.

    Returns
    -------
    BookingsForecast

    Raises
    ------
    NotEnoughData
        If nothing was won yet, or neither view can be had.
    ParameterError
        If an option is out of range.

    Notes
    -----
    Hazards by landmark: van Houwelingen (2007), Scand. J. Stat. 34; reconciliation: Wickramasuriya,
    Athanasopoulos & Hyndman (2019), JASA 114.
    """
    check_rng(rng)
    check_made("dataset", dataset, "load_dataset", "as_of", "last_day", "deals", "reps")
    _check(horizon, confidence, origins, draws, fiscal_year_start)
    day, known, notices = _day(dataset, as_of)
    levels, missing = _levels(known, names_of(by))
    history = read_history(known, as_of=day, by=levels, fiscal_year_start=fiscal_year_start)
    history, twins, wider = without_twins(history) if levels else (_one_part(history), {}, {})
    # The forecast is tested on quarters, also where fewer months are asked for.
    views = look(
        history,
        horizon=max(horizon, QUARTER),
        cuts=origins + QUARTER + 1,
        confidence=confidence,
    )
    if not views.trusted and views.run_rate is None:
        raise NotEnoughData(
            "fewer than four complete months of bookings, and no open deals to judge by six months "
            "of closed ones",
            remedy="Come back when there is more history.",
        )
    ahead = outlook(views, draws=draws, rng=np.random.default_rng(rng))
    at = _focus(views, focus, twins)
    made = _assembled(known, ahead, horizon, confidence, origins, currency or known.currency, at)
    same = [notice_words.same_level(level, above) for level, above in twins.items()]
    same += [notice_words.wider_level(level, above) for level, above in wider.items()]
    odd = oddities(known, history, made.currency)
    quotas, under_quota = quota.notices(known, made)
    said = (
        *notices,
        *missing,
        *same,
        *history.notices,
        *odd,
        *notices_of(ahead, made, origins=origins),
        *quotas,
    )
    return conclusions.concluded(made, ahead, said, under_quota)


def _check(
    horizon: int, confidence: float, origins: int, draws: int, fiscal_year_start: int
) -> None:
    check_whole("horizon", horizon, least=1)
    check_whole("fiscal_year_start", fiscal_year_start, least=1)
    if fiscal_year_start > 12:
        raise ParameterError(f"fiscal_year_start == {fiscal_year_start}, must be a month, 1 to 12")
    if horizon > 36:
        raise ParameterError(f"horizon == {horizon}, must be from 1 to 36 months")
    check_confidence(confidence)
    if origins < 0:
        raise ParameterError(f"origins == {origins}, must be at least 0")
    if draws < 100:
        raise ParameterError(f"draws == {draws}, must be at least 100")


def _day(dataset: SalesData, as_of: Any) -> tuple[pd.Timestamp, Ordered, list[str]]:
    """The last day known, the dataset as of then, and what to say about it."""
    last = pd.Timestamp(dataset.last_day)
    if pd.isna(last):
        raise NotEnoughData("no deal has a date", remedy="Give deals with close dates.")
    asked = last if as_of is None else day_of(as_of)
    known = Ordered(dataset.as_of(asked))
    # An earlier dataset may end earlier still: silence after the last event is no crash.
    day = min(asked, pd.Timestamp(known.last_day))
    notices = []
    if day < asked:
        notices.append(notice_words.ends_earlier(asked, day))
    if not day.is_month_end:
        notices.append(notice_words.running_month(f"{day:%B %Y}", day))
    return day, known, notices


def _levels(dataset: SalesData, by: Sequence[str]) -> tuple[list[str], list[str]]:
    """The levels that hold values, and a notice for each that does not."""
    reps, deals = dataset.reps(), dataset.deals()
    kept, said = [], []
    for level in by:
        if level not in reps and level not in deals:
            raise ParameterError(f"by: '{level}' is a column of neither reps nor deals")
        column = reps[level] if level in reps else deals[level]
        if column.notna().any():
            kept.append(level)
        else:
            said.append(notice_words.level_missing(level))
    return kept, said


def _one_part(history: History) -> History:
    """A hierarchy needs a level: the whole company as one part, not shown."""
    history.leaves[PART] = "all"
    return history


def _assembled(
    dataset: SalesData,
    ahead: Outlook,
    horizon: int,
    confidence: float,
    origins: int,
    currency: str,
    at: int,
) -> BookingsForecast:
    views = ahead.views
    history = views.history
    coming = periods.coming_quarter(history, horizon)
    spans = periods.totals(history, horizon)
    judged = [coming] + [
        one for one in spans if one.kind in {"quarter", "year"} and one.name != coming.name
    ]
    booked = {one.name: quota.booked(history, views.summing, one) for one in [*judged, *spans]}
    quotas, _ = quota.quotas_by_node(dataset, views)
    amount = tables.open_amount(views)
    past = scoring.backtest(ahead, confidence, origins)
    people = tables.nodes(dataset, views)
    frames = {
        "forecast": tables.monthly(ahead, periods.months(history, horizon), coming, confidence),
        "totals": tables.totals(ahead, spans, booked, confidence),
        "nodes": people,
        "pipeline": tables.pipeline(ahead, coming),
        "backtest": past,
        "quota": _with_people(
            quota.quota_frame(ahead, quotas, judged, booked, amount, confidence), people
        ),
        "history": tables.history(views),
    }
    shown = {name: _without_parts(frame) for name, frame in frames.items()}
    past = shown["backtest"]
    shown["backtest"] = past.drop(
        columns=[c for c in ("spread", "pipeline_spread", "scale", "scale_square") if c in past]
    )
    return BookingsForecast(
        **shown,
        waterfall=tables.waterfall(ahead, coming, at),
        chances=tables.chances(views, coming),
        accuracy=scoring.accuracy(past, confidence),
        as_of=history.as_of,
        horizon=horizon,
        confidence=confidence,
        currency=currency,
        methods=_methods(ahead),
        quarter=coming.name,
        focus=str(views.nodes["unique_id"].iloc[at]),
        rests_on=tables.rests_on(ahead, coming, at),
        ahead=ahead,
    )


def _focus(views: Views, name: str, twins: dict[str, str]) -> int:
    """Position of the node called `name`, by its path or its own name, which may hold a slash; by
    the name that a level left out gives it where no other has it."""
    nodes = tables.named(views)
    own = [(nodes["level"] == key) & (nodes[key] == name) for key in nodes["level"].unique()[1:]]
    own += [(nodes["level"] == above) & (nodes[key] == name) for key, above in twins.items()]
    for mine in (nodes["unique_id"] == name, *own):
        if mine.sum() > 1:
            paths = wording.listed([str(one) for one in nodes.loc[mine, "unique_id"]])
            raise ParameterError(
                f"focus == {name!r}: several parts of the company are called so; give a path, one "
                f"of {paths}"
            )
        if mine.any():
            return int(np.argmax(mine.to_numpy()))
    raise ParameterError(f"focus == {name!r}: no part of the company is called so")


def _methods(ahead: Outlook) -> str:
    names = []
    if ahead.has_pipeline:
        names.append("pipeline")
    if ahead.views.run_rate is not None:
        names.append("series")
    return " and ".join(names)


def _with_people(table: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """The quota table with each node's keys and how many people it has."""
    if table.empty:
        return table
    return table.merge(people.drop(columns=["level", "parent"]), on="unique_id", how="left")


def _without_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the stand-in level of a company that is not split."""
    if "level" not in frame:
        return frame
    kept = frame[frame["level"] != PART].reset_index(drop=True)
    return kept.drop(columns=PART) if PART in kept else kept
