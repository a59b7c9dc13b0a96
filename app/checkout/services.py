"""From cart to order, in one transaction: prices, totals, order, payment, stock."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from app.carts import services as carts
from app.carts.services import CheckoutCart, CheckoutLine
from app.catalog.services.sellable import Sellable
from app.checkout.errors import CartEmpty, CheckoutOpen, ItemsUnavailable, TotalChanged
from app.fulfillment.services import wishes
from app.identity.services import Contact, users
from app.inventory import services as inventory
from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.events import OrderPlaced
from app.orders.services import Line, Placement
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.services import opening
from app.payments.services.opening import Opening, PaymentTerms
from app.payments.services.parameters import Payable, Way
from app.platform.db import Json
from app.platform.errors import Invalid
from app.platform.money import Money
from app.platform.party import Party
from app.platform.working_days import WorkingDays
from app.pricing import services as pricing
from app.pricing.services import Destination, Item, Rules

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Wish:
    """What the buyer asks for besides the cart."""

    shipping_address: Json
    billing_address: Json
    shipping_method: str
    way: Way
    expected_total: Money | None
    gift_message: str | None
    delivery_date: date | None = None
    email: str | None = None
    """Where to write to: a guest says it, a user's is known."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The shop's side: prices, what a payment is opened under, and when people work."""

    rules: Rules
    payment: PaymentTerms
    working_days: WorkingDays = field(default_factory=WorkingDays)


@dataclass(frozen=True, slots=True)
class Placed:
    """The order and payment of a checkout; `order` and `opening` are None when another request made them."""

    order_id: UUID
    payment_id: UUID
    order: "Order | None"
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class _Who:
    """Who buys, and how they are written to."""

    owner: Party
    contact: Contact


def place(session: Session, *, buyer: Party, wish: Wish, terms: Terms) -> Placed:
    """Turn the buyer's cart into a pending order that holds its stock, with a payment to open.

    The unchanged cart with the same wish answers with the order that it already has; what was bought from a
    cart that was changed since leaves it first. Locks the cart, at the end the stock rows; a user who holds a
    guest's token is merged first. Raises CartEmpty, ItemsUnavailable, CheckoutOpen, TotalChanged, OutOfStock,
    UnknownShippingMethod, DeliveryDateImpossible, AmountTooSmall, AmountTooLarge, and Invalid unless a guest,
    and only a guest, gives an email: nothing is left behind then.
    """
    owner = carts.merged(session, buyer)
    who = _Who(owner, _contact(session, owner, wish.email))
    cart = carts.lock_for_checkout(session, owner)
    if cart is None or not cart.lines:
        raise CartEmpty("The cart is empty: add something first.")
    fingerprint = _fingerprint(cart, wish)
    known = order_queries.standing_in_cart(session, cart.cart_id, fingerprint=fingerprint)
    if known is not None:
        same = _is_same(known, fingerprint, who)
        if known.status == PENDING or (same and known.placed_at >= cart.updated_at):
            again = _already(session, known.id, same=same)
            _check_expected(Money(known.total_amount, known.currency), wish.expected_total)
            return again
        bought = order_queries.get(session, known.id)
        carts.remove_bought(session, bought.id, orders.quantities(bought))
        return place(session, buyer=buyer, wish=wish, terms=terms)
    placement, lines = _priced(who, cart, fingerprint, wish, terms.rules)
    _check_date(session, placement, lines, terms)
    order = orders.place(session, placement, lines, hold=terms.payment.hold_of(wish.way.flow))
    amount, currency = placement.total_amount, placement.currency
    payable = Payable(order.id, order.number, order.email, amount, currency)
    payment = opening.create(session, payable, way=wish.way, terms=terms.payment, moment=order.placed_at)
    placed = OrderPlaced(order_id=order.id, payment_id=payment.id, amount=amount, currency=currency)
    mine = opening.take(session, payment, placed, lease=terms.payment.lease)
    inventory.reserve(session, holder_id=order.id, quantities=orders.quantities(order))
    return Placed(order.id, payment.id, order, mine)


def _contact(session: Session, owner: Party, email: str | None) -> Contact:
    if owner.user_id is None:
        if email is None:
            raise Invalid("Where may we write to?", errors={"email": ["Guests have to give one."]})
        return users.guest(email)
    if email is not None:
        raise Invalid("Your account has an email address.", errors={"email": ["Only for guests."]})
    return users.contact(session, owner.user_id)


def _is_same(known: "Order", fingerprint: str, who: _Who) -> bool:
    """Whether a checkout stands for this order: the same wish, told to the same address, and not given up."""
    told_same = who.owner.user_id is not None or known.email == who.contact.email
    return told_same and known.cart_fingerprint == fingerprint and known.cancel_requested_at is None


def _already(session: Session, order_id: UUID, *, same: bool) -> Placed:
    payment = payment_queries.latest_of_order(session, order_id)
    if not same or payment is None:
        raise CheckoutOpen(
            "This cart has an open order, for something else or being cancelled. Pay it or cancel it first.",
            order_id=str(order_id),
        )
    return Placed(order_id, payment.id, order=None, opening=None)


def _fingerprint(cart: CheckoutCart, wish: Wish) -> str:
    """What makes two checkouts the same: the cart's lines and the buyer's wish."""
    lines = sorted((str(line.variant_id), line.quantity) for line in cart.lines)
    how = [wish.shipping_address, wish.billing_address, wish.shipping_method, wish.way.flow]
    by_saved = [asdict(wish.way.saved)] if wish.way.saved else []
    on = [wish.delivery_date] if wish.delivery_date else []
    content = orjson.dumps([lines, how, wish.gift_message, *by_saved, *on], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def _priced(
    who: _Who, cart: CheckoutCart, fingerprint: str, wish: Wish, rules: Rules
) -> tuple[Placement, list[Line]]:
    """The cart at today's prices, with its totals; all that the order will remember."""
    sold = _sold(cart.lines, rules.currency)
    items = [Item(offer.price_amount, line.quantity, offer.weight_grams or 0) for line, offer in sold]
    address = wish.shipping_address
    destination = Destination(address["country"], address["region"], address["postal_code"])
    code = wish.shipping_method
    method = pricing.shipping_method(items, rules=rules, destination=destination, code=code)
    totals = pricing.quote(items, rules=rules, destination=destination, method_code=code)
    _check_expected(Money(totals.total, totals.currency), wish.expected_total)
    placement = Placement(
        user_id=who.owner.user_id,
        guest_token_hash=who.owner.token_hash,
        email=who.contact.email,
        locale=who.contact.locale,
        cart_id=cart.cart_id,
        cart_fingerprint=fingerprint,
        currency=totals.currency,
        subtotal_amount=totals.subtotal,
        discount_amount=totals.discount,
        shipping_amount=totals.shipping,
        tax_amount=totals.tax,
        total_amount=totals.total,
        shipping_address=wish.shipping_address,
        billing_address=wish.billing_address,
        shipping_method=method.code,
        shipping_method_name=method.name,
        shipping_estimate=method.estimate,
        delivery_date=wish.delivery_date,
        gift_message=wish.gift_message,
    )
    return placement, [_line(line, offer) for line, offer in sold]


