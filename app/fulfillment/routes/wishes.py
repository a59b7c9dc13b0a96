"""What a buyer may still change of an order."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.fulfillment.errors import DeliveryDateImpossible
from app.fulfillment.schemas import OrderChangeSchema
from app.fulfillment.services import wishes
from app.identity.auth import buyer, requires_buyer
from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.platform.db import transaction
from app.platform.openapi.notation import problems
from app.platform.settings import settings
from app.platform.web import answer
from app.pricing import services as pricing
from app.pricing.services import current_rules

blueprint = Blueprint(
    "Wishes",
    __name__,
    url_prefix="/v1/orders",
    description="What a buyer may still change of an order.",
)


@blueprint.route("/<id_or_number>", methods=["PATCH"])
@requires_buyer()
@blueprint.arguments(OrderChangeSchema)
@blueprint.response(200, "Order")
@problems(IllegalTransition, DeliveryDateImpossible)
def change_order(body: dict[str, Any], id_or_number: str) -> Response:
    """Wish for another delivery date or gift message, until the order is packed; null takes it back.

    422 `delivery-date-impossible` names the `earliest` day. Repeating is safe.
    """
    known = settings()
    with transaction() as session:
        order = orders.lock(session, order_queries.readable(session, id_or_number, by=buyer()).id)
        address = order.shipping_address
        rules = current_rules(session, known, country=address["country"])
        days = pricing.fewest_days(
            rules=rules, address=address, code=order.shipping_method, currency=order.currency
        )
        wishes.change(session, order, body, fewest_days=days, working_days=known.working_days)
        session.flush()
        return answer("OrderSchema", order)
