"""What is known of luck, written out a second way: its size, its freedom, what covariates take out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib.analyses.performance_curve.noise import (
    _grows,
    _linear,
    _season,
    additive_noise,
    choose_scale,
    log_noise,
    luck_unknown,
    means_noise,
)
from salesops_lib.analyses.performance_curve.panel import Panel, read_panel
from salesops_lib.analyses.performance_curve.skill import _wobble, estimate_skill
from tests.analyses.curve_frames import rep_months

LEVELS = np.array([3.0, 5.0, 8.0, 4.0, 6.0, 9.0])


def panel(frame: pd.DataFrame, *covariates: str, exposure: str | None = None) -> Panel:
    return read_panel(
        frame, rep="rep_id", period="month", value="bookings", covariates=covariates,
        exposure=exposure,
    )  # fmt: skip


def uneven(seed: int = 1) -> pd.DataFrame:
    """Six reps over seven months, two of whom came later, with a market that moves what they sell."""
    rng = np.random.default_rng(seed)
    rep, month = np.repeat(np.arange(6), 7), np.tile(np.arange(7), 6)
    there = (month >= 2) | (rep < 4)
    rep, month = rep[there], month[there]
    market = rng.standard_normal(len(rep)) + (rep % 3) - 1
    noise = 0.3 * rng.standard_normal(len(rep))
    value = LEVELS[rep] * np.exp(0.1 * month + 0.4 * market + noise)
    return pd.DataFrame({"rep_id": rep, "month": month, "market": market, "bookings": value})


def test_the_size_of_luck_is_what_reps_months_and_market_leave() -> None:
    """Least squares on a column for every rep and month and the market: 38 rows less 6 reps, 6 further
    months and one market leave 25 degrees of freedom. Of its distribution the middles of five fifths;
    over a rep's months it is the variance of the mean."""
    data = panel(uneven(), "market")
    found = log_noise(data)
    columns = [data.rep[:, None] == np.arange(6), data.period[:, None] == np.arange(7)]
    x = np.hstack([*columns, data.covariates]).astype(float)
    y = np.log(data.value)
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    freedom = len(y) - np.linalg.matrix_rank(x)
    assert freedom == 25
    expected = (left @ left) / stats.chi2.ppf([0.9, 0.7, 0.5, 0.3, 0.1], freedom)
    assert found.nodes.scale == pytest.approx(expected)
    assert found.nodes.variance == pytest.approx(expected[:, None] / [7, 7, 7, 7, 5, 5])
    # A month's mean lies half its variance above its median, and the average month above the typical.
    season = found.offset - expected / 2
    assert np.ptp(season) == pytest.approx(0, abs=1e-12) and 0 < season[0] < 0.05


def test_what_the_market_gave_is_taken_from_values_as_from_logs() -> None:
    """Levels without noise come back where luck adds, and within a few percent where it multiplies; as
    observed the richest territory stands a factor of e^.4 too high."""
    frame = uneven()
    level = pd.Series(LEVELS)[frame["rep_id"]].to_numpy()
    frame["bookings"] = level + 2 * frame["market"] + 20
    data = panel(frame, "market")
    found = additive_noise(data)
    apart = found.adjusted - LEVELS
    assert np.ptp(apart) < 0.01
    assert np.ptp(found.means - LEVELS) < 0.01
    assert np.ptp(data.observed - LEVELS) > 2

    frame["bookings"] = level * np.exp(0.4 * frame["market"])
    data = panel(frame, "market")
    logs = log_noise(data)
    assert np.ptp(logs.means - np.log(LEVELS)) < 0.01
    off = [np.ptp(np.log(one / LEVELS)) for one in (logs.adjusted, data.observed)]
    assert off[0] < 0.15 and off[1] > 0.6
    # What all reps have in common is no error of one against another.
    assert logs.contrasts is not None
    assert logs.contrasts.mean(axis=0) == pytest.approx(
        np.zeros(logs.contrasts.shape[1]), abs=1e-12
    )


