"""Who is a rep among those who have rep-months: no manager who sells on the side, and no owner of deals who is
no person."""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording

# Fewer are no curve; with fewer left, all are reps.
FEWEST_REPS = 4
# What says something about a rep.
ABOUT = ("name", "team", "region", "channel", "manager_id", "role", "hire_date")
# So many times what the next best sells is no rep's, as a rule.
OUTSIZED = 3.0
# Months at the end in which an owner who is still there sells.
_STILL = 2


def selling_reps(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    manager: str = "manager_id",
    value: str = "bookings",
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of reps who manage nobody and of whom something is known, and notices about the others.

    What a manager sells on the side is no measure of a rep. An owner of deals of whom nothing is known, while
    most reps are known, is as a rule no person, but where deals go that are nobody's.

    Parameters
    ----------
    value
        What was sold.
    """
    data, said = without_strangers(data, rep=rep, value=value)
    data, of_managers = without_managers(data, rep=rep, manager=manager)
    return data, (*said, *of_managers)


def without_managers(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    manager: str = "manager_id",
    name: str = "name",
    since: str | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of reps who lead nobody, and a notice about the others.

    Parameters
    ----------
    data
        Rep-months; without the column `manager` all lead nobody.
    name
        A column that a manager may be written by, where it is there.
    since
        The column of the month, where only those count as managers who led somebody in the first month that
        they are seen: a rep who became one had begun as a rep.
    """
    if manager not in data:
        return data, ()
    dated = since is not None and since in data
    # Who stands as the own manager leads nobody by that.
    led = data[data[manager].notna() & (data[manager].astype(object) != data[rep].astype(object))]
    led_then = pd.MultiIndex.from_frame(led[[manager, since]]) if dated else None
    leads = pd.Series(False, index=data.index)
    for called in (one for one in (rep, name) if one in data):
        if led_then is not None:
            leads |= pd.MultiIndex.from_frame(data[[called, since]]).isin(led_then)
        else:
            leads |= data[called].isin(led[manager].unique())
    if dated:
        first = data[since] == data.groupby(rep)[since].transform("min")
        leads = data[rep].isin(data.loc[leads & first, rep])
    count = int(data.loc[leads, rep].nunique())
    if not count or data.loc[~leads, rep].nunique() < FEWEST_REPS:
        return data, ()
    return data[~leads], (
        f"{wording.count(count, 'manager')} who also {'sells' if count == 1 else 'sell'} "
        f"{'is' if count == 1 else 'are'} left out: reps are compared with reps.",
    )


def without_strangers(
    data: pd.DataFrame, *, rep: str = "rep_id", value: str = "bookings", period: str = "month"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of reps of whom something is known, where these are most, and notices about the others: where deals
    go that are nobody's. All are known where a column of `ABOUT` is missing. Who sells no more may have left,
    and been taken out of the reps table for that: only owners who still sell are nobody.

    Parameters
    ----------
    value
        What was sold.
    period
        The column of the month; without it all still sell.
    """
    if not {*ABOUT} <= {*data}:
        return data, ()
    blank = data[list(ABOUT)].isna().all(axis=1).groupby(data[rep], observed=True).all()
    if period in data:
        last = sorted(data[period].dropna().unique())[-_STILL:]
        blank &= data[period].isin(last).groupby(data[rep], observed=True).any()
    said = []
    total = float(data[value].sum()) if value in data else 0.0
    for reason, remedy, owners in (
        ("of whom the reps table says nothing", "a row of the reps table", blank.index[blank]),
        ("without a hire date who sells several times what any rep with one does", "a hire date",
         _undated_and_outsized(data, rep, value)),
    ):  # fmt: skip
        nobody = data[rep].isin(owners)
        strangers, known = data.loc[nobody, rep].nunique(), data.loc[~nobody, rep].nunique()
        if not strangers or known < max(FEWEST_REPS, strangers + 1):
            continue
        part = float(data.loc[nobody, value].sum()) / total if total > 0 else 0.0
        one = strangers == 1
        said.append(
            f"{wording.count(strangers, 'owner')} of deals {reason}, with {wording.percent(part)} of what was "
            f"booked, {'is' if one else 'are'} left out: a house account or the login of a program is no rep. "
            f"Give {'it' if one else 'them'} {remedy} if {'it is a person' if one else 'they are people'}."
        )
        data = data[~nobody]
    return data, tuple(said)


def _undated_and_outsized(data: pd.DataFrame, rep: str, value: str) -> pd.Index:
    """Owners without a hire date, where most reps have one, who sell more than any of them can: in all, too,
    because who is known by one deal has the month of that deal alone."""
    if value not in data:
        return pd.Index([])
    reps = data.groupby(rep, observed=True).agg(
        rate=(value, "mean"), total=(value, "sum"), dated=("hire_date", "count")
    )
    dated = reps["dated"] > 0
    best = reps.loc[dated, ["rate", "total"]].max()
    if dated.mean() <= 0.5 or not best["rate"] > 0:
        return pd.Index([])
    large = ~dated & (reps[["rate", "total"]] >= OUTSIZED * best).all(axis=1)
    return reps.index[large]
