"""Do the other intervals of the ramp report hold: of money that rests on the curve, of plans, of facts?

The worlds are those of `ramp_time_cost`: hires who reach 90% after 4 months, deals as noise, with 20
or 40 hires or in a company with channels, season and growth. The margin is 60%, ten hires a year.

- `one_month_less`: production gained when the target is reached after 3 months instead of 4, in money.
- `one_against_three`: production between ramps of 3 and of 1 month, in money: the mature level's error.
- `ramp_saving_year`, `break_even_months_saved`: a programme that saves 1 to 3 months, which of them is
  drawn for each company, and one that costs what two months sooner would bring.
- `training_case`: together with a channel gap whose estimate is independent of the ramp's, where half
  of it is closed. That both are off in the same direction is the cautious assumption, so the interval
  may hold more than it claims, and is asked not to hold less.
- `plan_bookings`: what ten hires spread over a year are expected to book.
- `what_goes_with_ramp`: how many times as long the milestone takes with the fact that stands out most
  of four (experience in years, training, role, area); none of them matters, or training halves the
  time. The fact is picked because it stands out, so its interval has to allow for the picking.
- `says that a fact matters`, `says that groups differ`: wrong claims where nothing matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.calibration.counting import in_blocks, laid_out, slack
from benchmarks.calibration.ramp_time_cost import (
    HIRES,
    HORIZON,
    LEVEL,
    TARGET_MONTHS,
    _company_level,
    rep_months,
)
from salesops_lib.analyses.ramp_time_cost import (
    compare_groups,
    hiring_plan,
    ramp_cost,
    ramp_factors,
    ramp_time,
    training_case,
)
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import shortfall

SEED, NOMINAL, BIAS = 20261129, 0.90, 0.05
BLOCK, BLOCKS = 100, 8
MARGIN, SAVED, CLOSED = 0.6, (1.0, 3.0), 0.5
# What training could correct in the channel, and the error of its estimate.
GAP, GAP_ERROR = 300_000.0, 150_000.0
FACTOR_REPS = (30, 60)
FOLLOWS = {
    "time_to_productivity": "ramp_time_cost: months to target",
    "months_lost": "ramp_time_cost: months lost",
    "ramp_cost_year": "ramp_time_cost: cost a year",
    "ramp_cost_hire": "ramp_time_cost: cost a year; over the hires of a year",
    "pay_during_ramp": "ramp_time_cost: months to target; times the pay of a month",
    "quota_relief": "ramp_time_cost: months to target; a rising function of the curve's pace",
    "ramp_net_year": "ramp_time_cost_findings: ramp_saving_year; less the programme's cost",
    "gap_saving_year": "channel_gap: correctable_money_year; the share closed, never below nothing",
    "payback_months": "ramp_time_cost_findings: training_case; cost over gain",
}


@dataclass(frozen=True)
class Team:
    """Hires whose rep-months are drawn."""

    hires: int
    company: bool = False

    @property
    def name(self) -> str:
        return f"curve, deals noise, {'company' if self.company else f'{self.hires} hires'}"

    def one(self, rng: np.random.Generator) -> Iterator[dict[str, object]]:
        data = rep_months(rng, self.hires, "deals", TARGET_MONTHS, company=self.company)
        ramp = ramp_time(data, value="bookings")
        worth = MARGIN * LEVEL * (_company_level() if self.company else 1.0)
        cost = ramp_cost(
            ramp, hires_per_year=HIRES, contribution_per_month=ramp.mature_level.scaled(MARGIN)
        )
        a_year = worth * HIRES
        yield _row("one_month_less", cost.one_month_less, a_year * _sooner(1.0))
        apart = _lost(3.0) - _lost(1.0)
        yield _row("one_against_three", _found(cost, "one_against_three"), a_year * apart)
        yield from self._programme(cost, a_year, rng)
        plan = hiring_plan(ramp, hires_per_year=HIRES, value_per_month=ramp.mature_level)
        booked = HIRES / 12 * sum(13 - m - _lost(TARGET_MONTHS, 13 - m) for m in range(1, 13))
        yield _row("plan_bookings", plan.bookings, booked * worth / MARGIN)
        if not self.company:
            half = {rep: int(rng.random() < 0.5) for rep in data["rep_id"].unique()}
            told = ramp_time(
                data.assign(half=data["rep_id"].map(half)), value="bookings", by="half"
            )
            yield _claim("says that groups differ", compare_groups(told, by="half").p < 1 - NOMINAL)

    def _programme(
        self, cost: object, a_year: float, rng: np.random.Generator
    ) -> Iterator[dict[str, object]]:
        saved = rng.uniform(*SAVED)
        price = a_year * _sooner(2.0)
        guess = GAP + GAP_ERROR * rng.standard_normal()
        gap = Estimate(guess, guess - 1.645 * GAP_ERROR, guess + 1.645 * GAP_ERROR, NOMINAL)
        how = {
            "months_saved": SAVED,
            "programme_cost": price,
            "saved": "time_to_target",
            "rng": rng,
        }
        alone = training_case(cost, **how)
        yield _row("ramp_saving_year", alone.ramp_saving, a_year * _sooner(saved))
        yield _row("break_even_months_saved", alone.break_even_months, 2.0)
        both = training_case(cost, gap, gap_closed=CLOSED, **how)
        truth = a_year * _sooner(saved) + CLOSED * GAP
        # Judged against the gain: what is left after the cost may be near nothing.
        yield {**_row("training_case", both.net, truth - price), "size": truth, "at_least": True}


@dataclass(frozen=True)
class Facts:
    """Reps with four facts, of which training multiplies the months to the milestone."""

    reps: int
    factor: float

    @property
    def name(self) -> str:
        what = "no fact matters" if self.factor == 1 else f"training takes {self.factor:g}x as long"
        return f"milestone, {self.reps} reps, {what}"

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rep-months with the month of the milestone, and facts of each rep."""
        n = self.reps
        facts = pd.DataFrame({
            "rep_id": np.arange(n), "experience": rng.integers(0, 11, n).astype(float),
            "training": np.where(rng.random(n) < 0.5, "yes", "no"),
            "role": np.where(rng.random(n) < 0.5, "hunter", "farmer"),
            "area": np.where(rng.random(n) < 0.5, "north", "south"),
        })  # fmt: skip
        scale = 8.0 * np.where(facts["training"] == "yes", self.factor, 1.0)
        there = np.ceil(scale * rng.weibull(2, n)).astype(int)
        seen = rng.integers(6, 25, n)
        rep = np.repeat(np.arange(n), seen)
        tenure = np.concatenate([np.arange(1, months + 1) for months in seen])
        data = pd.DataFrame({
            "rep_id": rep, "tenure_months": tenure, "sold": 1.0, "there": tenure == there[rep],
        })  # fmt: skip
        return data, facts

    def one(self, rng: np.random.Generator) -> Iterator[dict[str, object]]:
        data, facts = self.draw(rng)
        try:
            ramp = ramp_time(
                data, value="sold", event="there", definition="milestone", exposure=None
            )
            found = ramp_factors(ramp, facts, covariates=["experience", "training", "role", "area"])
        except NotEnoughData:
            return
        stands_out = found.table.sort_values("p", kind="stable").iloc[0]
        matters = stands_out["factor"] == "training" and self.factor != 1
        truth = self.factor if matters else 1.0
        said = _row("what_goes_with_ramp", _found(found, "what_goes_with_ramp"), truth)
        # Limits for all four at once hold more often where one stands out for a reason.
        yield {**said, "at_least": True, "biased": True}
        if self.factor == 1:
            sentence = found.finding("what_goes_with_ramp").sentence
            yield _claim("says that a fact matters", not sentence.startswith("Cannot tell"))