def test_errors_of_the_calendar_do_not_raise_the_average_month() -> None:
    """Twelve months with effects of spread .3, each estimated with an error of .4: as they come, the errors
    would add .08 less what their own mean takes."""
    rng = np.random.default_rng(5)
    true = 0.3 * rng.standard_normal(12)
    covariance = 0.16 * np.eye(12)
    found = [_season(true + 0.4 * rng.standard_normal(12), covariance) for _ in range(4000)]
    assert np.mean(found) == pytest.approx(_season(true, 0 * covariance), abs=0.01)
    assert _season(true, 0 * covariance) == pytest.approx(np.log(np.exp(true - true.mean()).mean()))


@pytest.mark.parametrize(("scale", "model"), [("log", "log"), ("plain", "additive")])
def test_part_months_do_not_choose_the_model(scale: str, model: str) -> None:
    """A week worked in one month of seven brings a quarter: not luck, which is a few hundredths."""
    rng = np.random.default_rng(0)
    luck, share = rng.standard_normal(24 * 12), np.where(rng.random(24 * 12) < 0.15, 0.25, 1.0)
    rows = pd.DataFrame({
        "rep_id": np.repeat(np.arange(24), 12), "month": np.tile(np.arange(12), 24), "share": share,
        "bookings": 1e4 * share * (np.exp(0.1 * luck) if scale == "log" else 1 + 0.05 * luck),
    })  # fmt: skip
    assert choose_scale(panel(rows, exposure="share"))[0] == model
    assert choose_scale(panel(rows))[0] == "means"


def test_luck_that_grows_with_what_a_rep_sells_is_no_sum() -> None:
    """Symmetric luck of a quarter of a rep's own level multiplies; of one size for all, it adds."""
    luck = np.random.default_rng(0).standard_normal(24 * 12)
    rows = pd.DataFrame(
        {"rep_id": np.repeat(np.arange(24), 12), "month": np.tile(np.arange(12), 24)}
    )
    level = 1e4 * (1 + rows["rep_id"] / 6)
    multiplied = rows.assign(bookings=level * (1 + 0.25 * luck))
    assert choose_scale(panel(multiplied))[0] == "means"
    # Who has sold nothing, in a first month or ever, does not make it add; who gave back more does.
    for months in (1, 12):
        idle = pd.DataFrame({"rep_id": 24, "month": np.arange(12)[-months:], "bookings": 0.0})
        assert choose_scale(panel(pd.concat([multiplied, idle])))[0] == "means"
        assert (
            choose_scale(panel(pd.concat([multiplied, idle.assign(bookings=-1.0)])))[0]
            == "additive"
        )
    assert choose_scale(panel(rows.assign(bookings=level + 2_500 * luck)))[0] == "additive"


def test_half_months_count_as_fewer_months_behind_a_mean() -> None:
    """Four whole and four half months weigh 6; in a mean of such weights they tell as much as
    6² ÷ (4 + 4 · ¼) = 7.2 months alike. No two reps share a month, so that there is no calendar."""
    rng = np.random.default_rng(2)
    rows = [
        (rep, 8 * rep + month, 0.5 if rep % 2 and month < 4 else 1.0)
        for rep in range(5)
        for month in range(8)
    ]
    frame = pd.DataFrame(rows, columns=["rep_id", "month", "share"])
    frame["bookings"] = frame["share"] * rng.lognormal(0, 0.5, 40)
    data = panel(frame, exposure="share")
    found = means_noise(data)
    assert found.effective == pytest.approx([8, 7.2, 8, 7.2, 8])
    sold = frame.groupby("rep_id")[["bookings", "share"]].sum()
    assert found.adjusted == pytest.approx((sold["bookings"] / sold["share"]).to_numpy())
    assert found.means == pytest.approx(np.log(found.adjusted))


def test_who_never_sold_tells_nothing_of_the_others() -> None:
    rng = np.random.default_rng(4)
    frame = rep_months(np.full(8, 1e4), 12, rng, sd=0.6, zeros=0.2)
    frame.loc[frame["rep_id"] == "R0003", "bookings"] = 0.0
    found = means_noise(panel(frame))
    assert found.silent.tolist() == [k == 3 for k in range(8)]
    assert (found.nodes.variance[:, 3] > 1e9).all()
    assert found.nodes.variance[:, :3].max() < 1
    for one in (found.nodes.shift, found.nodes.skewness, found.nodes.excess):
        assert np.all(np.asarray(one)[..., 3] == 0)


