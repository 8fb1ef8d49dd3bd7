"""Deals are judged by where they came from, alone where stages have no history: renewals end otherwise than
new business."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.analyses.forecast.snapshots import Snapshots
from salesops_lib.analyses.forecast.sources import sources, told_at_the_end
from tests.analyses.forecast_company import AS_OF, clockwork, opened

MONTHS = 30


def company() -> dict[str, pd.DataFrame]:
    """Beside ten deals a month, of which two are won in the first month and one in the second, four renewals,
    all won in the second month."""
    tables = clockwork(MONTHS)
    rows = []
    for end in pd.date_range(end=AS_OF, periods=MONTHS, freq="ME"):
        close = end + pd.offsets.MonthEnd(2) - pd.Timedelta(days=14)
        done = close <= AS_OF
        one = {
            "status": "won" if done else "open", "amount": 100.0, "created_date": end,
            "close_date": close if done else pd.NaT, "source": "renewal",
        }  # fmt: skip
        rows += [{"deal_id": f"R{end:%y%m}{k}", "rep_id": f"R{k}", **one} for k in range(4)]
    deals = pd.concat([tables["deals"].assign(source="new"), pd.DataFrame(rows)], ignore_index=True)
    return {**tables, "deals": deals}


def forecast(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=200, origins=3)


def test_renewals_are_won_as_renewals_are() -> None:
    """All eight of two months are won within the quarter; of ten new ones three, and of five a month old one.
    By age alone ten renewals and new ones of a month ago have one chance."""
    tables = company()
    made = forecast(tables)
    chances = made.chances.set_index(["stage", "age_months_low"])["p_quarter"]
    assert chances["renewal"].tolist() == pytest.approx([1.0, 1.0], abs=0.05)
    assert chances["new"][[0.0, 1.0]].tolist() == pytest.approx([0.3, 0.2], abs=0.02)
    wins = made.pipeline.set_index("unique_id").loc["company", "expected_wins"]
    assert wins == pytest.approx(8 + 3 + 1, abs=0.5)
    said = " ".join(made.notices)
    assert "judged by their age and where they came from" in said
    alone = forecast({**tables, "deals": tables["deals"].drop(columns="source")})
    assert set(alone.chances["stage"]) == {"any stage"}
    assert "judged by their age alone" in " ".join(alone.notices)


def test_renewals_that_pass_the_same_stages_are_won_as_renewals_are() -> None:
    """The company from above with a stage that all deals are in. Its open deals bring twelve wins, and four
    where no renewal is due; by stage and age alone those would be more than five."""
    tables = company()
    deals = tables["deals"]
    due = (deals["source"] == "renewal") & (deals["status"] == "open")
    for open_now, wins in ((deals, 12), (deals[~due], 4)):
        assert _staged(tables, open_now) == pytest.approx(wins, abs=0.5)
    assert _staged(tables, deals[~due].drop(columns="source")) > 5


def _staged(tables: dict[str, pd.DataFrame], deals: pd.DataFrame) -> float:
    """Wins expected of the open deals, all of them in one stage."""
    changes = deals[["deal_id", "created_date"]].set_axis(["deal_id", "changed_at"], axis=1)
    made = forecast({**tables, "deals": deals, "stage_changes": changes.assign(stage="open")})
    assert set(made.chances["stage"]) == {"open"}
    return float(made.pipeline.set_index("unique_id").loc["company", "expected_wins"])


def sourced(deals: pd.DataFrame) -> tuple[list[int], tuple[str, ...]] | None:
    """The codes of the deals, and the names of the sources."""
    found = sources(deals)
    return found and (found[0].tolist(), found[1])


def decided(**counts: int) -> pd.DataFrame:
    return pd.DataFrame(
        [(source, "lost") for source, n in counts.items() for _ in range(n)],
        columns=["source", "status"],
    )


def test_sources_of_few_deals_are_one() -> None:
    """Fifty decided deals are a source's own; of seven such the smallest is not."""
    codes, names = sourced(decided(b=50, a=60, c=49)) or ([], ())
    assert names == ("", "a", "b")
    assert codes == [2] * 50 + [1] * 60 + [0] * 49
    seven = decided(**{name: 60 + k for k, name in enumerate("tuvwxyz")})
    assert (sourced(seven) or ([], ()))[1] == ("", *"uvwxyz")


def test_where_deals_came_from_is_not_taken_where_it_tells_the_end() -> None:
    """Filled in for the decided only, or for the won only, it would tell who is decided, or won."""
    both = decided(a=95, b=95)
    unknown = decided(a=10).assign(source=None)
    assert sourced(pd.concat([both, unknown])) is not None
    assert sourced(pd.concat([both, unknown, unknown.head(1)])) is None
    still_open = decided(a=19).assign(status="open")
    blank = decided(a=1).assign(status="open", source=None)
    assert sourced(pd.concat([both, still_open, blank])) is not None
    assert sourced(pd.concat([both, still_open, blank, blank])) is None


def test_one_source_tells_nothing() -> None:
    assert sourced(decided(a=200)) is None
    assert sourced(decided(a=20, b=20)) is None
    assert sourced(decided(a=200).drop(columns="source")) is None
    assert sourced(decided(a=200, b=20)) is not None


def test_a_source_that_is_written_down_when_a_deal_ends_is_not_taken() -> None:
    """Of 200 deals open at each of the last twelve snapshots 50 are of the second source, and of 200 open today
    five are, or four: next to none. Of a source of which fewer than twenty should be open, none may be."""
    for there, second, so in (
        (5, 50, False),
        (4, 50, True),
        (1, 19, False),
        (1, 20, True),
        (2, 20, False),
    ):
        source = np.zeros(13 * 200, dtype=np.int64)
        for snap in range(12):
            source[snap * 200 : snap * 200 + second] = 1
        source[2400 : 2400 + there] = 1
        snap = np.repeat(np.arange(13), 200)
        none = np.zeros(len(snap), dtype=np.int64)
        rows = Snapshots(np.arange(len(snap)), snap, none, none, none * 1.0, none, none > 0)
        assert told_at_the_end(rows, source, none == 0, 12) == so
        # None of it began lately: it was given up.
        assert not told_at_the_end(rows, source, source == 0, 12)
    assert not told_at_the_end(rows, none, none == 0, 12)


def test_a_source_that_was_given_up_leaves_the_others() -> None:
    """Renewals of the company from above ended eight months ago; what is new is judged as new business is."""
    tables = company()
    deals = tables["deals"]
    gone = (deals["source"] == "renewal") & (
        deals["created_date"] > AS_OF - pd.DateOffset(months=8)
    )
    for more in (1, 9):
        left = pd.concat(
            [
                deals[~gone].assign(deal_id=lambda d, k=k: d["deal_id"] + f"-{k}")
                for k in range(more)
            ]
        )
        history = read_history(
            opened({**tables, "deals": left.reset_index(drop=True)}), as_of=AS_OF, by=()
        )
        assert history.sources == 3


def test_wins_that_are_given_their_source_at_the_end_are_not_missed() -> None:
    """Where all deals won are written over as from customers, those open today would win next to nothing."""
    tables = clockwork(MONTHS)
    deals = tables["deals"]
    won = deals["status"] == "won"
    told = deals.assign(source=np.where(won, "customer", "new"))
    many = pd.concat([told.assign(deal_id=told["deal_id"] + f"-{k}") for k in range(9)])
    wins = {}
    for name, frame in (("told", many), ("blind", many.drop(columns="source"))):
        wins[name] = _staged(tables, frame.reset_index(drop=True))
    assert wins["told"] == pytest.approx(wins["blind"]) and wins["told"] > 30
