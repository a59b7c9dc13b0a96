"""All orders for those who look after them."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import requires
from app.orders import queries
from app.orders.models import Order
from app.orders.queries import OrderSearch
from app.orders.schemas.searching import FoundOrdersSchema, OrderSearchQuery
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "All orders",
    __name__,
    url_prefix="/v1/admin/orders",
    description="Looking for orders by number, email, name, SKU, date and state.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="orders")
@blueprint.arguments(OrderSearchQuery, location="query")
@blueprint.response(200, FoundOrdersSchema)
def search_orders(query: dict[str, Any]) -> Page[Order]:
    """Orders that fit all that is asked for, newest first.

    Number, email and SKU as a whole. A page looks at 2,000 orders at most: where few of them fit it is short,
    and `next_cursor` goes on.
    """
    (before,), limit = read_cursor(query.pop("cursor"), UUID) or (None,), query.pop("limit")
    with transaction() as session:
        return queries.search(session, OrderSearch(**query), before=before, limit=limit)
