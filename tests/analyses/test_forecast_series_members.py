"""Members, their weights and the size of error, by hand and against plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration.forecast_series import months_of, planted
from salesops_lib import forecast_series
from salesops_lib.analyses.forecast import aggregation, combination, intervals, weighing
from salesops_lib.statistics import autoregression


def outcomes(seed: int, methods: int = 3, cuts: int = 20, n: int = 4, horizon: int = 3):  # type: ignore[no-untyped-def]
    """Random forecasts of random outcomes, known as far as the end of the data allows."""
    rng = np.random.default_rng(seed)
    members = rng.normal(10, 1, size=(methods, cuts, n, horizon))
    actual = rng.normal(10, 1, size=(cuts, n, horizon))
    for cut in range(cuts):
        actual[cut, :, cut:] = np.nan
    return members, actual, rng.uniform(1, 2, size=(cuts, n))


def test_weights_by_a_plain_loop() -> None:
    cuts, series = 40, range(4)
    members, actual, scale = outcomes(1, cuts=cuts)
    found = weighing.weights(members, actual, scale, 4, np.arange(4))

    def errors(cut: int, row: int, step: int) -> tuple[np.ndarray, int]:
        origins = range(cut + step + 1, min(cut + step + 1 + 24, cuts))
        apart = [
            np.abs(members[:, o, row, step] - actual[o, row, step]) / scale[o, row] for o in origins
        ]
        return np.sum(apart, axis=0) if apart else np.zeros(3), len(apart)

    def relative(error: np.ndarray) -> np.ndarray:
        return error / error.mean() if error.any() else np.ones(3)

    for cut, row in ((0, 0), (0, 3), (17, 2), (39, 1)):
        parts = [errors(cut, row, step) for step in range(3)]
        error, count = sum(e for e, _ in parts), sum(n for _, n in parts)
        own = (count * relative(error) + 40) / (count + 40)
        for step in range(3):
            everyone = [errors(cut, one, step) for one in series]
            outcomes_known = sum(n for _, n in everyone)
            common = sum(n * relative(e) for e, n in everyone)
            usual = (common + 400) / (outcomes_known + 400)
            expected = own**-4.0 * usual**-6.0
            np.testing.assert_allclose(found[step][:, cut, row], expected / expected.sum())


def test_the_closer_method_counts_more_and_equal_ones_count_alike() -> None:
    actual = np.full((60, 1, 1), 10.0)
    actual[0] = np.nan
    members = np.stack([np.full((60, 1, 1), one) for one in (10.5, 11.0, 11.0)])
    share = weighing.weights(members, actual, np.ones((60, 1)), 12, np.arange(1))[0][:, 0, 0]
    # Errors .6, 1.2, 1.2 of their mean; 48 outcomes against beliefs worth 40 and 400.
    relative = np.array([0.6, 1.2, 1.2])
    both = (48 / 88 * relative + 40 / 88) ** -4 * (48 / 448 * relative + 400 / 448) ** -6
    np.testing.assert_allclose(share, both / both.sum())
    (nothing,) = weighing.weights(
        members, np.full_like(actual, np.nan), np.ones((60, 1)), 12, np.arange(1)
    )
    np.testing.assert_allclose(nothing, 1 / 3)


def test_many_series_say_which_method_is_best_so_far_ahead() -> None:
    """The first method is closer one step ahead, the second two steps ahead, in every series."""
    actual = np.full((60, 40, 2), 10.0)
    for cut in range(60):
        actual[cut, :, cut:] = np.nan
    members = np.full((2, 60, 40, 2), 10.0)
    members[0] += np.array([1.0, 2.0])
    members[1] += np.array([2.0, 1.0])
    one, two = weighing.weights(members, actual, np.ones((60, 40)), 12, np.arange(40))
    assert one[0, 0, 0] > 0.9 and two[0, 0, 0] < 0.1
    alone, _ = weighing.weights(
        members[:, :, :1], actual[:, :1], np.ones((60, 1)), 12, np.arange(1)
    )
    assert 0.5 < alone[0, 0, 0] < 0.7


def test_what_came_later_has_no_weight() -> None:
    members, actual, scale = outcomes(2)
    later = actual.copy()
    # Outcomes of the five latest periods: step j of cut c is period j + 1 − c from the end.
    for cut in range(8):
        for step in range(3):
            if cut - step - 1 < 5:
                later[cut, :, step] *= 3.0
    before = weighing.combined(members, actual, scale, 4, np.arange(4))
    after = weighing.combined(members, later, scale, 4, np.arange(4))
    assert np.array_equal(before[5:], after[5:])
    assert not np.array_equal(before[:5], after[:5])


def test_an_autoregression_by_a_plain_loop() -> None:
    rng = np.random.default_rng(3)
    row = rng.normal(size=30).cumsum()
    padded = np.concatenate([np.full(7, np.nan), row])
    found = autoregression.differences(np.stack([padded, padded]), 4, lags=2, ridge=1.5)
    change = np.diff(row)
    away = np.concatenate([np.zeros(2), change - change.mean()])
    x = np.array([[away[t - 1], away[t - 2]] for t in range(2, len(away))])
    penalty = 1.5 * np.mean(away[2:] ** 2) * np.diag([1.0, 2.0])
    weight = np.linalg.solve(x.T @ x + penalty, x.T @ away[2:])
    path, level = list(away), row[-1]
    for step in range(4):
        path.append(weight[0] * path[-1] + weight[1] * path[-2])
        level += path[-1]
        assert found[0, step] == pytest.approx(level)
    np.testing.assert_array_equal(found[0], found[1])


def test_a_planted_autoregression_is_found() -> None:
    """Changes with φ .6: the first step ahead goes on by .6 of the last change, nearly."""
    rng = np.random.default_rng(4)
    change = np.zeros((200, 240))
    for t in range(1, 240):
        change[:, t] = 0.6 * change[:, t - 1] + rng.normal(size=200)
    rows = change.cumsum(axis=1)
    ahead = autoregression.differences(rows, 1)[:, 0] - rows[:, -1]
    slope = np.polyfit(change[:, -1] - change.mean(axis=1), ahead, 1)[0]
    assert slope == pytest.approx(0.6, abs=0.06)


def test_a_trend_is_believed_by_its_error() -> None:
    """Yearly changes of 2 and 4: mean 3, variance 1, two witnesses: t² 18, believed 1 − 3 ÷ 18."""
    years = np.array([[0.0, 2.0, 6.0]])
    rows = np.repeat(years, 4, axis=1)
    assert autoregression.believed(rows, 4)[0] == pytest.approx(1 - 3 / 18)
    line = np.arange(24.0)[None, :]
    level = np.tile([1.0, 2.0, 3.0, 4.0], 6)[None, :]
    assert autoregression.believed(line, 4)[0] == pytest.approx(1.0)
    assert autoregression.believed(level, 4)[0] == 0.0


def test_whole_years_go_on_along_their_line() -> None:
    """Yearly means 10, 12, 14, 16 give 18 and 20, whatever the season within the year."""
    shape = np.array([-0.2, 0.1, 0.3, -0.2])
    factor = np.exp(shape)
    rows = np.concatenate([mean * factor / factor.mean() for mean in (10, 12, 14, 16)])[None, :]
    found = aggregation.forecast(rows, shape[None, :], 8, np.array([True]))
    expected = np.concatenate([mean * factor / factor.mean() for mean in (18, 20)])
    np.testing.assert_allclose(found[0], expected)
    plain = np.concatenate([mean + shape for mean in (-1, 0, 1)])[None, :]
    found = aggregation.forecast(plain, shape[None, :], 4, np.array([False]))
    np.testing.assert_allclose(found[0], 2 + shape)


def test_each_seasons_own_level() -> None:
    """Halves: years 0, 4, 8 give 2 then 5; a yearly change of 4 goes on by half, lag made good."""
    work = np.repeat([[0.0, 4.0, 8.0]], 4, axis=1)
    found = combination._season_by_season(work, 4, 5)
    np.testing.assert_allclose(found, [[5 + 2 * 2] * 4 + [5 + 2 * 3]])


def test_size_of_error_by_a_plain_loop() -> None:
    rng = np.random.default_rng(5)
    cuts, n, horizon = 16, 7, 3
    score = np.abs(rng.normal(size=(cuts, n, horizon)))
    for cut in range(cuts):
        score[cut, :, cut:] = np.nan
    score[4:, 6] = np.nan  # a series with few origins
    swing = rng.uniform(0.5, 2, size=(cuts, n))
    found = intervals.error_size(score, swing)
    for cut in (0, 5):
        known = [[score[cut + j + 1 :, i, j] for j in range(horizon)] for i in range(n)]
        known = [[one[~np.isnan(one)] for one in each] for each in known]
        usual = [
            np.median([np.mean(known[i][j]) / swing[cut, i] for i in range(n) if len(known[i][j])])
            for j in range(horizon)
        ]
        own = [
            np.mean(np.concatenate([known[i][j] / usual[j] for j in range(horizon)]))
            if len(known[i][0])
            else np.nan
            for i in range(n)
        ]
        count = np.array([len(known[i][0]) for i in range(n)])
        typical = np.median([own[i] / swing[cut, i] for i in range(n) if count[i] >= 6])
        for i in range(n):
            trust = count[i] / (count[i] + 10)
            expected = (1 - trust) * swing[cut, i] * typical + (trust * own[i] if count[i] else 0)
            assert found[cut, i] == pytest.approx(expected)


def test_a_newcomer_gets_limits_as_wide_as_its_swings_let_expect() -> None:
    """25 months leave no outcome three months ahead; the others say how errors go with swings."""
    values = planted(np.random.default_rng(6), 40, 60)
    frame = pd.concat(
        pd.DataFrame({"unique_id": f"s{i}", "ds": months_of(60), "y": one})
        for i, one in enumerate(values)
    )
    frame = frame[(frame["unique_id"] != "s3") | (frame["ds"] >= months_of(25)[0])]
    result = forecast_series(frame, horizon=3, season_length=12, partial="keep", origins=0)
    width = np.log(result.forecast["hi-80"] / result.forecast["lo-80"]).to_numpy().reshape(-1, 3)
    basis = result.support.set_index("unique_id")
    assert (basis.loc["s3", "source-80"] == intervals.POOLED).all()
    assert 0.5 < width[3, 2] / np.median(width[:, 2]) < 2.0


def test_limits_do_not_widen_with_company() -> None:
    """Among 49 like it a series' limits are about as wide as from its own errors, not the wider."""
    values = planted(np.random.default_rng(7), 50, 60)
    frame = pd.concat(
        pd.DataFrame({"unique_id": f"s{i}", "ds": months_of(60), "y": one})
        for i, one in enumerate(values)
    )
    widths = []
    for pool in (True, False):
        made = forecast_series(
            frame, horizon=3, season_length=12, partial="keep", origins=0, pool=pool
        ).forecast
        widths.append(np.log(made["hi-80"] / made["lo-80"]).mean())
    assert widths[0] / widths[1] == pytest.approx(1.0, abs=0.1)
