"""What more, or less, open pipeline would change in the coming quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast import words
from salesops_lib.analyses.forecast.outlook import Outlook, holding, widened
from salesops_lib.analyses.forecast.periods import coming_quarter
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.analyses.forecast.snapshots import Floats
from salesops_lib.analyses.forecast.views import Window
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding


@dataclass(frozen=True)
class Scaled:
    """Mean and spread of each node's money over a window, had it so many times its open pipeline: the
    same mix of deals, more or fewer of them.

    What each deal does on its own grows in variance by the factor, what all share by its square: chances
    and amounts that are known roughly, months that differ.

    Attributes
    ----------
    opened, begun
        (node,) expected money of open deals, and of deals not begun yet.
    own, shared
        Variance of the open deals' money, each on its own and all together.
    tie, rest
        Its covariance with that of deals not begun yet, and the variance of theirs.
    level, width
        What past errors make of mean and spread.
    """

    opened: Floats
    begun: Floats
    own: Floats
    shared: Floats
    tie: Floats
    rest: Floats
    level: Floats
    width: Floats

    @classmethod
    def of(cls, ahead: Outlook, window: Window, sample: Floats) -> Scaled:
        """Of the draws of an outlook with a pipeline; `sample` is `ahead.sample(window)`."""
        opened, begun = window.of(ahead.opened), window.of(ahead.begun)
        today = ahead.views.today
        assert today is not None
        leads = np.arange(ahead.opened.shape[2])
        inside = ((leads >= window.first) & (leads <= window.last)).astype(np.float64)
        own = today.deals_alone(inside[None, :], ahead.views.summing)[1][:, 0]
        variance = opened.var(axis=0)
        own = np.minimum(own, variance)
        tie = ((opened - opened.mean(axis=0)) * (begun - begun.mean(axis=0))).mean(axis=0)
        whole = np.maximum(opened.mean(axis=0) + begun.mean(axis=0), 1e-9)
        drawn = np.maximum((opened + begun).std(axis=0), 1e-9)
        return cls(
            opened.mean(axis=0),
            begun.mean(axis=0),
            own,
            variance - own,
            tie,
            begun.var(axis=0),
            ahead.mean(window) / whole,
            sample.std(axis=0) / drawn,
        )

    def mean(self, factor: Floats | float) -> Floats:
        """(node,) expected money."""
        return np.asarray(self.level * (factor * self.opened + self.begun), dtype=np.float64)

    def spread(self, factor: Floats | float) -> Floats:
        """(node,) standard deviation."""
        variance = factor * self.own + factor**2 * self.shared + 2 * factor * self.tie + self.rest
        return np.asarray(self.width * np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)


def with_pipeline(forecast: BookingsForecast, node: str, factor: float) -> Finding:
    """The coming quarter of a node, had it `factor` times the open pipeline it has.

    The same mix of deals, more or fewer of them, see `Scaled`. Without a pipeline only the factor 1
    makes sense.

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
    sample = ahead.sample(span.window)
    drawn = sample[:, at]
    table = forecast.totals
    row = table[(table["unique_id"] == node) & (table["period"] == span.name)].iloc[0]
    mean = float(row["mean"])
    if ahead.has_pipeline:
        scaled = Scaled.of(ahead, span.window, sample)
        mean = float(scaled.mean(factor)[at])
        wider = scaled.spread(factor)[at] / max(scaled.spread(1.0)[at], 1e-9)
        # The coming quarter lies wholly ahead: nothing of it is booked yet.
        drawn = widened(drawn, mean, wider, ahead.views.least[at])
    low, high = holding(drawn, mean, forecast.confidence)
    estimate = Estimate(mean, float(low), float(high), forecast.confidence, "money")
    quotas = forecast.quota
    quota = np.nan
    if len(quotas):
        mine = quotas[(quotas["unique_id"] == node) & (quotas["period"] == span.name)]
        quota = float(mine["quota"].iloc[0]) if len(mine) else np.nan
    chance = float((drawn >= quota).mean()) if np.isfinite(quota) else np.nan
    text = words.what_if(estimate, factor, chance, span.name, forecast.currency)
    return Finding("with_pipeline", estimate, text)
