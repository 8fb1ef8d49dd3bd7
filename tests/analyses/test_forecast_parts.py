"""A forecast of the parts of a company: their names, levels that are one, one part alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import ParameterError
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.dataset import Dataset
from tests.analyses.forecast_company import AS_OF, growing, opened, planted


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return growing()


def test_territories_of_one_person_do_not_widen_the_company() -> None:
    """A part that books now and then errs by factors; the company's interval rests on its own."""
    deals = planted(7, months=40, ahead=0).tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    whole = {"reps": planted(7).tables["reps"], "deals": won.drop(columns="created_date")}
    rare = won.drop_duplicates("rep_id").index
    split = {
        "reps": pd.concat(
            [
                whole["reps"],
                pd.DataFrame(
                    {
                        "rep_id": [f"S{k}" for k in range(40)],
                        "name": "x",
                        "region": "South",
                        "team": [f"Lone {k}" for k in range(40)],
                    }
                ),
            ]
        ),
        "deals": whole["deals"].assign(
            rep_id=[
                f"S{k % 40}" if k % 3 == 0 and at not in rare else rep
                for k, (at, rep) in enumerate(whole["deals"]["rep_id"].items())
            ]
        ),
    }
    wide = []
    for tables in (whole, split):
        made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
        found = made.finding("bookings_next_quarter").estimate
        wide.append(found.high / found.low)
    assert wide[1] < 1.3 * wide[0]


def test_names_with_slashes_stay_apart(tables: dict[str, pd.DataFrame]) -> None:
    """Region "A/B" with team "C" and region "A" with team "B/C" once shared the path "A/B/C": two
    teams' bookings were added up and both teams shown the sum."""
    named = tables["reps"].copy()
    named["region"] = np.where(named["region"] == "North", "A/B", "A")
    named["team"] = np.where(named["region"] == "A/B", "C", "B/C")
    # A second team in one of the regions, or both levels would be the same.
    named.loc[named["rep_id"] == named.loc[named["team"] == "C", "rep_id"].max(), "team"] = "D"
    made = forecast_bookings(opened({**tables, "reps": named}), as_of=AS_OF, horizon=3, draws=100)
    assert made.nodes["unique_id"].is_unique
    assert made.nodes["unique_id"].tolist() == [
        "company", "company/A", "company/A~1B", "company/A/B~1C", "company/A~1B/C",
        "company/A~1B/D",
    ]  # fmt: skip
    plain = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    for frame in ("history", "totals", "quota", "pipeline", "nodes"):
        value = {"history": "y", "totals": "mean", "quota": "quota", "pipeline": "open_amount"}
        column = value.get(frame, "reps")
        new, old = (getattr(one, frame).groupby("unique_id")[column].sum() for one in (made, plain))
        assert new["company/A~1B"] == pytest.approx(old["company/North"], rel=0.02)
        assert new["company/A"] == pytest.approx(old["company/South"], rel=0.02)
        assert new["company/A/B~1C"] == pytest.approx(new["company/A"], rel=0.02)
    # A part is found by its own name; asked for A, nothing of A/B is told.
    for name in ("A", "A/B", "C", "company/A~1B/C"):
        part = forecast_bookings(
            opened({**tables, "reps": named}), as_of=AS_OF, horizon=3, draws=100, focus=name
        )
        assert f"of {name.rpartition('~1')[2].removeprefix('B/') if '~' in name else name} in" in (
            part.finding("bookings_next_quarter").sentence
        )
    assert set(_part(opened({**tables, "reps": named}), "A").quotas_below()["region"]) == {"A"}


def _part(dataset: Dataset, name: str) -> BookingsForecast:
    return forecast_bookings(dataset, as_of=AS_OF, horizon=3, draws=100, focus=name)


def test_a_name_that_two_parts_share_must_be_given_as_a_path(
    tables: dict[str, pd.DataFrame],
) -> None:
    first = tables["reps"]["rep_id"] == tables["reps"]["rep_id"].min()
    named = tables["reps"].assign(team=np.where(first, "T2", "T1"))
    dataset = opened({**tables, "reps": named})
    with pytest.raises(ParameterError, match="company/North/T1 and company/South/T1"):
        _part(dataset, "T1")
    assert _part(dataset, "company/South/T1").focus == "company/South/T1"


