"""Rows that meet nobody in another table are said, with how they are written where that is all."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset
from salesops_lib.dataset.small_groups import withheld
from salesops_lib.story.opening import begin

SAMPLE = load_dataset("sample")
TABLES = {
    name: getattr(SAMPLE, name)()
    for name in ("reps", "deals", "quotas", "activities", "channels", "markets")
}


def said(table: str, frame: pd.DataFrame, about: str) -> list[str]:
    made = Dataset.from_frames({**TABLES, table: frame})
    return [one for one in made.notices if about in one]


def test_the_sample_joins() -> None:
    whole = Dataset.from_frames(TABLES)
    assert not [one for one in whole.notices if "alike" in one or "in all tables" in one]


@pytest.mark.parametrize(
    ("table", "rows"), [("quotas", "1,309 quotas"), ("activities", "51,372 rows of activities")]
)
def test_ids_in_other_letters(table: str, rows: str) -> None:
    frame = TABLES[table]
    (notice,) = said(table, frame.assign(rep_id=frame["rep_id"].str.lower()), "in all tables")
    assert notice.startswith(f"Of {rows}, {rows.split()[0]} are of 60 reps that neither")
    assert "(r001, r002 and r003 and more)" in notice and "“r001” is “R001” there." in notice


def test_a_single_stranger() -> None:
    """Padded with a zero more it is still alike; a name is not."""
    quotas = TABLES["quotas"].copy()
    quotas.loc[0, "rep_id"] = "X 9"
    (notice,) = said("quotas", quotas, "in all tables")
    assert (
        "1 is of 1 rep that neither the reps table nor a deal knows (X 9), and not used. Write"
        in notice
    )


@pytest.mark.parametrize(
    ("there", "here", "alike"),
    [("11-2", "1-12", False), ("1-12", "1.12", True), ("R-007", "r007", True), ("7", "007", True)],
)
def test_numbers_of_other_digits_are_not_alike(there: str, here: str, alike: bool) -> None:
    deals = pd.DataFrame(
        {
            "deal_id": ["D"],
            "rep_id": [there],
            "status": "won",
            "amount": 1.0,
            "close_date": "2026-01-05",
        }
    )
    quotas = pd.DataFrame({"rep_id": [here], "month": "2026-01-01", "quota": 1.0})
    notices = Dataset.from_frames({"deals": deals, "quotas": quotas}).notices
    (notice,) = [one for one in notices if "in all tables" in one]
    assert (f"“{here}” is “{there}” there." in notice) == alike


def test_who_only_has_deals_is_no_stranger() -> None:
    reps = TABLES["reps"]
    assert not said("reps", reps[reps["rep_id"] != "R001"], "in all tables")


def test_regions_and_channels_without_a_row() -> None:
    markets, channels = TABLES["markets"], TABLES["channels"]
    (notice,) = said("markets", markets[markets["region"] != "DACH"], "in both tables")
    assert notice.startswith(
        "Of 8 regions of the reps, 1 has no row in markets (DACH): nothing of that table"
    )
    assert " there." not in notice
    loud = channels.assign(channel=channels["channel"].str.upper())
    (notice,) = said("channels", loud, "in both tables")
    assert notice.startswith("Of 4 channels of the reps, 4 have no row in channels")
    assert "“EU direct” is “EU DIRECT” there." in notice
    assert not said("markets", markets.iloc[:0], "in both tables")
    more = pd.concat([markets, markets.tail(1).assign(region="Iberia")])
    assert not said("markets", more, "in both tables")


def test_groups_of_a_few_people_are_not_named() -> None:
    """Three people in the Alps, and the next smallest with them, else the total would tell of the three."""
    reps, markets = TABLES["reps"].copy(), TABLES["markets"]
    reps.loc[reps.index[:3], "region"] = "Alps"
    few = withheld(reps.groupby("region")["rep_id"].nunique())
    assert len(few) == 2 and "Alps" in few

    def about(known: pd.DataFrame) -> str:
        made = Dataset.from_frames({**TABLES, "reps": reps, "markets": known})
        (notice,) = [one for one in made.notices if "in both tables" in one]
        return notice

    of_none = about(markets.assign(region="Elsewhere"))
    assert of_none.startswith("Of 9 regions of the reps, 9 have no row in markets (")
    assert " and more):" in of_none and not any(str(one) in of_none for one in few)
    of_few = about(markets[~markets["region"].isin(few)])
    assert of_few.startswith("Of 9 regions of the reps, 2 have no row in markets: nothing")


def test_readers_of_pseudonyms_or_a_part_see_no_ids(tmp_path) -> None:
    reps, quotas = TABLES["reps"], TABLES["quotas"]
    tables = {**TABLES, "reps": reps[reps["rep_id"] != "R001"]}
    tables["quotas"] = quotas.assign(rep_id=quotas["rep_id"].replace("R002", "ann@example.com"))
    for name, frame in tables.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    shown = {}
    for names, scope in (("full", "company"), ("pseudonym", "company"), ("full", "region=DACH")):
        run = begin(str(tmp_path), notebook="forecast", names=names, scope=scope)
        shown[names, scope] = " ".join(run.notices)
    everybody = shown.pop(("full", "company"))
    assert "(ann@example.com)" in everybody and "not in the reps table (R001)" in everybody
    for text in shown.values():
        assert "of 1 rep that neither the reps table nor a deal knows, and" in text
        assert "1 rep with deals but not in the reps table: kept" in text
        assert "ann@" not in text and "R001" not in text


@pytest.mark.parametrize(
    ("owner", "reps", "said"),
    [
        ("Ann Lee", ["Lee, Ann", None], "“Ann Lee” may be “Lee, Ann” there, by the name."),
        ("José Díaz", ["Diaz Jose", None], "“José Díaz” may be “Diaz Jose” there, by the name."),
        ("Ann Lee", ["U12", "ann lee"], "“Ann Lee” may be “U12” there, by the name."),
        ("ann.lee", ["Ann Lee", None], "“ann.lee” is “Ann Lee” there."),
        ("Ann", ["Ann Lee", None], ""),
        ("1-12", ["11-2", None], ""),
    ],
)
def test_an_owner_written_otherwise_than_in_the_reps_table(
    owner: str, reps: list[str | None], said: str
) -> None:
    """An export with names beside a list of people with ids: half of a company stood twice, and without a team."""
    deals = pd.DataFrame({
        "deal_id": ["D", "E"], "rep_id": [owner, "Bob"], "status": "won", "amount": 1.0, "close_date": "2026-01-05",
    })  # fmt: skip
    people = pd.DataFrame(
        {"rep_id": [reps[0], "Bob"], "name": [reps[1], "Bob"], "hire_date": "2025-01-01"}
    )
    data = Dataset.from_frames({"deals": deals, "reps": people})
    (notice,) = [one for one in data.notices if "not in the reps table" in one]
    assert notice.endswith(f"without team, region or channel. {said}".rstrip())
    (unnamed,) = [one for one in data.notices_without_people if "not in the reps table" in one]
    assert owner not in unnamed


def test_of_two_with_one_name_nobody_is_meant() -> None:
    quotas = pd.DataFrame({"rep_id": ["Ann Lee"], "month": "2026-01-01", "quota": 1.0})
    reps = pd.DataFrame({"rep_id": ["U1", "U2"], "name": "Ann Lee", "hire_date": "2025-01-01"})
    deals = pd.DataFrame({
        "deal_id": ["D"], "rep_id": ["U1"], "status": "won", "amount": 1.0, "close_date": "2026-01-05",
    })  # fmt: skip
    for table, told in ((reps, False), (reps.iloc[:1], True)):
        notices = Dataset.from_frames({"deals": deals, "quotas": quotas, "reps": table}).notices
        (notice,) = [one for one in notices if "in all tables" in one]
        assert ("“Ann Lee” may be “U1” there, by the name." in notice) == told
