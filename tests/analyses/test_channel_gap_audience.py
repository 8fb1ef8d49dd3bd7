"""Groups under five people are in no sentence, table, figure or finding of a company-wide report."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, channel_gap
from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.analyses.executive_brief import executive_brief
from salesops_lib.dataset import Dataset
from salesops_lib.figures import channel_gap as figures
from salesops_lib.registry import ANALYSES
from tests.reporting.conftest import eventually, forks, warm  # noqa: F401

FEW = 5


def company(**sizes: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rep-months and deals of channels with so many reps; channel x sells far more than others."""
    rng = np.random.default_rng(0)
    channel = np.repeat(list(sizes), list(sizes.values()))
    reps = pd.DataFrame({"rep_id": [f"R{i:02d}" for i in range(len(channel))], "channel": channel})
    months = reps.merge(pd.DataFrame({"month": pd.date_range("2026-01-01", periods=4, freq="MS")}),
                        how="cross")  # fmt: skip
    level = months["channel"].map({name: 100.0 * (i + 1) for i, name in enumerate(sizes)})
    months = months.assign(bookings=level + rng.normal(0, 20, len(months)), deals_closed=1.0)
    deals = months[["rep_id"]].assign(
        deal_id=np.arange(len(months)).astype(str), status="won", amount=months["bookings"],
        close_date=months["month"] + pd.Timedelta(days=9), created_date=months["month"],
        segment=np.resize(["retail", "bank", "retail"], len(months)), product="X",
    )  # fmt: skip
    return months, deals


def ask(months: pd.DataFrame, deals: pd.DataFrame, **options: object) -> gaps.Comparable:
    return gaps.comparable(months, deals, **{"fewest": FEW, **options})


def test_small_channels_are_pooled_where_together_they_are_enough() -> None:
    found = ask(*company(big=8, small=3, tiny=2))
    assert (found.by, found.a, found.b) == ("channel", "the rest", "big")
    assert set(found.months["channel"]) == {"big", "the rest"}
    assert found.months.loc[found.months["channel"] == "the rest", "rep_id"].nunique() == 5
    assert found.notices == (
        "2 channels of fewer than five people are taken together as “the rest”: alone, their "
        "people could be recognised.",
    )


def test_only_pairs_that_may_be_shown_are_picked_from() -> None:
    """Of three, one of two reps is gone: nothing is left to pick from."""
    assert ask(*company(big=8, other=8, third=8)).among == 3
    assert ask(*company(big=8, other=8, third=8), a="big", b="third").among == 1
    assert ask(*company(big=8, other=8, tiny=2)).among == 1


def test_small_channels_that_stay_small_are_gone() -> None:
    found = ask(*company(big=8, other=6, tiny=2))
    assert set(found.months["channel"]) == {"big", "other"}
    assert {found.a, found.b} == {"big", "other"}
    assert found.notices == ("1 channel of fewer than five people is left out: people could be "
                             "recognised.",)  # fmt: skip


def test_two_real_channels_come_before_the_pool() -> None:
    found = ask(*company(big=8, other=6, tiny=3, least=4))
    assert {found.a, found.b} == {"big", "other"}
    assert set(found.months["channel"]) == {"big", "other", "the rest"}


def test_five_people_are_enough_and_four_are_not() -> None:
    assert ask(*company(big=8, five=5)).by == "channel"
    found = ask(*company(big=8, four=4))
    assert found.by == ""
    assert found.months.empty
    sentence = found.finding("correctable_money_year").sentence
    assert "four" not in sentence
    assert "recognisable in a report that the whole company reads" in sentence
    # The brief says why its lever is not ranked in the same words.
    lever = next(one for one in ANALYSES if one.name == "channel_gap").levers[0]
    brief = executive_brief({"channel_gap": found.findings}, analyses=ANALYSES)
    reason = brief.not_ranked.set_index("lever").loc[lever.label, "reason"]
    assert reason == found.finding(lever.finding).sentence == sentence


def test_a_small_channel_that_was_asked_for_is_refused_without_its_name() -> None:
    months, deals = company(big=8, other=6, tiny=2)
    found = ask(months, deals, a="tiny", b="big")
    assert found.by == ""
    assert "tiny" not in json.dumps(found.to_dict()["findings"]) + found.because + found.remedy
    with pytest.raises(DataError) as fault:
        ask(months, deals, a="elsewhere")
    assert "tiny" not in str(fault.value)


def test_a_team_sees_its_own_small_channel_and_nobody_elses() -> None:
    months, deals = company(big=8, mine=3, theirs=3)
    mine = months.loc[months["channel"] == "mine", "rep_id"].unique()
    found = ask(months, deals, own=mine)
    assert set(found.months["channel"]) == {"big", "mine"}
    half = ask(months, deals, own=mine[:2])
    assert set(half.months["channel"]) == {"big", "the rest"}


def test_a_channel_of_one_is_no_channel_to_its_own_readers_either() -> None:
    """Nothing can be told from one rep; two are shown to whose they are."""
    for tiny, shown in ((1, False), (2, True)):
        months, deals = company(big=8, other=8, tiny=tiny)
        own = set(months.loc[months["channel"] == "tiny", "rep_id"])
        assert ("tiny" in set(ask(months, deals, own=own).months["channel"])) == shown


