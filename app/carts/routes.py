"""The caller's own cart. Filling it reserves no stock: checkout does.

A user who still sends a guest's token has the guest's cart merged into theirs first.
"""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.carts import services
from app.carts.errors import CartFull, LineLimitReached
from app.carts.queries import CartView, cart_of
from app.carts.schemas import AddItemSchema, CartSchema, ChangeItemSchema
from app.identity.auth import GUEST_HEADER, buyer, requires_buyer
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.settings import settings
from app.pricing.services import rules_from

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
        return cart_of(session, services.merged(session, buyer()), rules_from(settings()))


@blueprint.route("/cart", methods=["DELETE"])
@requires_buyer()
@blueprint.response(204)
def clear_cart() -> None:
    """Take everything out of the cart."""
    with transaction() as session:
        services.clear(session, services.merged(session, buyer()))


@blueprint.route("/cart/items", methods=["POST"])
@requires_buyer("newcomers")
@idempotent
@blueprint.arguments(AddItemSchema())
@blueprint.response(201, CartSchema, headers=NEW_TOKEN)
@problems(NotFound, CartFull, LineLimitReached)
def add_item(body: dict[str, Any], *, session: Session) -> CartView | tuple[CartView, dict[str, str]]:
    """Put units of an article into the cart; units of one that is there already are summed.

    A guest's first answer carries their `X-Cart-Token`, once: send it with whatever follows.
    """
    owner, token = services.welcome(session, buyer())
    cart = services.add(session, owner, rules=rules_from(settings()), **body)
    return (cart, {GUEST_HEADER: token, "Cache-Control": "no-store"}) if token else cart


@blueprint.route("/cart/items/<uuid:item_id>", methods=["PATCH"])
@requires_buyer()
@blueprint.arguments(ChangeItemSchema)
@blueprint.response(200, CartSchema)
def change_item(body: dict[str, Any], item_id: UUID) -> CartView:
    """Set how many units of an article are wanted."""
    rules = rules_from(settings())
    with transaction() as session:
        owner = services.merged(session, buyer())
        return services.change(session, owner, item_id=item_id, rules=rules, **body)


@blueprint.route("/cart/items/<uuid:item_id>", methods=["DELETE"])
@requires_buyer()
@blueprint.response(200, CartSchema)
def remove_item(item_id: UUID) -> CartView:
    """Take an article out of the cart."""
    with transaction() as session:
        owner = services.merged(session, buyer())
        return services.remove(session, owner, item_id=item_id, rules=rules_from(settings()))
