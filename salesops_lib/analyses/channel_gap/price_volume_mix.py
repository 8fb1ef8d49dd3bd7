"""How much of a difference in revenue is price, volume and mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap.deal_months import split_by_deals
from salesops_lib.analyses.channel_gap.rows import check_groups
from salesops_lib.analyses.columns import check_columns
from salesops_lib.analyses.options import is_number, names_of
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.das_gupta import in_order, shapley

EFFECTS = ("volume", "mix", "price")
_TABLE = ("effect", "quantity_a", "quantity_b", "price_a", "price_b", "volume_first", "price_first",
          "shapley")  # fmt: skip
VOLUME_FIRST, PRICE_FIRST = (0, 1, 2), (2, 1, 0)


def price_volume_mix(
    deals: pd.DataFrame,
    *,
    channel: str,
    a: object,
    b: object,
    product: str | Sequence[str],
    quantity: str | None = None,
    amount: str,
    exposure: Mapping[object, float] | None = None,
    weight: str | None = None,
) -> pd.DataFrame:
    """The difference in revenue, a − b, as volume, mix and price, product by product.

    Revenue of a product is volume × share of volume × price: all units sold, the product's part of
    them, and what one brings. Which of the three is switched from b to a first changes each
    effect's size, so both usual orders are given, and their fair average (Shapley; Das Gupta 1993),
    which depends on no order. Each column sums to the difference.

    Parameters
    ----------
    deals
        Won deals, or order lines.
    channel, a, b
        Column of channels, and the two compared.
    amount
        Column of money; below 0 for a return.
    product
        Column, or columns (product and segment, say), that name what is sold.
    quantity
        Units of a deal; without it each deal is one unit and price is the mean deal. Returns, rows of
        less than nothing, take back as many units as their money bought at the channel's own price
        of that product, whatever quantity they state: they are volume, and not price.
    exposure
        Channel → what volume is divided by, rep-months say; then the difference is per rep-month.
    weight
        Column of how much a deal counts, see `won_deals`.

    Returns
    -------
    effect (volume, mix, price), the product column(s), quantity_a, quantity_b, price_a, price_b,
    volume_first, price_first, shapley: one row an effect and product. A product that one channel
    does not sell has no price there: the other's is used, so that all of it is volume and mix.

    Raises
    ------
    DataError
        If a number is missing, or a sale's quantity or a weight is zero or less.
    ParameterError
        If no column names what is sold, or one that has another part to play.
    NotEnoughData
        If a channel sold nothing, or its returns outweigh what it sold.

    Examples
    --------
    >>> deals = pd.DataFrame({"channel": ["EU", "EU", "US", "US"], "product": ["P", "Q", "P", "P"],
    ...                       "amount": [12.0, 30.0, 10.0, 10.0]})
    >>> parts = price_volume_mix(deals, channel="channel", a="EU", b="US", product="product",
    ...                          amount="amount")
    >>> parts.groupby("effect")["shapley"].sum().to_dict()
    {'mix': 19.0, 'price': 3.0, 'volume': 0.0}
    """
    products = list(names_of(product))
    check_columns(
        deals,
        [channel, *products, amount, *_named(quantity, weight)],
        "volume, mix and price",
    )
    check_groups(deals, channel, a, b)
    _check_products(products, channel, amount, quantity, weight)
    for taken in products:
        if taken in _TABLE:
            raise DataError("has the name of a column of the result, which holds something else",
                            column=taken, remedy="Rename it, for example to 'product'.")  # fmt: skip
    chosen = deals[deals[channel].isin([a, b])]
    chosen = _with_numbers(chosen, _named(amount, quantity, weight))
    _check_numbers(chosen, amount, quantity, weight)
    totals = _totals(chosen, channel, products, amount, quantity, weight)
    gross = [_side(totals, one, _exposure(exposure, one)) for one in (a, b)]
    sides = [_less_returns(gross[0], gross[1]), _less_returns(gross[1], gross[0])]
    for name, side in zip((a, b), sides, strict=True):
        if not side["quantity"].sum() > 0:
            raise NotEnoughData(f"the returns of '{name}' are no less than what it sold",
                                remedy="Choose a longer time.")  # fmt: skip
    factors = _factors(*sides)
    orders = {
        "volume_first": in_order(*factors, VOLUME_FIRST),
        "price_first": in_order(*factors, PRICE_FIRST),
        "shapley": shapley(*factors),
    }
    index = totals.index.droplevel(channel).unique().sort_values()
    base = pd.DataFrame(
        {
            "quantity_a": sides[0]["quantity"],
            "quantity_b": sides[1]["quantity"],
            "price_a": sides[0]["price"],
            "price_b": sides[1]["price"],
        },
        index=index,
    ).reset_index()
    parts = [
        base.assign(effect=effect, **{name: parts[i] for name, parts in orders.items()})
        for i, effect in enumerate(EFFECTS)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["effect", *products, *base.columns.difference(products, sort=False), *orders]]


def won_deals(
    deals: pd.DataFrame,
    months: pd.DataFrame,
    *,
    channel: str = "channel",
    cluster: str = "rep_id",
    of: Sequence[str] = (),
) -> pd.DataFrame:
    """The won deals that closed within `months` (rep-months), each with its channel: its own where
    channels are a column of the deals (see `channel_months`), otherwise its rep's in that month.

    Column `weight` is what one of them adds to its channel's mean rep-month, every rep counting the
    same: one over the rep's months and over the channel's reps, as the gap counts them.

    Raises
    ------
    NotEnoughData
        If a channel of `of` won nothing.
    """
    first = months["month"].min()
    after = months["month"].max() + pd.DateOffset(months=1)
    closed = deals["close_date"]
    own = deals[(deals["status"] == "won") & (closed >= first) & (closed < after)]
    # A rep's month says which channel it was in, or that it is not compared: then its deals are not.
    month = own["close_date"].dt.to_period("M").dt.to_timestamp()
    sold = pd.MultiIndex.from_arrays([own[cluster], month])
    if split_by_deals(months, cluster=cluster):
        own = own[sold.isin(pd.MultiIndex.from_frame(months[[cluster, "month"]]))]
    else:
        where = months.set_index([cluster, "month"])[channel]
        own = own.assign(**{channel: where.reindex(sold).to_numpy()})
    size = months.groupby([channel, cluster]).size()
    weight = (1 / size / size.groupby(level=channel).size()).rename("weight")
    won = own.dropna(subset=[channel]).join(weight, on=[channel, cluster], how="inner")
    for name in of:
        if not (won[channel] == name).any():
            raise NotEnoughData(f"'{name}' won no deal", remedy="Choose a longer time.")
    return won


def product_columns(deals: pd.DataFrame, *, channel: str = "channel") -> list[str]:
    """What names a thing sold, as far as the deals say: product and segment, but not what the
    channels themselves are."""
    return [
        one
        for one in ("product", "segment")
        if one != channel and one in deals and deals[one].notna().any()
    ]


def totals(mix: pd.DataFrame) -> pd.DataFrame:
    """effect, volume_first, price_first, shapley: all products together, and their sum."""
    table = mix.groupby("effect", sort=False)[["volume_first", "price_first", "shapley"]].sum()
    table.loc["difference"] = table.sum()
    return table.reset_index()


def _named(*columns: str | None) -> list[str]:
    """Those that were given; a column may be called 0."""
    return [one for one in columns if one is not None]


def _with_numbers(chosen: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The rows with these columns as floats, NaN where a cell is no number."""
    chosen = chosen.copy(deep=False)
    for name in names:
        chosen[name] = pd.to_numeric(chosen[name], errors="coerce").astype(float)
    return chosen