def test_another_column_stands_in_and_that_is_said() -> None:
    months, deals = company(big=8, four=4)
    teams = np.where(months["rep_id"] < "R06", "north", "south")
    found = ask(months.assign(team=teams), deals)
    assert (found.by, {found.a, found.b}) == ("team", {"north", "south"})
    assert found.notices == (
        "No two channels are large enough to be compared, so teams are compared instead.",
    )
    absent = ask(months.assign(team=teams).drop(columns="channel"), deals, channel="partner")
    assert "Nothing says who or what belongs to which partner" in absent.notices[0]


def test_a_channel_of_the_deals_counts_who_closed_a_deal() -> None:
    """Every rep has a row for every segment; three of them ever sold to banks."""
    months, deals = company(big=8, other=6)
    bank = (deals["rep_id"] < "R03") & (deals["segment"] == "bank")
    deals = deals.assign(
        segment=np.where(bank, "bank", np.where(deals["rep_id"] < "R07", "retail", "trade"))
    )
    found = ask(months, deals, channel="segment")
    assert set(found.months["segment"]) == {"retail", "trade"}
    assert "bank" not in set(found.deals["segment"].dropna())
    more = deals.assign(segment=deals["segment"].where(deals["rep_id"] < "R12", "school"))
    pooled = ask(months, more, channel="segment")
    assert set(pooled.months["segment"]) == {"retail", "trade", "the rest"}
    assert not pooled.months.duplicated(["rep_id", "month", "segment"]).any()
    total = pooled.months["bookings"].sum()
    assert total == pytest.approx(deals["amount"].sum())
    won = gaps.won_deals(pooled.deals, pooled.months, channel="segment")
    assert won["amount"].sum() == pytest.approx(total)


def test_only_the_dots_of_ones_own_reps_are_drawn() -> None:
    months, _ = company(big=8, mine=6)
    gap = channel_gap(months, outcome="bookings", a="mine", b="big", permutations=9)
    mine = set(months.loc[months["channel"] == "mine", "rep_id"])
    ax = figures.rep_means(gap, only=mine)
    dots = [one for one in ax.lines if one.get_marker() == "o"]
    assert sum(len(one.get_xdata()) for one in dots) == len(mine)
    plt.close("all")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with names that no library uses, and a channel of four."""
    folder = tmp_path_factory.mktemp("small")
    months, deals = company(Bigmouth=9, Quaxolot=4, Zwirbel=3, Otherwise=7)
    reps = months.drop_duplicates("rep_id")[["rep_id", "channel"]]
    Dataset.from_frames({"reps": reps, "deals": deals})
    reps.to_csv(folder / "reps.csv", index=False)
    deals.to_csv(folder / "deals.csv", index=False)
    return folder


def executed(folder: Path, **given: object) -> tuple[str, str]:
    """What the notebook shows: everything but its code, and the findings."""
    import nbformat
    from nbclient import NotebookClient

    from salesops_lib.reporting.kernels.batch import BatchManager

    book = nbformat.read(
        Path(__file__).resolve().parents[2] / "notebooks" / "channel_gap.ipynb", as_version=4
    )
    cell = next(one for one in book.cells if "parameters" in one.metadata.get("tags", []))
    lines = {"data": str(folder), **given}
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in lines.items())
    # A fork of the warm server, as in a run: an ordinary kernel would import everything again.
    manager = BatchManager(kernel_name="python3")
    try:
        # A client leaves a manager that it was given running, for the whole session of tests.
        NotebookClient(book, km=manager, timeout=240).execute(cleanup_kc=True)
        assert eventually(lambda: not forks()), forks()
    finally:
        manager.remove_folder()
    outputs = [output for one in book.cells for output in one.get("outputs", [])]
    return json.dumps(outputs, ensure_ascii=False), json.dumps(
        [one["data"] for one in outputs if "application/vnd.salesops.findings+json"
         in one.get("data", {})])  # fmt: skip


def test_the_whole_notebook_names_no_group_under_five(written: Path, warm: None) -> None:  # noqa: F811
    """Channels of four and three: neither name nor average, in text, tables, figures, findings."""
    shown, findings = executed(written)
    assert "Bigmouth" in findings
    assert "Otherwise" in findings
    assert "the rest" in shown
    for name in ("Quaxolot", "Zwirbel"):
        assert name not in shown
    refused, told = executed(written, a="Quaxolot")
    assert "Quaxolot" not in refused
    assert "recognisable" in told


def test_a_column_of_the_deals_plays_the_channel(written: Path, warm: None) -> None:  # noqa: F811
    """The parameter `channel` names any column of reps or deals."""
    shown, findings = executed(written, channel="segment")
    assert "who sell both" in findings
    assert "retail brings" in findings.lower() or "bank brings" in findings.lower()
    assert "Deals won" in shown
    for name in ("Bigmouth", "Quaxolot"):
        assert name not in findings
