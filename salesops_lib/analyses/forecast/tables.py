"""The tidy tables of the bookings forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.forecast import words
from salesops_lib.analyses.forecast.blend import PRIOR_WEIGHT, like, stretch
from salesops_lib.analyses.forecast.echoes import Echo
from salesops_lib.analyses.forecast.hierarchy import path_of
from salesops_lib.analyses.forecast.history import month_start
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.periods import Span
from salesops_lib.analyses.forecast.pipeline import PipelineView
from salesops_lib.analyses.forecast.quota import booked as booked_in
from salesops_lib.analyses.forecast.result import level_name
from salesops_lib.analyses.forecast.sales_data import SalesData
from salesops_lib.analyses.forecast.snapshots import AGE_EDGES, Floats
from salesops_lib.analyses.forecast.spells import latest_spells
from salesops_lib.analyses.forecast.views import Views

# A change of level below this part of what is won is not worth a bar.
_SEEN = 0.01
_NO_INTERVAL = "Past forecasts that could be checked, too few for an interval"
_NAMES = ["unique_id", "level", "parent"]
_PIPELINE = [
    *_NAMES,
    "open_deals",
    "open_amount",
    "promised",
    "expected_wins",
    "expected_open",
    "expected_new",
    "expected_new_wins",
    "begun",
]

# The step from the pipeline to a forecast that does not rest on it.
ALL_ELSE = "All else, by past bookings"


def monthly(ahead: Outlook, spans: list[Span], coming: Span, confidence: float) -> pd.DataFrame:
    """One row a node and month; see `BookingsForecast.forecast`.

    Where the past supports no interval of the coming quarter it supports none of its months: some
    could be had from the errors of other parts, but would look like knowledge of this one.
    """
    views = ahead.views
    told = np.ones(len(views.nodes), dtype=bool)
    if not ahead.has_pipeline:
        told = ~np.isnan(ahead.conformal(coming.window, 0.8)[0])
    blocks = []
    for span in spans:
        so_far = booked_in(views.history, views.summing, span)
        expected = _expected(ahead, span, so_far, confidence)
        for name in expected:
            if name.startswith(("lo-", "hi-")):
                expected[name] = np.where(told, expected[name], np.nan)
        weight = ahead.blend.weight[0, span.window.last]
        blocks.append(views.table(_NAMES, ds=span.start, so_far=so_far, **expected, weight=weight))
    return _by_node(pd.concat(blocks, ignore_index=True), views)


def totals(
    ahead: Outlook, spans: list[Span], booked: dict[str, Floats], confidence: float
) -> pd.DataFrame:
    """One row a node and quarter or year; see `BookingsForecast.totals`."""
    views = ahead.views
    blocks = []
    for span in spans:
        so_far = booked[span.name]
        expected = _expected(ahead, span, so_far, confidence)
        blocks.append(
            views.table(
                _NAMES,
                kind=span.kind,
                period=span.name,
                start=span.start,
                end=span.end,
                so_far=so_far,
                **expected,
                # One chance in ten to fall below, to rise above.
                commit=expected["lo-80"],
                best_case=expected["hi-80"],
            )
        )
    order = {kind: at for at, kind in enumerate(("quarter", "horizon", "twelve months", "year"))}
    table = pd.concat(blocks, ignore_index=True)
    table = table.sort_values(
        ["kind", "start"], key=lambda c: c.map(order) if c.name == "kind" else c
    )
    return _by_node(table, views)


def _expected(ahead: Outlook, span: Span, so_far: Floats, confidence: float) -> dict[str, Any]:
    views, window = ahead.views, span.window
    out: dict[str, Any] = {"mean": so_far + ahead.mean(window)}
    for level, (low, high) in ahead.limits(window, sorted({0.8, confidence})).items():
        name = level_name(level)
        out[f"lo-{name}"], out[f"hi-{name}"] = so_far + low, so_far + high
    out["pipeline"] = so_far + window.of(views.pipe[0])
    out["series"] = so_far + window.of(views.series[0])
    return out


def _by_node(table: pd.DataFrame, views: Views) -> pd.DataFrame:
    """Node by node, in the order of the hierarchy; the rows of a node stay in theirs."""
    place = {name: at for at, name in enumerate(views.nodes["unique_id"])}
    order = np.argsort(table["unique_id"].map(place).to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def history(views: Views) -> pd.DataFrame:
    """unique_id, level, ds, y: bookings of each node by complete month."""
    past = views.history
    n = past.last_complete_month - past.first_month + 1
    values = (views.summing @ past.bookings)[:, :n]
    starts = [month_start(past.first_month + k) for k in range(n)]
    return pd.DataFrame(
        {
            "unique_id": np.repeat(views.nodes["unique_id"].to_numpy(), n),
            "level": np.repeat(views.nodes["level"].to_numpy(), n),
            "ds": np.tile(np.array(starts, dtype="datetime64[ns]"), len(values)),
            "y": values.ravel(),
        }
    )


def nodes(dataset: SalesData, views: Views) -> pd.DataFrame:
    """The hierarchy, with how many people closed or began a deal there in the last year."""
    deals = dataset.deals()
    reps = latest_spells(dataset.reps())
    # The rep may be a level, too.
    reps = reps.set_index("rep_id", drop=False).rename_axis(None)
    keys = list(views.history.leaves.columns)
    since = views.history.as_of - pd.DateOffset(months=12)
    latest = deals[["created_date", "close_date"]].max(axis=1)
    recent = deals[(latest > since) & (deals["rep_id"].notna())]
    table = pd.DataFrame({"rep_id": recent["rep_id"]})
    for key in keys:
        if key in reps:
            table[key] = reps[key].reindex(recent["rep_id"]).to_numpy()
        elif key in recent:
            table[key] = recent[key].to_numpy()
        else:
            table[key] = "all"
    table[keys] = table[keys].astype(object).where(table[keys].notna(), "unassigned").astype(str)
    out = named(views).drop(columns="depth")
    counts = {"company": table["rep_id"].nunique()}
    for depth in range(1, len(keys) + 1):
        grouped = table.groupby(keys[:depth])["rep_id"].nunique()
        for path, n in grouped.items():
            parts = path if isinstance(path, tuple) else (path,)
            counts[path_of(["company", *parts])] = int(n)
    return out.assign(reps=out["unique_id"].map(counts).fillna(0).astype(int))


def named(views: Views) -> pd.DataFrame:
    """The nodes, with the names that levels left out give to those they were one with."""
    also, nodes = views.history.also, views.nodes
    if also.empty:
        return nodes
    out = nodes.copy()
    for level in also:
        names = also[level].to_numpy()
        # A node has the name that all of its leaves have; the company has none.
        held = [set(names[row > 0]) for row in views.summing]
        told = (views.depth > 0) & np.array([len(one) == 1 for one in held])
        out[level] = np.where(told, names[views.summing.argmax(axis=1)], None)
    return out


def open_amount(views: Views) -> Floats:
    """(node,) amounts of the open deals, stated or typical."""
    if views.today is None:
        return np.zeros(len(views.nodes))
    opened = views.today.open
    total = np.bincount(opened.leaf, weights=opened.amount, minlength=views.summing.shape[1])
    return np.asarray(views.summing @ total)


def pipeline(ahead: Outlook, span: Span) -> pd.DataFrame:
    """One row a node; see `BookingsForecast.pipeline`."""
    views = ahead.views
    if views.today is None:
        return pd.DataFrame(columns=_PIPELINE)
    today, window = views.today, span.window
    n = np.bincount(today.open.leaf, minlength=views.summing.shape[1])
    begun = np.full(len(views.nodes), np.nan)
    # Deals begun are forecast for the company as a whole.
    begun[0] = window.of(today.new.begun)
    return views.table(
        _NAMES,
        open_deals=(views.summing @ n).astype(int),
        open_amount=open_amount(views),
        promised=window.of(views.promised[0]),
        expected_wins=views.summing @ window.of(today.open_wins),
        expected_open=views.summing @ window.of(today.open_money),
        expected_new=views.summing @ window.of(today.new_money),
        expected_new_wins=views.summing @ window.of(today.new.wins),
        begun=begun,
    )


def waterfall(ahead: Outlook, span: Span, at: int = 0) -> pd.DataFrame:
    """From what is open at node `at` to what is forecast; changes sum to the last total."""
    views = ahead.views
    if views.today is None:
        return pd.DataFrame(columns=["step", "kind", "value"])
    opened, window = views.today.open, span.window
    money = opened.amount * views.summing[at, opened.leaf]
    before = slice(0, window.first)
    stated = float((window.of(opened.win) * money).sum())
    won = float(views.summing[at] @ window.of(views.today.open_money))
    earlier = float(((opened.win + opened.loss)[:, before].sum(axis=1) * money).sum())
    lost = float((window.of(opened.loss) * money).sum())
    # Where amounts have another level now, deals bring other money than they are open for.
    bring = won - stated if abs(won - stated) >= _SEEN * stated else 0.0
    later = float(money.sum()) - won + bring - lost - earlier
    new = float(views.summing[at] @ window.of(views.today.new_money))
    forecast = float(ahead.mean(window)[at])
    rows = [("Open pipeline today", "total", float(money.sum()))]
    if earlier > 0:
        rows.append(("Decided before the quarter", "change", -earlier))
    rows += [
        ("Lost in the quarter", "change", -lost),
        ("Still open after it", "change", -later),
    ]
    if bring:
        rows.append((f"Brings {'more' if bring > 0 else 'less'} than stated", "change", bring))
    rows += [
        ("Won from today's pipeline", "total", won),
    ]
    if not views.trusted:
        rows.append((ALL_ELSE, "change", forecast - won))
    else:
        rows.append(("Won from deals not begun yet", "change", new))
    if views.trusted and views.run_rate is not None:
        rows.append(("Moved by past bookings", "change", forecast - won - new))
    rows.append(("Forecast", "total", forecast))
    return pd.DataFrame(rows, columns=["step", "kind", "value"])


def chances(views: Views, span: Span) -> pd.DataFrame:
    """Chances of the open deals by stage (or source) and age; see `BookingsForecast.chances`."""
    columns = [
        "stage",
        "age_months_low",
        "age_months_high",
        "open_deals",
        "p_quarter",
        "p_ever",
        "wins",
    ]
    if views.today is None:
        return pd.DataFrame(columns=columns)
    opened, rates = views.today.open, views.today.hazards
    table = pd.DataFrame(
        {
            "stage": opened.stage,
            "age": opened.age,
            "p_quarter": span.window.of(opened.win),
            "p_ever": opened.win.sum(axis=1),
        }
    )
    grouped = table.groupby(["stage", "age"], as_index=False).agg(
        open_deals=("p_ever", "size"), p_quarter=("p_quarter", "mean"), p_ever=("p_ever", "mean")
    )
    edges = np.concatenate([[0.0], AGE_EDGES, [np.inf]])
    rest = "any other source" if views.history.by_source else "any stage"
    names = np.array([name or rest for name in views.history.stages], dtype=object)
    return grouped.assign(
        wins=rates.events[grouped["stage"], grouped["age"]],
        age_months_low=edges[grouped["age"]],
        age_months_high=edges[grouped["age"] + 1],
        stage=names[grouped["stage"]],
    )[columns]


def rests_on(ahead: Outlook, span: Span, at: int) -> pd.DataFrame:
    """assumption, value, source: what the forecast of the coming quarter leans on."""
    views = ahead.views
    rows: list[tuple[str, str, str]] = []
    if views.today is not None and views.trusted:
        weight = float(ahead.blend.weight[0, span.window.last])
        wide = float(stretch(views, ahead.blend.mean, like(views, span.window))[0][at])
        known = visible_wins(views)
        rows = [
            (
                "Weight of the pipeline view",
                wording.percent(weight),
                f"how well each view did at past {words.past_day(views.history.month_end)}s; where little is known "
                f"{wording.percent(PRIOR_WEIGHT)}",
            ),
            (
                "Width of the interval, against the pipeline's own",
                wording.ratio(wide),
                "past errors; where few are known close to 1",
            ),
            (
                "Wins that the chances rest on",
                f"{known:,.0f}",
                f"deals that were open at a past {words.past_day(views.history.month_end)}",
            ),
            (
                "Amount won over amount stated",
                wording.percent(_ratio(views.today)),
                "deals won so far, by stage; mean over the open deals",
            ),
        ]
        rows += _echoes(views.today.new.echoes, views.history.source_names)
    told, young = ahead.witnesses(span.window, at)
    if told:
        source = "past month ends from which the same stretch was forecast; they overlap"
        if young == told:
            source = "past month ends, all in the first two years, with half of a season at most"
        elif young:
            source = (
                f"past month ends; {young:,} in the first two years, with half of a season at most, "
                "their errors brought to the size of those since"
            )
        given = not np.isnan(ahead.conformal(span.window, 0.8)[0][at])
        name = "Past forecasts behind the interval" if given else _NO_INTERVAL
        rows.append((name, f"{told:,}", source))
    if views.run_rate is not None:
        months = views.history.last_complete_month - views.history.first_month + 1
        rows.append(("Months of past bookings", f"{months:,}", "the deals table"))
    return pd.DataFrame(rows, columns=["assumption", "value", "source"])


def _echoes(echoes: Mapping[int, Echo], names: Sequence[str]) -> list[tuple[str, str, str]]:
    """The sources of which more is known from what was won than from their own line."""
    return [
        (
            f"From deals won to those of “{names[source]}” that follow",
            wording.quantity(one.lag, "months"),
            words.echo_source(one.foretold),
        )
        for source, one in echoes.items()
        if source and one.share > 0.5
    ]


def _ratio(today: PipelineView) -> float:
    """Mean of what the open deals' stated amounts are multiplied by."""
    stages = today.open.stage[today.open.stated]
    return float(today.amounts.ratio[stages].mean()) if len(stages) else 1.0


def visible_wins(views: Views) -> float:
    """Wins from deals that a past snapshot had seen open."""
    return 0.0 if views.today is None else float(views.today.hazards.events.sum())
