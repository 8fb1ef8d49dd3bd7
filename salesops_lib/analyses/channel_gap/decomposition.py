"""decompose_gap: the textbook decompositions of a difference in means, for any frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap.gap import check_reference
from salesops_lib.analyses.channel_gap.labels import ALL
from salesops_lib.analyses.channel_gap.rows import Rows, prepare
from salesops_lib.analyses.options import check_confidence, check_rng, check_whole, names_of
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.statistics import oaxaca
from salesops_lib.statistics.bilinear import Part, Trace
from salesops_lib.statistics.cluster_bootstrap import bootstrap_decomposition
from salesops_lib.statistics.design import Design, check_rank, encode, is_categorical
from salesops_lib.statistics.oaxaca_problem import Problem, pose

KINDS = ("twofold", "threefold")
ERRORS = ("delta", "bootstrap")
TRACES = ("subtract", "ignore", "add")
INTERCEPT = "intercept"


def decompose_gap(
    data: pd.DataFrame,
    *,
    outcome: str,
    group: str,
    a: object,
    b: object,
    covariates: str | Sequence[str],
    kind: Literal["twofold", "threefold"] = "twofold",
    reference: str | float = "pooled",
    detailed: bool = True,
    cluster: str | None = None,
    confidence: float = 0.90,
    errors: Literal["delta", "bootstrap"] = "delta",
    trace: Trace = "subtract",
    draws: int = 999,
    scale: str = "money",
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """The difference in mean outcome, a − b, split by covariates (Kitagawa, Oaxaca, Blinder).

    Every row counts the same. Covariates may be numbers or categories; categories are normalised so
    that it does not matter which one would be the base (Gardeazabal and Ugidos 2004; Yun 2005), and
    have a row for each level. Rows with a missing outcome are left out; a missing covariate is
    filled with the mean of its cluster, then of its group, unless more than a third of a group's
    clusters never show it.

    Parameters
    ----------
    data
        Rows of any frame.
    outcome, covariates
        Column of numbers that is compared, and the columns that may explain it.
    group, a, b
        Column of groups, and the two compared; others are left out.
    kind
        `twofold`: explained = Δx̄'β, unexplained = the rest, with β the reference coefficients.
        `threefold`, seen from b: endowments = Δx̄'β_b, coefficients = x̄_b'Δβ, interaction = Δx̄'Δβ.
    reference
        `pooled` (both groups, with a group indicator; Jann 2008), `neumark` (without), `cotton`
        (weights by size), `a`, `b`, or the weight on a's coefficients (0 = b, 1 = a).
    detailed
        One row a component and covariate (unexplained, coefficients and interaction parts of single
        covariates depend on where a covariate has its zero, so read them with care); otherwise one
        row a component.
    cluster
        Rows of one cluster (a rep) belong together: errors are between clusters. By default each
        row is a unit of its own.
    errors
        `delta`: delta method with random covariates, CR2 influences, t with Satterthwaite degrees of
        freedom. `bootstrap`: standard deviation and percentiles over resampled clusters.
    trace
        What becomes of the trace term of the delta method: `subtract` is unbiased, `add` is what
        R's ddecompose prints, `ignore` is Jann's (2008). With `subtract` the limits of sums of
        products are those of their profile (see `statistics.product_limits`), with the others t
        limits.
    confidence
        Of the limits.
    draws, rng
        Samples of the bootstrap, and its seed or Generator.
    scale
        `money`: the outcome as it stands; `log`: its logarithm; `share`: outcomes of 0/1; `auto`:
        `share` where all values are 0 or 1, not all of them 0, else `money`.

    Returns
    -------
    component, covariate, level, value, std_error, low, high. The values sum to the gap.

    Raises
    ------
    DataError, NotEnoughData, ParameterError
        For unusable columns; covariates that are hardly known, constant, collinear or, where a group needs a
        regression of its own, not told apart within it; unknown options.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "team": list("aaaabbbb"), "calls": [2, 4, 5, 9, 1, 2, 3, 6],
    ...     "sales": [4, 8, 11, 17, 1, 4, 5, 13],
    ... })
    >>> parts = decompose_gap(rows, outcome="sales", group="team", a="a", b="b",
    ...                       covariates=["calls"], detailed=False)
    >>> parts.round(3)[["component", "value"]].values.tolist()
    [['explained', 4.05], ['unexplained', 0.2]]
    """
    check_rng(rng)
    _check_options(kind, errors, trace)
    check_confidence(confidence)
    check_whole("draws", draws, least=2)
    check_reference(reference)
    rows = prepare(
        data, outcome=outcome, group=group, a=a, b=b, covariates=names_of(covariates), cluster=cluster,
        by_cluster=False, scale=scale,
    )  # fmt: skip
    _check_known(data[data[group].isin([a, b])], names_of(covariates), rows.left_out)
    design = encode(rows.frame, rows.covariates)
    own = kind == "threefold" or detailed or reference not in ("pooled", "neumark")
    _check_rank(rows, design, own, (str(a), str(b)))
    size = float(np.abs(rows.outcome).max()) or 1.0
    problem = pose(design, rows.outcome / size, rows.clusters, rows.in_a, rows.weights, rows.units)
    found = _components(problem, kind, reference, detailed)
    table = _table(found, design, detailed, size, confidence, trace)
    if errors == "bootstrap":
        samples = bootstrap_decomposition(
            problem, kind=kind, reference=reference, draws=draws, rng=rng
        )
        table = _with_bootstrap(table, samples, detailed, size, confidence)
    return table


def _check_options(kind: str, errors: str, trace: str) -> None:
    for name, value, known in (("kind", kind, KINDS), ("errors", errors, ERRORS),
                               ("trace", trace, TRACES)):  # fmt: skip
        if value not in known:
            raise ParameterError(f"{name} == {value!r}, must be one of {', '.join(known)}.")


def _check_known(data: pd.DataFrame, covariates: Sequence[str], left_out: Sequence[str]) -> None:
    """A table has no notices: what a gap between channels leaves out or fills, and says so, is refused here."""
    for name in left_out:
        raise NotEnoughData("is missing in more than a third of one group", column=name,
                            rows=data.index[data[name].isna()],
                            remedy="Leave it out, or fill in what is known.")  # fmt: skip
    for name in covariates:
        if is_categorical(data[name]):
            continue
        infinite = np.isinf(data[name].to_numpy(float, na_value=np.nan))
        if infinite.any():
            raise DataError("is infinite", column=name, rows=data.index[infinite],
                            remedy="Correct these rows or leave them blank.")  # fmt: skip


def _check_rank(rows: Rows, design: Design, own: bool, names: tuple[str, str]) -> None:
    first, second = rows.sides()
    checks = [([first, second], "the groups")]
    if own:
        checks += [([first], names[0]), ([second], names[1])]
    for masks, where in checks:
        rank = check_rank(design, rows.weights, masks)
        for name in rank.constant:
            raise NotEnoughData(f"does not vary within {where}", column=name,
                                remedy="Leave it out, or use reference='pooled' with "
                                "detailed=False if it varies in one group.")  # fmt: skip
        for name in rank.collinear:
            raise NotEnoughData(f"follows from the covariates before it within {where}",
                                column=name, remedy="Leave one of them out.")  # fmt: skip


def _components(
    problem: Problem, kind: str, reference: str | float, detailed: bool
) -> dict[str, oaxaca.Component]:
    if kind == "threefold":
        return oaxaca.threefold(problem)
    if detailed:
        return oaxaca.twofold(problem, reference)
    explained = oaxaca.explained_total(problem, reference)
    rest = oaxaca.unexplained_total(problem, reference, explained)
    return {
        "explained": oaxaca.Component(explained, (), False),
        "unexplained": oaxaca.Component(rest, (), True),
    }


def _table(
    found: dict[str, oaxaca.Component], design: Design, detailed: bool, size: float,
    confidence: float, trace: Trace,
) -> pd.DataFrame:  # fmt: skip
    records: list[dict[str, object]] = []
    names = list(zip(design.covariate, design.level, strict=True))
    for component, one in found.items():
        if not detailed:
            entries = [((ALL, ""), one.total)]
        else:
            rows = [(INTERCEPT, ""), *names] if one.has_intercept else names
            entries = list(zip(rows, one.detail, strict=True))
        records += [
            _record(component, where, part.scaled(size), confidence, trace)
            for where, part in entries
        ]
    return pd.DataFrame(records)


def _record(
    component: str, where: tuple[str, str], part: Part, confidence: float, trace: Trace
) -> dict[str, object]:
    low, high = part.interval(confidence, trace)
    return {
        "component": component,
        "covariate": where[0],
        "level": where[1],
        "value": part.value,
        "std_error": part.std_error(trace),
        "low": low,
        "high": high,
    }


def _with_bootstrap(
    table: pd.DataFrame, samples: dict[str, np.ndarray], detailed: bool, size: float,
    confidence: float,
) -> pd.DataFrame:  # fmt: skip
    columns = [one if detailed else one.sum(axis=1, keepdims=True) for one in samples.values()]
    draws = np.concatenate(columns, axis=1) * size
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return table.assign(std_error=draws.std(axis=0, ddof=1), low=low, high=high)
