"""Quotas of managers that are their teams' once more.

Many companies give a manager what the reps below add up to, or a little less. Added to theirs, it doubles the
company's quota, and with two levels of managers makes it three times as large: a quota that had four chances
in five was said to be out of reach.
"""

from __future__ import annotations

import pandas as pd
from scipy.special import gammaincc

from salesops_lib import wording

# From this part on of what the reps below are to sell, theirs is meant; of one rep alone nothing can be told.
_TEAMS, _FEWEST = 0.75, 2
# Who sells more than this part of a quota has it to sell; who sells less by more than this chance may have, too.
_SELLS, _BY_CHANCE = 1 / 3, 0.05
# Levels of managers, one above the other.
_LEVELS = 12


def without_teams(
    quotas: pd.DataFrame, reps: pd.DataFrame, deals: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """The quotas that somebody is to sell, and what to say of the others.

    A manager's quota of a month is the team's where it is three quarters or more of what all below have
    together, and the manager sells less than a third of it: so little that chance does not explain it in deals
    of the usual size. Who never led two reps with quotas keeps them.

    Parameters
    ----------
    quotas, reps, deals
        Canonical tables; quotas are months'.
    """
    lines = _lines(reps)
    if quotas.empty or lines.empty:
        return quotas, []
    teams = _teams(quotas, lines)
    own = quotas.reset_index().merge(teams, on=["rep_id", "month"]).set_index("index")
    own = own[(own["quota"] > 0) & (own["quota"] >= _TEAMS * own["team"])]
    several = set(own.loc[own["below"] >= _FEWEST, "rep_id"])
    own = own[own["rep_id"].isin(several)]
    twice = own[~own["rep_id"].isin(_sellers(own, deals))]
    if twice.empty:
        return quotas, []
    kept = quotas.drop(index=twice.index).reset_index(drop=True)
    return kept, [_said(twice)]


def _lines(reps: pd.DataFrame) -> pd.DataFrame:
    """Who reported to whom in which months: rep_id, boss, from, to. A manager is written by id or by name."""
    names = reps.dropna(subset=["name"]).drop_duplicates(["rep_id", "name"])
    names = names[~names["name"].duplicated(keep=False)]
    by_name = dict(zip(names["name"], names["rep_id"], strict=True))
    ids = set(reps["rep_id"])
    written = reps["manager_id"]
    boss = written.where(written.isin(ids), written.map(by_name))
    lines = pd.DataFrame({
        "rep_id": reps["rep_id"], "boss": boss,
        "from": reps["hire_date"].fillna(pd.Timestamp.min), "to": reps["end_date"].fillna(pd.Timestamp.max),
    })  # fmt: skip
    return lines[lines["boss"].notna() & (lines["boss"] != lines["rep_id"])]


def _teams(quotas: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """rep_id, month, team, below: what the reps below a manager have together, and how many they are."""
    leads = quotas["rep_id"].isin(set(lines["boss"]))
    at = quotas.loc[~leads & (quotas["quota"] > 0), ["rep_id", "month", "quota"]].assign(below=1)
    levels = []
    for _ in range(_LEVELS):
        at = at.merge(lines, on="rep_id")
        ended = at["month"] + pd.offsets.MonthEnd(0)
        # Of two managers in a month, the later one's it is.
        at = at[(at["from"] <= ended) & (at["to"] >= at["month"])]
        at = at.sort_values("from", kind="stable").drop_duplicates(["rep_id", "month"], keep="last")
        if at.empty:
            break
        at = at.groupby(["boss", "month"], as_index=False)[["quota", "below"]].sum()
        at = at.rename(columns={"boss": "rep_id"})
        levels.append(at)
    if not levels:
        return pd.DataFrame(columns=["rep_id", "month", "team", "below"])
    teams = pd.concat(levels).groupby(["rep_id", "month"], as_index=False)[["quota", "below"]].sum()
    return teams.rename(columns={"quota": "team"})


def _sellers(own: pd.DataFrame, deals: pd.DataFrame) -> set[object]:
    """Managers who sold a third or more of these quotas of theirs, or less by what may be chance where the
    quotas are of a few deals. Where the records reach none of the quotas' months, all that the manager ever
    sold is held against all of them."""
    won = deals[(deals["status"] == "won") & deals["rep_id"].isin(set(own["rep_id"]))]
    month = won["close_date"].dt.to_period("M").dt.to_timestamp()
    sold = won["amount"].groupby([won["rep_id"], month]).sum().rename("sold").reset_index()
    sold = sold.set_axis(["rep_id", "month", "sold"], axis=1)
    every_won = deals[deals["status"] == "won"]
    first, last = every_won["close_date"].min(), every_won["close_date"].max()
    reached = (own["month"] + pd.offsets.MonthEnd(0) >= first) & (own["month"] <= last)
    seen = own[reached].merge(sold, on=["rep_id", "month"], how="left")
    known = seen.groupby("rep_id")[["quota", "sold"]].sum()
    ahead = own[~own["rep_id"].isin(known.index)].groupby("rep_id")[["quota"]].sum()
    ahead["sold"] = sold.groupby("rep_id")["sold"].sum().reindex(ahead.index)
    every = pd.concat([known, ahead]).fillna({"sold": 0.0})
    enough = every["sold"] >= _SELLS * every["quota"]
    usual = float(every_won["amount"].mean())
    if usual > 0:
        # Of as many deals as the quotas are, the chance of no more than were sold.
        made = every["sold"].clip(lower=0.0) / usual
        enough |= gammaincc(made + 1.0, every["quota"] / usual) > _BY_CHANCE
    return set(every.index[enough])


def _said(twice: pd.DataFrame) -> str:
    n = twice["rep_id"].nunique()
    who = "that manager sells" if n == 1 else "these managers sell"
    return (
        f"{wording.count(len(twice), 'monthly quota')} of {wording.count(n, 'manager')} "
        f"{'is' if len(twice) == 1 else 'are'} about what the reps below have together, of which {who} little: left "
        "out, because a company's quota would hold its reps' twice. In the quotas table write beside a manager "
        "only what the manager is to sell alone."
    )