def _sold(lines: Sequence[CheckoutLine], currency: str) -> list[tuple[CheckoutLine, Sellable]]:
    """Each line with what it buys. Raises ItemsUnavailable when one is no longer sold in this currency."""
    sold = [(line, line.sellable) for line in lines if line.sellable and line.sellable.currency == currency]
    gone = {str(line.variant_id) for line in lines} - {str(line.variant_id) for line, _ in sold}
    if gone:
        raise ItemsUnavailable(
            "Some items are no longer sold: remove them from the cart.", unavailable=sorted(gone)
        )
    return sold


def _line(line: CheckoutLine, offer: Sellable) -> Line:
    return Line(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        seller_id=offer.seller_id,
        sku=offer.sku,
        name=offer.name,
        image=offer.image_key,
        quantity=line.quantity,
        unit_price_amount=offer.price_amount,
    )


def _check_date(session: Session, placement: Placement, lines: Sequence[Line], terms: Terms) -> None:
    """Raise DeliveryDateImpossible unless the goods can come when they are wished for, if they are."""
    if placement.delivery_date is not None:
        address, code = placement.shipping_address, placement.shipping_method
        wishes.check_date(
            session,
            placement.delivery_date,
            product_ids=[line.product_id for line in lines],
            fewest_days=pricing.fewest_days(rules=terms.rules, address=address, code=code),
            working_days=terms.working_days,
        )


def _check_expected(total: Money, expected: Money | None) -> None:
    if expected is not None and expected != total:
        raise TotalChanged(
            "The total has changed. Show the new one to the buyer, and ask again.", total=asdict(total)
        )
