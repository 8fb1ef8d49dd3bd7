"""`simulate_company`: a company whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.dataset.simulation import tables, truth, truth_pipeline, writing
from salesops_lib.dataset.simulation.deals import draw_closed, draw_steps, visible
from salesops_lib.dataset.simulation.market import make_channels, make_market
from salesops_lib.dataset.simulation.people import make_people
from salesops_lib.dataset.simulation.rates import make_rates
from salesops_lib.dataset.simulation.settings import HOURS_ELASTICITY, Settings


class Company:
    """A simulated company.

    Attributes
    ----------
    settings
        The options it was made with.
    tables
        Canonical table name → frame, as a CRM would hold it on the last day.
    truth
        What was planted, plain values ready for JSON (see `simulate_company`).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._market = make_market(settings)
        self._effects = make_channels(settings, self._market)
        self._people = make_people(settings, self._effects)
        self._rates = make_rates(settings, self._people, self._market, self._effects)
        every = draw_closed(settings, self._people, self._rates)
        shown = visible(settings, every)
        rows = np.flatnonzero(shown)
        rows = rows[np.lexsort((every.rep[rows], every.closed[rows], every.created[rows]))]
        self._every = every
        self._deals = every.take(rows)
        self._steps = draw_steps(settings, self._deals)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Fresh frames, made when first asked for."""
        s, people = self.settings, self._people
        made = {
            "reps": tables.reps_table(s, people),
            "quotas": tables.quotas_table(s, people, self._rates, self._every),
            "deals": tables.deals_table(s, people, self._market, self._deals, self._steps),
            "stage_changes": tables.stage_changes_table(s, self._deals, self._steps),
            "channels": tables.channels_table(s),
            "markets": tables.markets_table(s, people, self._market),
        }
        if s.activities:
            made["activities"] = tables.activities_table(s, people, self._rates)
        # People who left before the data begin never were in this CRM.
        seen = made["reps"]["end_date"].isna() | (
            made["reps"]["end_date"] >= s.calendar[s.data_months][0].start_time
        )
        made["reps"] = made["reps"][seen].reset_index(drop=True)
        return made

    @cached_property
    def truth(self) -> dict[str, Any]:
        """Computed from expected values when first asked for."""
        s, people, rates = self.settings, self._people, self._rates
        reps, spread = truth.reps_truth(s, people, rates)
        pipeline = truth_pipeline.pipeline_truth(s, people, rates, self._deals, self._steps)
        ids = tables.deal_ids(len(self._deals))
        for key in ("win_probability", "win_probability_next_quarter"):
            pipeline[key] = {str(ids[int(i)]): p for i, p in pipeline[key].items()}
        new = truth_pipeline.realised_from_new(s, self._every)
        pipeline["realised_from_new_deals"] = new
        pipeline["realised_total"] = pipeline["realised_from_pipeline"] + new
        return {
            "settings": truth.settings_truth(s),
            "channel_gap": self.channel_gap,
            "reps": reps,
            "spread": spread,
            "ramp": truth.ramp_truth(s, people),
            "series": truth.series_truth(s, rates),
            "pipeline": pipeline,
            "hours_elasticity": HOURS_ELASTICITY,
        }

    @cached_property
    def channel_gap(self) -> dict[str, Any] | None:
        """`truth["channel_gap"]` alone, cheap, for calibrations."""
        gap = truth.channel_gap_truth(self.settings, self._people, self._market, self._effects)
        return _plain(gap)

    def write(self, dest: str | Path, *, format: str = "csv.gz") -> Path:
        """Write tables, assumptions.toml, activities.toml and truth.json into the folder `dest`.

        The same settings give the same bytes. `format` is `csv.gz` or `parquet`.
        """
        return writing.write(Path(dest), self.tables, self.truth, self.settings, format=format)


def _plain(value: Any) -> Any:
    """The same, of Python's own numbers: numpy's print their type."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return float(value) if isinstance(value, np.floating) else value


