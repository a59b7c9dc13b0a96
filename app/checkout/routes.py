"""From cart to order."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from flask import Response, current_app, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.checkout import services
from app.checkout.errors import CartEmpty, CheckoutOpen, ItemsUnavailable, TotalChanged
from app.checkout.schemas import CheckoutRequestSchema, CheckoutSchema
from app.checkout.services import Terms, Wish
from app.fulfillment.errors import DeliveryDateImpossible
from app.identity.auth import buyer, requires_buyer
from app.identity.services import addresses
from app.inventory.errors import OutOfStock
from app.orders import queries as order_queries
from app.payments import queries as payment_queries
from app.payments import workflows
from app.payments.errors import AmountTooLarge, AmountTooSmall
from app.payments.gateway.choosing import for_counter
from app.payments.services import wallets
from app.payments.services.opening import Opening, terms_from
from app.payments.services.parameters import Way
from app.payments.states import CREATING
from app.platform import idempotency
from app.platform.db import Json, reading, transaction
from app.platform.errors import Invalid, NotFound
from app.platform.locales import best_of
from app.platform.money import Money
from app.platform.openapi.headers import LATER, WANTED_LANGUAGE
from app.platform.openapi.notation import problems, takes_key
from app.platform.postal_rules import check_countries
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import ORDER
from app.platform.settings import settings
from app.platform.web import answer, point_to
from app.pricing.errors import (
    CouponExpired,
    CouponNotMet,
    CouponNotStarted,
    CouponUnknown,
    CouponUsedUp,
    UnknownShippingMethod,
)
from app.pricing.services import PICKUP, current_rules, picked_up, tax_number_of
from app.settlement import services as settlement

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment

blueprint = Blueprint(
    "Checkout",
    __name__,
    url_prefix="/v1",
    description="From a cart to an order, whose stock is held while it is being paid.",
)


@blueprint.route("/checkout", methods=["POST"], parameters=[WANTED_LANGUAGE])
@requires_buyer()
@limited_as(ORDER)
@takes_key(required=True)
@blueprint.arguments(CheckoutRequestSchema())
@blueprint.response(201, CheckoutSchema)
@blueprint.alt_response(202, schema=CheckoutSchema, description="The payment is not open yet", headers=LATER)
@problems(
    NotFound,
    CartEmpty,
    ItemsUnavailable,
    CheckoutOpen,
    TotalChanged,
    OutOfStock,
    UnknownShippingMethod,
    DeliveryDateImpossible,
    CouponUnknown,
    CouponNotStarted,
    CouponExpired,
    CouponNotMet,
    CouponUsedUp,
    AmountTooSmall,
    AmountTooLarge,
)
def check_out(body: dict[str, Any]) -> Response:
    """Turn the cart into an order that holds its stock, and open its payment.

    201 carries the `client_secret`, the `redirect_url` of a hosted page, or the `instructions` for a bank
    transfer (`manual`), whose order holds its stock for days; 202 has a `Location` where it appears. Guests
    give an `email`, and are written to in the language of `Accept-Language`; users in that of their account.
    Needs an `Idempotency-Key`: the same key again answers with the same order in its present state. 409 lists
    what is short, per line. With a `pickup_store_id` nothing is sent, and the taxes are those of the store's
    place. With a `payment_method_id` the payment is attempted at once: it has `succeeded`, or is `open` with
    a `last_error`, or the card form has to ask more.
    When a coupon leaves nothing to pay, the order is paid at once, and `payment` is null.
    """
    wanted = idempotency.required()
    with transaction() as session:
        kept = idempotency.replay(session, wanted)
        if kept is None:
            wish = _wish(session, body)
            placed = services.place(session, buyer=buyer(), wish=wish, terms=_terms(session, wish))
            ids = {"order_id": placed.order_id, "payment_id": placed.payment_id}
            idempotency.keep(session, wanted, 201, ids)
    if kept is not None:
        known = orjson.loads(kept.body)
        response = _present(UUID(known["order_id"]), known["payment_id"] and UUID(known["payment_id"]))
        idempotency.mark_replayed(response)
        return response
    opened = _open(placed.opening) if placed.opening else None
    # Only money that was taken at once has changed what was written a moment ago.
    if opened and placed.order and placed.opening and not placed.opening.request.pays_at_once:
        return _answer(placed.order, opened.payment)
    return _present(placed.order_id, placed.payment_id)


def _present(order_id: UUID, payment_id: UUID | None) -> Response:
    """Order and payment as they are now."""
    with reading() as session:
        payment = payment_queries.get(session, payment_id) if payment_id else None
        return _answer(order_queries.get(session, order_id), payment)


def _answer(order: "Order", payment: "Payment | None") -> Response:
    """201 once the payment can be paid (or is past that, or not needed), else 202."""
    ready = payment is None or payment.status != CREATING
    response = answer("CheckoutSchema", {"order": order, "payment": payment}, 201 if ready else 202)
    if payment is not None and not ready:
        point_to(response, f"/v1/payments/{payment.id}")
    return response


def _open(opening: Opening) -> workflows.Opened | None:
    parts = current_app.extensions
    gateway = for_counter(parts["payment_gateway"], parts["inline_calls"])
    opened = workflows.open_at_counter(opening, gateway=gateway, backoff=settings().backoff_base)
    if opened is not None and opening.request.pays_at_once:
        with transaction() as session:  # a shortcut only: a worker is told to, as well
            settlement.settle(session, opened.seen, holds=settlement.holds_from(settings()))
    return opened


def _wish(session: Session, body: dict[str, Any]) -> Wish:
    given = {name: body[name] for name in ("shipping_address", "billing_address") if body.get(name)}
    # By a country's code taxes and delivery go; the rest of an address is the buyer's to know.
    check_countries({f"{name}.country": address["country"] for name, address in given.items()})
    expected, billing, store = body["expected_total"], body["billing_address"], None
    if body["billing_address_id"]:
        billing = _from_book(session, "billing_address_id", body["billing_address_id"])
    if "pickup_store_id" in body:
        place = services.pick_up(session, body["pickup_store_id"], by=buyer(), billing_address=billing)
        shipping, store = place.address, place.store
    else:
        shipping = body.get("shipping_address") or _from_book(session, "address_id", body["address_id"])
    method_id, flow = body["payment_method_id"], body["payment_flow"]
    saved = wallets.way_for(session, buyer(), method_id, flow=flow) if method_id else None
    paying, number = billing or shipping, body["tax_number"]
    return Wish(
        shipping_address=shipping,
        billing_address=paying,
        shipping_method=PICKUP if store else body["shipping_method"],
        way=Way(flow, body["success_url"], body["cancel_url"], saved),
        expected_total=Money(**expected) if expected else None,
        gift_message=body["gift_message"],
        delivery_date=body["delivery_date"],
        coupon=body["coupon"],
        email=body["email"],
        tax_number=tax_number_of(paying["country"], number) if number else None,
        locale=best_of(request.accept_languages),
        pickup_store=store,
    )


def _from_book(session: Session, field: str, address_id: UUID) -> Json:
    user_id = buyer().user_id
    if user_id is None:
        raise Invalid("Guests have no address book.", errors={field: ["Only for users."]})
    return addresses.copy_of(session, user_id, address_id)


def _terms(session: Session, wish: Wish) -> Terms:
    known = settings()
    rules = current_rules(session, known, country=wish.shipping_address["country"])
    if wish.pickup_store:
        rules = picked_up(rules)
    return Terms(rules, terms_from(known), known.working_days)
