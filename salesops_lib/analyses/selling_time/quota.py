"""quota_by_selling_share: do reps who sell more of their week reach quota more often?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.columns import check_columns, number
from salesops_lib.analyses.selling_time import words
from salesops_lib.analyses.selling_time.result import QuotaBySellingShare, SellingTime
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.mover import difference_interval

THIRDS = ("least selling", "middle", "most selling")


def quota_by_selling_share(
    times: SellingTime,
    data: pd.DataFrame,
    *,
    quota: str = "quota",
    outcome: str = "bookings",
    cluster: str = "rep_id",
    fewest: int = 5,
    confidence: float = 0.90,
) -> QuotaBySellingShare:
    """Share of reps who reached quota over the period, in each third of reps by selling share.

    A rep reached quota if the bookings of the months with a quota are at least those quotas. Shares
    have Wilson's interval, their difference that of Newcombe (1998, Statistics in Medicine 17,
    873–890, method 10).

    Parameters
    ----------
    fewest
        Reps that a third must have.

    Raises
    ------
    DataError
        If a column is not there or holds no numbers.
    NotEnoughData
        If there are no quotas, or fewer than three times `fewest` reps have one.
    """
    check_columns(data, [cluster, quota, outcome], "reaching quota")
    target = number(data, quota)
    rows = pd.DataFrame(
        {cluster: data[cluster], "quota": target, "sold": number(data, outcome).fillna(0.0)}
    )
    sums = rows[(target > 0).to_numpy()].groupby(cluster, as_index=False)[["quota", "sold"]].sum()
    reps = times.reps.merge(sums, on=cluster)
    if len(reps) < 3 * fewest:
        raise NotEnoughData(
            f"{len(reps)} reps have both hours and a quota, and thirds of {fewest} are needed",
            column=quota,
            remedy="Add quotas, one row a rep and month." if sums.empty else None,
        )
    reps = reps.sort_values(["selling_share", cluster], kind="stable", ignore_index=True)
    reached = (reps["sold"] >= reps["quota"]).to_numpy()
    share = reps["selling_share"].to_numpy()
    table = []
    for name, at in zip(THIRDS, np.array_split(np.arange(len(reps)), 3), strict=True):
        limits = wilson(int(reached[at].sum()), len(at), confidence)
        table.append((name, len(at), share[at].min(), share[at].max(), *limits))
    columns = ["third", "reps", "from_share", "to_share", "reached", "low", "high"]
    frame = pd.DataFrame(table, columns=columns)
    ends = [tuple(float(x) for x in frame.loc[i, ["reached", "low", "high"]]) for i in (2, 0)]
    difference = Estimate(
        *difference_interval(ends[0], ends[1]), confidence, "share", len(reps),  # type: ignore[arg-type]
        "Newcombe's interval of two shares",
    )  # fmt: skip
    result = QuotaBySellingShare(frame, difference, confidence)
    return replace(result, findings=words.quota_findings(result))


def wilson(hits: int, n: int, confidence: float) -> tuple[float, float, float]:
    """A share and Wilson's interval (1927, Journal of the American Statistical Association 22).

    >>> [float(f"{x:.4f}") for x in wilson(15, 148, 0.95)]
    [0.1014, 0.0624, 0.1605]
    """
    limits = stats.binomtest(hits, n).proportion_ci(confidence, "wilson")
    return hits / n, float(limits.low), float(limits.high)
