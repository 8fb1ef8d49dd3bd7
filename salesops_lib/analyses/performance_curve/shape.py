"""Bell curve, skewed or heavy-tailed? Seven families, and a verdict only where the data decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from salesops_lib import wording
from salesops_lib.analyses.options import check_rng, check_whole, names_of
from salesops_lib.analyses.performance_curve.shape_words import FAMILY_LABELS
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.statistics.families import FAMILIES, aicc, akaike_weights
from salesops_lib.statistics.goodness_of_fit import bootstrap_p

Floats = NDArray[np.float64]

SHAPES = {
    "normal": "normal",
    "lognormal": "skewed",
    "gamma": "skewed",
    "weibull": "skewed",
    "exponential": "skewed",
    "pareto": "heavy-tailed",
    "power_law_cutoff": "heavy-tailed",
}
FEWEST = 8
LEVEL = 0.05
_SAMPLES = 299
# A family a thousand times less likely than the best is out, whatever its fit looks like.
_HOPELESS = 1e-3
# A Weibull with less skewness than this is a bell curve to any eye.
_BELL = 0.3
_LARGEST_SHARE_NOT_POSITIVE = 0.05


def fit_families(
    values: Iterable[float],
    *,
    families: str | Sequence[str] = tuple(FAMILIES),
    samples: int = _SAMPLES,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Fit families of distributions to one value a rep.

    Maximum likelihood; AICc weights; goodness of fit by a parametric bootstrap of the
    Anderson-Darling statistic.

    Parameters
    ----------
    values
        One a rep; missing values are left out.
    families
        Of normal, lognormal, gamma, weibull, exponential, pareto, power_law_cutoff.
    samples
        Bootstrap samples; 0 leaves `gof_p` and `tail_p` NaN.
    rng
        Seed or Generator of the bootstrap.

    Returns
    -------
    DataFrame
        family, label, n_params, log_likelihood, aicc, weight, gof_p, tail_p (chance of an upper tail
        as heavy, were the family true), shape, params. Where up to 5%
        of the values are not above 0, every family is fitted to the others, and `attrs["set_aside"]`
        says how many; where more are, the positive families are NaN.

    Raises
    ------
    ParameterError
        If a family is unknown.
    NotEnoughData
        With fewer than eight values, or values that are all alike.

    Examples
    --------
    >>> import numpy as np
    >>> fits = fit_families(np.random.default_rng(1).lognormal(size=200), samples=0)
    >>> fits.sort_values("aicc")["family"].iloc[0]
    'lognormal'
    """
    check_rng(rng)
    families = names_of(families)
    check_whole("samples", samples, least=0)
    if not families:
        raise ParameterError(f"no family is named; there are: {', '.join(FAMILIES)}.")
    unknown = [name for name in families if name not in FAMILIES]
    if unknown:
        raise ParameterError(f"no family {', '.join(unknown)}; there are: {', '.join(FAMILIES)}.")
    x = _usable(values)
    generator = np.random.default_rng(rng)
    positive = x > 0
    aside = int((~positive).sum())
    mixed = aside > _LARGEST_SHARE_NOT_POSITIVE * len(x)
    fitted = x if mixed else x[positive]
    rows = [
        _one(name, fitted, samples, generator, possible=not (mixed and FAMILIES[name].positive))
        for name in families
    ]
    frame = pd.DataFrame(rows)
    frame.insert(5, "weight", akaike_weights(frame["aicc"].to_numpy(dtype=float)))
    frame.attrs["set_aside"] = 0 if mixed else aside
    return frame


