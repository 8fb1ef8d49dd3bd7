"""Do the findings of the channel gap hold that have no row in `channel_gap`, and the intervals that its
notebook prints beside them?

The gap itself in the linear worlds of `channel_gap.Planted`, one of them without any gap. Its practices
are all worth the same there, so that none carries most. What the truth of each is:

- `gap_ratio`: expected bookings of a rep-month in a over those in b.
- `correctable_share`: planted practice part over planted gap. It is printed where its interval is
  bounded, and counted is how often no wrong one is. *Where printed* counts the printed ones alone, and
  is not asked: a gap that is nearly nothing is found where it is overestimated, and then its share is
  too small (no interval of a ratio holds among those that are bounded; Gleser and Hwang 1987).
- `unmeasured_market`: the strength at the planted practice part and the planted spreads, within
  channels and net of the market, of what practice brings and of the channel.
- `sensitivity at 20%`: what a factor of that strength leaves of the planted practice part, if it works
  against the estimated one.
- `first_practice`: the planted worth of the practice that is named, whichever that is: an interval of
  the largest of several has to hold for all of them together.
- a channel's mean, a practice: expected, each by itself.

The funnel in `Steps`: deals open by Poisson, closed and won by binomial chances, amounts lognormal,
with reps who differ in all four; truth of a step is the Shapley split of the planted factors. The
channels in `Several`: rep means around channel means that are drawn, or all alike.

The pair that is picked because its gap is the largest, from `Crowd`: several channels of one linear
world, all alike or the first ahead. Everything the report then prints of it, judged from below: limits
that hold for whichever pair is picked hold more often for one that would have been picked anyway.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.calibration.channel_gap import CONFIDENCE, SETTINGS, Planted, estimates
from benchmarks.calibration.counting import counted, in_blocks, laid_out, planted, row, slack
from salesops_lib.analyses.channel_gap import (
    ChannelGap,
    channel_gap,
    choose_channels,
    closing_gap,
    compare_channels,
    funnel_gap,
)
from salesops_lib.statistics.das_gupta import shapley

NOMINAL = CONFIDENCE
FOLLOWS: dict[str, str] = {
    "gap_difference": "channel_gap: gap; the same number",
    "market_part": "channel_gap: market; the same number",
    "practice_part": "channel_gap: practice; the same number",
    "unexplained_part": "channel_gap: unexplained; the same number",
    "training_limit_year": "channel_gap: correctable_money_year; times the part closed and the margin, "
    "which are assumptions",
    "training_net_year": "channel_gap: correctable_money_year; the same, never below nothing, less a cost that is an assumption",
}

BLOCK, BLOCKS = 250, 4
AT_LEAST = (
    "first_practice", "funnel_step", "largest_gap", "all pairs of channels at once", "unmeasured_market",
    "correctable_share",
)  # fmt: skip
STRENGTH = 0.2


@dataclass(frozen=True)
class Steps:
    """Rep-months of two channels along the funnel: factors of a over those of b are `ratios`."""

    reps: int
    months: int = 12
    ratios: tuple[float, float, float, float] = (1.3, 1.0, 1.3, 1.0)
    apart: float = 0.3

    FACTORS = (8.0, 0.35, 0.30, 20_000.0)

    def factors(self, in_a: bool) -> tuple[float, ...]:
        return tuple(
            x * (r if in_a else 1.0) for x, r in zip(self.FACTORS, self.ratios, strict=True)
        )

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        shape = (self.reps, self.months)
        parts = []
        for name, in_a in (("a", True), ("b", False)):
            count, closing, winning, size = self.factors(in_a)
            # Means of 1, and no chance above 1.
            own = np.exp(self.apart * rng.standard_normal((2, self.reps, 1)) - self.apart**2 / 2)
            lean = rng.uniform(0.6, 1.4, (2, self.reps, 1))
            opened = rng.poisson(count * own[0], shape)
            closed = rng.binomial(opened, np.broadcast_to(closing * lean[0], shape))
            won = rng.binomial(closed, np.broadcast_to(winning * lean[1], shape))
            # A month's amounts together, as gamma: each deal's has a coefficient of variation of .8.
            each = rng.gamma(np.maximum(won, 1e-9) / 0.64, 0.64) * size * own[1]
            parts.append(pd.DataFrame({
                "rep_id": np.repeat([f"{name}{at}" for at in range(self.reps)], self.months),
                "channel": name, "open_deals": opened.ravel(), "deals_closed": closed.ravel(),
                "deals_won": won.ravel(), "bookings": np.where(won > 0, each, 0.0).ravel(),
            }))  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def truth(self) -> np.ndarray:
        a, b = (tuple(np.array(x) for x in self.factors(one)) for one in (True, False))
        return np.array(shapley(a, b), dtype=float)


@dataclass(frozen=True)
class Several:
    """Channels around 100 with a standard deviation `spread` between them, reps with one of 20."""

    channels: int = 5
    reps: int = 10
    spread: float = 0.0
    skewed: bool = False

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        means = 100 + self.spread * rng.standard_normal(self.channels)
        shape = (self.channels, self.reps)
        noise = rng.gamma(1.0, 1.0, shape) - 1 if self.skewed else rng.standard_normal(shape)
        data = pd.DataFrame({
            "channel": np.repeat([f"c{at}" for at in range(self.channels)], self.reps),
            "rep_id": np.arange(self.channels * self.reps),
            "bookings": (means[:, None] + 20 * noise).ravel(),
        })  # fmt: skip
        return data, means


@dataclass(frozen=True)
class Crowd:
    """Channels of `reps` each: the first is `a` of a linear world where it is `ahead`, all others its
    b. Pairs are of one kind: any two, or c0 with c1 and c2 with c3."""

    channels: int
    ahead: bool
    in_pairs: bool = False
    reps: int = 12

    @property
    def world(self) -> Planted:
        first = self.reps if self.ahead else 0
        return Planted(reps_a=first, reps_b=self.channels * self.reps - first)

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        data = self.world.draw(rng)
        return data.assign(channel=[f"c{at}" for at in data["rep_id"] // self.reps])

    @property
    def kinds(self) -> dict[str, str]:
        return {f"c{at}": str(at // 2 * self.in_pairs) for at in range(self.channels)}


LINEAR: dict[str, Planted] = {
    "12+12": SETTINGS["12+12"],
    "12+12, weak effects": SETTINGS["12+12, weak effects"],
    "12+12, three markets, four practices": SETTINGS["12+12, three markets, four practices"],
    "12+12, four practices that bring nothing": Planted(practices=4, practice_ahead=0.0),
    "12+12, no gap": Planted(unexplained=-2.0),
    "60+60": SETTINGS["60+60"],
    "60+60, weak effects": SETTINGS["60+60, weak effects"],
}
FUNNELS = {
    "funnel, 12 a channel": Steps(12),
    "funnel, 60 a channel": Steps(60),
    "funnel, 12 a channel, no difference": Steps(12, ratios=(1.0, 1.0, 1.0, 1.0)),
}
CHANNELS = {
    "5 channels, none differs": Several(),
    "5 channels": Several(spread=15.0),
    "5 channels, skewed, none differs": Several(skewed=True),
}
CROWDS = {
    "picked from 2 pairs, none differs": Crowd(4, ahead=False, in_pairs=True),
    "picked from 2 pairs": Crowd(4, ahead=True, in_pairs=True),
    "picked from 10 pairs, none differs": Crowd(5, ahead=False),
    "picked from 10 pairs": Crowd(5, ahead=True),
}
EVERY: tuple[str, ...] = (*LINEAR, *FUNNELS, *CHANNELS, *CROWDS)


def strengths(world: Planted) -> tuple[float, float]:
    """Planted spreads, of rep means: of what practice brings within channels and net of the market,
    and of the channel net of the market."""
    between = world.between + (1 - world.between) / world.months
    brings = world.practice_slope * math.sqrt(world.practices * between)
    share = world.reps_a / (world.reps_a + world.reps_b)
    alone = share * (1 - share)
    ahead = world.markets * world.market_ahead**2 / between
    return brings, math.sqrt(alone / (1 + alone * ahead))


def of_gap(name: str, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """One company's gap."""
    world = LINEAR[name]
    true = world.truth()
    gap = world.gap(world.draw(rng))
    yield row("gap_ratio", gap.ratio, (10 + true["gap"]) / 10)
    for mean, truth in zip(gap.means.itertuples(), (10 + true["gap"], 10.0), strict=True):
        yield planted("a channel's mean", (mean.value, mean.low, mean.high), truth)
    yield claim(
        "says that the channels differ",
        "cannot tell" not in gap.finding("gap_ratio").sentence,
        true["gap"] == 0,
    )
    yield from of_share(gap, true)
    yield from of_strength(gap, world, true)
    yield from of_practices(gap, world, true)


