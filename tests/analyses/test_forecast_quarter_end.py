"""The push before a quarter ends: measured by hand, planted, and left alone where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_series, quarter_end
from salesops_lib.analyses.forecast.calendar import Calendar


def frame(values: np.ndarray, dates: pd.DatetimeIndex) -> pd.DataFrame:
    n, width = values.shape
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{k:03}" for k in range(n)], width),
            "ds": np.tile(dates[:width], n),
            "y": values.ravel(),
        }
    )


def ahead(values: np.ndarray, dates: pd.DatetimeIndex, horizon: int, season: int) -> np.ndarray:
    made = forecast_series(
        frame(values, dates), horizon=horizon, season_length=season, origins=0, partial="keep"
    )
    mean: np.ndarray = made.forecast["mean"].to_numpy().reshape(len(values), horizon)
    return mean


def noise(n: int, width: int, sd: float, seed: int) -> np.ndarray:
    """AR(1) with φ .5."""
    rng = np.random.default_rng(seed)
    shock = rng.normal(size=(n, width + 30)) * sd * np.sqrt(0.75)
    out = np.zeros_like(shock)
    for t in range(1, shock.shape[1]):
        out[:, t] = 0.5 * out[:, t - 1] + shock[:, t]
    return out[:, 30:]


def test_the_effect_by_hand() -> None:
    """Months 0, 0, .3 without noise: against a centred mean of three −.1, −.1 and .2. The first month
    and the last have none; the 16 others, −.1 eleven times and .2 five times, sum to −.1, and their
    mean is taken off."""
    place = np.tile([2, 1, 0], 7)[None, :]
    logs = np.tile([0.0, 0.0, 0.3], 6)[None, :]
    effect = quarter_end.push(logs, np.array([0]), place, 12)
    np.testing.assert_allclose(effect[0], np.tile([-0.1, -0.1, 0.2], 7) + 0.1 / 16)


def test_drawn_towards_none_by_its_f_ratio() -> None:
    """Naive loop: one way analysis of variance of the distances from a centred mean of three."""
    logs = noise(1, 18, 0.1, seed=3) + np.tile([0.0, 0.0, 0.25], 6)[None, :]
    place = np.tile([2, 1, 0], 7)[None, :]
    y = logs[0]
    apart = {t: y[t] - (y[t - 1] + y[t] + y[t + 1]) / 3 for t in range(1, 17)}
    whole = np.mean(list(apart.values()))
    by = {k: [v for t, v in apart.items() if place[0, t] == k] for k in range(3)}
    between = sum(len(v) * (np.mean(v) - whole) ** 2 for v in by.values())
    within = sum((one - np.mean(v)) ** 2 for v in by.values() for one in v) / (16 - 3)
    kept = 1 - 4.0 / (between / 2 / within)
    assert 0.3 < kept < 1
    effect = quarter_end.push(logs, np.array([0]), place, 12)[0]
    for k in range(3):
        np.testing.assert_allclose(
            effect[place[0] == k], kept * (np.mean(by[k]) - whole), rtol=1e-9
        )


def test_weeks_are_placed_by_the_quarter_that_holds_most_of_them() -> None:
    """The week from Monday 28 September 2026 has three days in September and four in October."""
    weeks = Calendar("week", "W-SUN")
    dates = pd.Series(pd.to_datetime(["2026-09-21", "2026-09-28", "2026-12-28"]))
    # 2026-Q3 is quarter 226 since 1970; the last week of the year has four days in it.
    assert weeks.quarters_mostly(weeks.ordinals(dates)).tolist() == [226, 227, 227]


def test_not_where_a_profile_of_twelve_months_holds_it_or_too_little_is_known() -> None:
    logs = np.tile([0.0, 0.0, 0.3], 9)[None, :]
    place = np.tile([2, 1, 0], 10)[None, :]
    for months in (11, 24, 27):
        begun = quarter_end.push(logs[:, :months], np.array([0]), place[:, -months - 3 :], 12)
        assert not begun.any()


@pytest.mark.parametrize("months", [15, 18, 23])
def test_a_planted_push_is_forecast_in_a_short_history(months: int) -> None:
    """A push of 30% in the last month of a quarter: the error falls by a third at least."""
    dates = pd.date_range("2025-01-01", periods=months + 6, freq="MS")
    push = np.where(dates.month % 3 == 0, 0.3, -0.15)
    values = np.exp(10 + push + noise(150, months + 6, 0.15, seed=months))
    came = values[:, months:]
    # The same without its push, put back afterwards: the best that could be done.
    free = ahead(values[:, :months] / np.exp(push[:months]), dates, 6, 12) * np.exp(push[months:])
    flat = ahead(values[:, :months] / np.exp(push[:months]), dates, 6, 12)
    made = ahead(values[:, :months], dates, 6, 12)
    error = [float(np.abs(one / came - 1).mean()) for one in (made, free, flat)]
    assert error[0] < 0.67 * error[2]
    assert error[0] < 1.05 * error[1]


def test_next_to_nothing_is_lost_where_there_is_no_push(monkeypatch: pytest.MonkeyPatch) -> None:
    dates = pd.date_range("2025-01-01", periods=24, freq="MS")
    values = np.exp(10 + noise(300, 24, 0.15, seed=1))
    made = ahead(values[:, :18], dates, 6, 12)
    monkeypatch.setattr(quarter_end, "known", lambda season_length: False)
    plain = ahead(values[:, :18], dates, 6, 12)
    came = values[:, 18:]
    assert np.abs(made / came - 1).mean() < 1.015 * np.abs(plain / came - 1).mean()


def test_the_last_weeks_of_a_quarter_are_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weeks from two to four years, forecast over each quarter of the fourth: quarter ends move
    against the 52 weeks of a season, by a week in some quarters and not in others."""
    dates = pd.date_range("2021-01-04", periods=209, freq="7D")
    middle = dates + pd.Timedelta(days=3)
    left = (middle + pd.offsets.QuarterEnd(0) - middle).days.to_numpy() // 7
    push = np.select([left == 0, left == 1], [0.8, 0.4], 0.0)
    values = np.exp(8 + push + noise(15, 209, 0.2, seed=2))

    def errors() -> tuple[float, float]:
        late, every = [], []
        for origin in (157, 170, 183, 196):
            made = ahead(values[:, :origin], dates, 13, 52)
            off = np.abs(made / values[:, origin : origin + 13] - 1)
            late.append(off[:, left[origin : origin + 13] < 2].mean())
            every.append(off.mean())
        return float(np.mean(late)), float(np.mean(every))

    with_push = errors()
    monkeypatch.setattr(quarter_end, "known", lambda season_length: False)
    without = errors()
    assert with_push[0] < 0.93 * without[0]
    assert with_push[1] < 0.99 * without[1]
