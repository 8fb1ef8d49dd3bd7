"""Planted truth and identities: people and whole regions that move within the company."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast.ledger import score
from salesops_lib.analyses.forecast.spells import latest_spells, spells_on
from salesops_lib.reporting.ledger_commands import _whose_deals
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas

WORLD = planted(8, months=30)
MOVED = pd.Timestamp("2026-03-31")


def renamed(old: str, new: str, *, later_first: bool = False) -> dict[str, pd.DataFrame]:
    """The planted company, a team of which is called otherwise after `MOVED`: each of its people has
    two spells, as a CRM that keeps histories gives them."""
    tables = with_quotas(WORLD, 20_000.0)
    reps = tables["reps"].assign(hire_date=pd.Timestamp("2020-01-01"))
    mine = reps["team"] == old
    before = reps[mine].assign(end_date=MOVED)
    after = reps[mine].assign(team=new, hire_date=MOVED + pd.Timedelta(days=1))
    spells = [after, before] if later_first else [before, after]
    return {**tables, "reps": pd.concat([reps[~mine], *spells], ignore_index=True)}


def made_from(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=300, by=("team",))


def by_team(made: BookingsForecast) -> pd.DataFrame:
    coming = made.quota["period"] == made.quarter
    return made.quota[coming & (made.quota["level"] == "team")].set_index("team")


def test_a_renamed_team_is_held_against_its_own_bookings() -> None:
    plain = by_team(made_from(with_quotas(WORLD, 20_000.0)))
    old = plain.index[0]
    # It keeps its place among the teams, and with it its draws.
    new = f"{old} East"
    made = made_from(renamed(old, new))
    now = by_team(made)
    assert old not in now.index
    for column in ("quota", "mean", "probability"):
        assert now.loc[new, column] == pytest.approx(plain.loc[old, column], rel=0.02), column
    assert any("moved from one part of the company to another" in one for one in made.notices)
    assert not any(
        "moved from one part" in one for one in made_from(with_quotas(WORLD, 20_000.0)).notices
    )


def test_the_order_of_spells_is_free() -> None:
    team = str(WORLD.tables["reps"]["team"].iloc[0])
    one, other = (made_from(renamed(team, "Zinc", later_first=way)) for way in (False, True))
    pd.testing.assert_frame_equal(one.quota, other.quota)
    pd.testing.assert_frame_equal(one.forecast, other.forecast)
    pd.testing.assert_frame_equal(one.nodes, other.nodes)


def test_a_forecast_of_the_new_name_is_scored_by_the_same_people() -> None:
    team = str(WORLD.tables["reps"]["team"].iloc[0])
    entry = {
        "findings": [
            {
                "name": "bookings_next_quarter",
                "value": 1.0,
                "low": 0.0,
                "high": 2.0,
                "confidence": 0.9,
                "target": {
                    "as_of": "2026-05-31",
                    "start": "2026-06-01",
                    "end": "2026-08-31",
                    "node": "company/Zinc",
                    "keys": {"team": "Zinc"},
                },
            }
        ]
    }
    scored = [
        score([entry], opened(renamed(team, "Zinc", later_first=way)))["actual"].iloc[0]
        for way in (False, True)
    ]
    assert scored[0] == scored[1] > 0


def test_the_latest_spell_by_hand() -> None:
    """R1 came back in 2025, listed first; R2's first spell has no date, so the dated one is later."""
    reps = pd.DataFrame(
        {
            "rep_id": ["R1", "R1", "R2", "R2", "R3"],
            "hire_date": pd.to_datetime(["2025-01-01", "2021-01-01", "2024-01-01", None, None]),
            "team": ["new", "old", "new", "old", "only"],
        }
    )
    found = latest_spells(reps).set_index("rep_id")["team"].to_dict()
    assert found == {"R1": "new", "R2": "new", "R3": "only"}


def _score(tables: dict[str, pd.DataFrame], team: str) -> pd.Series:
    target = {"as_of": "2026-05-31", "start": "2026-06-01", "end": "2026-08-31",
              "node": f"company/{team}", "keys": {"team": team}}  # fmt: skip
    said = {
        "name": "bookings_next_quarter",
        "value": 1.0,
        "low": 0.0,
        "high": 2.0,
        "confidence": 0.9,
    }
    return score([{"findings": [{**said, "target": target}]}], opened(tables)).iloc[0]


def test_who_moved_since_counts_for_the_team_that_the_forecast_was_of() -> None:
    """Three of nine moved a team of three's deals out of a quarter long over: $188K came where $263K
    had come, in the mean of thirty companies."""
    plain = with_quotas(WORLD, 20_000.0)
    reps = plain["reps"].assign(hire_date=pd.Timestamp("2020-01-01"), end_date=pd.NaT)
    home, other = reps["team"].iloc[0], reps["team"].iloc[1]
    was = [_score({**plain, "reps": reps}, team)["actual"] for team in (home, other)]
    assert min(was) > 0
    for day in ("2026-06-10", "2026-09-10"):
        moved = pd.Timestamp(day)
        before = reps.assign(end_date=reps["end_date"].where(reps["team"] != home, moved))
        after = reps[reps["team"] == home].assign(
            team=other, hire_date=moved + pd.Timedelta(days=1)
        )
        tables = {**plain, "reps": pd.concat([after, before])}
        assert [_score(tables, team)["actual"] for team in (home, other)] == was


def test_a_rep_counts_by_the_spell_of_that_day_by_hand() -> None:
    """On the last of May. A moved in June; B had left in 2025 and came back; C moves over a weekend that
    holds that day; D was hired later, and moved again; E has no dates; F left for good."""
    reps = pd.DataFrame(
        [
            ("A", "2021-01-01", "2026-06-10", "old"), ("A", "2026-06-11", None, "new"),
            ("B", "2021-01-01", "2025-03-31", "old"), ("B", "2026-07-01", None, "new"),
            ("C", "2021-01-01", "2026-05-29", "old"), ("C", "2026-06-01", None, "new"),
            ("D", "2026-06-15", "2026-08-31", "old"), ("D", "2026-09-01", None, "new"),
            ("E", None, None, "old"), ("F", "2021-01-01", "2026-02-28", "old"),
        ],
        columns=["rep_id", "hire_date", "end_date", "team"],
    )  # fmt: skip
    for name in ("hire_date", "end_date"):
        reps[name] = pd.to_datetime(reps[name])
    found = spells_on(reps[::-1], pd.Timestamp("2026-05-31")).set_index("rep_id")["team"]
    assert found.to_dict() == {
        "A": "old",
        "B": "new",
        "C": "old",
        "D": "old",
        "E": "old",
        "F": "old",
    }


def test_a_column_of_the_deals_does_not_hide_that_of_the_reps() -> None:
    """A forecast by team takes the reps' teams, also where deals carry a team of their own."""
    tables = with_quotas(WORLD, 20_000.0)
    team = str(tables["reps"]["team"].iloc[0])
    odd = {**tables, "deals": tables["deals"].assign(team="elsewhere")}
    assert _score(odd, team)["actual"] == _score(tables, team)["actual"] > 0


def test_the_score_says_by_which_part_deals_count() -> None:
    assert "were in when" not in _whose_deals(False) and "in now" in _whose_deals(False)
    assert "was in when the forecast was made" in _whose_deals(True)
