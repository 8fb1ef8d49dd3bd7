"""Skill and luck: identities, the model chosen, planted truth, a rep with one month."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib import NotEnoughData, moving_the_middle, performance_curve
from salesops_lib.analyses.performance_curve.noise import additive_noise
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.figures import style
from salesops_lib.figures.performance_curve import levers
from salesops_lib.statistics import shrinkage
from tests.analyses.curve_frames import rep_months, steady

QUICK = {"samples": 0, "draws": 1_500}


def _lognormal(n: int, rng: np.random.Generator, sd: float = 0.25) -> np.ndarray:
    return 1e5 * np.exp(sd * rng.standard_normal(n))


@pytest.mark.parametrize(
    ("noise", "zeros", "model"),
    [("multiplied", 0.0, "log"), ("multiplied", 0.15, "means"), ("added", 0.0, "additive")],
)
def test_the_model_follows_the_noise(noise: str, zeros: float, model: str) -> None:
    rng = np.random.default_rng(3)
    frame = rep_months(_lognormal(40, rng), 12, rng, noise=noise, zeros=zeros)
    curve = performance_curve(frame, **QUICK)
    assert curve.model == model
    # Which model was used is said to the reader, and zeros and returns are counted.
    assert len(curve.notices) >= 1
    for rows, word in (((frame["bookings"] == 0).sum(), "sold nothing"),
                       ((frame["bookings"] < 0).sum(), "below 0")):  # fmt: skip
        assert any(word in text for text in curve.notices) == bool(rows)


def test_months_without_a_sale_are_levelled() -> None:
    """Half the reps sell .5 a month, half 1.5; a fifth of the months is 0 and noise of sd .5 is
    added. A month's variance is .8 * .25 + .16 * level^2 = .24 or .56, on the model's scale the
    same, and reps come back where they were."""
    rng = np.random.default_rng(14)
    skill = np.repeat([0.5, 1.5], 400)
    values = (skill[:, None] + 0.5 * rng.standard_normal((800, 12))) * (rng.random((800, 12)) > 0.2)
    frame = pd.DataFrame(
        {
            "rep_id": np.repeat(np.arange(800), 12),
            "month": np.tile(np.arange(12), 800),
            "bookings": values.ravel(),
        }
    )
    noise = additive_noise(read_panel(frame, rep="rep_id", period="month", value="bookings"))
    spread = [noise.adjusted[part].var() for part in (slice(400), slice(400, None))]
    assert spread[1] / spread[0] == pytest.approx(0.56 / 0.24, rel=0.25)
    levelled = [noise.means[part].var() for part in (slice(400), slice(400, None))]
    assert levelled[1] / levelled[0] == pytest.approx(1, abs=0.25)
    assert np.mean(levelled) == pytest.approx(noise.nodes.variance[2].mean(), rel=0.15)
    back = noise.original(noise.means[None], np.array([2]))[0]
    assert back == pytest.approx(noise.adjusted)
    # Without a month of 0 nothing is bent.
    full = frame.assign(bookings=frame["bookings"].where(frame["bookings"] != 0, 0.9))
    assert additive_noise(
        read_panel(full, rep="rep_id", period="month", value="bookings")
    ).transform == "identity"  # fmt: skip


def test_the_levelled_scale_is_told_where_its_means_lie() -> None:
    """Three months of .8 (1 in four of five): the mean of asinh lies below asinh of the mean, by
    .026 here, which the shift gives back to within three standard errors of 4,000 reps (.012)."""
    rng = np.random.default_rng(15)
    values = (1 + 0.5 * rng.standard_normal((4_000, 3))) * (rng.random((4_000, 3)) > 0.2)
    frame = pd.DataFrame(
        {
            "rep_id": np.repeat(np.arange(4_000), 3),
            "month": np.tile(np.arange(3), 4_000),
            "bookings": values.ravel(),
        }
    )
    noise = additive_noise(read_panel(frame, rep="rep_id", period="month", value="bookings"))
    true = np.arcsinh(noise.bend * 0.8) / noise.bend
    assert noise.means.mean() < true - 0.012
    assert (noise.means + noise.nodes.shift[2]).mean() == pytest.approx(true, abs=0.012)


@pytest.mark.parametrize(
    ("noise", "zeros", "prior"),
    [
        ("multiplied", 0.0, "reference"),
        ("multiplied", 0.15, "reference"),
        ("added", 0.1, "gap"),
    ],
)
def test_logs_and_values_have_their_own_prior(
    noise: str, zeros: float, prior: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Swapped, gaps in logs are a tenth too large and plain ones a few percent too small, which only
    thousands of companies would show."""
    seen = []

    def spied(*args: object, **options: object) -> shrinkage.ShrinkageDraws:
        seen.append(options["prior"])
        return original(*args, **options)  # type: ignore[arg-type]

    original = shrinkage.shrink
    monkeypatch.setattr(shrinkage, "shrink", spied)
    rng = np.random.default_rng(3)
    performance_curve(rep_months(_lognormal(40, rng), 12, rng, noise=noise, zeros=zeros), **QUICK)
    assert set(seen) == {prior}


