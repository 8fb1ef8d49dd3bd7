"""Price–volume–mix, funnel, many channels, deal-level channels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import (
    DataError,
    NotEnoughData,
    ParameterError,
    channel_gap,
    price_volume_mix,
    wording,
)
from salesops_lib.analyses import channel_gap as gaps
from tests.analyses.gap_frames import MARKET, PRACTICE, many, rep_months


def deals(seed: int = 0, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    channel = rng.choice(["EU", "US"], n, p=[0.6, 0.4])
    product = rng.choice(["core", "plus", "suite"], n)
    size = {"core": 10.0, "plus": 20.0, "suite": 50.0}
    price = np.array([size[one] for one in product]) * np.where(channel == "EU", 1.1, 1.0)
    return pd.DataFrame({
        "channel": channel, "product": product, "segment": rng.choice(["small", "large"], n),
        "quantity": rng.integers(1, 5, n), "amount": price * rng.lognormal(0, 0.3, n),
    })  # fmt: skip


def mix(data: pd.DataFrame, **options) -> pd.DataFrame:
    chosen = {"channel": "channel", "a": "EU", "b": "US", "product": "product", "amount": "amount"}
    return price_volume_mix(data, **{**chosen, **options})


def test_price_volume_mix_by_hand() -> None:
    """One product: EU sells 3 at 10, US 2 at 8, difference 14. Volume first: (3 − 2)·8 = 8 and
    price 3·2 = 6; price first: price 2·2 = 4 and volume 1·10 = 10; fair 9 and 5; no mix."""
    data = pd.DataFrame(
        {"channel": ["EU"] * 3 + ["US"] * 2, "product": "x", "amount": [10.0] * 3 + [8] * 2}
    )
    table = mix(data).set_index("effect")
    assert table["volume_first"].to_dict() == {"volume": 8.0, "mix": 0.0, "price": 6.0}
    assert table["price_first"].to_dict() == {"volume": 10.0, "mix": 0.0, "price": 4.0}
    assert table["shapley"].to_dict() == pytest.approx({"volume": 9.0, "mix": 0.0, "price": 5.0})


@pytest.mark.parametrize("options", [
    {}, {"quantity": "quantity"}, {"product": ["product", "segment"]},
])  # fmt: skip
def test_every_column_sums_to_the_difference_in_revenue(options: dict) -> None:
    data = deals()
    table = mix(data, **options)
    revenue = data.groupby("channel")["amount"].sum()
    expected = revenue["EU"] - revenue["US"]
    for column in ("volume_first", "price_first", "shapley"):
        assert table[column].sum() == pytest.approx(expected, abs=1e-9)
    totals = gaps.totals(table).set_index("effect")
    assert totals.loc["difference", "shapley"] == pytest.approx(expected)


def test_swapping_flips_and_row_order_and_currency_do_not_matter() -> None:
    data = deals()
    here, back = mix(data), mix(data, a="US", b="EU")
    np.testing.assert_allclose(here["shapley"], -back["shapley"])
    np.testing.assert_allclose(here["volume_first"], -back["price_first"])
    shuffled = mix(data.sample(frac=1, random_state=1))
    np.testing.assert_allclose(here["shapley"], shuffled["shapley"])
    cents = mix(data.assign(amount=data["amount"] * 100))
    np.testing.assert_allclose(cents["shapley"], 100 * here["shapley"])


def test_equal_prices_leave_no_price_effect_and_exposure_gives_rep_months() -> None:
    data = deals().assign(amount=lambda d: d["quantity"] * 7.0)
    table = mix(data, quantity="quantity").groupby("effect")["shapley"].sum()
    assert table["price"] == pytest.approx(0.0, abs=1e-9)
    per = mix(deals(), exposure={"EU": 10.0, "US": 4.0})
    revenue = deals().groupby("channel")["amount"].sum()
    assert per["shapley"].sum() == pytest.approx(revenue["EU"] / 10 - revenue["US"] / 4)


def test_a_product_sold_on_one_side_has_no_price_effect() -> None:
    data = deals()
    data = data[~((data["channel"] == "US") & (data["product"] == "suite"))]
    table = mix(data).set_index(["effect", "product"])
    assert table.loc[("price", "suite"), "shapley"] == 0.0
    assert np.isnan(table.loc[("price", "suite"), "price_b"])
    revenue = data.groupby("channel")["amount"].sum()
    assert table["shapley"].sum() == pytest.approx(revenue["EU"] - revenue["US"])


def test_returns_take_back_what_was_sold_and_are_no_price() -> None:
    """EU sells 4 at 10 and takes one back, US sells 3 at 10: no difference at all. A return counted as
    one more deal made 5 at 6, and of no difference 16 of volume and −16 of price. A credit of 5 is half
    a unit; what was sold before, and only came back, is units at the other's price."""
    data = pd.DataFrame(
        {
            "channel": ["EU"] * 5 + ["US"] * 3,
            "product": "x",
            "amount": [10.0] * 4 + [-10] + [10] * 3,
        }
    )
    assert mix(data)["shapley"].tolist() == [0.0, 0.0, 0.0]
    half = mix(data.assign(amount=data["amount"].replace(-10.0, -5.0))).set_index("effect")
    assert half["shapley"].to_dict() == {"volume": 5.0, "mix": 0.0, "price": 0.0}
    assert half["quantity_a"].tolist() == [3.5] * 3 and (half["price_a"] == 10.0).all()
    for price, units in ((8.0, -1.25), (None, -1.0)):
        only = {"channel": ["EU", "US"], "product": "y", "amount": [-10.0, price]}
        both = pd.concat([data, pd.DataFrame(only).dropna()])
        table = mix(both)
        assert table.loc[table["product"] == "y", "quantity_a"].tolist() == [units] * 3
        assert table["shapley"].sum() == pytest.approx(-10.0 - (price or 0.0))
    free = pd.DataFrame({"channel": "EU", "product": "z", "amount": [0.0, -4.0]})
    assert mix(pd.concat([data, free]))["shapley"].sum() == pytest.approx(-4.0)
    with pytest.raises(NotEnoughData, match="returns of 'EU'"):
        mix(data.assign(amount=data["amount"].replace(-10.0, -40.0)))