WORLDS = (
    Team(20), Team(40), Team(40, company=True),
    *(Facts(reps, factor) for reps in FACTOR_REPS for factor in (1.0, 0.5)),
)  # fmt: skip


def _lost(months: float, horizon: int = HORIZON) -> float:
    return shortfall(0.1 ** (1 / months), horizon)


def _sooner(months: float) -> float:
    return _lost(TARGET_MONTHS) - _lost(TARGET_MONTHS - months)


def _found(result: object, name: str) -> Estimate:
    return result.finding(name).estimate


def _row(name: str, found: Estimate, truth: float) -> dict[str, object]:
    return {
        "quantity": name, "covered": float(found.low <= truth <= found.high), "value": found.value,
        "truth": truth, "size": truth, "width": found.high - found.low, "nominal": NOMINAL,
        "at_least": False, "biased": False,
    }  # fmt: skip


def _claim(name: str, wrong: bool) -> dict[str, object]:
    """A claim that must be wrong at most as often as 1 − confidence."""
    return {
        "quantity": name, "covered": float(not wrong), "value": float(wrong), "truth": 0.0,
        "size": 1.0, "width": np.nan, "nominal": NOMINAL, "at_least": True, "biased": True,
    }  # fmt: skip


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one world; each block has a stream of its own."""
    rng = np.random.default_rng([seed, at, number])
    return pd.DataFrame([row for _ in range(count) for row in WORLDS[at].one(rng)])


def summary(setting: str, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row a quantity, against the bars."""
    rows = rows.replace([np.inf, -np.inf], np.nan)
    grouped = rows.groupby("quantity", sort=False)
    table = grouped.agg(
        nominal=("nominal", "first"), replicates=("covered", "size"), coverage=("covered", "mean"),
        value=("value", "mean"), truth=("truth", "mean"), size=("size", "mean"),
        width=("width", "median"), at_least=("at_least", "first"), biased=("biased", "first"),
    )  # fmt: skip
    spread = (rows["value"] - rows["truth"]).groupby(rows["quantity"], sort=False).std()
    table["bias"] = (table["value"] - table["truth"]) / table["size"]
    table["bias_error"] = spread / np.sqrt(table["replicates"]) / table["size"]
    most = slack(NOMINAL, table["replicates"])
    off = table["coverage"] - table["nominal"]
    held = (off >= -most) & (table["at_least"] | (off <= most))
    unbiased = table["bias"].abs() <= BIAS + 2 * table["bias_error"]
    table["ok"] = held & (unbiased | table["biased"])
    table = table.assign(asked=True)
    return laid_out(table, analysis="ramp_time_cost", setting=setting, nominal=None, seed=seed)


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """The whole table; `replicates` overrides 800 companies a world."""
    each = [replicates] if replicates else [BLOCK] * BLOCKS
    made = in_blocks(block, range(len(WORLDS)), lambda _: each, seed)
    return pd.concat([summary(WORLDS[at].name, rows, seed) for at, rows in made], ignore_index=True)
