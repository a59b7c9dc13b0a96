"""Which zone delivers to a place, and what its rates cost."""

from typing import Any

import pytest

from app.pricing.services import (
    Destination,
    Item,
    Rules,
    ShippingMethod,
    SingleTaxRate,
    ZonedShipping,
    fewest_days,
)
from app.pricing.services.zoned import in_days


def rate(code: str, amount: int | None = 100, **values: Any) -> dict[str, Any]:
    facts = {"code": code, "name": code.title(), "currency": "USD", "amount": amount, "tiers": None}
    return facts | {"free_from_amount": None, "fewest_days": 2, "most_days": 4} | values


def zone(name: str, *places: tuple[str, str, str], is_default: bool = False) -> dict[str, Any]:
    known = [dict(zip(("country", "region", "postal_prefix"), each, strict=True)) for each in places]
    return {"is_default": is_default, "places": known, "rates": [rate(name)]}


ZONES = ZonedShipping(
    [
        zone("world", ("", "", "")),
        zone("usa", ("US", "", ""), ("CA", "", ""), is_default=True),
        zone("west", ("US", "OR", ""), ("US", "WA", "")),
        zone("city", ("US", "", "972")),
        zone("street", ("US", "", "97209"), ("GB", "", "SW1")),
    ]
)
TIERS = [{"up_to_grams": 500, "amount": 300}, {"up_to_grams": 2000, "amount": 700}]


def codes(destination: Destination | None, currency: str = "USD") -> list[str]:
    return [each.code for each in ZONES.methods(destination, (), currency)]


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "code"),
    [
        ("FR", None, None, "world"),
        ("US", None, None, "usa"),
        ("US", "CA", "90210", "usa"),
        ("CA", "OR", None, "usa"),
        ("US", " or ", None, "west"),
        ("US", "OR", "97301", "west"),
        ("US", "OR", "97201", "city"),
        ("US", None, "97209-1234", "street"),
        ("GB", None, "sw1y 4jh", "street"),
        ("GB", None, "SE1 9SG", "world"),
    ],
)
def test_the_place_that_says_most_decides(
    country: str, region: str | None, postal_code: str | None, code: str
) -> None:
    assert codes(Destination(country, region, postal_code)) == [code]


def test_while_it_is_unknown_where_to_the_default_zone_counts() -> None:
    assert codes(None) == ["usa"]
    assert ZonedShipping([zone("world", ("", "", ""))]).methods(None, (), "USD") == []


def test_a_rate_is_offered_in_its_currency_alone() -> None:
    assert codes(Destination("US", None, None), "EUR") == []


@pytest.mark.parametrize(
    ("tiers", "grams", "quantity", "price"),
    [
        (TIERS, 0, 1, 300),
        (TIERS, 250, 2, 300),
        (TIERS, 501, 1, 700),
        (TIERS, 1000, 2, 700),
        (TIERS, 2001, 1, None),
        ([*TIERS, {"up_to_grams": None, "amount": 0}], 2001, 1, 0),
    ],
)
def test_weight_tells_the_tier(tiers: Any, grams: int, quantity: int, price: int | None) -> None:
    shipping = ZonedShipping([{"is_default": True, "places": [], "rates": [rate("a", None, tiers=tiers)]}])

    methods = shipping.methods(None, [Item(1, quantity, grams)], "USD")

    assert [each.price_amount for each in methods] == ([] if price is None else [price])


@pytest.mark.parametrize(("unit_price", "price"), [(4999, 100), (5000, 0)])
def test_enough_is_delivered_for_nothing(unit_price: int, price: int) -> None:
    free = rate("a", free_from_amount=10_000)
    shipping = ZonedShipping([{"is_default": True, "places": [], "rates": [free]}])

    methods = shipping.methods(None, [Item(unit_price, 2, 1)], "USD")

    assert methods == [ShippingMethod("a", "A", price, "USD", "2 to 4 working days", 2, 4)]


@pytest.mark.parametrize(
    ("code", "currency", "days"), [("west", "USD", 2), ("west", "EUR", 0), ("usa", "USD", 0)]
)
def test_the_fewest_days_are_those_of_an_orders_place_and_currency(
    code: str, currency: str, days: int
) -> None:
    rules = Rules("EUR", ZONES, SingleTaxRate(0))
    address = {"country": "US", "region": "Oregon", "postal_code": "97301"}

    assert fewest_days(rules=rules, address=address, code=code, currency=currency) == days


def test_days_are_told_in_words() -> None:
    assert [in_days(1, 1), in_days(0, 1), in_days(2, 2), in_days(3, 5)] == [
        "1 working day",
        "0 to 1 working day",
        "2 working days",
        "3 to 5 working days",
    ]