def of_share(gap: ChannelGap, true: dict[str, float]) -> Iterator[dict[str, object]]:
    printed = gap.finding("correctable_share").estimate
    shown = math.isfinite(printed.value)
    if true["gap"] == 0:
        yield claim("says what share is correctable", shown, True)
        return
    share = true["practice"] / true["gap"]
    held = row("correctable_share", printed, share)
    yield {**held, "covered": max(held["covered"], float(not shown)), "value": np.nan}
    yield claim("says what share is correctable", shown, False)
    if shown:
        yield {**held, "quantity": "correctable_share, where printed", "asked": False}


def of_strength(
    gap: ChannelGap, world: Planted, true: dict[str, float]
) -> Iterator[dict[str, object]]:
    brings, apart = strengths(world)
    square = (true["practice"] * apart / brings) ** 2
    needed = 0.5 * (math.sqrt(square**2 + 4 * square) - square)
    yield row("unmeasured_market", gap.robustness, needed)
    curve = gap.sensitivity
    at = [float(np.interp(STRENGTH, curve["strength"], curve[one])) for one in
          ("correctable", "low", "high")]  # fmt: skip
    # It works against what the part was estimated to be.
    against = math.copysign(brings / apart * STRENGTH / math.sqrt(1 - STRENGTH), gap.practice.value)
    left = true["practice"] - against
    yield planted("sensitivity at 20%", tuple(at), left)


