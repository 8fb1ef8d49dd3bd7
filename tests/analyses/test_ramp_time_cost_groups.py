"""Comparisons: groups, facts that go with a quick ramp, the table of definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import (
    RampTime,
    compare_definitions,
    compare_groups,
    comparison_words,
    definition_notices,
    facts_about,
    ramp_factors,
    ramp_time,
    usual_milestones,
    views,
)
from salesops_lib.errors import DataError, NotEnoughData
from tests.analyses.ramp_frames import dated, milestones, noisy, smooth


def certified(data: pd.DataFrame, **options: object) -> RampTime:
    return ramp_time(data, value="bookings", definition="milestone", event="certified", **options)


class TestGroupsAndFactors:
    def test_channels_are_compared_by_log_rank(self) -> None:
        rows = {f"f{i}": (1, 2 + i % 2, True) for i in range(12)}
        rows |= {f"s{i}": (1, 8 + i % 3, True) for i in range(12)}
        data = milestones(rows).assign(kind=lambda f: f["rep_id"].str[0])
        ramp = certified(data, by="kind")
        assert ramp.group_p < 0.001
        assert ramp.groups.set_index("group")["median_months"].to_dict() == {"f": 2, "s": 9}

    def test_what_speeds_ramp_up(self) -> None:
        """Experienced reps take half as long."""
        rng = np.random.default_rng(1)
        rows, old = {}, {}
        for i in range(120):
            name, experience = f"r{i}", i % 2
            old[name] = experience
            time = 12 * rng.weibull(2) * (0.5 if experience else 1.0)
            rows[name] = (1, max(int(np.ceil(time)), 1), True)
        data = milestones(rows).assign(
            experience=lambda f: f["rep_id"].map(old), place=lambda f: f["rep_id"].str[-1]
        )
        found = ramp_factors(certified(data), data, covariates=("experience",))
        row = found.table.iloc[0]
        assert row["factor"] == "experience"
        assert row["low"] < 0.5 < row["high"] < 0.75
        assert row["verdict"] == "sooner"
        said = found.findings[0].sentence
        # A fact's name in a sentence stands in quotes: "It is hired a year later" is another sentence.
        assert said.startswith(f"Ramp goes with “{row['label']}”: ")
        assert "need not cause" in said

    def test_yes_and_no_and_categories_are_compared_with_the_most_common(self) -> None:
        rows = {f"r{i:02}": (1, 2 + i % 5, True) for i in range(60)}
        facts = pd.DataFrame(
            {
                "rep_id": list(rows),
                "training_attended": [i < 20 for i in range(60)],
                "role": ["hunter"] * 31 + ["farmer"] * 26 + ["other"] * 3,
            }
        )
        found = ramp_factors(
            certified(milestones(rows)), facts, covariates=("training_attended", "role")
        )
        assert found.together
        assert found.table["label"].tolist() == [
            "training attended: yes instead of no",
            "role: farmer instead of hunter",
        ]
        assert any("3 reps in a role of fewer than 5" in text for text in found.notices)

    def test_nothing_stands_out_of_noise(self) -> None:
        """20 facts without any effect: Holm's p names one in at most a tenth of companies."""
        named = 0
        for seed in range(30):
            rng = np.random.default_rng(seed)
            rows = {f"r{i}": (1, 1 + int(rng.integers(1, 9)), True) for i in range(60)}
            facts = pd.DataFrame(rng.standard_normal((60, 6)), columns=list("abcdef"))
            found = ramp_factors(
                certified(milestones(rows)),
                facts.assign(rep_id=list(rows)),
                covariates=tuple("abcdef"),
            )
            named += found.findings[0].sentence.startswith("Ramp goes with")
        assert named <= 8

    def test_only_reps_seen_from_the_start_count(self) -> None:
        """Early hires first seen late are slow ones: they would make later hires look quick."""
        rows = {f"r{i}": (1, 2 + i % 5, True) for i in range(40)}
        late = {f"l{i}": (4, 12, True) for i in range(20)}
        every = {name: float(name.startswith("l")) for name in (*rows, *late)}
        data = milestones(rows | late).assign(early=lambda f: f["rep_id"].map(every))
        alone = milestones(rows).assign(x=lambda f: f["rep_id"].str[1:].astype(int) % 2)
        with pytest.raises(NotEnoughData, match="too few to tell"):
            ramp_factors(certified(data), data, covariates=("early",))
        mixed = pd.concat([alone, milestones(late).assign(x=1)])
        one, two = (ramp_factors(certified(f), f, covariates=("x",)).table for f in (alone, mixed))
        assert one["times_as_long"].iloc[0] == two["times_as_long"].iloc[0]

    def test_facts_that_go_together_are_looked_at_alone(self) -> None:
        """Every place has one role: of 120 reps who got there nobody may read that they are too few,
        and what each fact goes with by itself is known."""
        rows = {f"r{i}": (1, 1 + i % 7, True) for i in range(120)}
        place = {name: "abcd"[i % 4] for i, name in enumerate(rows)}
        facts = pd.DataFrame({"rep_id": list(rows), "place": list(place.values())}).assign(
            role=lambda f: f["place"].isin(["a", "b"]).map({True: "direct", False: "partner"}),
            experience=[float(i % 5) for i in range(120)],
        )
        ramp = certified(milestones(rows))
        found = ramp_factors(ramp, facts, covariates=("place", "role", "experience"))
        assert not found.together
        assert [one for one in found.notices if one.startswith("Place and role go together")]
        assert set(found.table["factor"]) == {"place", "role", "experience"}
        for name in ("role", "experience"):
            alone = ramp_factors(ramp, facts, covariates=(name,)).table["times_as_long"].iloc[0]
            row = found.table[found.table["factor"] == name]
            assert row["times_as_long"].iloc[0] == pytest.approx(alone)
        # Without the fact that follows from the other, the rest stand in one regression.
        assert ramp_factors(ramp, facts, covariates=("place", "experience")).together

    def test_too_many_factors(self) -> None:
        data = milestones(dict.fromkeys("abcd", (1, 3, True))).assign(x=1.0, y=2.0)
        with pytest.raises(NotEnoughData, match="too few"):
            ramp_factors(certified(data), data, covariates=("x", "y"))

    def test_facts_are_what_is_no_name_and_no_place(self) -> None:
        reps = pd.DataFrame(
            {
                "rep_id": list("abcdefghijkl"),
                "name": list("ABCDEFGHIJKL"),
                "hire_date": pd.Timestamp("2025-01-01"),
                "role": ["x", "y"] * 6,
                "payroll_number": range(100, 112),
                "prior_experience": [0, 1, 2] * 4,
                "country": "DE",
            }
        )
        assert facts_about(reps) == ("role", "prior_experience", "cohort")

    def test_a_curve_has_no_times(self) -> None:
        with pytest.raises(DataError, match="times until an event"):
            ramp_factors(ramp_time(noisy(1), value="bookings"), covariates=("cohort",))

    def test_groups_of_a_result_already_there(self) -> None:
        """The same as `by=` at the start, for curves and milestones."""
        data = dated(noisy(3), apart=1).assign(
            channel=lambda f: np.where(f["rep_id"] % 2, "a", "b")
        )
        for definition in ("learning_curve", "milestone"):
            options = {"value": "bookings", "definition": definition}
            first = ramp_time(data, by="channel", **options)
            later = compare_groups(ramp_time(data, **options), by="channel")
            pd.testing.assert_frame_equal(first.groups, later.table)
            assert first.group_p == later.p
            assert first.grouped_by == "channel"

    def test_groups_speak(self) -> None:
        rows = {f"f{i}": (1, 2 + i % 2, True) for i in range(12)}
        rows |= {f"s{i}": (1, 8 + i % 3, True) for i in range(12)}
        data = milestones(rows).assign(channel=lambda f: f["rep_id"].str[0])
        differ = compare_groups(certified(data), by="channel").finding("ramp_by_channel")
        assert differ.sentence.startswith(
            "Ramp differs between channels: f takes 2.0 months, s takes"
        )
        assert "need not cause" in differ.sentence
        # A year takes no months; those hired in it do.
        row = pd.Series({"group": "2026", "median_months": 3.8})
        assert comparison_words._takes(row, "cohort") == "hires of 2026 take 3.8 months"
        row["median_months"] = float("inf")
        assert comparison_words._takes(row, "cohort") == "hires of 2026 take longer than seen"
        alike = compare_groups(
            certified(data.assign(channel=lambda f: f["rep_id"].str[1:])), by="channel"
        )
        assert "too few reps" in alike.findings[0].sentence
        mixed = data.assign(channel=lambda f: (f["rep_id"].str[1:].astype(int) % 2).astype(str))
        said = compare_groups(certified(mixed), by="channel").findings[0].sentence
        assert said.startswith("Cannot tell whether channels ramp at different speeds")
        with pytest.raises(DataError, match="belongs where"):
            compare_groups(certified(data), by="favourite colour")

    def test_a_group_that_hardly_climbs_has_no_end(self) -> None:
        """Its curve ends at the slowest that is tried, 138 months, and nobody saw that."""
        rows = smooth(reps=24, months=18)
        slow = rows["rep_id"] >= 12
        level = rows["bookings"].where(~slow, 3.0 * rows["tenure_months"])
        data = dated(rows.assign(bookings=level * np.where(rows["rep_id"] % 2, 1.1, 0.9)), apart=1)
        data = data.assign(kind=np.where(slow, "slow", "quick"))
        found = compare_groups(ramp_time(data, value="bookings", by="kind"), by="kind")
        table = found.table.set_index("group")
        assert table.loc["quick", "median_months"] < 10
        assert table.loc["slow", ["median_months", "median_high"]].tolist() == [np.inf, np.inf]
        assert "slow takes longer than seen" in found.findings[0].sentence
        shown = views.GROUPS["formats"]["median_months"]
        assert [shown(one) for one in (np.inf, 3.8, np.nan)] == ["longer than seen", "3.8", "–"]

    def test_what_became_of_hires_adds_up(self) -> None:
        data = dated(milestones({f"r{i}": (1, 3 + i % 4, i % 3 > 0) for i in range(30)}))
        ramp = certified(data)
        end = ramp.leaving.iloc[-1]
        assert end[["ramped", "left", "neither"]].sum() == pytest.approx(1)
        assert ramp.finding("left_before").estimate.value == end["left"]

    def test_notices_of_a_table_are_said_once(self) -> None:
        """All about the milestone that is drawn, no counts of the others, nothing said before."""
        late = noisy(7).assign(tenure_months=lambda f: f["tenure_months"] + 4 * (f["rep_id"] < 9))
        found = usual_milestones(late, value="bookings")
        said = definition_notices(found, known=found[-1].notices[:1])
        assert len(set(said)) == len(said)
        assert set(said) == set(found[-1].notices[1:])

    def test_quota_is_a_milestone_where_there_are_quotas(self) -> None:
        data = noisy(7).assign(quota=900.0)
        names = [one.milestone for one in usual_milestones(data, value="bookings")]
        assert names[:2] == ["first sale", "a month at quota"]
        assert names[-1].startswith("2 months in a row")

    def test_the_definitions_side_by_side(self) -> None:
        data = noisy(7)
        ramp = ramp_time(data, value="bookings")
        found = usual_milestones(data, value="bookings")
        table = compare_definitions(ramp, *found)
        assert len(table) == 4
        assert table["months"].iloc[0] == ramp.median_months.value
        assert table["months"].iloc[3] > table["months"].iloc[2] > table["months"].iloc[1]
