"""Orders for those whose goods are in them."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import caller, requires
from app.orders import queries
from app.orders.queries import OrderSearch, SoldOrder
from app.orders.schemas.selling import SoldOrderSchema, SoldOrdersQuery, SoldOrdersSchema
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "Sold",
    __name__,
    url_prefix="/v1/seller/orders",
    description="A seller's own lines of paid orders; what others sell in them is not shown.",
)


@blueprint.route("", methods=["GET"])
@requires("seller")
@blueprint.arguments(SoldOrdersQuery, location="query")
@blueprint.response(200, SoldOrdersSchema)
def list_orders(query: dict[str, Any]) -> Page[SoldOrder]:
    """Paid orders with the caller's lines of them, newest first: all, or those that fit what is asked for.

    A page looks at 2,000 orders at most: where few of them fit it is short, and `next_cursor` goes on.
    """
    (before,), limit = read_cursor(query.pop("cursor"), UUID) or (None,), query.pop("limit")
    wanted = OrderSearch(**query, seller_id=caller().user_id)
    with transaction() as session:
        return queries.of_seller(session, wanted, before=before, limit=limit)


@blueprint.route("/<id_or_number>", methods=["GET"])
@requires("seller")
@blueprint.response(200, SoldOrderSchema)
def get_order(id_or_number: str) -> SoldOrder:
    """One paid order, by its id or its number, with the caller's lines of it."""
    with transaction() as session:
        return queries.sold_by(session, caller().user_id, id_or_number)
