from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.money import allocate, contained, share, step
from app.pricing.errors import UnknownShippingMethod
from app.pricing.services import (
    Destination,
    Discount,
    FlatShipping,
    Item,
    Levy,
    PricedLine,
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
EIGHT = Decimal(800)

amounts = st.integers(min_value=0, max_value=99_999_999)
rates = st.sampled_from([Decimal(text) for text in ("0", "662.5", "700", "887.5", "1900", "2500", "10000")])
lots = st.builds(Item, amounts, st.integers(min_value=1, max_value=99), st.just(0))


class TwoMethods:
    """Express, and a cheaper one that stays inside the country."""

    def methods(
        self, destination: Destination | None, items: Sequence[Item], currency: str
    ) -> Sequence[ShippingMethod]:
        express = ShippingMethod("express", "Express", 1500, currency, "1 working day")
        domestic = ShippingMethod("domestic", "Domestic", 300, currency, "5 working days")
        return [express] if destination and destination.country != "US" else [express, domestic]


class Service:
    """A tax service that was asked before: it knows this purchase's rates."""

    def __init__(self, rates: Sequence[int], shipping: int = 0, **rules: Any) -> None:
        self.answer: dict[str, Any] = {
            "prices_include_tax": False,
            "rates": tuple(Decimal(rate) for rate in rates),
            "shipping_rate": Decimal(shipping),
        } | rules

    def levy(self, *_: Any) -> Levy:
        return Levy(**self.answer)


def priced(unit_price: int, quantity: int, tax: int, rate: Decimal = EIGHT, discount: int = 0) -> PricedLine:
    subtotal = unit_price * quantity
    return PricedLine(
        unit_price=unit_price, subtotal=subtotal, discount=discount, tax=tax, tax_basis_points=rate
    )


def test_a_quote_adds_shipping_and_the_tax_on_both() -> None:
    totals = quote([LAMP, PEN], rules=RULES, destination=USA, method_code="standard")

    assert totals == Totals(
        currency="USD",
        prices_include_tax=False,
        lines=(priced(1999, 2, 319), priced(120, 1, 10)),  # of 319.53, 9.59 and 39.88
        shipping_line=priced(499, 1, 40),
    )
    assert (totals.subtotal, totals.discount, totals.shipping, totals.tax) == (4118, 0, 499, 369)
    assert totals.total == 4986


@pytest.mark.parametrize(("amount", "tax"), [(6, 0), (7, 1), (18, 1), (19, 2)])
def test_tax_is_rounded_half_up(amount: int, tax: int) -> None:
    free = Rules("USD", FlatShipping(0, "USD"), SingleTaxRate(800))

    assert quote([Item(amount, 1, 0)], rules=free, destination=USA, method_code=None).tax == tax


def test_tax_is_rounded_once_per_rate_and_not_per_line() -> None:
    rules = Rules("USD", FlatShipping(1, "USD"), SingleTaxRate(5_000))

    totals = quote([Item(1, 1, 0), Item(1, 1, 0)], rules=rules, destination=USA, method_code=None)

    assert (totals.tax, [line.tax for line in totals.lines], totals.shipping_tax) == (2, [1, 1], 0)


def test_what_prices_contain_is_not_added() -> None:
    rules = Rules("EUR", FlatShipping(476, "EUR"), Service([1900, 700], 1900, prices_include_tax=True))
    book = Item(1070, 1, 0, "books")

    totals = quote([Item(1190, 2, 0), book], rules=rules, destination=USA, method_code=None)

    assert [line.tax for line in totals.lines] == [380, 70]
    assert (totals.shipping_tax, totals.tax, totals.total) == (76, 526, 2380 + 1070 + 476)


def test_where_only_multiples_of_ten_can_be_charged_every_sum_is_one() -> None:
    fils = Rules("KWD", FlatShipping(490, "KWD"), Service([500, 750], 500))
    lines = [Item(1_990, 3, 0), Item(330, 1, 0, "books")]

    added = quote(lines, rules=fils, destination=USA, method_code=None, discount=Discount(lines=(600, 30)))
    contained = replace(fils, tax=Service([500, 750], 500, prices_include_tax=True, exempt=True))
    exempt = quote(lines, rules=contained, destination=USA, method_code=None)

    assert [line.tax for line in added.lines] == [270, 20]  # 5 % of 5.370 + 0.490, and 7.5 % of 0.300
    assert (added.shipping_tax, added.tax, added.total) == (20, 310, 5_370 + 300 + 490 + 310)
    assert [line.unit_price for line in exempt.lines] == [1_900, 310]  # without 0.0948 and 0.0230
    assert (exempt.shipping, exempt.total) == (470, 5_700 + 310 + 470)


def test_only_what_is_left_after_the_discount_is_taxed() -> None:
    totals = quote(
        [LAMP, PEN],
        rules=RULES,
        destination=USA,
        method_code=None,
        discount=Discount(lines=(998, 0), shipping=499),
    )

    assert [line.discount for line in totals.lines] == [998, 0]
    assert (totals.discount, totals.shipping, totals.shipping_discount) == (1497, 499, 499)
    assert (totals.tax, totals.shipping_tax) == (250, 0)  # 8 percent of 31.20
    assert totals.total == 4118 - 1497 + 499 + 250


@pytest.mark.parametrize("discount", [Discount((3999, 0)), Discount((-1, 0)), Discount(shipping=500)])
def test_no_more_comes_off_than_there_is(discount: Discount) -> None:
    with pytest.raises(ValueError, match="a discount of"):
        quote([LAMP, PEN], rules=RULES, destination=USA, method_code=None, discount=discount)


def test_who_is_exempt_pays_prices_without_the_tax_in_them() -> None:
    service = Service([1900], 1900, prices_include_tax=True, exempt=True)
    rules = Rules("EUR", FlatShipping(595, "EUR"), service)

    totals = quote(
        [Item(1190, 3, 0)], rules=rules, destination=USA, method_code=None, discount=Discount((119,))
    )

    assert totals.lines == (priced(1000, 3, 0, Decimal(0), discount=100),)
    assert (totals.prices_include_tax, totals.shipping, totals.tax, totals.total) == (False, 500, 0, 3400)


def test_who_is_exempt_where_tax_is_added_pays_the_prices() -> None:
    rules = Rules("USD", FlatShipping(499, "USD"), Service([800], 800, exempt=True))

    totals = quote([LAMP], rules=rules, destination=USA, method_code=None)

    assert (totals.tax, totals.total) == (0, 3998 + 499)


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

    assert caught.value.extra == {
        "errors": {"shipping_method": ["Nothing delivers these items there in EUR."]}
    }
    assert quote([PEN], rules=rules, destination=USA, method_code=None).shipping == 0


def test_the_answer_gives_each_sum_its_currency() -> None:
    totals = Totals(
        currency="JPY",
        lines=(priced(1000, 1, 72, discount=100),),
        shipping_line=priced(500, 1, 40),
    )

    assert totals_answer(totals) == {
        "subtotal": {"amount": 1000, "currency": "JPY"},
        "discount": {"amount": 100, "currency": "JPY"},
        "shipping": {"amount": 500, "currency": "JPY"},
        "tax": {"amount": 112, "currency": "JPY"},
        "total": {"amount": 1512, "currency": "JPY"},
        "tax_included": False,
    }


@st.composite
def purchases(draw: st.DrawFn) -> tuple[list[Item], Service, Discount, int]:
    """Items at some rates, with some discount, and the price of shipping."""
    bought = draw(st.lists(lots, min_size=1, max_size=12))
    service = Service([], prices_include_tax=draw(st.booleans()), exempt=draw(st.booleans()))
    service.answer["rates"] = tuple(draw(rates) for _ in bought)
    service.answer["shipping_rate"] = draw(rates)
    shipping = draw(st.integers(0, 100_000))
    off = [draw(st.integers(0, most)) for most in (*(item.subtotal for item in bought), shipping)]
    return bought, service, Discount(tuple(off[:-1]), off[-1]), shipping


def in_steps(
    bought: list[Item], service: Service, off: Discount, shipping: int, least: int
) -> tuple[list[Item], Service, Discount, int]:
    """The same purchase at prices that can be charged in a currency of this step."""
    items = [replace(item, unit_price_amount=item.unit_price_amount * least) for item in bought]
    discount = Discount(tuple(amount * least for amount in off.lines), off.shipping * least)
    return items, service, discount, shipping * least


@settings(deadline=None)  # a busy machine is no failure
@given(purchase=purchases(), currency=st.sampled_from(["USD", "JPY", "KWD", "ISK"]))
def test_sums_are_those_of_the_lines_and_tax_is_exact_for_each_rate(
    purchase: tuple[list[Item], Service, Discount, int], currency: str
) -> None:
    least = step(currency)
    bought, service, off, shipping = in_steps(*purchase, least)
    rules = Rules(currency, FlatShipping(shipping, currency), service)

    totals = quote(bought, rules=rules, destination=USA, method_code="standard", discount=off)

    parts = [*totals.lines, totals.shipping_line]
    included = totals.prices_include_tax
    charged = [part.subtotal - part.discount + (0 if included else part.tax) for part in parts]
    assert totals.total == sum(charged)
    assert (totals.discount, totals.tax) == (
        sum(part.discount for part in parts),
        sum(part.tax for part in parts),
    )
    for rate in {part.tax_basis_points for part in parts}:
        alike = [part for part in parts if part.tax_basis_points == rate]
        whole = sum(part.subtotal - part.discount for part in alike)
        exact = (contained if included else share)(whole, rate, step=least)
        assert sum(part.tax for part in alike) == exact
    assert not any(amount % least for part in parts for amount in (part.subtotal, part.discount, part.tax))
    assert all(0 <= part.discount <= part.subtotal and part.tax >= 0 for part in parts)
    for line, item in zip(totals.lines, bought, strict=True):
        assert line.unit_price * item.quantity == line.subtotal
    if service.answer["exempt"]:
        assert totals.tax == 0


@settings(deadline=None)
@given(purchase=purchases(), data=st.data())
def test_units_that_are_given_back_one_by_one_come_to_what_was_paid(
    purchase: tuple[list[Item], Service, Discount, int], data: st.DataObject
) -> None:
    bought, service, off, shipping = purchase
    rules = Rules("USD", FlatShipping(shipping, "USD"), service)

    totals = quote(bought, rules=rules, destination=USA, method_code="standard", discount=off)

    added = 0 if totals.prices_include_tax else 1
    back = 0
    for line, item in zip(totals.lines, bought, strict=True):
        units = allocate(line.subtotal - line.discount + added * line.tax, [1] * item.quantity)
        first = data.draw(st.integers(0, item.quantity))
        back += sum(units[:first]) + sum(units[first:])
    of_shipping = totals.shipping - totals.shipping_discount + added * totals.shipping_tax
    assert back + of_shipping == totals.total
