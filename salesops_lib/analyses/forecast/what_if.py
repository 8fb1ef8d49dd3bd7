"""What more, or less, open pipeline would change in the coming quarter."""

from __future__ import annotations

import numpy as np

from salesops_lib.analyses.forecast import words
from salesops_lib.analyses.forecast.periods import coming_quarter
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding


def with_pipeline(forecast: BookingsForecast, node: str, factor: float) -> Finding:
    """The coming quarter of a node, had it `factor` times the open pipeline it has.

    The same mix of deals, more or fewer of them: their expected money grows by the factor, their
    spread by its square root. Without a pipeline only the factor 1 makes sense.

    Raises
    ------
    ParameterError
        If the node is unknown, the factor negative, or there is no pipeline to scale.
    """
    if factor < 0:
        raise ParameterError(f"factor == {factor}, must be at least 0")
    ahead = forecast.ahead
    if ahead is None or not (forecast.nodes["unique_id"] == node).any():
        raise ParameterError(f"node == {node!r}: no part of the company is called so")
    if not ahead.has_pipeline and factor != 1:
        raise ParameterError(f"factor == {factor}: there is no open pipeline to scale")
    at = int(np.argmax(ahead.views.nodes["unique_id"].to_numpy() == node))
    span = coming_quarter(ahead.views.history, forecast.horizon)
    drawn = ahead.sample(span.window)[:, at]
    table = forecast.totals
    row = table[(table["unique_id"] == node) & (table["period"] == span.name)].iloc[0]
    mean = float(row["mean"])
    if ahead.has_pipeline:
        opened = span.window.of(ahead.opened)[:, at]
        whole = opened.mean() + span.window.of(ahead.begun)[:, at].mean()
        part = float(opened.mean() / whole) if whole > 0 else 0.0
        mean = float(ahead.mean(span.window)[at]) * (1 + (factor - 1) * part)
        drawn = mean + (drawn - drawn.mean()) * np.sqrt(1 + (factor - 1) * part)
        mean += float(row["so_far"])
        drawn = np.maximum(drawn, ahead.views.least[at]) + float(row["so_far"])
    tail = (1 - forecast.confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    estimate = Estimate(mean, float(low), float(high), forecast.confidence, "money")
    quotas = forecast.quota
    quota = np.nan
    if len(quotas):
        mine = quotas[(quotas["unique_id"] == node) & (quotas["period"] == span.name)]
        quota = float(mine["quota"].iloc[0]) if len(mine) else np.nan
    chance = float((drawn >= quota).mean()) if np.isfinite(quota) else np.nan
    text = words.what_if(estimate, factor, chance, span.name, forecast.currency)
    return Finding("with_pipeline", estimate, text)
