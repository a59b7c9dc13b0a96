"""The parcels of one order, for admins."""

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment import queries, services
from app.fulfillment.queries import Parcel
from app.fulfillment.schemas import AdvanceSchema, ParcelsOfOrderSchema
from app.identity.auth import requires
from app.orders import queries as order_queries
from app.orders.errors import IllegalTransition
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.party import Party

blueprint = Blueprint(
    "Fulfilment",
    __name__,
    url_prefix="/v1/admin/orders",
    description="All parcels of an order, whoever sends them. Its status follows from theirs.",
)
EVERYBODYS = Party(is_operator=True)


@blueprint.route("/<id_or_number>/fulfillments", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.response(200, ParcelsOfOrderSchema)
def list_fulfillments(id_or_number: str) -> dict[str, Sequence[Parcel]]:
    """The parcels of an order, each seller's in the order of their numbers."""
    with transaction() as session:
        order = order_queries.readable(session, id_or_number, by=EVERYBODYS)
        return {"items": queries.of_order(session, order)}


@blueprint.route("/<id_or_number>/fulfillments", methods=["POST"])
@requires("admin", permission="orders")
@idempotent
@blueprint.arguments(AdvanceSchema)
@blueprint.response(200, ParcelsOfOrderSchema)
@problems(IllegalTransition)
def advance_fulfillments(
    body: dict[str, Any], id_or_number: str, *, session: Session
) -> dict[str, Sequence[Parcel]]:
    """Move all parcels of an order on that are not so far: packed, with all that is left, shipped, delivered.

    All of them or none; repeating changes nothing. 409 as for a single parcel.
    """
    found = order_queries.readable(session, id_or_number, by=EVERYBODYS)
    order = services.advance(session, found.id, body["status"])
    return {"items": queries.of_order(session, order)}
