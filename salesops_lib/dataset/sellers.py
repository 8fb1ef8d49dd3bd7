"""Who stands among the reps and does not sell: sales development, sales engineers, managers without customers; and
who is no person, but where deals go that are nobody's.

Taken for reps who sell nothing, ten of the former among fifty made replacing under-performers the surest lever of
a company in which it paid nothing. One of the latter is a star, as a rule.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.dataset.schema import plain_name

# In the first months on the job nothing need be closed yet.
_LEARNING = 6
# As slow as this part of those who sell; the chance that one of them closes nothing by chance.
_SLOW, _BY_CHANCE = 0.1, 0.01
# Months of work that tell how often a rep closes, and how many reps what the slow ones do: one deal of somebody
# who was there for a day is not thirty a month.
_MONTHS, _FEWEST = 3.0, 5
# The chance of one false finding in a company, where reps close as differently as those who do.
_FALSE = 0.05
# Losses, or quotas, are kept where so many deals are lost, or so many of those who sell have one.
_LOST, _WITH_QUOTA = 0.05, 0.5
# Names, as `plain_name` writes them, of house accounts, queues and logins of programs.
_NOBODY = re.compile(
    r"(.*_)?house_?acc(oun)?ts?(_.*)?|(.*_)?queue|(un|not_)assigned(_.*)?|(noch_)?nicht_zugewiesen|non_assign"
    r"|no_(owner|rep|sales_rep|salesperson)|default_owner|unknown(_(owner|rep))?"
    r"|(.*_)?(integration|api|system|sync|migration|automation|crm|service)_(user|account|admin|administrator)"
    r"|system|sysadmin|automated_process|data_(import|loader|migration)|(web|online|e)_?(shop|store)|e_?commerce"
    r"|self_serv(ic)?e|website"
)
# Somebody may be called so: with a hire date, it is a person.
_PERHAPS = re.compile(
    "house|web|online|admin|administrator|inbound|marketing|nobody|none|null|other|misc|shared"
)
# Fewer who are somebody are not compared.
_FEWEST_PEOPLE = 4


def who_is_nobody(reps: pd.DataFrame) -> tuple[str, ...]:
    """Reps whose id or name is no person's. Nobody, where few others, or no more than of these, are left.

    Parameters
    ----------
    reps
        rep_id, name, hire_date; one row a rep and spell of employment.
    """
    undated = reps["hire_date"].isna().groupby(reps["rep_id"]).transform("all")
    called = pd.Series(False, index=reps.index)
    for column in ("rep_id", "name"):
        plain = [plain_name(one.lower()) if isinstance(one, str) else "" for one in reps[column]]
        called |= np.array([bool(_NOBODY.fullmatch(one)) for one in plain], dtype=bool)
        called |= undated & np.array([bool(_PERHAPS.fullmatch(one)) for one in plain], dtype=bool)
    nobody = tuple(reps.loc[called, "rep_id"].drop_duplicates())
    people = reps["rep_id"].nunique() - len(nobody)
    return nobody if people >= max(_FEWEST_PEOPLE, len(nobody) + 1) else ()


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
    by_chance = _none_closed(known, reps["learned"].to_numpy(dtype=np.float64))
    return tuple(never.index[never & (by_chance * len(reps) < _FALSE)])


def _none_closed(known: pd.DataFrame, months: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rep,) chance that a rep like the `known` closes nothing in so many months: reps' paces are spread by a
    gamma law, so that some may hardly close anything at all, and how widely is doubted by a standard error."""
    worked = known["month_share"].to_numpy(dtype=np.float64)
    pace = known["deals_closed"].to_numpy(dtype=np.float64) / worked
    mean, seen = float(pace.mean()), float(pace.var(ddof=1))
    luck = mean * float((1.0 / worked).mean())
    spread = max(seen - luck, 0.0) + seen * math.sqrt(2.0 / (len(pace) - 1))
    if spread <= 0:
        return np.exp(-mean * months)
    shape = mean**2 / spread
    return np.asarray((1.0 + mean * months / shape) ** -shape)
