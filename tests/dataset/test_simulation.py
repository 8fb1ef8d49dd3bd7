"""The simulated company: the bundled one is reproducible, and what is planted is there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.simulation import Company, simulate_company
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, season
from salesops_lib.dataset.simulation.tables import QUOTA_GROWTH
from salesops_lib.errors import ParameterError

BUNDLED = {"reps": 60, "months": 36, "seed": 2026}


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(**BUNDLED)


def bookings(company: Company) -> pd.Series:
    """Won amount of each rep, nothing else of the program in between."""
    deals = company.tables["deals"]
    won = deals[deals["status"] == "won"]
    return won.groupby("rep_id")["amount"].sum()


def written(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def content(name: str, files: dict[str, bytes]) -> bytes:
    """A file without its compression."""
    return gzip.decompress(files[name]) if name.endswith(".gz") else files[name]


# --- the bundled sample ---------------------------------------------------------------------------


def test_the_sample_is_made_again_byte_for_byte(
    company: Company, project: Path, tmp_path: Path
) -> None:
    """Two writings are the same bytes. Against the committed files the content under the gzip is
    compared: builds of Python differ in the zlib they compress with, not in what they compress."""
    first, second = (written(company.write(tmp_path / part)) for part in ("a", "b"))
    assert first == second
    kept = written(project / "data" / "sample")
    assert first.keys() == kept.keys()
    assert [name for name in kept if content(name, first) != content(name, kept)] == []
    assert all(data[4:8] == bytes(4) for name, data in first.items() if name.endswith(".gz"))
    assert sum(map(len, kept.values())) < 5e6


def test_another_seed_is_another_company(company: Company) -> None:
    other = simulate_company(**{**BUNDLED, "seed": 2027})
    assert list(other.tables["reps"]["name"]) != list(company.tables["reps"]["name"])
    assert len(other.tables["deals"]) != len(company.tables["deals"])


def test_a_switched_off_part_moves_no_other(company: Company) -> None:
    without = simulate_company(**BUNDLED, activities=False)
    assert "activities" not in without.tables
    for name, frame in without.tables.items():
        pd.testing.assert_frame_equal(frame, company.tables[name])


def test_every_row_passes_admission(company: Company, tmp_path: Path) -> None:
    company.write(tmp_path)
    quality = load_dataset(str(tmp_path)).quality.tables.set_index("table")
    assert set(company.tables) <= set(quality.index)
    for name, frame in company.tables.items():
        assert quality.loc[name, "rows_read"] == len(frame)
        assert quality.loc[name, "rows_accepted"] == len(frame), quality.loc[name, "notes"]
        assert quality.loc[name, "rows_quarantined"] == 0


def test_the_tables_agree_with_each_other(company: Company) -> None:
    tables = company.tables
    reps, deals, steps = tables["reps"], tables["deals"], tables["stage_changes"]
    assert reps["rep_id"].is_unique and reps["name"].is_unique and deals["deal_id"].is_unique
    assert set(deals["rep_id"]) <= set(reps["rep_id"])
    assert set(steps["deal_id"]) == set(deals["deal_id"])
    assert set(reps["region"]) == set(tables["markets"]["region"])
    closed = deals[deals["status"] != "open"]
    assert (closed["close_date"] >= closed["created_date"]).all()
    assert deals.loc[deals["status"] == "open", "close_date"].isna().all()
    assert (deals["amount"] <= deals["list_amount"]).all() and (deals["amount"] > 0).all()
    # The last stage on record is the stage in the deals table, and no history runs backwards.
    last = steps.groupby("deal_id", sort=False)["stage"].last()
    assert (deals.set_index("deal_id")["stage"] == last.reindex(deals["deal_id"])).all()
    assert steps.groupby("deal_id")["changed_at"].is_monotonic_increasing.all()
    # Deals are closed while their rep is there.
    spell = closed.merge(reps[["rep_id", "hire_date", "end_date"]], on="rep_id")
    gone = spell["end_date"].fillna(pd.Timestamp.max)
    assert (spell["close_date"] >= spell["hire_date"]).all() and (spell["close_date"] <= gone).all()


# --- truth.json -----------------------------------------------------------------------------------


def test_gap_parts_add_up(company: Company) -> None:
    gap = company.truth["channel_gap"]
    assert gap["market"] + gap["practice"] + gap["unexplained"] == pytest.approx(gap["gap"])
    assert gap["expected_a"] - gap["expected_b"] == pytest.approx(gap["gap"])
    every = gap["per_covariate"]
    assert every["win_rate"] + every["selling_hours"] + every["discount"] == pytest.approx(
        gap["practice"]
    )
    assert every["market_direct"] + every["market_through_win_rate"] == pytest.approx(gap["market"])
    # As planted: 1.1 times, of which 45% market, 35% practice, 20% neither; prices and amounts in
    # the tables are rounded, hence the tolerance.
    assert gap["ratio"] == pytest.approx(1.10, abs=1e-6)
    shares = [gap[part] / gap["gap"] for part in ("market", "practice", "unexplained")]
    assert shares == pytest.approx([0.45, 0.35, 0.20], abs=0.01)


def test_the_planted_gap_is_in_the_bookings() -> None:
    """Sixty companies without ramp, leavers and old growth: the mean ratio of what the two
    channels booked a rep-month against the planted one, within four standard errors."""
    ratios = []
    for seed in range(60):
        made = simulate_company(
            months=12,
            seed=seed,
            reps_per_channel={"EU distributor": 16, "US distributor": 16},
            hired_share=0.0,
            leaving=0.0,
            gap=1.3,
            activities=False,
        )
        channel = made.tables["reps"].set_index("rep_id")["channel"]
        booked = bookings(made).groupby(channel).mean()
        ratios.append(np.log(booked["EU distributor"] / booked["US distributor"]))
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    assert error < 0.02
    assert abs(np.mean(ratios) - np.log(1.3)) < 4 * error


def test_pipeline_truth_is_consistent(company: Company) -> None:
    pipeline = company.truth["pipeline"]
    deals = company.tables["deals"]
    is_open = deals["status"] == "open"
    assert set(pipeline["win_probability"]) == set(deals.loc[is_open, "deal_id"])
    assert pipeline["open_deals"] == is_open.sum()
    assert pipeline["open_amount"] == pytest.approx(deals.loc[is_open, "amount"].sum())
    total = pipeline["expected_from_pipeline"] + pipeline["expected_from_new_deals"]
    assert pipeline["expected_total"] == pytest.approx(total)
    for deal, ever in pipeline["win_probability"].items():
        soon = pipeline["win_probability_next_quarter"][deal]
        assert 0 <= soon <= ever <= 1 + 1e-9
    by_hand = sum(
        pipeline["win_probability_next_quarter"][deal] * amount
        for deal, amount in deals.loc[is_open, ["deal_id", "amount"]].itertuples(index=False)
    )
    assert pipeline["expected_from_pipeline"] == pytest.approx(by_hand)


def test_win_probabilities_come_true() -> None:
    """Deals won in the quarter after the last day against the sum of their probabilities, over
    24 companies without month shocks: within four binomial standard deviations."""
    expected = variance = came = 0.0
    for seed in range(24):
        made = simulate_company(
            reps=24, months=6, seed=seed, noise=0.0, company_noise=0.0, activities=False
        )
        truth = made.truth["pipeline"]
        chance = np.array(list(truth["win_probability_next_quarter"].values()))
        expected += chance.sum()
        variance += (chance * (1 - chance)).sum()
        now = LEAD_MONTHS + 6
        deals = made._deals
        days = (deals.month >= now) & (deals.month < now + 3)
        came += (deals.won & days).sum()
    assert abs(came - expected) < 4 * np.sqrt(variance) + 0.01 * expected


def test_truth_file_holds_the_same(company: Company, project: Path) -> None:
    kept = json.loads((project / "data" / "sample" / "truth.json").read_text())
    assert kept["channel_gap"]["practice"] == pytest.approx(
        company.truth["channel_gap"]["practice"], rel=1e-7
    )
    options = {name: kept["settings"][name] for name in ("reps", "months", "seed")}
    assert options == BUNDLED
    assert {one["rep_id"] for one in kept["reps"]} >= set(company.tables["reps"]["rep_id"])


# --- options --------------------------------------------------------------------------------------


def first_year(company: Company) -> pd.DataFrame:
    """Bookings of every rep hired within the data, by tenure month, against the mature level."""
    reps, deals = company.tables["reps"], company.tables["deals"]
    skill = {one["rep_id"]: one["skill"] for one in company.truth["reps"]}
    won = deals[deals["status"] == "won"].merge(reps[["rep_id", "hire_date"]], on="rep_id")
    tenure = _months_between(won["hire_date"], won["close_date"])
    booked = won.assign(tenure=tenure).groupby(["rep_id", "tenure"])["amount"].sum()
    rows = []
    last = deals["close_date"].max()
    for rep in reps[reps["hire_date"] > deals["close_date"].min()].itertuples():
        until = rep.end_date if pd.notna(rep.end_date) else last
        for month in range(1, 7):
            if month <= _months_between(rep.hire_date, until):
                amount = booked.get((rep.rep_id, month), 0.0)
                rows.append((rep.rep_id, month, amount / skill[rep.rep_id]))
    return pd.DataFrame(rows, columns=["rep_id", "tenure", "share"])


def _months_between(first: Any, last: Any) -> Any:
    """Calendar months, the first one counted as 1."""
    if isinstance(first, pd.Series):
        years, months = last.dt.year - first.dt.year, last.dt.month - first.dt.month
        return 12 * years + months + 1
    return 12 * (last.year - first.year) + last.month - first.month + 1


@pytest.mark.parametrize("ramp_months", [0.0, 6.0])
def test_ramp_months_is_how_long_a_hire_ramps(ramp_months: float) -> None:
    made = simulate_company(
        reps=200,
        months=24,
        seed=11,
        hired_share=0.9,
        ramp_months=ramp_months,
        informative_leavers=False,
        trend=0.0,
        seasonality=0.0,
        activities=False,
    )
    assert made.truth["ramp"]["months_to_90"] == ramp_months
    assert made.truth["ramp"]["slow_reps"] == []
    share = first_year(made).groupby("tenure")["share"].agg(["mean", "sem"])
    tenure = share.index.to_numpy()
    planted = 1 - 10 ** (-tenure / ramp_months) if ramp_months else np.ones(len(tenure))
    assert (np.abs(share["mean"] - planted) < 4.5 * share["sem"]).all(), share.assign(is_=planted)


def test_informative_leavers_leave_because_they_are_slow() -> None:
    options = {"reps": 200, "months": 36, "seed": 4, "hired_share": 0.9, "activities": False}
    made = simulate_company(**options, informative_leavers=True)
    reps = pd.DataFrame(made.truth["reps"]).merge(made.tables["reps"], on="rep_id")
    slow = reps[reps["slow_ramp"]]
    assert set(slow["rep_id"]) == set(made.truth["ramp"]["slow_reps"])
    assert 0.12 < len(slow) / len(reps) < 0.32
    assert (slow["ramp_months"] == 16).all()
    assert (reps.loc[~reps["slow_ramp"], "ramp_months"] == 4).all()
    # Gone within a year, unless the data end before.
    recent = slow["hire_date"] > made.tables["deals"]["close_date"].max() - pd.DateOffset(months=13)
    days = (slow["end_date"] - slow["hire_date"]).dt.days
    assert days[~recent].notna().all() and days.dropna().between(180, 400).all()

    plain = simulate_company(**options, informative_leavers=False)
    assert not any(one["slow_ramp"] for one in plain.truth["reps"])
    assert plain.tables["reps"]["end_date"].notna().sum() < reps["end_date"].notna().sum()


def test_skill_is_what_a_rep_books_in_the_long_run() -> None:
    made = simulate_company(
        reps=40, months=120, seed=8, hired_share=0.0, leaving=0.0, activities=False
    )
    skill = pd.DataFrame(made.truth["reps"]).set_index("rep_id")["skill"]
    booked = bookings(made).reindex(skill.index)
    # Not one: skill is of the last year, and over ten years the regions' markets wander.
    assert np.corrcoef(skill, booked)[0, 1] > 0.9
    # Luck has its say over a single quarter.
    deals = made.tables["deals"]
    quarter = deals[(deals["status"] == "won") & (deals["close_date"] > "2026-06-30")]
    short = quarter.groupby("rep_id")["amount"].sum().reindex(skill.index).fillna(0.0)
    assert np.corrcoef(skill, short)[0, 1] < np.corrcoef(skill, booked)[0, 1]


def test_quotas_follow_last_years_bookings(company: Company) -> None:
    """A plain loop: who served all of the year before has its bookings, grown and by season."""
    tables, settings = company.tables, company.settings
    quotas, deals, reps = tables["quotas"], tables["deals"], tables["reps"]
    won = deals[deals["status"] == "won"]
    factors = dict(zip(settings.calendar.astype(str), season(settings), strict=True))
    checked = 0
    for rep in reps[(reps["hire_date"] < "2024-07-01") & reps["end_date"].isna()].itertuples():
        mine = quotas[(quotas["rep_id"] == rep.rep_id) & (quotas["month"] >= "2025-10-01")]
        year = won["close_date"].between("2024-10-01", "2025-09-30")
        last = won.loc[year & (won["rep_id"] == rep.rep_id), "amount"].sum() / 12
        expected = [QUOTA_GROWTH * last * factors[f"{m:%Y-%m}"] for m in mine["month"]]
        actual = mine["quota"].to_numpy()
        # No quota is under a floor for all, so a weak year's quota may be above it.
        assert (actual >= np.array(expected) - 51).all()
        checked += np.allclose(actual, expected, atol=51)
    assert checked > 20


def test_without_a_ratchet_quotas_do_not_follow() -> None:
    made = simulate_company(reps=24, months=24, seed=2, ratchet=0.0, activities=False)
    quotas = made.tables["quotas"]
    last = quotas[quotas["month"] == quotas["month"].max()]
    hired = made.tables["reps"].set_index("rep_id")["hire_date"].reindex(last["rep_id"])
    old = last.loc[(hired < "2026-01-01").to_numpy(), "quota"]
    assert len(old) > 15 and old.min() == old.max()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("months", 1),
        ("reps", 0),
        ("gap", 5.0),
        ("skill_shape", "cauchy"),
        ("gap_split", (0.5, 0.5, 0.5)),
        ("end", "soon"),
        ("reps_per_channel", {"Moon": 3}),
    ],
)
def test_an_option_out_of_range_is_named(option: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=option):
        simulate_company(**{option: value})
