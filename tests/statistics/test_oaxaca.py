"""Decompositions on cluster moments: references, identities, and slow twins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from salesops_lib.statistics import oaxaca
from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.cluster_moments import cluster_moments
from salesops_lib.statistics.design import encode
from salesops_lib.statistics.least_squares import fit
from salesops_lib.statistics.oaxaca_problem import Problem, mean_gap, pose
from salesops_lib.statistics.oaxaca_sequential import sequential
from tests.reference import channel_gap as reference

REFERENCES = ["pooled", "neumark", "cotton", "a", "b", 0.3]


def random_problem(seed: int = 0, reps: int = 14, months: int = 5) -> Problem:
    """Uneven clusters, two numbers, one category, slopes that differ between the groups."""
    frame, y, codes, in_a = random_rows(seed, reps, months)
    weights = 1.0 / np.bincount(codes)[codes]
    return pose(encode(frame, ["m", "p", "kind"]), y, codes, in_a, weights)


def random_rows(seed: int, reps: int, months: int):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(reps), rng.integers(2, months + 1, reps))
    in_a = np.arange(reps) < reps // 2
    n, first = len(codes), in_a[codes]
    m = rng.normal(5, 1, n) + first
    p = 0.4 * m + rng.normal(size=n) + rng.normal(size=reps)[codes]
    kind = rng.choice(["x", "y", "z"], n)
    y = 3 + m + (1 + 0.5 * first) * p + (kind == "x") + rng.normal(size=reps)[codes]
    frame = pd.DataFrame({"m": m, "p": p, "kind": kind})
    return frame, y + rng.normal(size=n), codes, in_a


def chicago(folder: Path) -> Problem:
    data = pd.read_csv(folder / "oaxaca_chicago.csv").dropna().reset_index(drop=True)
    wage = np.exp(data["ln.real.wage"].to_numpy())
    design = encode(data, reference.CHICAGO_COVARIATES)
    in_a = data["foreign.born"].to_numpy() == 0
    return pose(design, wage, np.arange(len(data)), in_a, np.ones(len(data)))


def test_chicago_threefold_is_that_of_r(reference_files: Path) -> None:
    problem = chicago(reference_files)
    assert problem.raw.sizes() == (287, 379)
    assert oaxaca.gap_of(problem).value == pytest.approx(reference.CHICAGO_GAP, abs=5e-7)
    for name, component in oaxaca.threefold(problem).items():
        expected = reference.CHICAGO_THREEFOLD[name]
        assert component.total.value == pytest.approx(expected, abs=5e-8)


@pytest.mark.parametrize("weight", reference.CHICAGO_EXPLAINED)
def test_chicago_twofold_is_that_of_r(reference_files: Path, weight: str | float) -> None:
    problem = chicago(reference_files)
    explained = oaxaca.twofold(problem, weight)["explained"].total.value
    assert explained == pytest.approx(reference.CHICAGO_EXPLAINED[weight], abs=5e-8)


def test_cotton_weighs_by_size(reference_files: Path) -> None:
    weight = oaxaca.reference_weight(chicago(reference_files), "cotton")
    assert weight == pytest.approx(0.4309309, abs=5e-8)


def ccard() -> Problem:
    data = sm.datasets.ccard.load_pandas().data
    design = encode(data, ["AGE", "INCOME", "INCOMESQ"])
    in_a = data["OWNRENT"].to_numpy() == 1
    spent = data["AVGEXP"].to_numpy()
    return pose(design, spent, np.arange(len(data)), in_a, np.ones(len(data)))


def test_ccard_is_that_of_stata() -> None:
    problem = ccard()
    assert oaxaca.gap_of(problem).value == pytest.approx(reference.CCARD_GAP, abs=5e-5)
    for name, component in oaxaca.threefold(problem).items():
        assert component.total.value == pytest.approx(reference.CCARD_THREEFOLD[name], abs=5e-5)
    # What statsmodels calls pooled keeps the group indicator in the regression: Jann's.
    for name, component in oaxaca.twofold(problem, "pooled").items():
        assert component.total.value == pytest.approx(reference.CCARD_POOLED[name], abs=5e-5)


@pytest.mark.parametrize("weight", REFERENCES)
def test_detailed_parts_sum_to_totals_and_totals_to_the_gap(weight: str | float) -> None:
    problem = random_problem()
    gap = oaxaca.gap_of(problem).value
    for found in (oaxaca.twofold(problem, weight), oaxaca.threefold(problem)):
        assert sum(one.total.value for one in found.values()) == pytest.approx(gap, abs=1e-10)
        for one in found.values():
            assert sum(p.value for p in one.detail) == pytest.approx(one.total.value, abs=1e-10)


@pytest.mark.parametrize("weight", REFERENCES)
def test_sequential_splits_the_explained_part(weight: str | float) -> None:
    problem = random_problem()
    parts = sequential(problem, ["m"], ["p", "kind"], reference=weight)
    explained = oaxaca.twofold(problem, weight)["explained"].total.value
    both = parts.first_total.value + parts.second_total.value
    assert both == pytest.approx(explained, abs=1e-10)
    assert sum(p.value for p in parts.first.values()) == pytest.approx(parts.first_total.value)
    assert sum(p.value for p in parts.second.values()) == pytest.approx(parts.second_total.value)


def test_coefficients_of_the_second_set_are_weighted_as_the_parts_are() -> None:
    problem = random_problem()
    own, other, mixed = (
        sequential(problem, ["m"], ["p", "kind"], reference=one).second_slopes
        for one in ("a", "b", 0.3)
    )
    assert mixed == pytest.approx(0.3 * own + 0.7 * other)
    assert np.abs(own - other).max() > 0.1


@pytest.mark.parametrize("weight", REFERENCES)
def test_without_a_second_set_the_first_explains_all(weight: str | float) -> None:
    problem = random_problem()
    parts = sequential(problem, ["m", "p"], [], reference=weight)
    assert parts.second == {} and parts.second_total.value == 0.0
    names = ["m", "p"]
    explained = oaxaca.explained_total(problem, weight, names)
    assert parts.first_total.value == pytest.approx(explained.value)
    assert parts.first_total.std_error() == pytest.approx(explained.std_error())


@pytest.mark.parametrize("weight", REFERENCES)
def test_without_a_first_set_the_second_explains_all(weight: str | float) -> None:
    problem = random_problem()
    parts = sequential(problem, [], ["m", "p"], reference=weight)
    assert parts.first == {} and parts.first_total.value == 0.0
    explained = oaxaca.explained_total(problem, weight, ["m", "p"])
    assert parts.second_total.value == pytest.approx(explained.value)
    assert parts.second_total.std_error() == pytest.approx(explained.std_error())


@pytest.mark.parametrize("weight", ["a", "b"])
def test_what_the_first_set_moves_is_no_error_of_the_second_net_of_it(weight: str) -> None:
    """Reps differ much in m, and p is twice m and a little of its own: the error of its part net of m is
    that of the little, as leaving one cluster out has it; p and twice m together vary 30 times as much."""
    rng = np.random.default_rng(8)
    codes, in_a = np.repeat(np.arange(60), 4), np.arange(60) < 30
    m = 2 * rng.standard_normal(60)[codes] + rng.standard_normal(240)
    p = 2 * m + 0.5 * rng.standard_normal(60)[codes] + 0.5 * rng.standard_normal(240)
    y = m + 3 * p + 0.2 * rng.standard_normal(240)
    frame = pd.DataFrame({"m": m, "p": p})

    def second(keep: np.ndarray) -> Part:
        rows = keep[codes]
        again = np.unique(codes[rows], return_inverse=True)[1]
        problem = pose(
            encode(frame[rows], ["m", "p"]), y[rows], again, in_a[keep], np.ones(int(rows.sum()))
        )
        return sequential(problem, ["m"], ["p"], reference=weight).second_total

    spread = np.array([second(np.arange(60) != one).value for one in range(60)])
    jackknife = np.sqrt(sum(
        29 / 30 * ((spread[side] - spread[side].mean()) ** 2).sum() for side in (in_a, ~in_a)
    ))  # fmt: skip
    assert second(np.ones(60, bool)).std_error("ignore") == pytest.approx(jackknife, rel=0.1)


def test_pooled_sequential_is_gelbachs_difference_of_coefficients() -> None:
    frame, y, codes, in_a = random_rows(3, 14, 5)
    weights = 1.0 / np.bincount(codes)[codes]
    problem = pose(encode(frame, ["m", "p"]), y, codes, in_a, weights)
    parts = sequential(problem, ["m"], ["p"])
    first = in_a[codes].astype(float)

    def effect(*columns: np.ndarray) -> float:
        x = sm.add_constant(np.column_stack([first, *columns]))
        return float(sm.WLS(y, x, weights=weights).fit().params[1])

    base, short, long = effect(), effect(frame["m"]), effect(frame["m"], frame["p"])
    assert parts.gap.value == pytest.approx(base)
    assert parts.first_total.value == pytest.approx(base - short)
    assert parts.second_total.value == pytest.approx(short - long)
    assert parts.rest.value == pytest.approx(long)


@pytest.mark.parametrize("weight", ["pooled", "a", "b", 0.3, "neumark"])
def test_influences_are_those_of_leaving_one_cluster_out(weight: str | float) -> None:
    """Delta-method errors against the jackknife over clusters, which knows no formula: they agree
    to the few percent by which the jackknife is on the large side."""
    frame, y, codes, in_a = random_rows(1, 60, 6)
    design = encode(frame, ["m", "p"])
    weights = 1.0 / np.bincount(codes)[codes]

    def parts(keep: np.ndarray) -> dict[str, Part]:
        rows = keep[codes]
        again = np.unique(codes[rows], return_inverse=True)[1]
        some = encode(frame[rows], ["m", "p"])
        problem = pose(some, y[rows], again, in_a[keep], weights[rows])
        found = sequential(problem, ["m"], ["p"], reference=weight)
        return {
            "gap": found.gap, "first": found.first_total, "second": found.second_total,
            "explained": found.explained, "rest": found.rest,
        }  # fmt: skip

    whole = parts(np.ones(60, bool))
    left_out = {name: [] for name in whole}
    for one in range(60):
        for name, part in parts(np.arange(60) != one).items():
            left_out[name].append(part.value)
    assert design.names == ("m", "p")
    for name, values in left_out.items():
        spread = np.array(values)
        jackknife = np.sqrt(sum(
            29 / 30 * ((spread[side] - spread[side].mean()) ** 2).sum() for side in (in_a, ~in_a)
        ))  # fmt: skip
        assert whole[name].std_error("ignore") == pytest.approx(jackknife, rel=0.08), name


def test_trace_term_is_added_ignored_or_subtracted() -> None:
    part = oaxaca.explained_total(random_problem(), "pooled")
    added, ignored, taken = (part.variance(how) for how in ("add", "ignore", "subtract"))
    assert added - ignored == pytest.approx(part.trace)
    assert ignored - taken == pytest.approx(part.trace)
    assert part.trace > 0


def test_twofold_variance_is_janns_for_rows() -> None:
    """Jann (2008): V = Δx'V(β_b)Δx + β_b'V(Δx̄)β_b for weight 0, written out with HC2 errors; the
    one thing ours has besides is the (small) covariance between means and coefficients."""
    problem = ccard()
    data = sm.datasets.ccard.load_pandas().data
    x, y = data[["AGE", "INCOME", "INCOMESQ"]], data["AVGEXP"]
    own = data["OWNRENT"] == 1
    model = sm.OLS(y[~own], sm.add_constant(x[~own])).fit(cov_type="HC2")
    gap_x = (x[own].mean() - x[~own].mean()).to_numpy()
    beta, cov = model.params.to_numpy()[1:], model.cov_params().to_numpy()[1:, 1:]
    means = x[own].cov() / own.sum() + x[~own].cov() / (~own).sum()
    expected = gap_x @ cov @ gap_x + beta @ means.to_numpy() @ beta
    part = oaxaca.explained_total(problem, "b")
    pieces = sum(variance for variance, _ in part.pieces)
    assert pieces == pytest.approx(expected, rel=1e-9)


def test_units_in_both_groups_are_compared_person_by_person() -> None:
    """Paired t by hand: the difference's error is that of the mean of n differences."""
    rng = np.random.default_rng(0)
    n = 9
    level = rng.normal(size=n) * 5
    y = np.concatenate([level + 1 + rng.normal(size=n), level + rng.normal(size=n)])
    in_a = np.arange(2 * n) < n
    units = np.tile(np.arange(n), 2)
    moments = cluster_moments(y[:, None], np.arange(2 * n), in_a, np.ones(2 * n), units)
    gap = mean_gap(moments, [1]).part(np.ones(1))
    paired = y[:n] - y[n:]
    assert gap.std_error() == pytest.approx(paired.std(ddof=1) / np.sqrt(n))
    assert gap.df == pytest.approx(n - 1)


