"""Do the performance curve's other findings hold? Raw rep-months, deals and quotas with planted truth.

`performance_curve.py` counts moving the middle, replacing and each rep's value; here is all else that
the report prints. The truth, by finding:

reliability             of the population, on the model's scale: tau^2 / (tau^2 + the noise of a rep's mean)
star_to_core_ratio,     of the true values of the reps that stand in those tiers
middle_to_star_ratio
true_stars              how many of those ranked as stars are among as many truly best (bias only)
rank                    of the true value, among all reps in the table; whole ranks hold at least 90%
star_deal, replacement, money that will come, net of cost: with the hires, the deals and the ramp that
replacement_star        will be; value against its expectation. The ramp handed over is itself an Estimate
regression_to_the_mean  slope in a company without end
prediction_error_ratio  of this company's own rule, on a company without end; where months are messy, of
                        companies like it, which is another matter: there it is held to at least 90%
                        (of companies like it, the same limits hold 87 to 95% in the first three settings)
quota_ratchet, practice_*, tail  see `planted_habits.py`

Probabilities (best_lever, p_best, p_pays, and the tier probabilities of `.reps`) are claims about what is
not known, so they are counted over companies that differ in what is not known: in each, the spread of
skill is drawn from .05 to .45, and so are the levers' terms. Claims are binned; `nominal` is the mean
claim of the bin and `coverage` how often it came true. Among companies all of one kind the same claims
need not come true as often, since little is left to tell them apart: with a spread of .25 throughout, the
lever called best was so 5 to 10 points less often than claimed. Which spreads are common nobody knows either:
the prior that leaves gaps unbiased at each of them expects larger ones than these, so that with noise added and
24 reps a chance to pay of .6 came true .53 of the time (moving the middle .06 too seldom from .1 to .9).

Settings with "no skill" plant nothing: what is counted are wrong claims, and that no interval misses by
more than the nominal. At no skill at all reliability has its truth at the end of its range, where no
posterior interval of a share can hold it: what is asked is that the report says "cannot tell". The
same edge puts replacing by stars below its interval more often than one in twenty; the notices say so.

In the companies named "deals" reps who win few deals vary more, for their size, than those who win many.
Where the deals are counted (`deals=`) the model knows; where they are not it gives all the same relative
noise, as a dozen months cannot tell which it is. In "few and heavy" a rep wins eight deals a year of log sd
1.3, and a tenth of the spread between a hundred reps repeats: what cannot be below 0 is then too high on
average, moving the middle by half and more, but its interval knows. Rows that do not hold are left as they are (`ok` is
False). Moving the middle is 19% too low with two dozen reps whose deals are not counted, more than the 5%
that `performance_curve.py` asks for, 5% where they are, and right with four dozen: its interval holds,
its bias is not judged here. The tail's bootstrap, reliability where months are messy, and what hires are
worth where deals are few and heavy, are a little wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.calibration.performance_curve import Setting
from benchmarks.calibration.planted_habits import NOTHING, RHOS, practices, quotas, tails
from benchmarks.calibration.planted_levers import Row, claims, curve_rows
from benchmarks.calibration.planted_reps import Dealers, Sellers, World

NOMINAL, TOLERANCE, BIAS = 0.90, 0.02, 0.05
BLOCK = 50
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
# A bin of fewer claims says nothing.
FEWEST_CLAIMS = 60

FOLLOWS: dict[str, str] = {}


@dataclass(frozen=True)
class Case:
    """What one row of the table is about: `kind` of rows, of which companies, how many of them."""

    kind: str
    args: tuple[object, ...]
    name: str
    companies: int

    def rows(self, rng: np.random.Generator) -> Iterator[Row]:
        kinds = {
            "curve": curve_rows, "claims": claims, "practices": practices, "quotas": quotas,
            "tails": tails,
        }  # fmt: skip
        return kinds[self.kind](*self.args, rng)  # type: ignore[operator]


def _curve(world: World, companies: int) -> Case:
    return Case("curve", (world,), world.name, companies)


CASES = (
    _curve(Sellers(Setting("normal", "added", 24, False)), 1_000),
    _curve(Sellers(Setting("lognormal", "multiplied", 48, False)), 500),
    _curve(Sellers(Setting("lognormal", "multiplied", 24, True)), 1_000),
    _curve(Dealers(24, 0.15), 1_000),
    _curve(Dealers(48, 0.0), 500),
    _curve(Sellers(Setting("lognormal", "multiplied", 24, False), spread=0.0), 1_000),
    *(
        Case("claims", (name, reps), f"all spreads of skill, {name}, {reps} reps", 2_400)
        for name, reps in (("added", 24), ("multiplied", 48), ("messy", 24), ("deals", 24))
    ),
    *(
        Case("practices", (reps, rhos), f"practices, {label}, {reps} reps", 500)
        for label, rhos, reps in (
            ("two of six real", RHOS, 24), ("two of six real", RHOS, 60),
            ("none of six real", NOTHING, 24),
        )
    ),
    *(
        Case("quotas", (reps, ratchet), f"quotas, ratchet {ratchet:g}, {reps} reps", 1_000)
        for ratchet in (0.0, 0.3, 1.0)
        for reps in (24, 60)
    ),
    *(Case("tails", (reps, 99), f"power law of 1.5, {reps} reps", 500) for reps in (40, 100)),
    _curve(Dealers(24, 0.15, counted=False), 500),
    _curve(Dealers(24, 0.15, quarters=True), 500),
    _curve(Dealers(100, 0.0, rate=0.7, amount_sd=1.3), 400),
)  # fmt: skip


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one case, each block with its own stream."""
    rng = np.random.default_rng([seed, at, number])
    case = CASES[at]
    return pd.DataFrame(
        [{**row, "company": number * BLOCK + k} for k in range(count) for row in case.rows(rng)]
    )