def simulate_company(
    *,
    reps: int = 60,
    months: int = 36,
    seed: int = 0,
    end: str = "2026-09",
    reps_per_channel: int | Mapping[str, int] | None = None,
    ramp_months: float = 4.0,
    informative_leavers: bool = True,
    leaving: float = 0.005,
    hired_share: float = 0.45,
    skill_sd: float = 0.25,
    skill_shape: str = "lognormal",
    gap: float = 1.10,
    gap_split: tuple[float, float, float] = (0.45, 0.35, 0.20),
    market_driven_practice: bool = True,
    noise: float = 0.15,
    company_noise: float = 0.02,
    seasonality: float = 1.0,
    trend: float = 0.06,
    ratchet: float = 1.0,
    balanced: bool = True,
    hours_skill_correlation: float = 0.0,
    activities: bool = True,
) -> Company:
    """Make a company with planted truth, at the level of its deals.

    Parameters
    ----------
    reps
        People in the reps table, over all channels and years.
    months, end
        Length of the data and its last month.
    seed
        Every part has a random stream of its own, so switching one feature off moves no other.
    reps_per_channel
        Instead of `reps`: a number for each channel, or channel → number; channels left out do
        not exist. `{"EU distributor": 12, "US distributor": 12}` makes two of twelve.
    ramp_months
        A new hire is at 90% of the mature level in this month of tenure; 0: no ramp.
    informative_leavers
        Some hires ramp four times slower and leave because of it within a year.
    leaving
        Monthly probability of leaving for no reason, from the seventh month on.
    hired_share
        Share of the reps hired within the data (0 for a company of old hands).
    skill_sd, skill_shape
        Spread of the reps' own part of expected bookings, as a share; `normal` or `lognormal`.
    gap, gap_split
        "EU distributor" sells `gap` times what "US distributor" sells, per rep and month in
        expectation; of the log of that, the shares that are market, practice, unexplained.
    market_driven_practice
        Competition lowers the win rate, so that part of a win-rate difference is market: of the
        gap's log, 0.35 (or the whole market share, if that is less) then runs through the win
        rate. `gap_split=(0.56, 0.14, 0.30)` makes the case of a plain decomposition calling .49
        trainable where .14 is.
    noise, company_noise
        Coefficient of variation of each rep-month's own shock, and of an AR(1) shock to all.
    seasonality, trend
        Strength of the season (0: none), growth a year.
    ratchet
        Weight of last year's bookings in the quota, against a standard quota.
    balanced
        Regions and skills spread evenly within each channel, so that a single company shows what
        was planted. False: drawn independently, as an interval that resamples reps takes them;
        calibrations use this.
    hours_skill_correlation
        Between selling hours and talent.
    activities
        Whether to make the activities table, the largest one.

    Returns
    -------
    Company
        `.tables`, `.truth`, `.write(dest)`. `.truth` holds

        - `channel_gap`: a, b, expected_a, expected_b, ratio, gap, market, practice, unexplained
          (money a rep-month, trailing twelve months), per_covariate, naive_practice; defined in
          `truth.channel_gap_truth`
        - `reps`: rep_id, skill (expected bookings a month when ramped), tier, practices;
          `spread`: standard deviations and reliability
        - `ramp`: months_to_90 without the slow hires, with all hires, the curves
        - `series`: trend, season, expected bookings of every month and of the year to come
        - `pipeline`: expected next-quarter bookings from open and new deals, win probabilities
          by deal and by stage and age, and what came true
        - `settings`, `hours_elasticity`

    Raises
    ------
    ParameterError
        Naming the option out of range.

    Examples
    --------
    >>> company = simulate_company(reps=8, months=12, seed=1)
    >>> round(company.truth["channel_gap"]["ratio"], 2)
    1.1
    """
    return Company(
        Settings(
            reps=reps,
            months=months,
            seed=seed,
            end=end,
            reps_per_channel=reps_per_channel,
            ramp_months=ramp_months,
            informative_leavers=informative_leavers,
            leaving=leaving,
            hired_share=hired_share,
            skill_sd=skill_sd,
            skill_shape=skill_shape,
            gap=gap,
            gap_split=tuple(gap_split),  # type: ignore[arg-type]
            market_driven_practice=market_driven_practice,
            noise=noise,
            company_noise=company_noise,
            seasonality=seasonality,
            trend=trend,
            ratchet=ratchet,
            balanced=balanced,
            hours_skill_correlation=hours_skill_correlation,
            activities=activities,
        )
    )