@pytest.mark.parametrize("shared", [0.0, 9.0])
def test_cr2_and_its_degrees_of_freedom_against_dense_matrices(shared: float) -> None:
    """Bell and McCaffrey written out with n × n matrices, under the working errors I + τ 11' times
    each group's own size; τ is 0 where clusters have no effect of their own."""
    frame, y, codes, in_a = random_rows(5, 11, 4)
    y = np.where(in_a[codes], y + np.random.default_rng(1).normal(0, 6, len(y)), y)
    y = y + shared * np.random.default_rng(2).standard_normal(11)[codes]
    x = np.column_stack([np.ones(len(y)), in_a[codes], frame["m"], frame["p"]])
    z = np.column_stack([in_a[codes], frame["m"], frame["p"], y])
    moments = cluster_moments(z, codes, in_a, np.ones(len(y)))
    found = fit(moments, [4], [0, 1, 2, 3])
    inverse = np.linalg.inv(x.T @ x)
    hat = x @ inverse @ x.T
    beta = inverse @ x.T @ y
    rest = y - x @ beta
    scores = np.zeros((11, 4))
    corrections = []
    for g in range(11):
        own = codes == g
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - hat[np.ix_(own, own)])
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        corrections.append((own, root))
        scores[g] = inverse @ x[own].T @ root @ rest[own]
    np.testing.assert_allclose(found.coef[:, 0], beta)
    np.testing.assert_allclose(found.influence[:, :, 0], scores, atol=1e-12)

    contrast = np.array([0.0, 1.0, 0.0, -0.5])
    same = codes[:, None] == codes[None, :]
    rows = np.bincount(codes)
    mean = np.bincount(codes, rest) / rows
    square = np.bincount(codes, rest**2) / rows
    many = rows > 1
    within = np.mean((square - mean**2)[many] * rows[many] / (rows[many] - 1))
    tau = max(np.mean(square) - within, 0.0) / within
    assert (tau > 0.5) == (shared > 0)
    size = np.empty(11)
    for group in (in_a, ~in_a):
        size[group] = square[group].sum() / (group.sum() - 1)
    assert size[in_a][0] > (2 if shared == 0 else 1) * size[~in_a][0]
    working = (np.eye(len(y)) + tau * same) * (size / size.mean())[codes]
    residual_maker = np.eye(len(y)) - hat
    columns = np.zeros((len(y), 11))
    for g, (own, root) in enumerate(corrections):
        columns[:, g] = residual_maker[:, own] @ root @ x[own] @ inverse @ contrast
    p = columns.T @ working @ columns
    expected = np.trace(p) ** 2 / np.sum(p**2)
    assert found.df(contrast, np.ones(1)) == pytest.approx(expected)
    # Weights count against each other only.
    heavy = fit(cluster_moments(z, codes, in_a, np.full(len(y), 7.0)), [4], [0, 1, 2, 3])
    assert heavy.df(contrast, np.ones(1)) == pytest.approx(expected)


