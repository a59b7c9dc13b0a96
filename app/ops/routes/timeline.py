"""What happened to an order: in a buyer's words for buyers, whole for operators."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint

from app.events import queries as events
from app.identity.auth import buyer, requires_buyer
from app.ops.queries import timeline
from app.ops.schemas.timeline import TimelineQuery, TimelineSchema
from app.orders import queries as orders
from app.platform.db import transaction
from app.platform.errors import Invalid
from app.platform.pagination import Page, plain_text, read_cursor, whole
from app.platform.settings import settings

blueprint = Blueprint(
    "Timeline",
    __name__,
    url_prefix="/v1/orders",
    description="What happened to an order, and why.",
)


@blueprint.route("/<id_or_number>/timeline", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(TimelineQuery, location="query")
@blueprint.response(200, TimelineSchema)
def get_timeline(query: dict[str, Any], id_or_number: str) -> Page[Any]:
    """What happened to an order, by time.

    Buyers see facts in their words. Admins see requests, facts, Stripe's events, messages, stock and each
    attempt of a worker, with their ids; `request_id` leaves only what followed from that request.
    """
    known, limit, secrets = buyer(), query["limit"], settings().jwt_keys
    if query["request_id"] and not known.is_operator:
        raise Invalid("Only operators see requests.", errors={"request_id": ["Unknown field."]})
    with transaction() as session:
        order = orders.visible(session, id_or_number, to=known, token=query["token"], secrets=secrets)
        if not known.is_operator:
            (after,) = read_cursor(query["cursor"], whole) or (0,)
            return events.timeline(session, str(order.id), after=after, limit=limit)
        position: Any = read_cursor(query["cursor"], datetime.fromisoformat, _rank, plain_text)
        return timeline.whole(session, order.id, request_id=query["request_id"], after=position, limit=limit)


def _rank(value: Any) -> int:
    rank: int = whole(value)
    if not 0 <= rank < 100:
        raise ValueError
    return rank
