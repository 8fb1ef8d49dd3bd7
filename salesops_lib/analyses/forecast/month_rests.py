"""What is left of a running month by past bookings, and how far off that was."""

from __future__ import annotations

import numpy as np

from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.months import beside
from salesops_lib.analyses.forecast.snapshots import Floats, month_number, rest_of_month


def came(history: History, origin: int) -> Floats:
    """(leaf,) amounts won after the snapshot within its own month."""
    day = history.snaps[origin]
    mine = history.won & (history.close > day)
    mine &= month_number(history.close) == history.months[origin]
    total: Floats = np.bincount(
        history.leaf[mine],
        weights=np.nan_to_num(history.amount[mine]),
        minlength=len(history.leaves),
    ).astype(np.float64)
    return total


def shares(history: History, cuts: int) -> Floats:
    """(cut,) share of a month's bookings that comes after its snapshot, as could be known there."""
    now, each = len(history.snaps) - 1, _counted(history)
    return np.array([_share(history, now - cut, each) for cut in range(cuts)])


def errors(history: History, summing: Floats, whole: Floats) -> Floats:
    """(node, cut) how far off the rests of past months were, the latest first, against the size of a month.

    A whole month's errors say nothing of its rest, which near the end is a deal or two, or none; and as
    some rests bring nothing, a share of the rest itself would be no size.

    Parameters
    ----------
    summing
        (node, leaf) 1 where the leaf belongs to the node.
    whole
        (cut, node) what past bookings said of each snapshot's whole month, the running one first.
    """
    cuts = min(len(whole), len(history.snaps))
    now, share = len(history.snaps) - 1, shares(history, cuts)
    size = np.where(whole[1:cuts] > 0, whole[1:cuts], np.nan)
    actual = np.zeros_like(size)
    for cut in range(1, cuts):
        actual[cut - 1] = summing @ came(history, now - cut)
    return np.asarray((np.abs(actual - size * share[1:, None]) / size).T)


def _counted(history: History) -> Floats:
    """(4, snap) of each snapshot's month: money won after the snapshot and in all, wins likewise."""
    money, many = history.won * np.nan_to_num(history.amount), history.won & (history.amount > 0)
    month = month_number(history.close)
    out = np.zeros((4, len(history.snaps)))
    for at, day in enumerate(history.snaps):
        whole = month == history.months[at]
        late = whole & (history.close > day)
        out[:, at] = money[late].sum(), money[whole].sum(), many[late].sum(), many[whole].sum()
    return out


def _share(history: History, origin: int, each: Floats) -> float:
    """Share of a month's bookings that comes after this day of it, by the year before, in which as many
    days of the months were left, or a few more or less; and by how much more, or less, of their wins came
    then in the months that stand where this one does in the quarter and the year."""
    past = np.arange(max(origin - 12, 0), origin)
    left = rest_of_month(history.snaps)
    usual = float(left[past].mean()) if len(past) else 0.0
    rest, whole = each[:2, past].sum(axis=1)
    if not (whole > 0 and usual > 0):
        return float(left[origin])
    before = np.arange(origin)
    months = history.months[before]
    push = beside(months, each[2, before], each[3, before] * left[before])
    among = float(each[1, past] @ push.at(history.months[past])) / whole
    factor = push.at(history.months[origin : origin + 1])[0] / max(among, 1e-9)
    return float(np.clip(rest / whole * factor * left[origin] / usual, 0.0, 1.0))