def _check_numbers(
    chosen: pd.DataFrame, amount: str, quantity: str | None, weight: str | None
) -> None:
    for name in _named(amount, quantity, weight):
        bad = ~np.isfinite(chosen[name].to_numpy())
        if bad.any():
            raise DataError("is missing or no number", column=name, rows=chosen.index[bad],
                            remedy="Correct these rows, or pass won deals only.")  # fmt: skip
    back = chosen[amount] < 0
    for name in _named(quantity, weight):
        bad = (chosen[name] <= 0) & ~(back & (name == quantity))
        if bad.any():
            raise DataError("is zero or less", column=name, rows=chosen.index[bad],
                            remedy=f"A deal needs a positive {name} to have a price.")  # fmt: skip


def _totals(
    chosen: pd.DataFrame,
    channel: str,
    products: list[str],
    amount: str,
    quantity: str | None,
    weight: str | None,
) -> pd.DataFrame:
    """quantity and sold (of sales), amount (less returns) and returned (their mean) by channel and
    product; a product without a name is one of its own."""
    units = (
        chosen[quantity].astype(float)
        if quantity is not None
        else pd.Series(1.0, index=chosen.index)
    )
    # Keys of their own, as a column of the caller's may be called `sold`.
    names = [channel, *products]
    keys = [chosen[channel]]
    for name in products:
        column = chosen[name]
        keys.append(column.astype(object).where(column.notna(), "(not known)").astype(str))
    counts = chosen[weight].astype(float) if weight is not None else 1.0
    money = chosen[amount].astype(float)
    sums = pd.DataFrame(
        {
            "quantity": (units * counts).where(money >= 0, 0.0),
            "sold": (money * counts).where(money >= 0, 0.0),
            "amount": money * counts,
            "returned": -money.where(money < 0),
        }
    )
    grouped = sums.groupby([key.to_numpy() for key in keys])
    table = grouped[["quantity", "sold", "amount"]].sum()
    return table.assign(returned=grouped["returned"].mean()).rename_axis(names)


