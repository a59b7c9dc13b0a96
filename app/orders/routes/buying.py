"""Orders for those who placed them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import buyer, requires_buyer
from app.orders import queries
from app.orders.models import Order
from app.orders.schemas.buying import OrderSchema, OrdersQuery, OrdersSchema
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import LinkQuery
from app.platform.settings import settings

blueprint = Blueprint(
    "Orders",
    __name__,
    url_prefix="/v1/orders",
    description="A buyer's orders.",
)


@blueprint.route("", methods=["GET"])
@requires_buyer()
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, OrdersSchema)
def list_orders(query: dict[str, Any]) -> Page[Order]:
    """The caller's orders, newest first. An order is here as soon as its checkout has answered."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.of_buyer(session, buyer(), status=query["status"], before=before, limit=query["limit"])


@blueprint.route("/<id_or_number>", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, OrderSchema)
def get_order(query: dict[str, Any], id_or_number: str) -> Order:
    """One order, by its id or its number."""
    with transaction() as session:
        secrets = settings().jwt_keys
        return queries.visible(session, id_or_number, to=buyer(), token=query["token"], secrets=secrets)