def of_practices(
    gap: ChannelGap, world: Planted, true: dict[str, float]
) -> Iterator[dict[str, object]]:
    worth = true["correctable_money_year"] / world.practices
    closing = closing_gap(gap)
    for one in closing.practices.itertuples():
        yield planted("a practice", (one.value, one.low, one.high), worth)
    first = closing.finding("first_practice")
    yield row("first_practice", first.estimate, worth)
    yield claim("says that one practice carries most", "carries more" in first.sentence, True)


def of_funnel(name: str, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """One company's funnel."""
    world = FUNNELS[name]
    truth = world.truth()
    funnel = funnel_gap(world.draw(rng), a="a", b="b", confidence=NOMINAL)
    steps = funnel.steps
    for step, true in zip(steps.itertuples(), truth, strict=True):
        yield planted(f"funnel: {step.step}", (step.value, step.low, step.high), float(true))
    first = funnel.finding("funnel_step")
    chosen = int(steps["value"].abs().argmax())
    yield row("funnel_step", first.estimate, float(truth[chosen]))
    none = float(np.abs(truth).max()) == 0
    sets = first.estimate.excludes(0.0)
    yield claim("says that a step sets the channels apart", sets, none)
    # Two steps are worth the same, or none is worth anything.
    yield claim("says that one step adds most", funnel.apart, True)


def of_channels(name: str, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """One company's channels."""
    world = CHANNELS[name]
    data, means = world.draw(rng)
    found = compare_channels(data, outcome="bookings", method="holm", confidence=NOMINAL)
    true = dict(zip((f"c{at}" for at in range(world.channels)), means, strict=True))
    held = [p.low <= true[p.a] - true[p.b] <= p.high for p in found.pairs.itertuples()]
    yield {**claim("all pairs of channels at once", all(held), False), "asked": True}
    widest = found.pairs.loc[found.pairs["difference"].abs().idxmax()]
    apart = true[widest["a"]] - true[widest["b"]]
    first = found.finding("largest_gap")
    yield row("largest_gap", first.estimate, math.copysign(1.0, widest["difference"]) * apart)
    yield claim(
        "says that channels differ",
        "cannot tell" not in first.sentence.lower(),
        world.spread == 0,
    )
    if world.spread:
        for one in found.league.itertuples():
            limits = (one.shrunk, one.shrunk_low, one.shrunk_high)
            yield planted("a channel with luck taken out", limits, float(true[one.channel]))


def of_crowd(name: str, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """The pair picked from one company's channels."""
    crowd = CROWDS[name]
    data = crowd.draw(rng)
    a, b, among = choose_channels(data, outcome="bookings", kinds=crowd.kinds)
    gap = channel_gap(
        data, outcome="bookings", a=a, b=b, market=["market_0"],
        practice=["practice_0", "practice_1"], permutations=19, among=among,
    )  # fmt: skip
    true = crowd.world.truth() | {"correctable_money_year": 0.0}
    true["correctable_money_year"] = true["practice"] * gap.rows_per_year
    sign = crowd.ahead * ((a == "c0") - (b == "c0"))
    for quantity, limits in estimates(gap).items():
        yield planted(quantity, limits, sign * true[quantity])
    at = {one: 10 + true["gap"] * (crowd.ahead and one == "c0") for one in (a, b)}
    yield row("gap_ratio", gap.ratio, at[a] / at[b])
    for mean in gap.means.itertuples():
        yield planted("a channel's mean", (mean.value, mean.low, mean.high), at[mean.channel])
    differs = "cannot tell" not in gap.finding("gap_ratio").sentence
    yield claim("says that channels differ that do not", differs and sign == 0, True)
    first = closing_gap(gap).finding("first_practice").estimate
    yield row("first_practice", first, sign * true["correctable_money_year"] / 2)


def claim(name: str, said: bool, wrong: bool) -> dict[str, object]:
    """How often it is said; `wrong` where it would be a false claim."""
    return {
        "quantity": name, "covered": float(said), "value": float(said),
        "truth": 0.0 if wrong else np.nan, "width": np.nan, "asked": wrong,
    }  # fmt: skip


def block(setting: str, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one kind, each block with its own stream."""
    rng = np.random.default_rng([seed, EVERY.index(setting), number])
    kinds = ((LINEAR, of_gap), (FUNNELS, of_funnel), (CHANNELS, of_channels), (CROWDS, of_crowd))
    one = next(rows for settings, rows in kinds if setting in settings)
    return pd.DataFrame([r for _ in range(count) for r in one(setting, rng)])


def summary(setting: str, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row a quantity, against the bars. What holds for several at once is held at least as often as
    nominal for the one that is printed, and so is a strength, of which none is below 0; a false claim
    may be made as often as its interval leaves."""
    table = counted(rows)
    most = slack(NOMINAL, table["replicates"])
    off = table["coverage"] - NOMINAL
    says = table.index.str.startswith("says")
    held = np.where(says, table["coverage"] <= 1 - NOMINAL + most, off.abs() <= most)
    from_below = table.index.isin(AT_LEAST) | ((setting in CROWDS) & ~says)
    held = np.where(from_below, off >= -most, held)
    table["ok"] = held | ~table["asked"].astype(bool)
    return laid_out(table, analysis="channel_gap", setting=setting, nominal=NOMINAL, seed=seed)


def run(replicates: int | None = None, seed: int = 20_272) -> pd.DataFrame:
    """The whole table; `replicates` overrides 1,000 companies of each kind."""
    each = [replicates] if replicates else [BLOCK] * BLOCKS
    made = in_blocks(block, EVERY, lambda _: each, seed)
    return pd.concat([summary(name, rows, seed) for name, rows in made], ignore_index=True)