def test_idle_months_split_the_variance_as_they_do() -> None:
    """With a tenth of idle months a month of mean m varies by a + m² · 0.1 ÷ 0.9: of the size of all months
    a is what the mean square of the levels, without its own errors, leaves."""
    rng = np.random.default_rng(3)
    skill = 100 * np.exp(0.2 * rng.standard_normal(20))
    frame = rep_months(skill, 12, rng, noise="added", sd=0.5)
    frame.loc[frame.index % 10 == 4, "bookings"] = 0.0
    data = panel(frame)
    plain, found = _linear(data, data.value, "identity"), additive_noise(data)
    square = (plain.means**2 - plain.nodes.variance[2]).mean()
    flat = plain.nodes.scale[2] - square * 0.1 / 0.9
    assert 0.2 < flat / plain.nodes.scale[2] < 0.8
    assert found.nodes.variance == pytest.approx(plain.nodes.variance * flat / plain.nodes.scale[2])
    assert found.bend**2 * flat == pytest.approx(0.1 / 0.9)
    assert found.original(found.means[None], np.zeros(1, int))[0] == pytest.approx(plain.means)


def test_covariates_ask_for_more_rows_before_luck_is_seen() -> None:
    """Five rows beyond the first of each rep: enough for one spread, not for two covariates besides."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"rep_id": [0] * 6 + [1, 2, 3, 4], "month": [*range(6), 0, 1, 2, 3]})
    for name in ("bookings", "market", "size"):
        frame[name] = rng.uniform(1, 2, len(frame))
    assert not luck_unknown(panel(frame))
    assert luck_unknown(panel(frame, "market", "size"))


@pytest.mark.parametrize(
    "model, options",
    [
        ("log", {"sd": 0.5}),
        ("means", {"sd": 0.8, "zeros": 0.3}),
        ("additive", {"noise": "added", "sd": 0.3}),
        ("additive", {"noise": "added", "sd": 0.3, "zeros": 0.1}),
    ],
    ids=["log", "means", "additive", "with idle months"],
)
def test_a_hire_is_expected_to_sell_what_hires_sell_on_average(
    model: str, options: dict[str, float | str]
) -> None:
    """The population's mean in closed form against the mean of a hundred hires drawn from it."""
    rng = np.random.default_rng(7)
    skill = 1e5 * np.exp(0.3 * rng.standard_normal(40))
    data = panel(rep_months(skill, 12, rng, **options))  # type: ignore[arg-type]
    found = estimate_skill(data, rng, draws=1500)
    assert found.model == model
    hired = found.hires(100, rng)
    assert hired.mean() == pytest.approx(found.population.mean(), rel=0.01)
    assert found.population.mean() == pytest.approx(found.draws.mean(), rel=0.1)


def heavy(idle: int, sold: list[float] | None = None) -> Panel:
    """Ten reps over a year whose months are skewed, of whom the first so many never sold, or the first
    has sold as given."""
    rng = np.random.default_rng(2)
    value = rng.lognormal(0, 1.5, (10, 12))
    value[:idle] = 0.0
    if sold is not None:
        value[0] = sold
    rep, month = np.repeat(np.arange(10), 12), np.tile(np.arange(12), 10)
    return panel(pd.DataFrame({"rep_id": rep, "month": month, "bookings": value.ravel()}))


ROUGH = "Several reps' totals are not above 0"


def test_up_to_a_fifth_who_never_sold_leave_luck_a_multiple() -> None:
    assert choose_scale(heavy(2))[0] == "means"
    model, said = choose_scale(heavy(3))
    assert model == "additive" and said[-1].startswith(ROUGH)


@pytest.mark.parametrize(
    ("back", "model"), [(9.0, "means"), (10.0, "additive"), (11.0, "additive")]
)
def test_who_gave_back_all_that_was_sold_has_no_level_to_multiply(back: float, model: str) -> None:
    """Ten sold in all; nine, all or more of it came back."""
    found, said = choose_scale(heavy(0, [10.0, -back, *[0.0] * 10]))
    assert found == model and any(text.startswith(ROUGH) for text in said) == (model == "additive")


