"""What `performance_curve` and `moving_the_middle` return."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.analyses.performance_curve.skill import Skill
from salesops_lib.estimate import Estimate, Finding, Result, plain


@dataclass(frozen=True)
class PerformanceCurve(Result):
    """How performance is spread over reps, and how much of the spread is skill.

    Attributes
    ----------
    reps
        One row a rep: the rep column, n_periods, sold (in all), observed (mean value a period), adjusted (the
        same at an average period and average covariates), shrunk, shrunk_low, shrunk_high
        (posterior of the rep's expected value a period), rank, rank_low, rank_high, tier (by
        adjusted observed rank), p_star, p_core, p_laggard (posterior; NaN where luck cannot be told
        from skill at all), present (has a row in the last period, and has not left in it).
    families
        One row a family: family, label, n_params, log_likelihood, aicc, weight, gof_p, shape.
    verdict
        `normal`, `skewed`, `heavy-tailed` or `undetermined`.
    reliability
        Share of the spread between reps that is repeatable.
    halves
        One row a rep with both halves of the history: first, second (observed means a period),
        predicted (second half predicted from the first, shrunken), tier (in the first half).
    quota
        One row a rep and year where quotas were given: value, quota, attainment, and the year
        before; empty otherwise.
    model
        `log`, `means`, `additive` or `observed`: how luck was modelled.
    periods_per_year
        What a value a period is multiplied by to be a year's.
    posterior
        Draws of skill, for `moving_the_middle`; not part of `to_dict()`.
    leavers_known
        Whether the days on which reps left were given, and not only who has no row.
    exposure_column
        Where the share of each period that a rep was there stands; None where that was not given.
    """

    reps: pd.DataFrame
    families: pd.DataFrame
    verdict: str
    reliability: Estimate
    halves: pd.DataFrame
    quota: pd.DataFrame
    model: str
    tiers: tuple[float, float, float]
    periods_per_year: float
    confidence: float
    rep_column: str
    period_column: str
    value_column: str
    covariates: tuple[str, ...]
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]
    posterior: Skill = field(repr=False, compare=False)
    leavers_known: bool = False
    exposure_column: str | None = None

    def says(self, name: str) -> bool:
        """Whether there is a finding of that name: some need more data than there is."""
        return any(one.name == name for one in self.findings)

    def tiers_add_up(self) -> bool:
        """Whether the probabilities of each rep sum to 1, and those of each tier to its size."""
        table = self.reps[["p_star", "p_core", "p_laggard"]]
        total = table["p_star"].sum()
        return bool(
            np.allclose(table.sum(axis=1), 1) and abs(total - np.rint(total)) < 1e-6 * len(table)
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, without the draws."""
        return {
            one.name: plain(getattr(self, one.name))
            for one in dataclasses.fields(self)
            if one.name != "posterior"
        }


@dataclass(frozen=True)
class Practices(Result):
    """What goes with skill.

    Attributes
    ----------
    table
        One row a practice: practice, label, reps, star, core (means over the reps of each tier),
        slope (share of an average rep's value for one standard deviation of the practice), low,
        high (of a practice looked at for itself), told_low, told_high (wider, for the best of many is
        picked: those of findings and pictures), p, q (false-discovery rate), separates.
    rate
        False-discovery rate below which a practice separates.
    """

    table: pd.DataFrame
    rate: float
    confidence: float
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class LeverTable(Result):
    """What each lever is worth.

    Attributes
    ----------
    levers
        One row a lever: lever, label, reps, value, low, high (money a year before costs), cost (a
        year, what is paid once spread over the horizon), once, net, net_low, net_high, break_even
        in break_even_unit (break_even_text says both), p_pays, p_best (of all levers), p_best_own
        (of those in the company's own hands; NaN for replacing by stars, a what-if).
    ratio
        Gain of one percent on the middle over one percent on the stars, from the posterior.
    observed_ratio
        The same from what was booked, by arithmetic: the middle's share of it over the stars'.
    """

    levers: pd.DataFrame
    ratio: Estimate
    observed_ratio: float
    horizon_years: float
    confidence: float
    currency: str
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]
