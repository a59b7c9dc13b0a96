"""Orders for those who placed them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events.queries import Fact, timeline
from app.identity.auth import buyer, requires_buyer
from app.orders import queries
from app.orders.models import Order
from app.orders.schemas import (
    LinkQuery,
    OrderSchema,
    OrdersQuery,
    OrdersSchema,
    TimelineQuery,
    TimelineSchema,
)
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor, whole
from app.platform.settings import settings

blueprint = Blueprint(
    "Orders",
    __name__,
    url_prefix="/v1/orders",
    description="A buyer's orders, and what happened to each.",
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
        return _visible(session, id_or_number, query["token"])


@blueprint.route("/<id_or_number>/timeline", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(TimelineQuery, location="query")
@blueprint.response(200, TimelineSchema)
def get_timeline(query: dict[str, Any], id_or_number: str) -> Page[Fact]:
    """What happened to an order, in its order; admins see every fact."""
    (after,) = read_cursor(query["cursor"], whole) or (0,)
    with transaction() as session:
        order = _visible(session, id_or_number, query["token"])
        return timeline(session, str(order.id), whole=buyer().is_operator, after=after, limit=query["limit"])


def _visible(session: Session, id_or_number: str, token: str | None) -> Order:
    """The order that the caller may see as its buyer, or as the holder of a link to it."""
    if token is not None:
        secret = settings().jwt_secret_key
        linked = queries.behind_link(session, id_or_number, token=token, secret=secret)
        if linked is not None:
            return linked
    return queries.readable(session, id_or_number, by=buyer())
