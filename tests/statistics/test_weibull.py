"""Weibull regression against R, a library's twin with late entry, planted effects, and no answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.weibull import weibull_aft
from tests.reference import ramp_time_cost as known


def planted(seed: int, n: int = 200, *, effect: float = -0.5) -> pd.DataFrame:
    """Scale 8, shape 2, x makes times e^effect as long; half enter late, a part is censored."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, bool, float, float]] = []
    while len(rows) < n:
        x = float(rng.integers(0, 2))
        time = 8 * np.exp(effect * x) * rng.weibull(2)
        entry = rng.uniform(0, 4) if rng.random() < 0.5 else 0.0
        end = entry + rng.uniform(2, 14)
        if time > entry:
            rows.append((min(time, end), bool(time <= end), entry, x))
    return pd.DataFrame(rows, columns=["time", "event", "entry", "x"])


class TestAgainstR:
    def test_lung(self, reference_files: Path) -> None:
        lung = pd.read_csv(reference_files / "survival_cancer.csv")
        fit = weibull_aft(lung.assign(dead=lung["status"] == 2), duration="time", event="dead")
        intercept, scale, log_likelihood = known.LUNG_WEIBULL
        assert fit.coefficients["coefficient"].iloc[0] == pytest.approx(intercept, abs=1e-6)
        assert fit.scale == pytest.approx(scale, abs=1e-6)
        assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)

    def test_ovarian(self, reference_files: Path) -> None:
        ovarian = pd.read_csv(reference_files / "survival_ovarian.csv")
        fit = weibull_aft(ovarian, duration="futime", event="fustat", covariates=("ecog.ps", "rx"))
        found = fit.coefficients.set_index("term")["coefficient"]
        for term, value in known.OVARIAN_WEIBULL.items():
            assert found[term] == pytest.approx(value, abs=1e-5)
        assert fit.scale == pytest.approx(known.OVARIAN_SCALE, abs=1e-5)
        assert fit.log_likelihood == pytest.approx(known.OVARIAN_LOG_LIKELIHOOD, abs=1e-4)


@pytest.mark.parametrize("entry", [None, "entry"])
def test_the_same_as_lifelines(entry: str | None) -> None:
    from lifelines import WeibullAFTFitter

    frame = planted(3).assign(y=lambda f: np.arange(len(f)) % 7 * 100.0)
    ours = weibull_aft(frame, duration="time", event="event", covariates=("x", "y"), entry=entry)
    columns = ["time", "event", "x", "y", *([entry] if entry else [])]
    options = {"entry_col": entry} if entry else {}
    theirs = WeibullAFTFitter(alpha=0.1).fit(
        frame[columns].astype(float), "time", event_col="event", **options
    )
    rows = theirs.summary.xs("lambda_", level="param")
    table = ours.coefficients.set_index("term")
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-4)
    for ours_name, name in (
        ("coefficient", "coef"),
        ("std_error", "se(coef)"),
        ("low", "coef lower 90%"),
        ("high", "coef upper 90%"),
        ("p", "p"),
    ):
        for term in ("Intercept", "x", "y"):
            assert table.loc[term, ours_name] == pytest.approx(
                rows.loc[term, name], rel=2e-3, abs=2e-5
            )


def test_the_planted_effect_is_covered() -> None:
    """90% limits over 300 samples: 270 expected, binomial error 5."""
    held = []
    for seed in range(300):
        fit = weibull_aft(
            planted(seed, 80), duration="time", event="event", covariates=("x",), entry="entry"
        )
        row = fit.coefficients.set_index("term").loc["x"]
        held.append(row["low"] <= -0.5 <= row["high"])
    assert np.mean(held) == pytest.approx(0.9, abs=0.05)


def test_units_of_the_covariates_do_not_matter() -> None:
    frame = planted(5)
    one = weibull_aft(frame, duration="time", event="event", covariates=("x",), entry="entry")
    other = weibull_aft(
        frame.assign(x=frame["x"] * 1e6 + 3e7),
        duration="time",
        event="event",
        covariates=("x",),
        entry="entry",
    )
    assert other.log_likelihood == pytest.approx(one.log_likelihood)
    slopes = [fit.coefficients["coefficient"].iloc[1] for fit in (one, other)]
    assert slopes[0] == pytest.approx(slopes[1] * 1e6, rel=1e-5)


def test_a_group_without_an_event_has_no_answer() -> None:
    frame = planted(7).assign(event=lambda f: f["event"] & (f["x"] == 0))
    with pytest.raises(NotEnoughData, match="does not converge"):
        weibull_aft(frame, duration="time", event="event", covariates=("x",))


def test_factors_that_are_the_same_have_no_answer() -> None:
    frame = planted(7).assign(y=lambda f: 1 - f["x"])
    with pytest.raises(NotEnoughData, match="does not converge"):
        weibull_aft(frame, duration="time", event="event", covariates=("x", "y"))


def test_too_few_events() -> None:
    frame = planted(7).head(6)
    with pytest.raises(NotEnoughData, match="too few for 2 covariates"):
        weibull_aft(frame.assign(y=1.0), duration="time", event="event", covariates=("x", "y"))
