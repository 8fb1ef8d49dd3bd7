"""Channels that are a property of the deal, not of the rep: segments, reseller types, sources."""

from __future__ import annotations

import pandas as pd

from salesops_lib.analyses.channel_gap.practices import with_newness

MOST_VALUES = 40


def channel_months(
    months: pd.DataFrame, deals: pd.DataFrame, channel: str, *, cluster: str = "rep_id"
) -> pd.DataFrame:
    """Rep-months ready to be compared by `channel`, with `newness` where tenure is known.

    A column of the rep-months is compared as it is. A column of the deals (segment, source, …)
    splits each rep-month into one row a value, with the bookings, deals and rates of that value
    alone; a rep then has rows in every channel, and is one person in the comparison.

    Values beyond the forty largest are left out.
    """
    if channel in months or channel not in deals or months.empty or deals[channel].isna().all():
        return with_newness(months)
    closed = deals[deals["status"].isin(["won", "lost"]) & deals["close_date"].notna()]
    closed = closed.assign(month=closed["close_date"].dt.to_period("M").dt.to_timestamp())
    sums = _sums(closed.dropna(subset=[channel]), [cluster, "month", channel])
    largest = sums.groupby(level=channel)["deals_closed"].sum().nlargest(MOST_VALUES).index
    every = months.merge(pd.DataFrame({channel: largest.sort_values()}), how="cross")
    keys = pd.MultiIndex.from_frame(every[[cluster, "month", channel]])
    own = sums.reindex(keys).reset_index(drop=True)
    counted = ["bookings", "deals_won", "deals_lost", "deals_closed"]
    own[counted] = own[counted].fillna(0.0)
    # Open and created deals of the rep as a whole say nothing about one value.
    rest = every.drop(columns=["open_deals", "deals_created"], errors="ignore")
    return with_newness(rest.assign(**{name: own[name].to_numpy() for name in own.columns}))


def split_by_deals(months: pd.DataFrame, *, cluster: str = "rep_id") -> bool:
    """Whether the channel of these rep-months is the deals': a rep has several rows a month."""
    return bool(months.duplicated([cluster, "month"]).any())


def _sums(closed: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Bookings, counts and rates of closed deals by `keys`, named as rep-months name them."""
    booked = closed["amount"].where(closed["status"] == "won")
    # A return takes from bookings; it is no deal that was won, as in the dataset's rep-months.
    back = booked < 0
    won = (closed["status"] == "won") & ~back
    amount = booked.where(won)
    days = (
        (closed["close_date"] - closed["created_date"]).dt.days
        if "created_date" in closed
        else None
    )
    parts = {
        "bookings": booked.fillna(0.0),
        "deals_won": won.astype(float),
        "deals_lost": (closed["status"] == "lost").astype(float),
        "deals_closed": (~back).astype(float),
        "_amount": amount,
        "_days": days.where(won & (days >= 0)) if days is not None else float("nan"),
    }
    if "list_amount" in closed:
        listed = won & (closed["list_amount"] > 0) & (amount > 0)
        parts |= {
            "_sold": amount.where(listed),
            "_listed": closed["list_amount"].where(listed),
        }
    grouped = closed[keys].assign(**parts).groupby(keys)
    sums = grouped.sum(min_count=1)
    out = sums[["bookings", "deals_won", "deals_lost", "deals_closed"]].assign(
        win_rate=sums["deals_won"] / sums["deals_closed"].where(sums["deals_closed"] > 0),
        mean_amount=sums["_amount"] / sums["deals_won"].where(sums["deals_won"] > 0),
        cycle_days=grouped["_days"].mean(),
    )
    if "_listed" in sums:
        out["discount"] = 1 - sums["_sold"] / sums["_listed"]
    return out