def test_returns_state_any_quantity_or_none() -> None:
    data = deals().assign(amount=lambda d: d["quantity"] * 7.0)
    data.loc[:20, "amount"] *= -1
    signed = mix(
        data.assign(quantity=np.sign(data["amount"]) * data["quantity"]), quantity="quantity"
    )
    table = mix(data, quantity="quantity")
    pd.testing.assert_frame_equal(signed, table)
    sums = table.groupby("effect")["shapley"].sum()
    revenue = data.groupby("channel")["amount"].sum()
    assert sums["price"] == pytest.approx(0.0, abs=1e-9)
    assert sums.sum() == pytest.approx(revenue["EU"] - revenue["US"])


def test_bad_deals_are_named() -> None:
    data = deals()
    with pytest.raises(DataError, match=r"'amount': is missing.* rows 4"):
        mix(data.assign(amount=data["amount"].where(data.index != 4)))
    with pytest.raises(DataError, match="'quantity': is zero or less"):
        mix(data.assign(quantity=0), quantity="quantity")
    with pytest.raises(DataError, match="'heft': is zero or less"):
        mix(data.assign(heft=0.0), weight="heft")
    with pytest.raises(NotEnoughData, match="exposure"):
        mix(data, exposure={"EU": 1.0})
    for years in ("2", np.inf, np.nan, None, -1.0):
        with pytest.raises(NotEnoughData, match="exposure gives nothing for 'US'"):
            mix(data, exposure={"EU": 1.0, "US": years})
    with pytest.raises(ParameterError, match="exposure == 5, must be a number for each channel"):
        mix(data, exposure=5)
    pd.testing.assert_frame_equal(
        mix(data, exposure=pd.Series({"EU": 2, "US": 3})), mix(data, exposure={"EU": 2, "US": 3})
    )


@pytest.mark.parametrize("product", ["channel", "amount", ["product", "product"], []])
def test_a_product_that_is_something_else(product: object) -> None:
    """Of the channel: "the name channel occurs multiple times", and "cannot remove 1 levels" of none."""
    with pytest.raises(ParameterError, match=r"cannot be the product|product names no column"):
        mix(deals(), product=product)