def summary(case: Case, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row a quantity, against the bars."""
    probabilities = rows["judge"] == "probability"
    tables = []
    if not probabilities.all():
        tables.append(_findings(rows[~probabilities]))
    if probabilities.any():
        tables.append(_binned(rows[probabilities]))
    table = pd.concat(tables, ignore_index=True)
    table = table.assign(analysis="performance_curve", setting=case.name, seed=seed)
    return table[[
        "analysis", "setting", "quantity", "nominal", "replicates", "coverage", "value", "truth",
        "bias", "bias_error", "width", "seed", "ok", "asked",
    ]]  # fmt: skip


def _findings(rows: pd.DataFrame) -> pd.DataFrame:
    grouped = rows.groupby("quantity", sort=False)
    table = grouped.agg(
        replicates=("company", "nunique"), coverage=("covered", "mean"), value=("value", "mean"),
        truth=("truth", "mean"), width=("width", "median"), judge=("judge", "first"),
    )  # fmt: skip
    size = table["truth"].abs().where(table["truth"].abs() > 0)
    away = (rows["value"] - rows["truth"]).groupby([rows["quantity"], rows["company"]]).mean()
    spread = away.groupby(level=0).std().reindex(table.index)
    table["bias"] = (table["value"] - table["truth"]) / size
    table["bias_error"] = spread / np.sqrt(table["replicates"]) / size
    slack = TOLERANCE + 2 * np.sqrt(NOMINAL * (1 - NOMINAL) / table["replicates"])
    off, judge = table["coverage"] - NOMINAL, table["judge"]
    table["ok"] = np.select(
        [judge == "both", judge == "at least", judge == "claim", judge == "bias"],
        [off.abs() <= slack, off >= -slack, table["coverage"] <= 1 - NOMINAL + slack,
         table["bias"].abs() <= BIAS],
        default=True,
    ).astype(bool)  # fmt: skip
    table["nominal"] = np.where(judge == "claim", 1 - NOMINAL, NOMINAL)
    table.loc[judge == "bias", ["nominal", "coverage"]] = np.nan
    # Where a rate of claims is counted, there is nothing to be off from.
    table.loc[judge == "claim", ["value", "truth", "bias", "bias_error", "width"]] = np.nan
    return table.assign(asked=judge != "shown").reset_index()


def _binned(rows: pd.DataFrame) -> pd.DataFrame:
    """Claims within two points and two errors of how often they came true. Claims of one company hang
    together, so the error is that of companies."""
    made = []
    bins = pd.cut(rows["value"], BINS, include_lowest=True)
    for (quantity, span), found in rows.groupby(["quantity", bins], sort=False, observed=True):
        if len(found) < FEWEST_CLAIMS:
            continue
        away = (found["covered"] - found["value"]).groupby(found["company"]).sum()
        error = float(np.sqrt((away**2).sum())) / len(found)
        claimed, came = float(found["value"].mean()), float(found["covered"].mean())
        made.append({
            "quantity": f"{quantity}, claimed {max(span.left, 0):.1f} to {span.right:.1f}",
            "nominal": claimed, "replicates": len(found), "coverage": came, "value": claimed,
            "truth": came, "bias": claimed - came, "bias_error": error, "width": np.nan,
            "ok": abs(claimed - came) <= TOLERANCE + 2 * error, "asked": True,
        })  # fmt: skip
    return pd.DataFrame(made).sort_values("quantity", ignore_index=True)


def run(
    replicates: int | None = None, seed: int = 20_267, settings: Iterable[str] | None = None
) -> pd.DataFrame:
    """The whole table; `replicates` overrides the number of companies of each case."""
    wanted = [at for at, case in enumerate(CASES) if settings is None or case.name in settings]
    tables = []
    with ProcessPoolExecutor(2) as pool:
        tasks = [
            (at, [
                pool.submit(block, at, start // BLOCK, min(BLOCK, count - start), seed)
                for start in range(0, count, BLOCK)
            ])
            for at in wanted
            for count in [replicates or CASES[at].companies]
        ]  # fmt: skip
        for at, parts in tasks:
            rows = pd.concat([part.result() for part in parts], ignore_index=True)
            tables.append(summary(CASES[at], rows, seed))
    return pd.concat(tables, ignore_index=True)