def test_order_of_rows_and_currency_change_nothing() -> None:
    rng = np.random.default_rng(5)
    frame = rep_months(_lognormal(20, rng), 12, rng, zeros=0.1)
    plain = performance_curve(frame, **QUICK).reps.set_index("rep_id")
    cents = performance_curve(frame.assign(bookings=frame["bookings"] * 100), **QUICK)
    scaled = cents.reps.set_index("rep_id")
    assert scaled["shrunk"].to_numpy() == pytest.approx(100 * plain["shrunk"].to_numpy())
    assert (scaled["tier"] == plain["tier"]).all()
    # Reps keep their order of appearance, so that their draws are the same; months may be mixed.
    mixed = frame.sort_values(["rep_id", "bookings"])
    again = performance_curve(mixed, **QUICK).reps.set_index("rep_id")
    assert again["shrunk"].to_numpy() == pytest.approx(plain["shrunk"].to_numpy())


def test_the_seed_decides_and_only_the_seed() -> None:
    rng = np.random.default_rng(6)
    frame = rep_months(_lognormal(12, rng), 12, rng)
    first, again = (performance_curve(frame, rng=4, samples=50, draws=400) for _ in range(2))
    pd.testing.assert_frame_equal(first.reps, again.reps)
    pd.testing.assert_frame_equal(first.families, again.families)
    other = performance_curve(frame, rng=5, samples=50, draws=400)
    assert not np.allclose(first.reps["shrunk"], other.reps["shrunk"], rtol=1e-12)


def test_nothing_is_shrunk_where_nothing_is_luck() -> None:
    values = {f"R{i}": 100.0 + 10 * i for i in range(10)}
    curve = performance_curve(steady(values), **QUICK)
    assert curve.model == "observed"
    assert curve.reps["shrunk"].tolist() == list(values.values())
    assert curve.reps["shrunk_low"].isna().all()
    assert np.isnan(curve.reliability.value)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sold", [100.0, 0.0])
def test_reps_who_sold_the_same_are_as_likely_stars(sold: float) -> None:
    """Of ten alike two are stars, whoever stands first in the table; of two alike behind one, each may
    be the second."""
    curve = performance_curve(steady({f"R{i}": sold for i in range(10)}), **QUICK)
    assert curve.reps["p_star"].tolist() == pytest.approx([0.2] * 10)
    assert curve.reps["p_core"].tolist() == pytest.approx([0.6] * 10)
    assert set(curve.reps["rank_low"]) == {1} and set(curve.reps["rank_high"]) == {10}
    assert not any("not known" in one.sentence for one in curve.findings)
    if sold:
        assert moving_the_middle(curve).findings
    else:
        with pytest.raises(NotEnoughData, match="even the stars sold nothing"):
            moving_the_middle(curve)
    values = {"A": 3.0, "B": 2.0, "C": 2.0} | {f"R{i}": 1.0 / (1 + i) for i in range(7)}
    mixed = performance_curve(steady(values), **QUICK).reps.set_index("rep_id")
    assert mixed["p_star"].head(4).tolist() == pytest.approx([1.0, 0.5, 0.5, 0.0])
    assert mixed.loc["B", ["rank_low", "rank_high"]].tolist() == [2, 3]