def test_rows_as_clusters_give_hc2() -> None:
    frame, y, _, _ = random_rows(2, 12, 4)
    n = len(y)
    in_a = np.arange(n) < n // 2
    z = np.column_stack([in_a, frame["m"], y])
    found = fit(cluster_moments(z, np.arange(n), in_a, np.ones(n)), [3], [0, 1, 2])
    model = sm.OLS(y, np.column_stack([np.ones(n), in_a, frame["m"]])).fit(cov_type="HC2")
    ours = found.influence[:, :, 0].T @ found.influence[:, :, 0]
    np.testing.assert_allclose(ours, model.cov_params())


def test_base_category_and_row_order_change_nothing() -> None:
    frame, y, codes, in_a = random_rows(4, 14, 5)
    weights = np.ones(len(y))

    def explained(data: pd.DataFrame, order: np.ndarray) -> dict[str, float]:
        design = encode(data.iloc[order], ["m", "kind"])
        problem = pose(design, y[order], codes[order], in_a, weights)
        found = oaxaca.twofold(problem, "a")
        names = [f"{c}{v}" for c, v in zip(design.covariate, design.level, strict=True)]
        return {
            **dict(zip(names, (p.value for p in found["explained"].detail), strict=True)),
            "intercept": found["unexplained"].detail[0].value,
        }

    usual = explained(frame, np.arange(len(y)))
    shuffled = explained(frame, np.random.default_rng(0).permutation(len(y)))
    renamed = frame.assign(kind=frame["kind"].map({"x": "z9", "y": "a1", "z": "m5"}))
    other = explained(renamed, np.arange(len(y)))
    for name, value in usual.items():
        again = {"kindx": "kindz9", "kindy": "kinda1", "kindz": "kindm5"}.get(name, name)
        assert shuffled[name] == pytest.approx(value, abs=1e-10)
        assert other[again] == pytest.approx(value, abs=1e-10)
