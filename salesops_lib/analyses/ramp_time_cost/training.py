"""`training_case`: a shorter ramp and a smaller channel gap together, against the programme's cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.options import check_made, check_rng, check_unit
from salesops_lib.analyses.ramp_time_cost import money_words
from salesops_lib.analyses.ramp_time_cost.case_draws import (
    DRAWS,
    contribution_draws,
    normals,
    time_draws,
)
from salesops_lib.analyses.ramp_time_cost.cost import (
    as_contribution,
    checked_count,
)
from salesops_lib.analyses.ramp_time_cost.result import (
    RampCost,
    RampTime,
    TrainingCase,
    split_draws,
)
from salesops_lib.errors import DataError, ParameterError
from salesops_lib.estimate import Estimate, Result, Unanswered
from salesops_lib.statistics.learning_curve import shortfalls

PRODUCTION, TIME = "production", "time_to_target"
# A ramp of almost no time loses an exponentially small part of a month, which is nothing: taken as
# a gain it would count as paying, and a cost divided by it would be a payback of 1e119 months.
_NOTHING = 1e-6
# Months, a hundred years: a gain of a few dollars a year pays back after 200,000 of them.
_NEVER = 1200.0
_STEPS = 41
# Steps and columns of the two-way table.
_READABLE, _COLUMNS = (0.25, 0.5, 1.0, 2.0, 3.0, 6.0), 7
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def training_case(
    ramp: RampTime | RampCost,
    gap: Result | Estimate | None = None,
    *,
    months_saved: float | Sequence[float],
    gap_closed: float | Sequence[float] = 0.0,
    gap_margin: float = 1.0,
    programme_cost: float,
    hires_per_year: float | None = None,
    contribution_per_month: float | Estimate | None = None,
    saved: str = PRODUCTION,
    currency: str = "$",
    rng: int | np.random.Generator = 0,
) -> TrainingCase:
    """Does a training programme pay?

    net = months saved × hires a year × contribution a month
          + part of the correctable channel gap closed − programme cost

    A gap that is not there is not closed: where training could correct nothing, the gap adds
    nothing, at the best guess and in the interval alike. It never takes anything away.

    Parameters
    ----------
    ramp
        From `ramp_time`, or from `ramp_cost`, whose hires and contribution are then the defaults.
    gap
        A ChannelGap (its finding `correctable_money_year` is used), an Estimate in money a year,
        or None.
    months_saved
        A number, or (least, most), any value between being as likely.
    gap_closed
        Share of the correctable gap that the programme closes, likewise.
    gap_margin
        Contribution of a unit of what the gap is in: the gross margin where that is bookings.
    programme_cost
        Money a year, a full-time training manager for instance.
    hires_per_year, contribution_per_month
        As in `ramp_cost`.
    saved
        What `months_saved` counts. `production`: months of full production gained by each hire.
        `time_to_target`: months by which the target is reached sooner, worth less than a month of
        full production each since a hire sells something while ramping. Neither can save more
        than ramp takes away.
    currency
        Symbol in sentences.
    rng
        Seed or Generator of the draws behind intervals and probability.

    Returns
    -------
    TrainingCase

    Raises
    ------
    DataError
        If an option is out of range or hires and contribution are not known.

    Notes
    -----
    Draws combine the intervals of lost months, contribution and correctable gap (each read as two
    half normals, contribution on the log scale, moving with the length of ramp where it is that of the
    mature level) with the ranges of the two assumptions. Ramp and gap
    are taken to be off in the same direction at once, so that the limits of the two parts add up:
    both are read from the bookings of the same reps, and how their errors depend is not known.
    """
    check_rng(rng)
    before = ramp if isinstance(ramp, RampCost) else None
    time = ramp.ramp if isinstance(ramp, RampCost) else ramp
    check_made("ramp", time, "ramp_time or ramp_cost", "months_lost", "confidence")
    hires, worth = hires_per_year, contribution_per_month
    if before is not None:
        hires = before.hires_per_year if hires is None else hires
        worth = before.contribution_per_month if worth is None else worth
    if hires is None or worth is None:
        raise DataError(
            "hires_per_year and contribution_per_month are not known",
            remedy="Give both, or the result of ramp_cost.",
        )
    if saved not in (PRODUCTION, TIME):
        raise DataError(f"saved == {saved!r}, must be {PRODUCTION} or {TIME}")
    closable = correctable(gap, checked_count("gap_margin", gap_margin))
    model = _Model.build(
        time,
        closable,
        saved=saved,
        months=_range("months_saved", months_saved, math.inf),
        closed=_range("gap_closed", gap_closed, 1.0),
        cost=checked_count("programme_cost", programme_cost),
        hires=checked_count("hires_per_year", hires),
        worth=as_contribution(worth, time.confidence),
        rng=np.random.default_rng(rng),
    )
    case = model.case()
    if gap is not None and closable is None:
        case = replace(case, notices=(*case.notices, money_words.GAP_NOT_KNOWN))
    if gap is None and model.closed[1] > 0:
        case = replace(case, notices=(*case.notices, money_words.NO_GAP))
    return money_words.with_case_findings(case, currency)


def not_answered(because: str) -> Unanswered:
    """What `training_case` would have answered, where `ramp_time` raised NotEnoughData."""
    return Unanswered(money_words.not_answered(because))


def correctable(gap: Result | Estimate | None, margin: float) -> Estimate | None:
    """Correctable contribution a year of a channel gap; None where there is no number."""
    if gap is None:
        return None
    check_unit("gap", gap, "money/year", "money")
    if not isinstance(gap, Estimate):
        check_made("gap", gap, "channel_gap", "findings")
        found = next((one for one in gap.findings if one.name == "correctable_money_year"), None)
        if found is None:
            raise ParameterError(
                f"gap is a {type(gap).__name__}, must be what channel_gap returns."
            )
        gap = found.estimate
    return None if math.isnan(gap.value) else gap.scaled(margin)


def _range(name: str, value: float | Sequence[float], most: float) -> tuple[float, float]:
    pair = tuple(value) if isinstance(value, Sequence | np.ndarray) else (value, value)
    if len(pair) != 2:
        raise DataError(f"{name} == {value!r}, must be a number or (least, most)")
    low, high = (checked_count(name, one) for one in pair)
    if low > high or high > most:
        raise DataError(f"{name} == {value!r}, must rise and be at most {most:g}")
    return low, high


@dataclass(frozen=True, eq=False)
class _Model:
    """The case at the values (`point`) and over draws, one formula for both."""

    ramp: RampTime
    gap: Estimate | None
    saved: str
    months: tuple[float, float]
    closed: tuple[float, float]
    cost: float
    hires: float
    worth: Estimate
    lost: np.ndarray
    time: np.ndarray
    worth_draws: np.ndarray
    gap_draws: np.ndarray
    months_draws: np.ndarray
    closed_draws: np.ndarray

    @classmethod
    def build(
        cls,
        ramp: RampTime,
        gap: Estimate | None,
        *,
        saved: str,
        months: tuple[float, float],
        closed: tuple[float, float],
        cost: float,
        hires: float,
        worth: Estimate,
        rng: np.random.Generator,
    ) -> _Model:
        noise = normals(rng)
        return cls(
            ramp=ramp,
            gap=gap,
            saved=saved,
            months=months,
            closed=closed,
            cost=cost,
            hires=hires,
            worth=worth,
            lost=np.maximum(split_draws(ramp.months_lost, noise), 0.0),
            time=np.maximum(time_draws(ramp, noise), 0.0),
            worth_draws=contribution_draws(ramp, worth, noise, rng),
            gap_draws=np.zeros(DRAWS)
            if gap is None
            else np.maximum(split_draws(gap, normals(rng)), 0.0),
            months_draws=rng.uniform(*months, DRAWS),
            closed_draws=rng.uniform(*closed, DRAWS),
        )

    def production(self, months: np.ndarray, lost: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Months of production gained a hire; never more than ramp takes away."""
        if self.saved == PRODUCTION or self.ramp.pace is None:
            gained = np.minimum(months, lost)
        else:
            of = (self.ramp.target, self.ramp.horizon, self.ramp.late)
            gained = _lost(time, *of) - _lost(np.maximum(time - months, 0), *of)
        return np.where(gained > _NOTHING, gained, 0.0)

    def gained(self, months: np.ndarray, closed: float) -> np.ndarray:
        """Money a year, draws × months saved, with the part of the gap fixed."""
        draws = self.lost[:, None], self.time[:, None]
        each = self.production(months[None, :], *draws)
        return self._together(each * (self.hires * self.worth_draws)[:, None], closed)

    def _together(self, from_ramp: np.ndarray, closed: float | np.ndarray) -> np.ndarray:
        """Both parts, off in the same direction at once: they come from the bookings of the same
        reps, and two guesses that may each be nothing must not add up to a certainty."""
        if self.gap is None:
            return from_ramp
        return np.sort(from_ramp, axis=0) + np.sort(closed * self.gap_draws)[:, None]

    def gained_at_values(self, months: float, closed: float) -> float:
        gap = 0.0 if self.gap is None else max(self.gap.value, 0.0)
        return self.produced_at_value(months) * self.hires * self.worth.value + closed * gap

    def produced_at_value(self, months: float) -> float:
        lost, time = self.ramp.months_lost.value, self.ramp.median_months.value
        return float(self.production(np.array([months]), np.array([lost]), np.array([time]))[0])

    def case(self) -> TrainingCase:
        middle, share = sum(self.months) / 2, sum(self.closed) / 2
        each = self.production(self.months_draws, self.lost, self.time)
        from_ramp = each * self.hires * self.worth_draws
        from_gap = self.closed_draws * self.gap_draws
        gain = self._together(from_ramp[:, None], self.closed_draws)[:, 0]
        value = self.gained_at_values(middle, share)
        produced = self.produced_at_value(middle)
        of_ramp = produced * self.hires * self.worth.value
        at_value, payback = (_payback(self.cost, one) for one in (np.array(value), gain))
        grid = self._grid()
        at_grid = np.array([self.gained_at_values(float(m), share) for m in grid])
        of_draws = self.gained(grid, share)
        break_even = float(_first_reached(at_grid[None, :], grid, self.cost)[0])
        money = "money/year"
        return TrainingCase(
            months_saved=self.months,
            gap_closed=self.closed,
            saved=self.saved,
            hires_per_year=self.hires,
            contribution_per_month=self.worth,
            programme_cost=self.cost,
            production_gained=self._estimate(produced, each, "months"),
            ramp_saving=self._estimate(of_ramp, from_ramp, money),
            ramp_net=self._estimate(of_ramp - self.cost, from_ramp - self.cost, money),
            gap_saving=None
            if self.gap is None
            else self._estimate(share * max(self.gap.value, 0.0), from_gap, money),
            gain=self._estimate(value, gain, money),
            net=self._estimate(value - self.cost, gain - self.cost, money),
            payback_months=self._estimate(float(at_value), payback, "months"),
            break_even_months=self._estimate(
                break_even, _first_reached(of_draws, grid, self.cost), "months"
            ),
            probability=Estimate(
                float((gain > self.cost).mean()),
                confidence=self.ramp.confidence,
                unit="probability",
                n=self.ramp.n_seen_starting,
                method=f"{DRAWS} draws",
            ),
            sensitivity=self._two_way(),
            break_even_curve=self._curve(grid, at_grid, of_draws),
            notices=money_words.case_notices(self.ramp, self.gap, self.saved, middle, produced),
            findings=(),
        )

    def _estimate(self, value: float, draws: np.ndarray, unit: str) -> Estimate:
        tail = (1 - self.ramp.confidence) / 2
        low, high = _quantile(draws, tail), _quantile(draws, 1 - tail)
        low, high = min(low, value), max(high, value)
        n = self.ramp.n_seen_starting
        return Estimate(value, low, high, self.ramp.confidence, unit, n, f"{DRAWS} draws")

    def _to_save(self) -> Estimate:
        """All the months that there are to save, in the unit of `saved`."""
        return self.ramp.median_months if self.saved == TIME else self.ramp.months_lost

    def _grid(self) -> np.ndarray:
        """Months saved, from none to all there may be to save."""
        now = self._to_save()
        far = now.high if math.isfinite(now.high) else now.value
        top = max(3.0, self.months[1] * 1.25, min(far, 24.0) if far > 0 else 0.0)
        return np.linspace(0.0, math.ceil(top), _STEPS)

    def _two_way(self) -> pd.DataFrame:
        """Net over months saved, in steps that read well, and shares of the gap."""
        most = max(self.months[1], min(self._to_save().value, 2 * self.months[1]), 1.0)
        step = next(one for one in _READABLE if most / one <= _COLUMNS or one == _READABLE[-1])
        grid = step * np.arange(math.ceil(most / step - 1e-9) + 1)
        shares = _SHARES if self.gap is not None else (0.0,)
        return pd.DataFrame(
            [
                (float(m), s, self.gained_at_values(float(m), s) - self.cost)
                for m in grid
                for s in shares
            ],
            columns=["months_saved", "gap_closed", "net"],
        )

    def _curve(self, grid: np.ndarray, at_grid: np.ndarray, of_draws: np.ndarray) -> pd.DataFrame:
        """Net over months saved up to what is assumed and what there is to save, with limits."""
        tail = (1 - self.ramp.confidence) / 2
        low, high = np.quantile(of_draws, [tail, 1 - tail], axis=0)
        now = self._to_save().value
        end = max(self.months[1] * 1.25, min(now, 24.0) * 1.05 if math.isfinite(now) else 0.0, 1.0)
        shown = grid <= max(end, float(grid[8]))
        table = {"months_saved": grid, "net": at_grid, "low": low, "high": high}
        frame = pd.DataFrame({name: column[shown] for name, column in table.items()})
        return frame.assign(**{one: frame[one] - self.cost for one in ("net", "low", "high")})