def test_everything_is_shrunk_where_everything_is_luck() -> None:
    """Reps all alike: the spread of shrunken values is a small part of the observed spread, and
    the reliability interval reaches down to a few percent."""
    rng = np.random.default_rng(8)
    curve = performance_curve(rep_months(np.full(60, 1e5), 12, rng), **QUICK)
    assert curve.reps["shrunk"].std() < 0.35 * curve.reps["observed"].std()
    assert curve.reliability.low < 0.05
    assert "cannot tell" in curve.finding("reliability").sentence


def test_reliability_is_the_planted_one() -> None:
    """sd .25 between, .8 within a month, 12 months: .0625 / (.0625 + .64/12) = .54."""
    rng = np.random.default_rng(9)
    curve = performance_curve(rep_months(_lognormal(400, rng), 12, rng), samples=0)
    assert curve.reliability.low < 0.54 < curve.reliability.high
    assert curve.reliability.value == pytest.approx(0.54, abs=0.08)


def test_a_rep_with_one_month_is_close_to_the_average_and_in_the_core() -> None:
    rng = np.random.default_rng(10)
    frame = rep_months(_lognormal(30, rng), 12, rng)
    lucky = pd.DataFrame({"rep_id": ["NEW"], "month": [frame["month"].max()], "bookings": [4e5]})
    curve = performance_curve(pd.concat([frame, lucky], ignore_index=True), **QUICK)
    new = curve.reps.set_index("rep_id").loc["NEW"]
    others = curve.reps["shrunk"]
    assert new["observed"] == 4e5
    # A tenth or so of the lead of one month is skill: .0625 / (.0625 + .64), and half as much
    # again for what is not known of both.
    assert new["shrunk"] - others.mean() < 0.15 * (new["observed"] - others.mean())
    assert new["tier"] == "core"
    assert new["rank_high"] - new["rank_low"] > 20
    assert any("fewer than three months" in text for text in curve.notices)


def test_tier_probabilities_add_up() -> None:
    rng = np.random.default_rng(11)
    curve = performance_curve(rep_months(_lognormal(25, rng), 12, rng), **QUICK)
    reps = curve.reps
    assert curve.tiers_add_up()
    assert reps["p_star"].sum() == pytest.approx(5)
    assert reps["p_laggard"].sum() == pytest.approx(5)
    assert reps["tier"].value_counts().to_dict() == {"core": 15, "star": 5, "laggard": 5}
    assert (reps["rank_low"] <= reps["rank_high"]).all()
    assert sorted(reps["rank"]) == list(range(1, 26))


def test_a_rich_territory_is_not_merit() -> None:
    """Half the reps have twice the market; their skill is no better. Taken into account, the rank
    of a rep no longer depends on it."""
    rng = np.random.default_rng(12)
    rich = np.arange(40) % 2
    frame = rep_months(_lognormal(40, rng, 0.15) * (1 + rich), 12, rng, sd=0.5)
    frame["market_size"] = np.repeat(1.0 + rich, 12)
    blind = performance_curve(frame, **QUICK).reps["shrunk"].to_numpy()
    fair = performance_curve(frame, covariates=["market_size"], **QUICK).reps["shrunk"].to_numpy()
    assert blind[rich == 1].mean() / blind[rich == 0].mean() > 1.6
    assert fair[rich == 1].mean() / fair[rich == 0].mean() == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize("zeros", [0.0, 0.12])