def test_levels_without_values_are_left_out_with_a_word(tables: dict[str, pd.DataFrame]) -> None:
    flat = {**tables, "reps": tables["reps"].drop(columns=["region", "team"])}
    made = forecast_bookings(opened(flat), as_of=AS_OF, horizon=3, draws=100)
    assert made.nodes["unique_id"].tolist() == ["company"]
    assert sum("bookings are not split" in text for text in made.notices) == 2


def test_split_by_a_column_of_the_deals(tables: dict[str, pd.DataFrame]) -> None:
    deals = tables["deals"]
    products = {**tables, "deals": deals.assign(product=np.where(deals.index % 3, "A", "B"))}
    made = forecast_bookings(opened(products), as_of=AS_OF, horizon=3, by=["product"], draws=100)
    assert made.nodes["level"].tolist() == ["total", "product", "product"]
    quarter = made.totals[made.totals["period"] == made.quarter]
    shares = quarter.set_index("unique_id")["mean"]
    assert shares["company/A"] / shares["company"] == pytest.approx(2 / 3, abs=0.12)
    # Reps have quotas, products do not.
    assert set(made.quota["unique_id"]) == {"company"}


def test_findings_about_a_part(tables: dict[str, pd.DataFrame]) -> None:
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, focus="North", draws=100)
    assert made.focus == "company/North"
    part = made.totals[made.totals["unique_id"] == "company/North"].iloc[0]
    found = made.finding("bookings_next_quarter")
    assert found.estimate.value == part["mean"]
    assert "of North" in found.sentence
    assert made.waterfall["value"].iloc[-1] == pytest.approx(part["mean"])
    assert set(made.quotas_below()["unique_id"].str.split("/").str[1]) == {"North"}


def _renamed(tables: dict[str, pd.DataFrame], teams: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The company with teams named after the regions of their reps."""
    reps = tables["reps"]
    return {**tables, "reps": reps.assign(team=reps["region"].map(teams))}


def test_a_level_that_is_the_one_above_is_counted_once(tables: dict[str, pd.DataFrame]) -> None:
    """One team a region: the forecast is that of regions alone, and both names find it."""
    same = _renamed(tables, {"North": "Polar", "South": "Solar"})
    both = forecast_bookings(opened(same), as_of=AS_OF, draws=100, focus="Solar")
    alone = forecast_bookings(opened(same), as_of=AS_OF, draws=100, by=["region"], focus="South")
    assert both.focus == alone.focus == "company/South"
    assert both.nodes["unique_id"].tolist() == ["company", "company/North", "company/South"]
    assert both.nodes["team"].tolist() == [None, "Polar", "Solar"]
    pd.testing.assert_frame_equal(both.forecast, alone.forecast)
    assert any(text.startswith("Every region is one team") for text in both.notices)
    assert not any(text.startswith("Every region") for text in alone.notices)


def test_a_level_wider_than_the_one_above_splits_nothing(
    tables: dict[str, pd.DataFrame],
) -> None:
    whole = _renamed(tables, {"North": "World", "South": "World"})
    made = forecast_bookings(opened(whole), as_of=AS_OF, draws=100)
    assert made.nodes["level"].tolist() == ["total", "region", "region"]
    assert "No region holds more than one team: bookings are split by region only." in made.notices


def test_a_level_below_one_left_out_stays(tables: dict[str, pd.DataFrame]) -> None:
    same = _renamed(tables, {"North": "Polar", "South": "Solar"})
    made = forecast_bookings(
        opened(same), as_of=AS_OF, draws=100, by=["region", "team", "rep_id"], focus="R1"
    )
    assert list(made.nodes["level"].unique()) == ["total", "region", "rep_id"]
    rep = made.nodes.set_index("unique_id").loc[made.focus]
    assert rep["team"] == {"North": "Polar", "South": "Solar"}[rep["region"]]
    parts = made.forecast.groupby(["level", "ds"])["mean"].sum()
    np.testing.assert_allclose(parts["rep_id"], parts["total"], rtol=1e-9)
