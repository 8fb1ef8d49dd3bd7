"""Sentences of the bookings forecast that would be false in some data: what each depends on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from salesops_lib import wording
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings, notice_words, words
from salesops_lib.analyses.forecast.conclusions import _lost
from salesops_lib.estimate import Estimate
from salesops_lib.figures import forecast as figures
from tests.analyses.forecast_company import AS_OF, opened, planted, undated_pipeline, with_quotas

Made = Callable[[float], BookingsForecast]


def orders_only(months: int) -> BookingsForecast:
    deals = planted(8, months=months, ahead=0).tables
    won = deals["deals"][
        (deals["deals"]["status"] == "won") & (deals["deals"]["close_date"] <= AS_OF)
    ]
    tables = {"reps": deals["reps"], "deals": won.drop(columns="created_date")}
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=12, draws=100)


def notice(made: BookingsForecast, opening: str) -> str:
    return next(text for text in made.notices if text.startswith(opening))


# -- the first year -----------------------------------------------------------------------------


def test_a_level_line_is_promised_no_trend() -> None:
    said = notice_words.first_year([100.0] * 12)
    assert "trend" not in said and said.endswith("carried forward, the same for every month.")
    assert "trend" not in notice_words.first_year([100.0])


def test_a_trend_that_fades_is_told_from_one_that_goes_on() -> None:
    fading = 100 + 20 * (1 - 0.6 ** np.arange(12))
    assert notice_words.first_year(list(fading)).endswith("with a trend that soon fades.")
    assert notice_words.first_year(list(100 + 3 * np.arange(12.0))).endswith("with its trend.")


def test_the_first_year_is_told_as_it_is_drawn() -> None:
    """The sentence and the line of the same result agree, whatever the method makes of the data."""
    made = orders_only(9)
    mine = made.forecast[made.forecast["unique_id"] == "company"]["mean"].to_numpy()
    said = notice(made, "Less than a year")
    moves = abs(mine[-1] / mine[0] - 1) > 0.02
    assert ("trend" in said) == moves


# -- pipeline and quota -------------------------------------------------------------------------


def covered(value: float, low: float, high: float, now: float) -> str:
    return words.coverage_needed(Estimate(value, low, high, unit="ratio"), now, "2026-Q4")


def test_pipeline_coverage_in_plain_words() -> None:
    said = covered(3.49, 3.15, 3.84, 3.7)
    assert said == (
        "For four chances in five of reaching the quota of 2026-Q4, open deals must be worth 3.5 "
        "times what is left of it to book (90% interval 3.1 to 3.8 times). Today's are worth 3.7 "
        "times that; we cannot tell whether that is enough."
    )
    assert "3.1 times or more)" in covered(3.5, 3.15, np.inf, 2.0)
    assert "interval up to 3.8 times)" in covered(3.5, 0.0, 3.84, 2.0)


@pytest.mark.parametrize(
    ("wins", "said"),
    [
        (0.61, "less than one win"),
        (1.2, "about 1 win"),
        (9.96, "about 10 wins"),
        (33.4, "about 33 wins"),
        (1924.3, "about 1,900 wins"),
    ],
)
def test_wins_are_whole_and_known_to_two_digits(wins: float, said: str) -> None:
    """It said "about 0.61 wins" of a small company, "about 1,924" of a large one."""
    money = Estimate(80e3, 3.5e3, 400e3)
    assert f" in 2026-Q4: {said}, 4.0% of what is in the pipeline." in words.pipeline_expected(
        money, 16, 2e6, wins, "2026-Q4", "$"
    )


def test_a_pipeline_that_is_not_in_the_forecast_is_said_not_to_be() -> None:
    beside = forecast_bookings(undated_pipeline(), as_of=AS_OF, horizon=3, draws=100)
    inside = forecast_bookings(
        opened(planted(6, months=30).tables), as_of=AS_OF, horizon=3, draws=100
    )
    aside = "The forecast does not rest on this."
    assert beside.methods == "series"
    assert beside.finding("pipeline_expected").sentence.endswith(aside)
    assert aside not in inside.finding("pipeline_expected").sentence


@pytest.fixture(scope="module")
def made_with() -> Made:
    tables = planted(8, months=30)

    def make(monthly: float) -> BookingsForecast:
        return forecast_bookings(
            opened(with_quotas(tables, monthly)), as_of=AS_OF, horizon=3, draws=100
        )

    return make


def test_parts_judged_but_not_shown_are_spoken_of(made_with: Made) -> None:
    """Six teams of one person: none is shown, so the count must say where they went."""
    said = made_with(10_000.0).finding("quotas_out_of_reach").sentence
    assert said.endswith(f"(6 judged, none of them {words.UNTOLD.removeprefix('not ')}).")
    large = words.out_of_reach([], 0, "2026-Q4", 8, "region")
    assert large == "No region's quota of 2026-Q4 is out of reach by this evidence (8 judged)."


def test_an_aside_is_closed_and_all_of_all_are_none() -> None:
    chance = Estimate(0.9, 0.6, 0.98, unit="probability")
    said = words.quota_probability(chance, 3.8e6, "2026-Q4", True, "$")
    assert "taken to be the latest known quarter's ($3.8M), is 90%" in said
    assert "quota of 2026-Q4 ($3.8M) is" in words.quota_probability(
        chance, 3.8e6, "2026-Q4", False, "$"
    )
    assert notice_words.typical_amounts(9, 1_589).startswith("9 of 1,589 open deals state no")
    assert notice_words.typical_amounts(9, 9).startswith("None of the 9 open deals states an")


def test_a_team_left_out_with_a_small_one_is_not_named(made_with: Made) -> None:
    """Five teams of 20 and more and one of two: beside their total the next smallest is not shown,
    so no sentence may name it."""
    made = made_with(900_000.0)
    people = {f"Team {k}": n for k, n in enumerate((20, 21, 22, 23, 24, 2))}
    table = made.quota.assign(reps=made.quota["team"].map(people).fillna(112).astype(int))
    said = _lost(dataclasses.replace(made, quota=table), made.quarter)[2]
    assert "Team 0" not in said and "Team 5" not in said
    assert "Team 1" in said and f"2 teams {words.UNTOLD}." in said
    table = table[(table["team"] != "Team 0") | (table["reps"] > 20)].assign(
        out_of_reach=table["team"].isin(["Team 5"])
    )
    said = _lost(dataclasses.replace(made, quota=table), made.quarter)[2]
    assert said.endswith(": 1 team of fewer than five people.")


def test_what_is_left_out_need_not_be_small(made_with: Made) -> None:
    """With a small group the next smallest is left out too, which may be of any size."""
    quotas = made_with(50_000.0).quotas_below()
    whole = quotas[quotas["unique_id"] == "company"]
    four = quotas.drop(whole.index).iloc[:4]
    ax = figures.quota_chances(whole, four, withheld=2, what="team")
    said = "2 teams not shown, so that no group of fewer than five people can be told"
    assert said in ax.get_xlabel()
    assert "4 teams" in ax.get_title(loc="left")


def test_parts_have_a_plural() -> None:
    assert words.parts(1, "territory") == "1 territory"
    assert words.parts(2, "territory") == "2 territories"
    assert words.plain("manager_id") == "manager"


# -- how wrong ----------------------------------------------------------------------------------


def test_the_difference_of_two_rounded_amounts_is_told() -> None:
    """$13M against $12M came, "so it was $1.3M (11%) too high": amounts have the digits that show it."""
    error = Estimate(0.108, -0.04, 0.25, unit="share")
    said = words.last_error(error, pd.Timestamp("2026-06-30"), 13.3e6, 12.0e6, "$")
    assert "said $13.3M" in said and "$12.0M came" in said
    assert "$1.3M (11%) too high, within its interval" in said


def test_coverage_is_the_same_in_table_and_picture() -> None:
    """Teams that began late have intervals where last year's value is not known."""
    world = planted(8, months=34)
    deals = world.tables["deals"]
    late = (deals["rep_id"] == "R0") & (deals["created_date"] < "2025-03-01")
    made = forecast_bookings(
        opened({**world.tables, "deals": deals[~late]}), as_of=AS_OF, horizon=3, draws=100
    )
    table = made.accuracy[made.accuracy["method"] == "forecast"].set_index("level")
    past = made.backtest.dropna(subset=["lo-90", "y"])
    past = past[past["level"] == "team"]
    assert len(past) > table.loc["team", "n"]
    inside = (past["lo-90"] <= past["y"]) & (past["y"] <= past["hi-90"])
    assert table.loc["team", "coverage"] == pytest.approx(inside.mean())
    points = figures.bookings_coverage(made).lines[-1].get_xdata()
    assert points[-1] == pytest.approx(inside.mean())