def test_a_ramping_rep_is_compared_as_if_ramped(zeros: float) -> None:
    """Ten of forty reps are new; what they sell grows as 1 − e^(−t/3)."""
    rng = np.random.default_rng(13)
    new = np.arange(40) < 10
    frame = rep_months(np.full(40, 1e5), 12, rng, sd=0.4, zeros=zeros)
    tenure = np.where(np.repeat(new, 12), np.tile(np.arange(1, 13), 40), 60)
    frame["tenure_months"] = tenure
    frame["bookings"] *= 1 - np.exp(-tenure / 3)
    reps = performance_curve(frame, covariates=["tenure_months"], **QUICK).reps
    seen, fair = reps["observed"].to_numpy(), reps["adjusted"].to_numpy()
    assert seen[new].mean() / seen[~new].mean() < 0.85
    assert fair[new].mean() / fair[~new].mean() == pytest.approx(1, abs=0.10)


def test_the_calendar_is_not_merit() -> None:
    """Months 11 and 12 sell double. A rep who is only there then is not a star for it."""
    rng = np.random.default_rng(14)
    frame = rep_months(np.full(30, 1e5), 12, rng, sd=0.3)
    frame.loc[frame["month"].dt.month >= 11, "bookings"] *= 2
    late = (frame["rep_id"] < "R0005") & (frame["month"].dt.month < 11)
    reps = performance_curve(frame[~late], **QUICK).reps.set_index("rep_id")
    assert reps.loc[:"R0004", "observed"].mean() / reps["observed"].median() > 1.5
    assert reps.loc[:"R0004", "shrunk"].mean() / reps["shrunk"].median() == pytest.approx(
        1, abs=0.12
    )


def test_a_rep_who_never_sold_has_little_but_not_nothing() -> None:
    rng = np.random.default_rng(15)
    frame = rep_months(_lognormal(30, rng), 12, rng, zeros=0.2)
    frame.loc[frame["rep_id"] == "R0007", "bookings"] = 0.0
    reps = performance_curve(frame, **QUICK).reps.set_index("rep_id")
    silent = reps.loc["R0007"]
    assert silent["rank"] == 30
    assert 0 < silent["shrunk"] < 0.75 * reps["shrunk"].median()
    assert len(reps) == 30


def test_part_of_a_month_counts_in_part() -> None:
    rng = np.random.default_rng(16)
    frame = rep_months(np.full(30, 1e5), 6, rng, sd=0.3)
    frame["month_share"] = 1.0
    half = frame["rep_id"] == "R0003"
    frame.loc[half, ["bookings", "month_share"]] *= 0.5
    reps = performance_curve(frame, exposure="month_share", **QUICK).reps.set_index("rep_id")
    assert reps.loc["R0003", "observed"] == pytest.approx(frame.loc[half, "bookings"].mean() / 0.5)


def test_one_period_each_cannot_tell_luck_from_skill() -> None:
    rng = np.random.default_rng(17)
    curve = performance_curve(rep_months(_lognormal(20, rng), 1, rng), samples=50)
    assert curve.model == "observed"
    assert any("luck cannot be told from skill" in text for text in curve.notices)
    assert curve.reps["shrunk"].to_numpy() == pytest.approx(curve.reps["observed"].to_numpy())


def test_of_one_period_each_no_chance_is_told() -> None:
    """After its first month a company's best seller was a star with >99%, and replacing the last by
    such stars paid most with >99%."""
    rng = np.random.default_rng(17)
    curve = performance_curve(rep_months(_lognormal(20, rng), 1, rng), samples=0)
    assert curve.reps[["p_star", "p_core", "p_laggard"]].isna().all(axis=None)
    assert curve.reps["rank_low"].eq(1).all() and curve.reps["rank_high"].eq(20).all()
    assert curve.reps["tier"].value_counts().to_dict() == {"core": 12, "star": 4, "laggard": 4}
    table = moving_the_middle(curve, star_deal_value=[1e4, 2e4, 3e4])
    assert table.levers[["p_pays", "p_best", "p_best_own"]].isna().all(axis=None)
    assert math.isnan(table.finding("best_lever").estimate.value)
    assert table.finding("best_lever").sentence == "Which lever pays most: cannot tell."
    for name in ("moving_the_middle", "replacement", "replacement_star"):
        assert table.finding(name).sentence.endswith("Whether it pays: cannot tell.")
    assert "cannot tell" not in table.finding("star_deal").sentence
    ax = levers(table)
    assert "not settled" in ax.get_title(loc="left")
    assert "chance of being best not known" in style.alt_text(ax)
    # Where nothing is luck, what was seen is what is.
    sure = performance_curve(steady({f"R{i}": 100.0 + i for i in range(10)}), **QUICK)
    assert sure.reps["p_star"].tolist() == [0.0] * 8 + [1.0] * 2