def test_logs_as_symmetric_as_can_be_are_not_lognormal_for_that() -> None:
    """Every month is e or 1/e times a rep's level, as often the one as the other: the squared variation
    is tanh(1)^2 = .58, and lognormal months of that log variance would have e − 1 = 1.72."""
    luck = np.exp(np.random.default_rng(1).permuted(np.tile([1.0, -1.0], (24, 6)), axis=1))
    rep, month = np.repeat(np.arange(24), 12), np.tile(np.arange(12), 24)
    frame = {
        "rep_id": rep,
        "month": month,
        "bookings": (luck * np.linspace(2, 9, 24)[:, None]).ravel(),
    }
    assert choose_scale(panel(pd.DataFrame(frame)))[0] != "log"


def test_so_many_draws_as_asked_for() -> None:
    assert estimate_skill(heavy(0), np.random.default_rng(0), draws=450).draws.shape == (450, 10)


def test_two_months_show_half_of_what_varies_within_a_rep() -> None:
    """About the mean of two, values scatter by half their variance: taken as all of it, 400 reps of
    lognormal months would vary more than lognormal ones do."""
    rng = np.random.default_rng(3)
    value = rng.lognormal(0, 0.3, 400)[:, None] * rng.lognormal(0, 0.6, (400, 2))
    rep, month = np.repeat(np.arange(400), 2), np.tile(np.arange(2), 400)
    frame = pd.DataFrame({"rep_id": rep, "month": month, "bookings": value.ravel()})
    assert choose_scale(panel(frame))[0] == "log"


def test_what_the_adjustments_may_be_off_moves_reps_together() -> None:
    """Draws of the errors of a market's coefficient have the covariance of that coefficient over the
    markets of the reps; 40,000 draws tell a covariance to a hundredth or two of the variances."""
    noise = log_noise(panel(uneven(), "market"))
    drawn = _wobble(noise, 40_000, np.random.default_rng(0))
    expected = noise.contrasts @ noise.covariance @ noise.contrasts.T
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs(np.cov(drawn.T) - expected).max() / size.max() < 0.03


def test_months_whose_logs_are_skewed_have_no_mean_of_their_logs() -> None:
    """Exponential logs of sd .15 vary as much as lognormal months of that do, and are skewed by 2."""
    luck = np.exp(0.15 * np.random.default_rng(4).exponential(size=(60, 12)))
    rep, month = np.repeat(np.arange(60), 12), np.tile(np.arange(12), 60)
    value = (luck * np.linspace(2, 9, 60)[:, None]).ravel()
    model, _ = choose_scale(panel(pd.DataFrame({"rep_id": rep, "month": month, "bookings": value})))
    assert model == "means"


def test_months_more_symmetric_than_their_logs_add() -> None:
    """Normal luck of .15 of a common level: logs are skewed by −.45 or so, which is well behaved, and by as
    much as luck of that size would have them the moments agree; the values themselves are symmetric."""
    value = 5 + 0.75 * np.random.default_rng(6).standard_normal((60, 12))
    rep, month = np.repeat(np.arange(60), 12), np.tile(np.arange(12), 60)
    frame = pd.DataFrame({"rep_id": rep, "month": month, "bookings": value.ravel()})
    assert (value > 0).all() and choose_scale(panel(frame)) == ("additive", ())


def test_months_that_leave_no_luck_to_see_stay() -> None:
    """Nobody sold in the second of two months: without it each rep has one month, and luck is not seen; with it
    it is. The means of single months ended in a division by nothing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"rep_id": np.repeat(np.arange(8), 2), "month": np.tile([0, 1], 8)})
    frame["bookings"] = np.where(frame["month"] == 0, rng.lognormal(9, 0.5, 16), 0.0)
    found = means_noise(panel(frame))
    sums = frame.groupby("rep_id")["bookings"].sum()
    assert found.means == pytest.approx(np.log(sums / 2).to_numpy())
    assert np.isfinite(found.nodes.variance).all() and (found.nodes.variance > 0).all()


@pytest.mark.filterwarnings("error")
def test_reps_who_vary_alike_say_nothing_of_how_luck_works() -> None:
    """Each sold 8 in one of two months and nothing in the other: a rank correlation of constants is none."""
    frame = pd.DataFrame({"rep_id": np.repeat(np.arange(8), 4), "month": np.tile(np.arange(4), 8)})
    frame["bookings"] = np.where((frame["month"] + frame["rep_id"]) % 4 == 0, 8.0, 0.0)
    one = panel(frame)
    assert not _grows(one, one.value / one.exposure)