def _payback(cost: float, gain: np.ndarray) -> np.ndarray:
    """Months until a year's cost is back; what would take longer than anybody waits never is."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        months = np.where(gain > 0, 12 * cost / gain, np.inf)
    return np.where(months > _NEVER, np.inf, months)


def _lost(time: np.ndarray, target: float, horizon: int, late: float = 0.0) -> np.ndarray:
    """Production lost by hires reaching the target after `time` months, a `late` part of which passes
    before the climb begins: `RampTime.lost_over` of each."""
    delay = late * np.where(np.isinf(time), 0.0, time)
    with np.errstate(divide="ignore"):
        u = np.where(time > 0, (1 - target) ** (1 / np.maximum(time - delay, 1e-12)), 0.0)
    return shortfalls(u, horizon, delay)


def _quantile(draws: np.ndarray, at: float) -> float:
    """Each draw stands for the middle of its slice: halfway between two where the limit parts slices.
    Next to an infinite one that has no middle, and the limit is the draw itself."""
    with np.errstate(invalid="ignore"):
        between, on = (np.quantile(draws, at, method=how) for how in ("hazen", "inverted_cdf"))
    return float(between if math.isfinite(between) else on)


def _first_reached(gains: np.ndarray, grid: np.ndarray, cost: float) -> np.ndarray:
    """Where each row of `gains`, rising over `grid`, first reaches `cost`."""
    reached = gains >= cost
    place = reached.argmax(axis=1)
    right = np.arange(len(gains)), place
    left = np.arange(len(gains)), np.maximum(place - 1, 0)
    rise = gains[right] - gains[left]
    part = np.divide(cost - gains[left], rise, out=np.zeros(len(gains)), where=rise > 0)
    found = grid[left[1]] + part * (grid[place] - grid[left[1]])
    found = np.where(place == 0, grid[0], found)
    return np.where(reached.any(axis=1), found, np.inf)
