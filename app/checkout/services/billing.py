"""What a cart comes to when it is checked out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.orm import Session

from app.carts.queries import Offered, items_of, pieces_of
from app.carts.services import CheckoutCart, CheckoutLine
from app.catalog.services.sellable import Sellable
from app.checkout.errors import ItemsUnavailable, TotalChanged
from app.checkout.services.facts import Who, Wish
from app.orders.services import Line
from app.platform.db import Json
from app.platform.errors import Invalid
from app.platform.money import Money
from app.pricing import services as pricing
from app.pricing.services import NO_DISCOUNT, PricedLine, Rules, ShippingMethod, Totals, coupons
from app.pricing.services.coupons import Applied, Buying


@dataclass(frozen=True, slots=True)
class Bill:
    """What is bought, and what it comes to."""

    sold: Sequence[tuple[CheckoutLine, Sellable]]
    method: ShippingMethod
    totals: Totals
    coupon: Applied | None


def coupon_code(cart: CheckoutCart, wish: Wish) -> str | None:
    """The coupon that is to be used: the one asked for, else that in the cart."""
    return coupons.normal(wish.coupon) if wish.coupon else cart.coupon_code


def bill_of(session: Session, who: Who, cart: CheckoutCart, wish: Wish, rules: Rules) -> Bill:
    """The cart at today's prices in its currency, with its totals. Raises Invalid for too vague a place."""
    sold = _sold(cart, rules)
    rules = replace(rules, currency=cart.currency)
    offered = [(offer, line.quantity) for line, offer in sold]
    items = items_of(offered)
    address, code = wish.shipping_address, wish.shipping_method
    destination = pricing.destination_of(address)
    method = pricing.shipping_method(items, rules=rules, destination=destination, code=code)
    coupon = _coupon(session, who, cart, wish, offered)
    discount = coupon.discount(shipping=method.price_amount) if coupon else NO_DISCOUNT
    totals = pricing.quote(
        items,
        rules=rules,
        destination=destination,
        method_code=code,
        discount=discount,
        tax_number=wish.tax_number,
    )
    if totals.lacks_region:
        where = {"shipping_address.region": ["Give a region that the country has: taxes depend on it."]}
        raise Invalid("It cannot be told what tax is due there.", errors=where)
    check_expected(Money(totals.total, totals.currency), wish.expected_total)
    return Bill(sold, method, totals, coupon)


def _coupon(
    session: Session, who: Who, cart: CheckoutCart, wish: Wish, offered: Sequence[Offered]
) -> Applied | None:
    code = coupon_code(cart, wish)
    if code is None:
        return None
    buying = Buying(pieces_of(offered), cart.currency, cart.cart_id, who.customer)
    return coupons.apply(session, code, buying)


def amounts_of(totals: Totals) -> Json:
    """What the order keeps of its totals; its lines keep their own."""
    return {
        "currency": totals.currency,
        "subtotal_amount": totals.subtotal,
        "discount_amount": totals.discount,
        "shipping_amount": totals.shipping,
        "tax_amount": totals.tax,
        "total_amount": totals.total,
        "prices_include_tax": totals.prices_include_tax,
        "shipping_discount_amount": totals.shipping_discount,
        "shipping_tax_amount": totals.shipping_tax,
        "shipping_tax_basis_points": totals.shipping_line.tax_basis_points,
    }


def lines_of(bill: Bill) -> list[Line]:
    """What the order will remember of each line."""
    return [
        _line(line, offer, priced) for (line, offer), priced in zip(bill.sold, bill.totals.lines, strict=True)
    ]


def _sold(cart: CheckoutCart, rules: Rules) -> list[tuple[CheckoutLine, Sellable]]:
    """Each line with what it buys. Raises ItemsUnavailable when one is not sold in the cart's currency."""
    is_sold_in = cart.currency in rules.currencies
    sold = [(line, line.sellable) for line in cart.lines if line.sellable and is_sold_in]
    gone = {str(line.variant_id) for line in cart.lines} - {str(line.variant_id) for line, _ in sold}
    if gone:
        raise ItemsUnavailable(
            f"Some items are not sold in {cart.currency}, or no longer: remove them from the cart.",
            unavailable=sorted(gone),
        )
    return sold


def _line(line: CheckoutLine, offer: Sellable, priced: PricedLine) -> Line:
    return Line(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        seller_id=offer.seller_id,
        sku=offer.sku,
        name=offer.name,
        image=offer.image_key,
        quantity=line.quantity,
        unit_price_amount=priced.unit_price,
        discount_amount=priced.discount,
        tax_amount=priced.tax,
        tax_basis_points=priced.tax_basis_points,
    )


def check_expected(total: Money, expected: Money | None) -> None:
    """Raise TotalChanged for another total than the caller expects, if they expect any."""
    if expected is not None and expected != total:
        raise TotalChanged(
            "The total has changed. Show the new one to the buyer, and ask again.", total=asdict(total)
        )
