"""Every picture of the forecast draws what the result holds, with words for who cannot see it."""

from __future__ import annotations

import dataclasses
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast.tables import ALL_ELSE
from salesops_lib.figures import forecast as figures
from salesops_lib.figures import style
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas

NAMES = ("fan", "record", "coverage", "waterfall", "quotas", "what if")


@pytest.fixture(scope="module")
def made() -> BookingsForecast:
    tables = with_quotas(planted(4, months=32), 50_000.0)
    return forecast_bookings(opened(tables), as_of=AS_OF, draws=200)


def draw(made: BookingsForecast, name: str, ax: plt.Axes | None) -> plt.Axes:
    quotas = made.quotas_below()
    whole = quotas[quotas["unique_id"] == made.focus]
    return {
        "fan": lambda: figures.bookings_fan(made, ax=ax),
        "record": lambda: figures.bookings_record(made, ax=ax),
        "coverage": lambda: figures.bookings_coverage(made, ax=ax),
        "waterfall": lambda: figures.pipeline_waterfall(made, ax=ax),
        "what if": lambda: figures.pipeline_what_if(made, factor=1.5, ax=ax),
        "quotas": lambda: figures.quota_chances(whole, quotas.drop(whole.index), ax=ax),
    }[name]()


@pytest.mark.parametrize("name", NAMES)
def test_axes_in_axes_out_with_message_and_alt_text(made: BookingsForecast, name: str) -> None:
    _, given = plt.subplots()
    drawn = draw(made, name, given)
    assert drawn is given
    assert given.has_data()
    assert len(given.get_title(loc="left")) > 10
    alt = style.alt_text(given)
    assert any(ch.isdigit() for ch in alt)
    assert "nan" not in alt.split()
    own = draw(made, name, None)
    assert own is not given
    plt.close("all")


def test_the_waterfall_ends_where_the_forecast_is(made: BookingsForecast) -> None:
    ax = figures.pipeline_waterfall(made)
    bars = [bar.get_x() + bar.get_width() for bar in ax.patches]
    quarter = made.totals[made.totals["period"] == made.quarter]
    assert bars[-1] == pytest.approx(quarter["mean"].iloc[0], rel=1e-6)
    plt.close("all")


def test_the_waterfall_says_where_the_pipeline_makes_no_forecast(made: BookingsForecast) -> None:
    """ "2.6% of today's pipeline should be won" over a forecast that does not rest on it."""
    assert "of today's pipeline" in figures.pipeline_waterfall(made).get_title(loc="left")
    table = made.waterfall.replace({"Won from deals not begun yet": ALL_ELSE})
    title = figures.pipeline_waterfall(_with(made, waterfall=table)).get_title(loc="left")
    assert title == f"The forecast of {made.quarter} rests on past bookings"
    plt.close("all")