def _check_products(products: list[str], channel: str, *others: str | None) -> None:
    """Raises ParameterError where nothing names what is sold, or a column does that has another part to play:
    of products that are the channels themselves, neither sells one of the other's."""
    if not products:
        raise ParameterError("product names no column, must name what is sold.")
    for name in products:
        if name in (channel, *others) or products.count(name) > 1:
            raise ParameterError(
                f"'{name}' cannot be the product and something else; name it once."
            )


def _exposure(exposure: Mapping[object, float] | None, name: object) -> float:
    if exposure is None:
        return 1.0
    if not hasattr(exposure, "get"):
        raise ParameterError(f"exposure == {exposure!r}, must be a number for each channel.")
    given = exposure.get(name)
    if given is None or not (is_number(given) and given > 0):
        raise NotEnoughData(f"exposure gives nothing for '{name}'",
                            remedy="Give both channels a positive number.")  # fmt: skip
    return float(given)


def _side(totals: pd.DataFrame, name: object, exposure: float) -> dict[str, Array]:
    """One channel's quantity and price of every product sold by either, in sorted order."""
    channel = totals.index.names[0]
    every = totals.index.droplevel(channel).unique().sort_values()
    own = totals.xs(name, level=channel).reindex(every)
    with np.errstate(divide="ignore", invalid="ignore"):
        price = (own["sold"] / own["quantity"]).to_numpy()
    quantity, amount = (own[one].fillna(0.0).to_numpy() for one in ("quantity", "amount"))
    back = amount - own["sold"].fillna(0.0).to_numpy()
    return {
        "quantity": quantity / exposure,
        "price": price,
        "back": back / exposure,
        "returned": own["returned"].to_numpy(),
    }


def _less_returns(mine: dict[str, Array], other: dict[str, Array]) -> dict[str, Array]:
    """Units less those that returns took back, and the price of what was sold; where none of it was
    sold here, the other's price, or the mean return."""
    price, back = mine["price"], mine["back"]
    none = (back < 0) & ~(price > 0)
    for stand_in in (other["price"], mine["returned"]):
        price = np.where(none & ~(price > 0), stand_in, price)
    taken = np.divide(back, price, out=np.zeros_like(back), where=back < 0)
    return {"quantity": np.where(none, 0.0, mine["quantity"]) + taken, "price": price}


def _factors(
    a: dict[str, Array], b: dict[str, Array]
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """Volume, share and price of either side."""
    volume_a, volume_b = a["quantity"].sum(), b["quantity"].sum()
    price_a = np.where(np.isnan(a["price"]), b["price"], a["price"])
    price_b = np.where(np.isnan(b["price"]), a["price"], b["price"])
    return (
        (np.asarray(volume_a), a["quantity"] / volume_a, price_a),
        (np.asarray(volume_b), b["quantity"] / volume_b, price_b),
    )
