"""From cart to order, in one transaction: order, payment, stock, coupon."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from app.carts import services as carts
from app.carts.services import CheckoutCart
from app.checkout.errors import CartEmpty, CheckoutOpen
from app.checkout.services.billing import Bill, amounts_of, bill_of, check_expected, coupon_code, lines_of
from app.checkout.services.facts import Terms, Who, Wish
from app.events.services import publish
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
from app.payments.services.opening import Opening
from app.payments.services.parameters import Payable
from app.platform.db import Json
from app.platform.errors import Invalid
from app.platform.money import Money
from app.platform.party import Party
from app.pricing import services as pricing
from app.pricing.services import coupons
from app.settlement import services as settlement

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order


@dataclass(frozen=True, slots=True)
class Placed:
    """The order and payment of a checkout; `order` and `opening` are None when there is nothing left to do.

    Another request made them then, or there is nothing to pay, and so no payment.
    """

    order_id: UUID
    payment_id: UUID | None
    order: "Order | None"
    opening: Opening | None


def place(session: Session, *, buyer: Party, wish: Wish, terms: Terms) -> Placed:
    """Turn the buyer's cart into a pending order that holds its stock, with a payment to open.

    The unchanged cart with the same wish answers with the order that it already has; what was bought from a
    cart that was changed since leaves it first. Locks the cart, at the end the stock rows and the coupon; a
    user who holds a guest's token is merged first. When there is nothing to pay, the order is paid. Raises
    CartEmpty, ItemsUnavailable, CheckoutOpen, TotalChanged, OutOfStock, UnknownShippingMethod,
    DeliveryDateImpossible, AmountTooSmall, AmountTooLarge, what stands against using the coupon, and Invalid
    unless a guest, and only a guest, gives an email: nothing is left behind then.
    """
    owner = carts.merged(session, buyer)
    who = Who(owner, _contact(session, owner, wish))
    cart = carts.lock_for_checkout(session, owner)
    if cart is None or not cart.lines:
        raise CartEmpty("The cart is empty: add something first.")
    fingerprint = _fingerprint(cart, wish, own=terms.rules.currency)
    known = order_queries.standing_in_cart(session, cart.cart_id, fingerprint=fingerprint)
    if known is not None:
        same = _is_same(known, fingerprint, who)
        if known.status == PENDING or (same and known.placed_at >= cart.updated_at):
            again = _already(session, known, same=same)
            check_expected(Money(known.total_amount, known.currency), wish.expected_total)
            return again
        bought = order_queries.get(session, known.id)
        units = orders.quantities(bought)
        carts.remove_bought(session, bought.id, units, coupon_code=bought.coupon_code)
        return place(session, buyer=buyer, wish=wish, terms=terms)
    bill = bill_of(session, who, cart, wish, terms.rules)
    placement, lines = _placement(who, cart, fingerprint, wish, bill), lines_of(bill)
    _check_date(session, placement, lines, terms)
    order = orders.place(session, placement, lines, hold=terms.payment.hold_of(wish.way.flow))
    if bill.totals.total == 0:
        return _without_payment(session, order, who, bill)
    amount, currency = placement.total_amount, placement.currency
    payable = Payable(order.id, order.number, order.email, amount, currency)
    payment = opening.create(session, payable, way=wish.way, terms=terms.payment, moment=order.placed_at)
    placed = OrderPlaced(order_id=order.id, payment_id=payment.id, amount=amount, currency=currency)
    mine = opening.take(session, payment, placed, lease=terms.payment.lease)
    _hold(session, order, who, bill)
    return Placed(order.id, payment.id, order, mine)


def _without_payment(session: Session, order: "Order", who: Who, bill: Bill) -> Placed:
    """There is nothing to pay: the order is paid in this transaction."""
    free = OrderPlaced(order_id=order.id, payment_id=None, amount=0, currency=order.currency, payable=False)
    publish(session, free)
    _hold(session, order, who, bill)
    settlement.settle_nothing(session, order.id)
    return Placed(order.id, None, order=None, opening=None)


def _hold(session: Session, order: "Order", who: Who, bill: Bill) -> None:
    """Reserve the stock, then the use of the coupon."""
    inventory.reserve(session, holder_id=order.id, quantities=orders.quantities(order))
    if bill.coupon is not None and order.cart_id is not None:
        coupons.reserve(
            session,
            coupon_id=bill.coupon.coupon_id,
            order_id=order.id,
            cart_id=order.cart_id,
            customer=who.customer,
            discount=Money(bill.totals.discount, bill.totals.currency),
        )


def _contact(session: Session, owner: Party, wish: Wish) -> Contact:
    if owner.user_id is None:
        if wish.email is None:
            raise Invalid("Where may we write to?", errors={"email": ["Guests have to give one."]})
        return users.guest(wish.email, wish.locale)
    if wish.email is not None:
        raise Invalid("Your account has an email address.", errors={"email": ["Only for guests."]})
    return users.contact(session, owner.user_id)


def _is_same(known: "Order", fingerprint: str, who: Who) -> bool:
    """Whether a checkout stands for this order: the same wish, told to the same address, and not given up."""
    told_same = who.owner.user_id is not None or known.email == who.contact.email
    return told_same and known.cart_fingerprint == fingerprint and known.cancel_requested_at is None


def _already(session: Session, known: "Order", *, same: bool) -> Placed:
    payment = payment_queries.latest_of_order(session, known.id)
    if not same or (payment is None and known.total_amount):
        raise CheckoutOpen(
            "This cart has an open order, for something else or being cancelled. Pay it or cancel it first.",
            order_id=str(known.id),
        )
    return Placed(known.id, payment.id if payment else None, order=None, opening=None)


def _fingerprint(cart: CheckoutCart, wish: Wish, *, own: str) -> str:
    """What makes two checkouts the same: the cart's lines, its currency if not our own, the buyer's wish."""
    lines = sorted((str(line.variant_id), line.quantity) for line in cart.lines)
    how = [*_places(wish), wish.shipping_method, wish.way.flow]
    by_saved = [asdict(wish.way.saved)] if wish.way.saved else []
    on = [wish.delivery_date] if wish.delivery_date else []
    coupon = [{"coupon": code}] if (code := coupon_code(cart, wish)) else []
    as_business = [{"tax_number": wish.tax_number}] if wish.tax_number else []
    other = [{"currency": cart.currency}] if cart.currency != own else []
    more = (*by_saved, *on, *coupon, *as_business, *other)
    content = orjson.dumps([lines, how, wish.gift_message, *more], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def _places(wish: Wish) -> list[Json]:
    """Where it goes to, and the bill; of a store its id, because what else is known of it may be mended."""
    address, store = wish.shipping_address, wish.pickup_store
    place = {"store": store["id"], "name": address["name"]} if store else address
    return [place, place if wish.billing_address == address else wish.billing_address]


def _placement(who: Who, cart: CheckoutCart, fingerprint: str, wish: Wish, bill: Bill) -> Placement:
    """All that the order will remember, but for its lines."""
    totals, method = bill.totals, bill.method
    return Placement(
        user_id=who.owner.user_id,
        guest_token_hash=who.owner.token_hash,
        email=who.contact.email,
        locale=who.contact.locale,
        cart_id=cart.cart_id,
        cart_fingerprint=fingerprint,
        coupon_code=bill.coupon.code if bill.coupon else None,
        **amounts_of(totals),
        tax_number=wish.tax_number,
        shipping_address=wish.shipping_address,
        billing_address=wish.billing_address,
        shipping_method=method.code,
        shipping_method_name=method.name,
        shipping_estimate=method.estimate,
        pickup_store=wish.pickup_store,
        delivery_date=wish.delivery_date,
        gift_message=wish.gift_message,
    )


def _check_date(session: Session, placement: Placement, lines: Sequence[Line], terms: Terms) -> None:
    """Raise DeliveryDateImpossible unless the goods can come when they are wished for, if they are."""
    if placement.delivery_date is not None:
        address, code = placement.shipping_address, placement.shipping_method
        wishes.check_date(
            session,
            placement.delivery_date,
            product_ids=[line.product_id for line in lines],
            fewest_days=pricing.fewest_days(
                rules=terms.rules, address=address, code=code, currency=placement.currency
            ),
            working_days=terms.working_days,
        )