def _usable(values: Iterable[float]) -> Floats:
    if isinstance(values, pd.DataFrame):
        raise DataError(
            "values of one column are needed, not a DataFrame", remedy="Give frame[column]."
        )
    cells = pd.Series(list(values), dtype=object)
    read = pd.to_numeric(cells, errors="coerce").astype(float)
    wrong = read.isna() & cells.notna()
    if wrong.any():
        raise DataError(
            "not every value is a number",
            rows=cells[wrong],
            remedy="Correct those or leave them blank.",
        )
    x = read.dropna().to_numpy()
    if np.isinf(x).any():
        raise DataError("infinite values", remedy="Correct or remove them.")
    if len(x) < FEWEST:
        raise NotEnoughData(
            f"{wording.count(len(x), 'value')} cannot show a shape",
            remedy=f"At least {FEWEST} are needed.",
        )
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise NotEnoughData("all values are alike", remedy="There is no spread to describe.")
    return x


def _one(
    name: str, x: Floats, samples: int, rng: np.random.Generator, *, possible: bool
) -> dict[str, object]:
    family = FAMILIES[name]
    row: dict[str, object] = {
        "family": name,
        "label": FAMILY_LABELS[name],
        "n_params": family.n_params,
        "log_likelihood": np.nan,
        "aicc": np.nan,
        "gof_p": np.nan,
        "tail_p": np.nan,
        "shape": SHAPES[name],
        "params": (),
    }
    if not possible:
        return row
    # In units of the median, so that no currency is too small or too large for the arithmetic.
    unit = float(np.median(np.abs(x))) or 1.0
    scaled = x / unit
    params = family.fit(scaled[None])
    likelihood = float(family.log_likelihood(scaled[None], params)[0]) - len(x) * np.log(unit)
    row["log_likelihood"] = likelihood
    row["aicc"] = aicc(likelihood, family.n_params, len(x))
    row["params"] = _in_units(name, params[0], unit)
    if samples:
        row["gof_p"], row["tail_p"] = bootstrap_p(
            scaled, family, params[0], samples=samples, rng=rng
        )
    return row


def _in_units(name: str, params: Floats, unit: float) -> tuple[float, ...]:
    p = params.copy()
    if name == "normal":
        p *= unit
    elif name == "lognormal":
        p[0] += np.log(unit)
    elif name in {"gamma", "weibull"}:
        p[1] *= unit
    else:
        p[0] *= unit
    return tuple(float(one) for one in p)


def shape_verdict(families: pd.DataFrame, *, level: float = LEVEL) -> str:
    """The one shape on which all families agree that the data do not reject; else `undetermined`.

    A family is rejected if its goodness-of-fit p is at most `level`, or its AICc weight a
    thousandth of the best's. So the true shape is ruled out no more often than `level`.

    `normal`        only bell curves are left.
    `skewed`        only lognormal, gamma, Weibull and exponential are left: a long upper half, up to
                    that of a lognormal, in which a few reps may well sell many times the middle.
    `heavy-tailed`  every bell curve and every skewed family is rejected, and either a power law is
                    not, or the upper tenth reaches further than any of them allows (`tail_p`).
                    Observed means are skill times luck, and most reps are no part of the tail, so a
                    power law from the very first rep on is rarely seen.
    """
    tested = families[families["gof_p"].notna()]
    if len(tested) < len(SHAPES):
        return "undetermined"
    weight = tested["weight"]
    left = tested[(tested["gof_p"] > level) & (weight > _HOPELESS * weight.max())]
    shapes = set(left["shape"])
    if not shapes:
        thinner = tested[tested["shape"] != "heavy-tailed"]
        return "heavy-tailed" if (thinner["tail_p"] <= level).all() else "undetermined"
    if shapes == {"normal", "skewed"}:
        others = left[left["shape"] == "skewed"]
        if all(_is_bell(row.family, row.params) for row in others.itertuples()):
            shapes = {"normal"}
    return shapes.pop() if len(shapes) == 1 else "undetermined"


def _is_bell(family: str, params: tuple[float, ...]) -> bool:
    if family != "weibull":
        return False
    m1, m2, m3 = (special.gamma(1 + k / params[0]) for k in (1, 2, 3))
    variance = m2 - m1**2
    return bool(abs((m3 - 3 * m1 * variance - m1**3) / variance**1.5) < _BELL)
