"""Orders for those who placed them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.events.queries import Fact, timeline
from app.identity.auth import caller, owner, requires
from app.orders import queries
from app.orders.models import Order
from app.orders.schemas import OrderSchema, OrdersQuery, OrdersSchema, TimelineSchema
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor, whole
from app.platform.schemas import PageQuery

blueprint = Blueprint("orders", __name__, url_prefix="/v1/orders", description="Orders")


@blueprint.route("", methods=["GET"])
@requires()
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, OrdersSchema)
def list_orders(query: dict[str, Any]) -> Page[Order]:
    """The caller's orders, newest first. An order is here as soon as its checkout has answered."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.of_user(
            session, caller().user_id, status=query["status"], before=before, limit=query["limit"]
        )


@blueprint.route("/<id_or_number>", methods=["GET"])
@requires()
@blueprint.response(200, OrderSchema)
def get_order(id_or_number: str) -> Order:
    """One order, by its id or its number."""
    with transaction() as session:
        return queries.readable(session, id_or_number, user_id=owner())


@blueprint.route("/<id_or_number>/timeline", methods=["GET"])
@requires()
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, TimelineSchema)
def get_timeline(query: dict[str, Any], id_or_number: str) -> Page[Fact]:
    """What happened to an order, in its order; admins see every fact."""
    (after,) = read_cursor(query["cursor"], whole) or (0,)
    with transaction() as session:
        order = queries.readable(session, id_or_number, user_id=owner())
        for_operators = caller().role == "admin"
        return timeline(session, str(order.id), whole=for_operators, after=after, limit=query["limit"])
