"""The tables of the deal desk."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.columns import under_its_name
from salesops_lib.analyses.deal_desk.model import DiscountModel
from salesops_lib.analyses.deal_desk.pricing import Priced

Array = NDArray[np.float64]
COMPONENTS = ("usual", "kinds", "quarter_end", "reps_above", "reps_below", "rest")
SIZES = ("smallest deals", "middling deals", "largest deals")


def waterfall(
    model: DiscountModel | None, total: float, yearly: float, confidence: float, *, alike: bool
) -> pd.DataFrame:
    """component, value, low, high; the values sum to `total`, and so does every draw: the total is
    what was given, and what is not known is how it splits. Where all deals are `alike`, all of it is
    the usual discount."""
    if model is None:
        row = {
            "component": "usual" if alike else "rest",
            "value": total,
            "low": np.nan,
            "high": np.nan,
        }
        return pd.DataFrame([row])
    excess, every = model.excess, float(model.listed.sum())
    draws = {
        "usual": model.average * every,
        "kinds": model.kind_money[1:],
        "quarter_end": model.late_money[1:],
        "reps_above": np.maximum(excess, 0) @ model.listed,
        "reps_below": np.minimum(excess, 0) @ model.listed,
    }
    draws = {name: values * yearly for name, values in draws.items()}
    draws["rest"] = total - np.sum(list(draws.values()), axis=0)
    values = {name: float(one.mean()) for name, one in draws.items()}
    values["kinds"] = float(model.kind_money[0]) * yearly
    values["quarter_end"] = float(model.late_money[0]) * yearly
    values["rest"] = total - sum(values[name] for name in COMPONENTS[:-1])
    limits = [0.5 - confidence / 2, 0.5 + confidence / 2]
    table = pd.DataFrame([
        (name, values[name], *(float(x) for x in np.quantile(draws[name], limits)))
        for name in COMPONENTS
    ], columns=["component", "value", "low", "high"])  # fmt: skip
    if not model.established:
        # Draws of an excess lie on one side of none even where reps are all alike.
        table.loc[table["component"] == "reps_above", "low"] = 0.0
        table.loc[table["component"] == "reps_below", "high"] = 0.0
    return table


def by_rep(model: DiscountModel | None, yearly: float, confidence: float, rep: str) -> pd.DataFrame:
    """One row a rep, the largest discount of the same deal first."""
    columns = ["rep", "deals", "list_year", "observed", "discount", "low", "high", "p_above",
               "excess_year"]  # fmt: skip
    if model is None:
        return under_its_name(pd.DataFrame(columns=columns), rep)
    low, high = np.quantile(model.units, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    table = pd.DataFrame({
        "rep": model.reps,
        "deals": model.counts,
        "list_year": model.listed * yearly,
        "observed": model.adjusted,
        "discount": model.units.mean(axis=0),
        "low": low,
        "high": high,
        "p_above": (model.excess > 0).mean(axis=0),
        "excess_year": np.maximum(model.excess, 0).mean(axis=0) * model.listed * yearly,
    })  # fmt: skip
    table = table.sort_values("discount", ascending=False, kind="stable", ignore_index=True)
    return under_its_name(table, rep)


def by_kind(known: Priced) -> pd.DataFrame:
    """by, group, deals, list_year, discount, discount_year: as sold, nothing held equal."""
    won, yearly = known.won, 12 / known.months
    parts = [won[one] for one in known.kinds]
    thirds = np.quantile(won["listed"], [1 / 3, 2 / 3])
    size = np.array(SIZES, dtype=object)[np.searchsorted(thirds, won["listed"], side="left")]
    rows = []
    for by, groups in zip((*known.kinds, "size"), (*parts, pd.Series(size)), strict=True):
        sums = won.groupby(groups.to_numpy())[["listed", "paid"]].agg(["sum", "size"])
        table = pd.DataFrame({
            "by": by,
            "group": sums.index,
            "deals": sums[("listed", "size")].to_numpy(float),
            "list_year": sums[("listed", "sum")].to_numpy(float) * yearly,
            "discount": 1 - (sums[("paid", "sum")] / sums[("listed", "sum")]).to_numpy(float),
        })  # fmt: skip
        table["discount_year"] = table["list_year"] * table["discount"]
        order = ["discount_year", "group"]
        rows.append(table.sort_values(order, ascending=[False, True], ignore_index=True))
    return pd.concat(rows, ignore_index=True)
