"""The caller's own cart. Filling it reserves no stock: checkout does.

A user who still sends a guest's token has the guest's cart merged into theirs first.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.carts import services
from app.carts.errors import CartFull, CartInOtherCurrency, LineLimitReached, NoPriceInCurrency
from app.carts.queries import CartView, cart_of
from app.carts.schemas import (
    AddItemSchema,
    CartSchema,
    ChangeItemSchema,
    ChosenCouponSchema,
    ChosenCurrencySchema,
    DestinationQuery,
    QuotedMethodsSchema,
    ReorderedSchema,
)
from app.carts.services import Reordered
from app.carts.services.quoting import QuotedMethod, shipping_quotes
from app.catalog.errors import CurrencyNotSold
from app.identity.auth import GUEST_HEADER, buyer, requires_buyer
from app.orders import queries as orders
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.postal_rules import check_countries
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import ORDER
from app.platform.settings import settings
from app.pricing.errors import CouponExpired, CouponNotMet, CouponNotStarted, CouponUnknown, CouponUsedUp
from app.pricing.services import current_rules, destination_of, picked_up

blueprint = Blueprint(
    "Cart",
    __name__,
    url_prefix="/v1",
    description="What somebody would like to buy; a guest keeps theirs by its token.",
)

NEW_TOKEN = {
    GUEST_HEADER: {
        "description": "Only to a guest who had no cart: what opens it, and the orders that come of it",
        "schema": {"type": "string"},
    }
}


@blueprint.route("/cart", methods=["GET"])
@requires_buyer("newcomers")
@blueprint.response(200, CartSchema)
def get_cart() -> CartView:
    """The cart with today's prices; an empty one if nothing was ever added."""
    with transaction() as session:
        return cart_of(session, services.merged(session, buyer()), current_rules(session, settings()))


@blueprint.route("/cart/shipping-methods", methods=["GET"])
@requires_buyer("newcomers")
@blueprint.arguments(DestinationQuery, location="query")
@blueprint.response(200, QuotedMethodsSchema)
def list_cart_shipping_methods(query: dict[str, Any]) -> Page[QuotedMethod]:
    """The ways to deliver what is in the cart, what it comes to then, and when; checkout there agrees.

    With `pickup` it is the one way of a store at this place, whose taxes are asked for.
    """
    check_countries({"country": query["country"]})
    known, pickup = settings(), query.pop("pickup")
    destination = destination_of(query)
    with transaction() as session:
        owner = services.merged(session, buyer())
        rules = current_rules(session, known, country=destination.country)
        rules = picked_up(rules) if pickup else rules
        quotes = shipping_quotes(session, owner, rules, to=destination, working_days=known.working_days)
        return Page(quotes, None)


@blueprint.route("/cart", methods=["DELETE"])
@requires_buyer()
@blueprint.response(204)
def clear_cart() -> None:
    """Take everything out of the cart."""
    with transaction() as session:
        services.clear(session, services.merged(session, buyer()))


@blueprint.route("/cart/currency", methods=["PUT"])
@requires_buyer()
@blueprint.arguments(ChosenCurrencySchema)
@blueprint.response(200, CartSchema)
@problems(CurrencyNotSold)
def put_currency(body: dict[str, Any]) -> CartView:
    """Have the cart in another currency, at its prices in that. Repeating is safe.

    What has no price in it has nothing `available` until the cart's currency is changed again, or it is taken
    out. A guest without a cart says the `currency` with their first item.
    """
    with transaction() as session:
        owner, rules = services.merged(session, buyer()), current_rules(session, settings())
        return services.put_currency(session, owner, rules=rules, **body)


@blueprint.route("/cart/coupon", methods=["PUT"])
@requires_buyer()
@limited_as(ORDER)
@blueprint.arguments(ChosenCouponSchema)
@blueprint.response(200, CartSchema)
@problems(CouponUnknown, CouponNotStarted, CouponExpired, CouponNotMet, CouponUsedUp)
def put_coupon(body: dict[str, Any]) -> CartView:
    """Try a coupon: it stays in the cart, in the place of another, and checkout uses it. Repeating is safe.

    What stands against using it now is answered as a problem, and the cart stays as it was. Later on the cart
    says so in its `coupon.problem`; checkout alone decides. Limited as checkout is, against guessing codes.
    """
    with transaction() as session:
        owner, rules = services.merged(session, buyer()), current_rules(session, settings())
        return services.put_coupon(session, owner, rules=rules, **body)


@blueprint.route("/cart/coupon", methods=["DELETE"])
@requires_buyer()
@blueprint.response(200, CartSchema)
def remove_coupon() -> CartView:
    """Take the coupon out of the cart, if there is one."""
    with transaction() as session:
        owner, rules = services.merged(session, buyer()), current_rules(session, settings())
        return services.remove_coupon(session, owner, rules=rules)


@blueprint.route("/cart/items", methods=["POST"])
@requires_buyer("newcomers")
@idempotent
@blueprint.arguments(AddItemSchema())
@blueprint.response(201, CartSchema, headers=NEW_TOKEN)
@problems(NotFound, CartFull, LineLimitReached, NoPriceInCurrency, CartInOtherCurrency, CurrencyNotSold)
def add_item(body: dict[str, Any], *, session: Session) -> CartView | tuple[CartView, dict[str, str]]:
    """Put units of an article into the cart; units of one that is there already are summed.

    A guest's first answer carries their `X-Cart-Token`, once: send it with whatever follows.
    """
    owner, token = services.welcome(session, buyer())
    cart = services.add(session, owner, rules=current_rules(session, settings()), **body)
    return (cart, {GUEST_HEADER: token, "Cache-Control": "no-store"}) if token else cart


@blueprint.route("/cart/items/<uuid:item_id>", methods=["PATCH"])
@requires_buyer()
@blueprint.arguments(ChangeItemSchema)
@blueprint.response(200, CartSchema)
def change_item(body: dict[str, Any], item_id: UUID) -> CartView:
    """Set how many units of an article are wanted."""
    with transaction() as session:
        owner, rules = services.merged(session, buyer()), current_rules(session, settings())
        return services.change(session, owner, item_id=item_id, rules=rules, **body)


@blueprint.route("/cart/items/<uuid:item_id>", methods=["DELETE"])
@requires_buyer()
@blueprint.response(200, CartSchema)
def remove_item(item_id: UUID) -> CartView:
    """Take an article out of the cart."""
    with transaction() as session:
        owner, rules = services.merged(session, buyer()), current_rules(session, settings())
        return services.remove(session, owner, item_id=item_id, rules=rules)


@blueprint.route("/orders/<id_or_number>/reorder", methods=["POST"])
@requires_buyer()
@idempotent
@blueprint.response(200, ReorderedSchema, headers=NEW_TOKEN)
@problems(CartFull)
def reorder(id_or_number: str, *, session: Session) -> Reordered | tuple[Reordered, dict[str, str]]:
    """Put what can still be had of one's own order into the cart; `left_out` says what is not in it, and why.

    At today's prices; units that are in the cart already are summed. A guest whose cart is gone gets a new
    `X-Cart-Token`, as with the first item.
    """
    order = orders.readable(session, id_or_number, by=replace(buyer(), is_operator=False))
    owner, token = services.welcome(session, buyer())
    done = services.reorder(session, owner, order, rules=current_rules(session, settings()))
    return (done, {GUEST_HEADER: token, "Cache-Control": "no-store"}) if token else done
