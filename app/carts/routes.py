"""The caller's own cart. Filling it reserves no stock: checkout does."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.carts import services
from app.carts.errors import CartFull, LineLimitReached
from app.carts.queries import CartView, cart_of
from app.carts.schemas import AddItemSchema, CartSchema, ChangeItemSchema
from app.identity.auth import caller, requires
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.settings import settings
from app.pricing.services import rules_from

blueprint = Blueprint("carts", __name__, url_prefix="/v1", description="Carts")


@blueprint.route("/cart", methods=["GET"])
@requires()
@blueprint.response(200, CartSchema)
def get_cart() -> CartView:
    """The cart with today's prices; an empty one if nothing was ever added."""
    with transaction() as session:
        return cart_of(session, caller().user_id, rules_from(settings()))


@blueprint.route("/cart", methods=["DELETE"])
@requires()
@blueprint.response(204)
def clear_cart() -> None:
    """Take everything out of the cart."""
    with transaction() as session:
        services.clear(session, caller().user_id)


@blueprint.route("/cart/items", methods=["POST"])
@requires()
@idempotent
@blueprint.arguments(AddItemSchema)
@blueprint.response(201, CartSchema)
@problems(NotFound, CartFull, LineLimitReached)
def add_item(body: dict[str, Any], *, session: Session) -> CartView:
    """Put units of an article into the cart; units of one that is there already are summed."""
    return services.add(session, caller().user_id, rules=rules_from(settings()), **body)


@blueprint.route("/cart/items/<uuid:item_id>", methods=["PATCH"])
@requires()
@blueprint.arguments(ChangeItemSchema)
@blueprint.response(200, CartSchema)
def change_item(body: dict[str, Any], item_id: UUID) -> CartView:
    """Set how many units of an article are wanted."""
    rules = rules_from(settings())
    with transaction() as session:
        return services.change(session, caller().user_id, item_id=item_id, rules=rules, **body)


@blueprint.route("/cart/items/<uuid:item_id>", methods=["DELETE"])
@requires()
@blueprint.response(200, CartSchema)
def remove_item(item_id: UUID) -> CartView:
    """Take an article out of the cart."""
    with transaction() as session:
        return services.remove(session, caller().user_id, item_id=item_id, rules=rules_from(settings()))
