from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pricing.errors import UnknownShippingMethod
from app.pricing.services import (
    Destination,
    FlatShipping,
    Item,
    Rules,
    ShippingMethod,
    SingleTaxRate,
    Totals,
    quote,
    shipping_method,
    totals_answer,
)

USA = Destination("US", region=None, postal_code=None)
RULES = Rules("USD", FlatShipping(499, "USD"), SingleTaxRate(800))
LAMP = Item(unit_price_amount=1999, quantity=2, weight_grams=300)
PEN = Item(unit_price_amount=120, quantity=1, weight_grams=10)

amounts = st.integers(min_value=0, max_value=99_999_999)
items = st.builds(Item, amounts, st.integers(min_value=1, max_value=99), st.integers(0, 50_000))


class TwoMethods:
    """Express, and a cheaper one that stays inside the country."""

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        express = ShippingMethod("express", "Express", 1500, currency, "1 working day")
        domestic = ShippingMethod("domestic", "Domestic", 300, currency, "5 working days")
        return [express] if destination and destination.country != "US" else [express, domestic]


def test_a_quote_adds_shipping_and_the_tax_on_both() -> None:
    totals = quote([LAMP, PEN], rules=RULES, destination=USA, method_code="standard")

    assert totals == Totals(currency="USD", subtotal=4118, discount=0, shipping=499, tax=369)
    assert totals.total == 4986


@pytest.mark.parametrize(("amount", "tax"), [(6, 0), (7, 1), (18, 1), (19, 2)])
def test_tax_is_rounded_half_up(amount: int, tax: int) -> None:
    assert SingleTaxRate(800).tax(USA, amount, 0) == tax


def test_half_a_unit_of_tax_is_rounded_up() -> None:
    assert SingleTaxRate(5_000).tax(USA, 2, 1) == 2


def test_an_empty_cart_costs_nothing() -> None:
    totals = quote([], rules=RULES, destination=None, method_code=None)

    assert (totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total) == (0, 0, 0, 0, 0)


def test_a_cart_without_a_destination_is_estimated_with_the_cheapest_method() -> None:
    rules = Rules("USD", TwoMethods(), SingleTaxRate(0))

    assert quote([PEN], rules=rules, destination=None, method_code=None).shipping == 300


def test_the_chosen_method_counts_even_when_another_is_cheaper() -> None:
    rules = Rules("USD", TwoMethods(), SingleTaxRate(0))

    assert quote([PEN], rules=rules, destination=USA, method_code="express").shipping == 1500


def test_an_unknown_method_names_those_that_deliver_there() -> None:
    rules = Rules("USD", TwoMethods(), SingleTaxRate(0))
    abroad = Destination("FR", region=None, postal_code=None)

    with pytest.raises(UnknownShippingMethod) as caught:
        quote([PEN], rules=rules, destination=abroad, method_code="domestic")

    assert caught.value.status == 422
    assert caught.value.extra == {"errors": {"shipping_method": ["Choose one of: express."]}}


def test_a_method_of_another_currency_is_not_offered() -> None:
    rules = Rules("EUR", FlatShipping(499, "USD"), SingleTaxRate(0))

    with pytest.raises(UnknownShippingMethod) as caught:
        shipping_method([PEN], rules=rules, destination=USA, code="standard")

    assert caught.value.extra == {"errors": {"shipping_method": ["Nothing delivers these items there."]}}
    assert quote([PEN], rules=rules, destination=USA, method_code=None).shipping == 0


def test_the_answer_gives_each_sum_its_currency() -> None:
    totals = Totals(currency="JPY", subtotal=1000, discount=100, shipping=500, tax=112)

    assert totals_answer(totals) == {
        "subtotal": {"amount": 1000, "currency": "JPY"},
        "discount": {"amount": 100, "currency": "JPY"},
        "shipping": {"amount": 500, "currency": "JPY"},
        "tax": {"amount": 112, "currency": "JPY"},
        "total": {"amount": 1512, "currency": "JPY"},
    }


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(items, min_size=1, max_size=20), st.integers(min_value=0, max_value=10_000))
def test_the_total_is_the_sum_of_its_parts(bought: list[Item], basis_points: int) -> None:
    rules = Rules("USD", FlatShipping(499, "USD"), SingleTaxRate(basis_points))

    totals = quote(bought, rules=rules, destination=USA, method_code="standard")

    assert totals.subtotal == sum(item.unit_price_amount * item.quantity for item in bought)
    assert totals.shipping == 499
    assert totals.total == totals.subtotal + 499 + totals.tax
    assert abs(totals.tax * 10_000 - (totals.subtotal + 499) * basis_points) <= 5_000
