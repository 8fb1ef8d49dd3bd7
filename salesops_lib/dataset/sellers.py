"""Who stands among the reps and does not sell: sales development, sales engineers, managers without customers.

Taken for reps who sell nothing, ten of them among fifty made replacing under-performers the surest lever of a
company in which it paid nothing.
"""

from __future__ import annotations

import math

import pandas as pd

# In the first months on the job nothing need be closed yet.
_LEARNING = 6
# As slow as this part of those who sell; the chance that one of them closes nothing by chance.
_SLOW, _BY_CHANCE = 0.1, 0.01
# Months of work that tell how often a rep closes, and how many reps what the slow ones do: one deal of somebody
# who was there for a day is not thirty a month.
_MONTHS, _FEWEST = 3.0, 5
# Losses, or quotas, are kept where so many deals are lost, or so many of those who sell have one.
_LOST, _WITH_QUOTA = 0.05, 0.5


def who_never_sells(months: pd.DataFrame) -> tuple[str, ...]:
    """Reps who never closed a deal, won or lost, and never had a quota, in so many months that a slow rep would
    have closed several. Nobody, where neither losses nor quotas are kept: who sells badly looks the same then.

    Parameters
    ----------
    months
        Rep-months: rep_id, month_share, tenure_months, bookings, deals_won, deals_lost, deals_closed, quota.
    """
    learned = months["month_share"].where(~(months["tenure_months"] <= _LEARNING), 0.0)
    rows = months.assign(learned=learned, quota=months["quota"] > 0, booked=months["bookings"] != 0)
    sums = {"deals_closed": "sum", "deals_lost": "sum", "quota": "any", "booked": "any"}
    reps = rows.groupby("rep_id").agg(sums | {"learned": "sum", "month_share": "sum"})
    sells = reps["deals_closed"] > 0
    if not sells.any():
        return ()
    losses = reps["deals_lost"].sum() >= _LOST * reps["deals_closed"].sum()
    if not losses and reps.loc[sells, "quota"].mean() < _WITH_QUOTA:
        return ()
    known = reps[sells & (reps["month_share"] >= _MONTHS)]
    if len(known) < _FEWEST:
        return ()
    pace = (known["deals_closed"] / known["month_share"]).quantile(_SLOW)
    idle = ~sells & ~reps["quota"] & ~reps["booked"]
    never = idle & (pace * reps["learned"] > -math.log(_BY_CHANCE))
    return tuple(never.index[never])