def test_the_waterfall_draws_how_sure_its_sums_are(made: BookingsForecast) -> None:
    """Exact bars of what nobody knows exactly: the sentence below had an interval, they had none."""
    ax = figures.pipeline_waterfall(made)
    drawn = {tuple(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"}
    for name in ("pipeline_expected", "bookings_next_quarter"):
        one = made.finding(name).estimate
        assert (one.low, one.high) in drawn
    assert "90% intervals" in ax.get_xlabel()
    plt.close("all")


@pytest.mark.parametrize(
    ("off", "title"),
    [
        (0.0, "Past intervals held the 90% promised"),
        (9e9, "Fewer past outcomes fell inside than the 90% promised, by company,"),
    ],
)
def test_the_title_says_whether_past_intervals_held(
    made: BookingsForecast, off: float, title: str
) -> None:
    low, high = made.limits
    inside = made.backtest[[low, high]].mean(axis=1)
    moved = dataclasses.replace(made, backtest=made.backtest.assign(y=inside + off))
    said = figures.bookings_coverage(moved).get_title(loc="left")
    assert said.replace("\n", " ").startswith(title)
    plt.close("all")


def test_outcomes_outside_the_interval_stand_out(made: BookingsForecast) -> None:
    table = made.backtest.copy()
    mine = table["unique_id"] == "company"
    table.loc[mine, "y"] = table.loc[mine, "hi-90"] * 1.5
    ax = figures.bookings_record(_with(made, backtest=table))
    held = ax.get_title(loc="left")
    assert held.startswith("0 of ")
    colours = ax.collections[-1].get_facecolors()
    assert len(np.unique(colours, axis=0)) == 1
    plt.close("all")


def test_three_months_without_bookings_are_off_by_no_share(made: BookingsForecast) -> None:
    """The picture said that forecasts were off by no upper limit on average."""
    past = made.backtest.copy()
    past.loc[past.index[past["unique_id"] == made.focus][0], "y"] = 0.0
    said = figures.bookings_record(_with(made, backtest=past)).get_title(loc="left")
    assert re.search(r"off by \d+% on average", said.replace("\n", " "))
    plt.close("all")


def test_past_months_without_any_booking_are_drawn_as_none(made: BookingsForecast) -> None:
    """Of a young company the title said "off by not known on average", over an axis of $0 five times,
    half of it below nothing."""
    low, high = made.limits
    past = made.backtest.assign(
        **dict.fromkeys((low, high, "y", "forecast", "seasonal_naive"), 0.0)
    )
    ax = figures.bookings_record(_with(made, backtest=past))
    said = ax.get_title(loc="left").replace("\n", " ")
    assert said.endswith("past outcomes inside the interval; nothing was booked in any of them")
    assert "not known" not in style.alt_text(ax)
    assert ax.get_ylim()[0] == 0
    assert [one.get_text() for one in ax.get_yticklabels()] == ["$0"]
    plt.close("all")


def test_two_thousand_teams_stay_readable(made: BookingsForecast) -> None:
    quotas = made.quotas_below().iloc[[1]]
    many = pd.concat([quotas.assign(unique_id=f"company/T{k:04d}") for k in range(2000)])
    many["probability"] = np.linspace(0, 1, 2000)
    ax = figures.quota_chances(quotas.iloc[:0], many)
    assert len(ax.get_yticks()) == 30
    assert "30 least likely of 2000" in ax.get_title(loc="left").replace("\n", " ")
    # As in the table below: who is least likely is read first.
    names = [one.get_text() for one in ax.get_yticklabels()]
    assert (names[-1], names[0]) == ("T0000", "T0029")
    assert ": T0000 <1%; T0001 " in style.alt_text(ax)
    plt.close("all")


def test_parts_left_out_are_counted_and_the_worst_word_is_used(made: BookingsForecast) -> None:
    quotas = made.quotas_below()
    whole = quotas[quotas["unique_id"] == "company"]
    lost = whole.assign(
        probability=0.01, probability_low=0.0, probability_high=0.05, out_of_reach=True
    )
    ax = figures.quota_chances(lost, withheld=3)
    assert ax.get_title(loc="left") == "Quota of 2026-Q4: out of reach"
    said = "3 parts not shown, so that no group of fewer than five people can be told"
    assert said in ax.get_xlabel()
    assert said in style.alt_text(ax)
    both = figures.quota_chances(whole, quotas.drop(whole.index).assign(out_of_reach=True))
    assert "out of reach)" in both.get_title(loc="left").replace("\n", " ")
    plt.close("all")


def test_a_record_without_intervals_promises_none(made: BookingsForecast) -> None:
    table = made.backtest.assign(**{"lo-90": np.nan, "hi-90": np.nan})
    ax = figures.bookings_record(_with(made, backtest=table))
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "Came" in legend and not any("interval" in text for text in legend)
    assert ax.get_title(loc="left").startswith("No past interval to check")
    plt.close("all")


def test_the_what_if_draws_both_and_the_quota(made: BookingsForecast) -> None:
    ax = figures.pipeline_what_if(made, factor=2.0)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["as it is", "2.00x the pipeline"]
    once, twice = (line.get_xdata()[0] for line in ax.lines[:2])
    quarter = made.totals[made.totals["period"] == made.quarter]["mean"].iloc[0]
    assert once == pytest.approx(quarter) and twice > 1.3 * once
    assert ax.lines[2].get_xdata()[0] == made.quotas_below()["quota"].iloc[0]
    plt.close("all")


def test_nothing_to_draw_is_an_error_not_an_empty_picture(made: BookingsForecast) -> None:
    with pytest.raises(ValueError, match="no open deals"):
        figures.pipeline_waterfall(_with(made, waterfall=made.waterfall.iloc[:0]))
    with pytest.raises(ValueError, match="no past origin"):
        figures.bookings_record(_with(made, backtest=made.backtest.iloc[:0]))
    with pytest.raises(ValueError, match="no quota"):
        figures.quota_chances(made.quota.iloc[:0])


def _with(made: BookingsForecast, **changes: pd.DataFrame) -> BookingsForecast:
    import dataclasses

    return dataclasses.replace(made, **changes)


def test_a_part_of_which_nothing_was_forecast_in_the_past_has_no_picture_of_it(
    made: BookingsForecast,
) -> None:
    """A region of a few deals in a company of many: its report ended in limits of an axis that were no number."""
    past = made.backtest.copy()
    past.loc[past["unique_id"] == made.focus, "forecast"] = np.nan
    empty = _with(made, backtest=past)
    assert len(made.past()) and empty.past().empty
    with pytest.raises(ValueError, match="no past origin"):
        figures.bookings_record(empty)