def funnel_months(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = rep_months(seed)[["rep_id", "month", "channel"]]
    eu = data["channel"] == "EU"
    opened = rng.poisson(20 + 2 * eu)
    closed = rng.binomial(opened, 0.5)
    won = rng.binomial(closed, 0.4 + 0.1 * eu)
    return data.assign(
        open_deals=opened, deals_closed=closed, deals_won=won,
        bookings=won * rng.lognormal(9, 0.2, len(data)),
    )  # fmt: skip


def test_funnel_multiplies_to_bookings_and_its_parts_to_the_gap() -> None:
    data = funnel_months()
    funnel = gaps.funnel_gap(data, a="EU", b="US")
    means = data.groupby(["channel", "rep_id"])["bookings"].mean().groupby("channel").mean()
    assert funnel.steps["a"].prod() == pytest.approx(means["EU"])
    assert funnel.steps["b"].prod() == pytest.approx(means["US"])
    assert funnel.steps["value"].sum() == pytest.approx(means["EU"] - means["US"], abs=1e-8)
    same = channel_gap(data, outcome="bookings", a="EU", b="US", permutations=9)
    assert funnel.gap == pytest.approx(same.difference.value)
    assert funnel.steps["step"].tolist() == ["open_deals", "closing_rate", "win_rate", "deal_size"]
    assert (funnel.steps["low"] < funnel.steps["value"]).all()
    assert (funnel.steps["high"] > funnel.steps["value"]).all()
    # Sentence and table tell the same limits, of all steps at once.
    assert (funnel.steps["told_low"] < funnel.steps["low"]).all()
    top = funnel.steps.loc[funnel.steps["value"].abs().idxmax()]
    assert (top["told_low"], top["told_high"]) == (funnel.largest.low, funnel.largest.high)
    part = gaps.funnel_table(funnel)["part"].iloc[int(funnel.steps["value"].abs().argmax())]
    assert part == wording.estimate(funnel.largest)


def test_funnel_errors_are_those_of_reps_left_out_one_by_one() -> None:
    """The jackknife, a loop over reps, gives the same standard error of every step but for terms of
    one over the reps of a channel."""
    from salesops_lib.statistics.das_gupta import shapley

    data = funnel_months()
    columns = ["open_deals", "deals_closed", "deals_won", "bookings"]
    reps = data.groupby(["channel", "rep_id"])[columns].mean()
    sides = {name: reps.loc[name].to_numpy() for name in ("EU", "US")}

    def split(parts: dict[str, np.ndarray]) -> np.ndarray:
        means = [parts[name].mean(axis=0) for name in ("EU", "US")]
        factors = [[x[0], x[1] / x[0], x[2] / x[1], x[3] / x[2]] for x in means]
        return np.array(shapley(*factors), dtype=float)

    variance = np.zeros(4)
    for name, rows in sides.items():
        left_out = np.stack([
            split({**sides, name: np.delete(rows, at, axis=0)}) for at in range(len(rows))
        ])  # fmt: skip
        variance += (
            (len(rows) - 1) / len(rows) * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
        )
    funnel = gaps.funnel_gap(data, a="EU", b="US")
    half = (funnel.steps["high"] - funnel.steps["low"]).to_numpy() / 2
    # t of 7 to 14 degrees of freedom.
    ratio = half / np.sqrt(variance)
    assert ((ratio > 1.761 * 0.9) & (ratio < 1.895 * 1.1)).all(), ratio


def test_the_largest_step_is_judged_with_all_others() -> None:
    funnel = gaps.funnel_gap(funnel_months(), a="EU", b="US")
    top = funnel.steps.loc[funnel.steps["value"].abs().idxmax()]
    assert funnel.largest.value == top["value"]
    assert funnel.largest.low < top["low"] and funnel.largest.high > top["high"]


def test_funnel_needs_deals() -> None:
    with pytest.raises(NotEnoughData, match="'US' has no deal"):
        data = funnel_months()
        us = data["channel"] == "US"
        gaps.funnel_gap(data.assign(deals_won=data["deals_won"].where(~us, 0)), a="EU", b="US")


def test_league_draws_channels_together_and_pairs_hold_simultaneously() -> None:
    """With no true differences, in 90% of worlds no pair at all may differ."""
    clear = []
    for seed in range(120):
        pairs = gaps.compare_channels(many(seed), outcome="bookings", method="holm").pairs
        clear.append(not ((pairs["low"] > 0) | (pairs["high"] < 0)).any())
    assert np.mean(clear) >= 0.84
    found = gaps.compare_channels(many(), outcome="bookings")
    assert np.ptp(found.league["shrunk"]) < 0.8 * np.ptp(found.league["observed"])
    assert len(found.pairs) == 10
    assert "cannot tell" in found.findings[0].sentence


def test_channels_that_differ_are_found_by_both_methods() -> None:
    data = many(spread=20.0)
    for method in ("games-howell", "holm"):
        found = gaps.compare_channels(data, outcome="bookings", method=method)
        assert found.p < 1e-4
        assert found.league["channel"].tolist() == ["C4", "C3", "C2", "C1", "C0"]
        assert "C4 and C0 are furthest apart" in found.findings[0].sentence
    with pytest.raises(ParameterError, match="games-howell"):
        gaps.compare_channels(data, outcome="bookings", method="tukey")


def test_a_channel_with_a_single_rep_is_left_out_of_the_league() -> None:
    data = many()
    data = data[(data["channel"] != "C0") | (data["rep_id"] == 0)]
    found = gaps.compare_channels(data, outcome="bookings")
    assert found.notices == ("C0 has a single rep and is left out of the comparison.",)
    assert "C0" not in found.league["channel"].tolist()


def test_the_most_telling_pair_is_chosen() -> None:
    data = many(spread=20.0)
    kinds = {"C0": "direct", "C1": "partner", "C2": "direct", "C3": "partner", "C4": "other"}
    choose = gaps.choose_channels
    assert choose(data, outcome="bookings", kinds=kinds)[:2] in [("C3", "C1"), ("C2", "C0")]
    assert choose(data, outcome="bookings")[:2] == ("C4", "C0")
    assert choose(data, outcome="bookings", a="C1", b="C3")[:2] == ("C1", "C3")
    assert choose(data, outcome="bookings", a="C1")[0] == "C1"
    assert choose(data, outcome="bookings", b="C1")[1] == "C1"
    fewer = data[~data["channel"].isin(["C1"]) | (data["rep_id"] < 12)]
    assert "C1" not in choose(fewer, outcome="bookings")
    with pytest.raises(DataError, match="has no rows with 'C9'"):
        choose(data, outcome="bookings", a="C9")


def test_the_two_of_most_reps_are_chosen_whatever_lies_further_apart() -> None:
    """Without kinds: ten reps, eight and eight. The two of eight lie furthest apart, and are not the two
    with the most reps; of the pairs with the ten, the further one is."""
    reps = {"large": (10, 100.0), "high": (8, 130.0), "low": (8, 80.0)}
    data = pd.DataFrame(
        [(f"{name}{k}", name, level + k) for name, (n, level) in reps.items() for k in range(n)],
        columns=["rep_id", "channel", "bookings"],
    )
    assert gaps.choose_channels(data, outcome="bookings") == ("high", "large", 2)


def test_a_channel_of_the_deals_splits_rep_months() -> None:
    months = pd.DataFrame({
        "rep_id": ["a", "a", "b", "b"],
        "month": pd.to_datetime(["2026-01-01", "2026-02-01"] * 2),
        "bookings": [300.0, 50.0, 80.0, 0.0], "open_deals": 1, "tenure_months": 5.0,
    })  # fmt: skip
    table = pd.DataFrame({
        "rep_id": ["a", "a", "a", "b", "b"], "status": ["won", "won", "won", "won", "lost"],
        "segment": ["small", "large", "small", "small", "large"],
        "amount": [100.0, 200.0, 50.0, 80.0, np.nan],
        "created_date": pd.to_datetime("2025-12-01"),
        "close_date": pd.to_datetime(["2026-01-05", "2026-01-20", "2026-02-03", "2026-01-09", "2026-02-10"]),
    })  # fmt: skip
    split = gaps.channel_months(months, table, "segment")
    assert len(split) == 8
    pd.testing.assert_series_equal(
        split.groupby(["rep_id", "month"])["bookings"].sum().reset_index(drop=True),
        months["bookings"],
    )
    row = split[(split["rep_id"] == "b") & (split["segment"] == "large")].set_index("month")
    assert row["win_rate"].tolist()[1] == 0.0
    assert np.isnan(row["win_rate"].tolist()[0])
    assert "newness" in split
    assert "open_deals" not in split
    same = gaps.channel_months(months, table, "channel")
    assert same.drop(columns="newness").equals(months)


def test_practices_leave_out_what_is_sold_and_take_newness_in() -> None:
    columns = ("win_rate", "mean_amount", "deals_created", "selling_hours")
    assert gaps.practices(columns) == ("win_rate", "selling_hours")
    months = gaps.with_newness(pd.DataFrame({"tenure_months": [1.0, 30.0]}))
    assert gaps.practices(columns, months)[-1] == "newness"
    # A third is left after three months, next to nothing after thirty.
    assert months["newness"].tolist() == pytest.approx([np.exp(-1 / 3), np.exp(-10)])
    unknown = pd.DataFrame({"tenure_months": [1.0, np.nan]})
    assert gaps.with_newness(unknown) is unknown


def test_won_deals_of_the_window_carry_the_channel_of_their_rep() -> None:
    months = rep_months()
    table = pd.DataFrame({
        "rep_id": ["R00", "R15", "R00", "R99"], "status": ["won", "won", "lost", "won"],
        "close_date": pd.to_datetime(["2026-01-31", "2026-02-10", "2026-01-10", "2026-01-11"]),
        "amount": 1.0, "product": "x", "segment": np.nan,
    })  # fmt: skip
    won = gaps.won_deals(table, months)
    assert won["channel"].tolist() == ["EU", "US"]
    assert gaps.product_columns(won) == ["product"]


def test_weighted_deals_sum_to_the_gap_in_which_every_rep_counts_the_same() -> None:
    """Reps there for 12 and for 3 months: 24 of 30 rep-months are not 2 of 4 reps."""
    rng = np.random.default_rng(4)
    months = pd.DataFrame(
        [
            (f"R{i}", month, "EU" if i < 5 else "US")
            for i in range(9)
            for month in pd.date_range("2026-01-01", periods=12 if i % 2 else 3, freq="MS")
        ],
        columns=["rep_id", "month", "channel"],
    )
    table = months[["rep_id", "month"]].loc[months.index.repeat(rng.integers(1, 6, len(months)))]
    table = table.assign(
        status="won",
        close_date=table["month"] + pd.Timedelta(days=9),
        product=rng.choice(["x", "y"], len(table)),
        amount=rng.lognormal(3, 1, len(table)),
    ).reset_index(drop=True)
    sums = table.groupby(["rep_id", "month"])["amount"].sum().rename("bookings")
    gap = channel_gap(
        months.join(sums, on=["rep_id", "month"]), outcome="bookings", a="EU", b="US",
        permutations=9,
    )  # fmt: skip
    parts = mix(gaps.won_deals(table, months), weight="weight")
    for column in ("volume_first", "price_first", "shapley"):
        assert parts[column].sum() == pytest.approx(gap.difference.value, abs=1e-9)
    plain = mix(gaps.won_deals(table, months), exposure=dict(months["channel"].value_counts()))
    assert abs(plain["shapley"].sum() - gap.difference.value) > 1


def test_what_training_may_cost_is_said_for_every_case() -> None:
    data = rep_months(reps=40)
    options = {"outcome": "bookings", "market": MARKET, "practice": PRACTICE, "permutations": 9}
    ahead = channel_gap(data, a="EU", b="US", **options)
    behind = channel_gap(data, a="US", b="EU", **options)
    assert "pays for itself at a cost below $" in gaps.closing_gap(ahead).findings[0].sentence
    assert "would not pay at any price" in gaps.closing_gap(behind).findings[0].sentence
    first = gaps.closing_gap(behind).finding("first_practice")
    assert "behind US in no measured" in first.sentence
    with pytest.raises(ParameterError, match="gap_closed == 2"):
        gaps.closing_gap(ahead, gap_closed=2)
    with pytest.raises(ParameterError, match=r"gross_margin == '0.6'"):
        gaps.closing_gap(ahead, gross_margin="0.6")
    with pytest.raises(
        ParameterError, match=r"gap is a DataFrame, must be what channel_gap returns"
    ):
        gaps.closing_gap(data)