def test_shrunken_predict_the_next_half_better() -> None:
    """Six months of 40 reps predict the next six: over 40 companies the shrunken values have the
    smaller error in nearly all, and on average by a fifth or more."""
    rng = np.random.default_rng(18)
    ratios = []
    for _ in range(40):
        frame = rep_months(_lognormal(40, rng), 12, rng, zeros=0.05)
        curve = performance_curve(frame, samples=0, draws=400, rng=rng)
        ratios.append(curve.finding("prediction_error_ratio").estimate.value)
    assert np.mean(ratios) < 0.8
    assert np.mean(np.array(ratios) < 1) > 0.9


def test_to_dict_is_json() -> None:
    import json

    rng = np.random.default_rng(19)
    curve = performance_curve(rep_months(_lognormal(12, rng), 6, rng), samples=20, draws=400)
    assert "posterior" not in curve.to_dict()
    assert len(json.loads(json.dumps(curve.to_dict()))["reps"]) == 12


def _lasting(rng: np.random.Generator, correlation: float, n: int = 60) -> pd.DataFrame:
    skill = _lognormal(n, rng)
    luck = np.empty((n, 12))
    luck[:, 0] = rng.standard_normal(n)
    for t in range(1, 12):
        fresh = rng.standard_normal(n) * np.sqrt(1 - correlation**2)
        luck[:, t] = correlation * luck[:, t - 1] + fresh
    frame = rep_months(skill, 12, rng)
    frame["bookings"] = (skill[:, None] * np.exp(0.6 * luck - 0.18)).ravel()
    return frame.assign(truth=np.repeat(skill, 12))


def test_luck_that_lasts_is_counted_as_fewer_months() -> None:
    """Correlation .5 from month to month: intervals of independent months would cover about 75%.
    Over 25 companies of 60 the 90% intervals cover 85% to 95%."""
    rng = np.random.default_rng(20)
    inside = []
    for _ in range(25):
        frame = _lasting(rng, 0.5)
        curve = performance_curve(frame, **QUICK, rng=rng)
        truth = frame.groupby("rep_id", sort=False)["truth"].first().to_numpy()
        inside.append(
            ((curve.reps["shrunk_low"] <= truth) & (truth <= curve.reps["shrunk_high"])).mean()
        )
        assert any("last from one month to the next" in text for text in curve.notices)
    assert 0.85 < np.mean(inside) < 0.95


def test_luck_that_does_not_last_is_left_alone() -> None:
    rng = np.random.default_rng(21)
    said = 0
    for _ in range(30):
        curve = performance_curve(rep_months(_lognormal(40, rng), 12, rng), **QUICK)
        said += any("one month to the next" in text for text in curve.notices)
    assert said <= 1


def test_ranks_and_probabilities_are_those_of_the_draws() -> None:
    """A plain loop over draws and reps; and who sells ten times as much is a star for sure."""
    rng = np.random.default_rng(22)
    skill = np.append(_lognormal(14, rng), 1e6)
    curve = performance_curve(rep_months(skill, 12, rng), samples=0, draws=400)
    stars, ranks = [], []
    for draw in curve.posterior.draws:
        place = [1 + sum(other > one for other in draw) for one in draw]
        ranks.append(place)
        stars.append([one <= 3 for one in place])
    reps = curve.reps
    assert reps["p_star"].to_numpy() == pytest.approx(np.mean(stars, axis=0))
    assert reps["p_star"].iloc[14] == 1
    assert reps["rank"].iloc[14] == reps["rank_high"].iloc[14] == 1
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="nearest")
    assert (reps["rank_low"] == low).all()
    assert (reps["rank_high"] == high).all()
