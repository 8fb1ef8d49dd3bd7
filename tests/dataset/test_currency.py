"""Money in two currencies is never added up, whether a sign or a column says so: hand-worked."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import currency
from salesops_lib.dataset.building import Built, build, raw_tables
from salesops_lib.dataset.dataset import Dataset
from salesops_lib.dataset.reading import Source


def deals(*amounts: object, **more: list[object]) -> pd.DataFrame:
    n = len(amounts)
    frame = pd.DataFrame({"deal_id": [f"d{i}" for i in range(n)], "rep_id": "r", "status": "won"})
    return frame.assign(close_date="2026-02-01", amount=list(amounts), **more)


def built(assumptions: dict[str, object] | None = None, **tables: pd.DataFrame) -> Built:
    return build(Source(raw_tables(tables), assumptions))


def aside(made: Built, table: str = "deals") -> dict[int, str]:
    rows = made.quality.quarantine[table]
    return dict(zip(rows["row"], rows["reason"], strict=True))


def notes(made: Built) -> str:
    return "\n".join(made.quality.tables["notes"])


def test_rows_in_a_second_currency_are_set_aside_with_a_remedy() -> None:
    made = built(deals=deals(10, 20, 30, 40, currency=["USD", "usd", "EUR", "USD"]))
    assert aside(made) == {3: "currency: '€' is money in a second currency: the rest is in $"}
    assert made.frames["deals"]["amount"].sum() == 70
    assert made.currency == "$"
    (group,) = made.quality.set_aside.to_dict(orient="records")
    assert group["kind"] == "is money in a second currency"
    assert "Convert it" in group["remedy"]
    assert any("$ and €" in text for text in made.quality.notices)


def test_the_assumptions_decide_which_is_the_first_currency() -> None:
    table = deals(10, 20, 30, currency=["USD", "USD", "EUR"])
    made = built({"currency": "€"}, deals=table)
    assert sorted(aside(made)) == [1, 2]
    assert made.frames["deals"]["amount"].tolist() == [30]


@pytest.mark.parametrize(
    "heading",
    ["Currency", "CurrencyIsoCode", "deal_currency_code", "transactioncurrencyid", "CCY"],
)
def test_exporters_call_it_differently(heading: str) -> None:
    made = built(deals=deals(10, 20, 30, **{heading: ["GBP", "GBP", "CHF"]}))
    assert list(aside(made)) == [3]
    assert made.currency == "£"
    assert f"{heading}: read as the currency" in notes(made)


def test_a_column_of_currencies_under_another_name_is_said() -> None:
    """It may be what the customer pays in, the amounts long converted: the rows stay, and not in silence."""
    made = built(deals=deals(10, 20, 30, **{"billed in": ["GBP", "gbp", "CHF"]}))
    assert len(made.frames["deals"]) == 3
    (said,) = made.quality.notices
    assert said.startswith("'billed in' of the deals names CHF and £ and is not read")
    for harmless in (["GBP"] * 3, ["GBP", "CHF", "US"], [1.0, 2.0, None]):
        assert not built(deals=deals(10, 20, 30, **{"billed in": harmless})).quality.notices


def test_one_currency_that_differs_from_the_assumptions_is_said() -> None:
    made = built({"currency": "$"}, deals=deals(10, 20, currency=["EUR", "EUR"]))
    assert aside(made) == {}
    assert any("in €, and assumptions.toml says $" in text for text in made.quality.notices)


@pytest.mark.parametrize("symbol", ["€", "EUR", "eur"])
def test_one_currency_that_the_assumptions_name_too_is_not(symbol: str) -> None:
    made = built({"currency": symbol}, deals=deals(10, 20, currency=["EUR", "EUR"]))
    assert made.quality.notices == ()


def test_a_row_that_says_nothing_is_taken_as_the_rest_and_counted() -> None:
    made = built(deals=deals(10, 20, 30, currency=["EUR", None, ""]))
    assert aside(made) == {}
    assert "2 rows without one taken as €" in notes(made)


def test_a_row_without_money_may_be_in_any_currency() -> None:
    table = deals(10, 20, None, currency=["EUR", "EUR", "USD"])
    table["status"] = ["won", "won", "lost"]
    assert aside(built(deals=table)) == {}


def test_sign_and_column_that_contradict_each_other() -> None:
    made = built(deals=deals("€10", "€20", "$30", currency=["EUR", "EUR", "EUR"]))
    assert aside(made) == {3: "amount: is written in $, and the currency column says €"}


def test_a_sign_that_countries_share_is_no_contradiction() -> None:
    made = built(deals=deals("$10", "$20", currency=["AUD", "AUD"]))
    assert aside(made) == {}
    assert made.currency == "A$"
    assert built({"currency": "$"}, deals=deals("$10", currency=["AUD"])).quality.notices == ()


def test_two_signs_in_one_row() -> None:
    made = built(deals=deals("$10", "$20", list_amount=["$12", "€22"]))
    assert aside(made) == {2: "list_amount: is in €, and amount of the same row in $"}


def test_the_money_of_every_table_is_that_of_the_deals() -> None:
    quotas = pd.DataFrame({"rep_id": ["r", "s"], "month": "2026-01", "quota": ["€5", "7"]})
    made = built(quotas=quotas, deals=deals("$10", "$20"))
    assert aside(made, "quotas") == {
        1: "quota: '€' is money in a second currency: the rest is in $"
    }
    assert made.currency == "$"


def test_a_currency_that_nobody_here_knows_is_one_all_the_same() -> None:
    made = built(deals=deals(1, 2, 3, currency=["XAF", "xaf", "XOF"]))
    assert aside(made) == {3: "currency: 'XOF' is money in a second currency: the rest is in XAF"}
    assert Dataset.from_frames({"deals": deals(1, currency=["XAF"])}).currency == "XAF"


def test_market_columns_are_no_money() -> None:
    markets = pd.DataFrame({"region": ["N", "S"], "month": "2026-01", "currency": ["EUR", "USD"]})
    assert aside(built(markets=markets), "markets") == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [("usd", "$"), (" EUR ", "€"), ("€", "€"), ("Euro", "€"), ("kr", "kr"), ("sek", "SEK")],
)
def test_one_way_to_write_a_currency(text: str, code: str) -> None:
    assert currency.of_code(text) == code