def test_past_days_inside_a_month_are_not_called_month_ends() -> None:
    tables = planted(8, months=18).tables
    inside, end = (
        forecast_bookings(opened(tables), as_of=day, horizon=3, draws=100)
        for day in ("2026-07-20", "2026-07-31")
    )
    for made, right, wrong in ((inside, "past date", "month end"), (end, "month end", "past date")):
        said = " ".join([notice(made, "The forecast could be tested"), *made.rests_on["source"]])
        assert right in said and wrong not in said


@pytest.mark.parametrize("months", [16, 20, 33])
def test_an_interval_is_called_badly_known_only_where_it_is(months: int) -> None:
    """In the second year last year's quarter, in the third its growth can be told from the latest past days
    only: the forecast is compared there, while its interval rests on all that the pipeline told."""
    made = forecast_bookings(
        opened(planted(4, months=months).tables), as_of=AS_OF, horizon=3, draws=100
    )
    assert made.ahead is not None
    views = made.ahead.views
    errors = views.actual[3:, 0, 1:4] - views.pipe[3:, 0, 1:4]
    behind = int(np.isfinite(errors).all(axis=1).sum())
    said = notice(made, "The forecast could be tested on")
    assert len(made.past()) < 9
    assert ("known less well than with nine" in said) == (behind < 9)
    assert (f"rests on {behind} past forecasts" in said) == (behind >= 9)


# -- the year -----------------------------------------------------------------------------------


def test_a_year_ahead_stands_beside_the_year_before() -> None:
    """The quarter was held against the year before, the year ahead against nothing: up or down is what anybody
    asks first. The months summed here are those of the deals table."""
    data = opened(planted(8).tables)
    made = forecast_bookings(data, as_of=AS_OF, horizon=12, draws=100)
    deals = data.as_of(AS_OF).deals()
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    booked = won.loc[won["close_date"] > AS_OF - pd.DateOffset(years=1), "amount"].sum()
    found = made.finding("bookings_next_year")
    change = wording.percent(found.estimate.value / booked - 1, signed=True)
    assert found.sentence.endswith(f"({change}).")
    assert f"the {wording.money(booked, '$')} of the twelve months before" in found.sentence
    # Without an interval, and without a whole year, nothing is said of it.
    for months in (11, 12):
        assert "before" not in orders_only(months).finding("bookings_next_year").sentence
