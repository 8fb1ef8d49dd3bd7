"""`performance_curve`: shape, skill and luck, tiers, and how long a ranking lasts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_frame
from salesops_lib.analyses.options import (
    check_amount,
    check_apart,
    check_confidence,
    check_rng,
    check_whole,
    names_of,
)
from salesops_lib.analyses.performance_curve import shape_words, words
from salesops_lib.analyses.performance_curve.panel import Panel
from salesops_lib.analyses.performance_curve.people import outsized, read_people
from salesops_lib.analyses.performance_curve.result import PerformanceCurve
from salesops_lib.analyses.performance_curve.shape import fit_families, shape_verdict
from salesops_lib.analyses.performance_curve.skill import Skill, estimate_skill, multiple
from salesops_lib.analyses.performance_curve.stability import (
    Halves,
    Ratchet,
    compare_halves,
    quota_ratchet,
)
from salesops_lib.analyses.performance_curve.tiers import (
    FEWEST_PERIODS,
    check_tiers,
    place,
    rep_table,
)
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.statistics.power_law_tail import power_law_tail

# Reps x samples of the tail's bootstrap.
_RESAMPLED = 20_000


def performance_curve(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    period: str = "month",
    value: str = "bookings",
    quota: str | None = None,
    covariates: str | Sequence[str] = (),
    tiers: tuple[float, float, float] = (0.2, 0.6, 0.2),
    confidence: float = 0.90,
    exposure: str | None = None,
    deals: str | None = None,
    leaves: str | None = None,
    periods_per_year: float | None = None,
    samples: int = 299,
    draws: int | None = None,
    currency: str = "$",
    rng: int | np.random.Generator = 0,
) -> PerformanceCurve:
    """How performance is spread over reps, and how much of the spread is skill.

    Each rep's expected value a period is estimated by a hierarchical model on the scale that fits
    the data (`.model` says which), with the spread between reps, the noise and the shape of skill
    integrated over. Calendar effects are taken out where reps are not all there in every period.

    Parameters
    ----------
    data
        One row a rep (or channel) and period. A period in which nothing was sold needs a row
        with 0; a missing row means that the rep was not there.
    rep, period, value
        Columns. Periods are dates, pandas periods or numbers.
    quota
        Column of quotas: the quota ratchet is looked for.
    covariates
        Columns in which reps differ without merit: market size, territory, tenure. Numeric ones
        enter in proportion (those above 0 by their logs, where these tell more), text as groups; a
        column whose name starts with "tenure" as a ramp that fades. Values are given for average
        covariates and a ramped rep.
    tiers
        Shares of stars, core and laggards.
    confidence
        Of all limits.
    exposure
        Column with the share of the period that the rep was there (`month_share`).
    deals
        Column with the number of deals won in the period (`deals_won`), where the value is what they
        add up to: reps with few deals then count as less certain, and those with many as more.
    leaves
        Column with the day on which the rep left (`end_date`), blank for who is there: levers do not
        act on who left by the end of the last period, though there is a row in it.
    periods_per_year
        Read from the dates where possible; 12 for numbered periods.
    samples
        Bootstrap samples for the goodness of fit of each family; 0 leaves it out.
    draws
        Posterior draws; by default 4,000 for up to 1,500 reps, and fewer for more.
    currency
        Symbol in sentences.
    rng
        Seed or Generator of draws and bootstrap.

    Returns
    -------
    PerformanceCurve
        `.reps` in the units of `value` a period.

    Raises
    ------
    DataError
        Naming the column and rows that cannot be used.
    NotEnoughData
        With fewer than four reps.
    ParameterError
        For an option out of range, or a column that is to play two parts.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> months = pd.DataFrame({"rep_id": np.repeat(np.arange(20), 12),
    ...                        "month": np.tile(np.arange(12), 20)})
    >>> skill = rng.lognormal(10, 0.3, 20)[months["rep_id"]]
    >>> months["bookings"] = skill * rng.lognormal(0, 0.5, len(months))
    >>> performance_curve(months).model
    'log'
    """
    check_rng(rng)
    check_frame(data)
    shares = check_tiers(tiers)
    check_confidence(confidence)
    check_whole("samples", samples, least=0)
    check_whole("draws", draws, least=2)
    if periods_per_year is not None:
        check_amount("periods_per_year", periods_per_year, above=True)
    covariates = names_of(covariates)
    check_apart(rep=rep, period=period, value=value)
    if value in covariates:
        # By what was sold itself all skill would be explained away.
        raise ParameterError(f"{value!r} cannot be both the value and a covariate of it.")
    if quota is not None and quota not in data:
        raise DataError(f"no column '{quota}'", remedy="Leave quota out, or name its column.")
    panel, worked = read_people(
        data,
        rep=rep,
        period=period,
        value=value,
        leaves=leaves,
        covariates=covariates,
        exposure=exposure,
        periods_per_year=periods_per_year,
        deals=deals,
    )
    # Each part draws from its own stream, so that leaving one out changes nothing in the others.
    skill_rng, shape_rng, halves_rng = np.random.default_rng(rng).spawn(3)
    skill = estimate_skill(panel, skill_rng, draws=draws)
    placement = place(panel, skill, shares, confidence)
    reps = rep_table(panel, skill, placement, confidence)
    families, verdict = _shape(skill, samples, shape_rng)
    # Both predictions are of what will be seen, so neither is adjusted for anything.
    halves = compare_halves(panel.plain(), stars=shares[0], confidence=confidence, rng=halves_rng)
    ratchet = None
    if quota is not None:
        names = {"rep": rep, "period": period, "value": value, "quota": quota}
        ratchet = quota_ratchet(
            worked, confidence=confidence, periods_per_year=panel.per_year, **names
        )
    reliability = _reliability(skill, panel, confidence)
    return PerformanceCurve(
        reps=reps,
        families=families,
        verdict=verdict,
        reliability=reliability,
        halves=halves.table if halves else pd.DataFrame(),
        quota=ratchet.table if ratchet else pd.DataFrame(),
        model=skill.model,
        tiers=shares,
        periods_per_year=panel.per_year,
        confidence=confidence,
        rep_column=rep,
        period_column=period,
        value_column=value,
        covariates=covariates,
        findings=_findings(
            reps,
            skill,
            families,
            verdict,
            reliability,
            halves,
            ratchet,
            currency,
            panel.called,
            shape_rng.spawn(1)[0],
        ),
        notices=_notices(panel, skill, families),
        posterior=skill,
        leavers_known=leaves is not None,
        exposure_column=exposure,
    )


def _shape(skill: Skill, samples: int, rng: np.random.Generator) -> tuple[pd.DataFrame, str]:
    try:
        families = fit_families(skill.adjusted, samples=samples, rng=rng)
    except NotEnoughData:
        empty = {
            name: pd.Series(dtype=kind)
            for name, kind in (
                ("family", object), ("label", object), ("n_params", int),
                ("log_likelihood", float), ("aicc", float), ("weight", float), ("gof_p", float),
                ("tail_p", float), ("shape", object), ("params", object),
            )
        }  # fmt: skip
        return pd.DataFrame(empty), "undetermined"
    return families, shape_verdict(families)


def _reliability(skill: Skill, panel: Panel, confidence: float) -> Estimate:
    tail = (1 - confidence) / 2
    low, high = np.quantile(skill.reliability, [tail, 1 - tail])
    return Estimate(
        float(skill.reliability.mean()), float(low), float(high), confidence, "share",
        panel.n_reps, "posterior of the spread between reps",
    )  # fmt: skip


def _findings(
    reps: pd.DataFrame,
    skill: Skill,
    families: pd.DataFrame,
    verdict: str,
    reliability: Estimate,
    halves: Halves | None,
    ratchet: Ratchet | None,
    currency: str,
    period: str,
    tail_rng: np.random.Generator,
) -> tuple[Finding, ...]:
    n, confidence = len(reps), reliability.confidence
    best = families["weight"].max() if len(families) else math.nan
    found = [
        Finding(
            "shape_verdict",
            Estimate(float(best), confidence=confidence, unit="share", n=n, method="AICc weight"),
            shape_words.shape(verdict, n, families),
        ),
        Finding("reliability", reliability, words.reliability(reliability)),
    ]
    if verdict == "heavy-tailed":
        found.append(_tail(skill, confidence, currency, period, tail_rng))
    stars = reps.loc[reps["tier"] == "star", "p_star"]
    if skill.model != "observed" and len(stars):
        real = Estimate(
            float(stars.mean()), confidence=confidence, unit="share", n=len(stars),
            method="posterior ranks",
        )  # fmt: skip
        found.append(Finding("true_stars", real, words.luck(float(stars.sum()), len(stars))))
        if (reps["tier"] == "core").any():
            found.append(_spread(reps, skill, confidence, currency))
    if halves is not None:
        found += [
            Finding(
                "regression_to_the_mean",
                halves.kept,
                words.regression(halves.kept),
            ),
            Finding(
                "prediction_error_ratio", halves.error_ratio, words.prediction(halves.error_ratio)
            ),
        ]
    if ratchet is not None:
        found.append(
            Finding(
                "quota_ratchet",
                ratchet.follow,
                ratchet.sentence,
            )
        )
    return tuple(found)


def _tail(
    skill: Skill, confidence: float, currency: str, period: str, rng: np.random.Generator
) -> Finding:
    """Share of the reps at any level of the tail who sell twice as much: 2^-(exponent - 1).

    Where the tail begins was chosen from the same reps, and limits for a start that is given hold 84%
    instead of 90%: reps are drawn anew, and each sample chooses its own start (Clauset, Shalizi &
    Newman 2009, section 3.3).
    """
    values = skill.adjusted
    tail = power_law_tail(values)
    count = int(np.clip(_RESAMPLED // len(values), 99, 199))
    shares = [2 ** (1 - tail.exponent)]
    for _ in range(count):
        drawn = rng.choice(values, len(values))
        if len(np.unique(drawn[drawn > 0])) >= 3:
            shares.append(2 ** (1 - power_law_tail(drawn).exponent))
    low, high = np.quantile(shares, [0.5 - confidence / 2, 0.5 + confidence / 2])
    estimate = Estimate(
        shares[0], float(low), float(high), confidence, "share", tail.size,
        "power-law tail, bootstrap of reps",
    )  # fmt: skip
    said = shape_words.tail(estimate, tail.start, tail.size, currency, period)
    return Finding("tail", estimate, said)


def _spread(reps: pd.DataFrame, skill: Skill, confidence: float, currency: str) -> Finding:
    tier = reps["tier"].to_numpy()
    star, core = (skill.draws[:, tier == one].mean(1) for one in ("star", "core"))
    limits = multiple(star, core, confidence)
    estimate = Estimate(*limits, confidence, "ratio", len(reps), "posterior of skill")
    return Finding("star_to_core_ratio", estimate, words.spread(estimate, currency))


def _notices(panel: Panel, skill: Skill, families: pd.DataFrame) -> tuple[str, ...]:
    said = [
        *outsized(panel),
        *panel.notices,
        *skill.notices,
        words.model(skill.model, panel.deals is not None, panel.called),
    ]
    few = int((panel.n_periods < min(FEWEST_PERIODS, int(np.median(panel.n_periods)))).sum())
    if few:
        said.append(words.few_periods(few, panel.called))
    aside = families.attrs.get("set_aside", 0)
    if aside:
        said.append(words.set_aside(int(aside)))
    return tuple(dict.fromkeys(said))
