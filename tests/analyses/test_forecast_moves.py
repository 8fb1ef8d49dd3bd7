"""Planted truth and identities: people and whole regions that move within the company."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast.history import latest_spells
from salesops_lib.analyses.forecast.ledger import score
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
