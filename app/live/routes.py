"""The way to the live process, which streams what happens to orders (docs/live.md)."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events import feed
from app.identity.auth import buyer, login_of_buyer, requires_buyer
from app.live.schemas import NewTicketSchema, TicketSchema
from app.live.services import tickets
from app.live.services.rules import PATH
from app.live.services.tickets import Ticket
from app.orders import queries as orders
from app.platform import clock
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.openapi.notation import problems
from app.platform.rate_limits.guarding import caller_address
from app.platform.schemas import LinkQuery
from app.platform.settings import settings

blueprint = Blueprint(
    "Live",
    __name__,
    url_prefix="/v1",
    description="Being told what happens to orders, as it happens.",
)


@blueprint.route("/live-tickets", methods=["POST"])
@requires_buyer()
@blueprint.arguments(NewTicketSchema)
@blueprint.response(201, TicketSchema)
@problems(NotFound)
def issue_live_ticket(body: dict[str, Any]) -> dict[str, Any]:
    """What opens a stream of news, for a short time: about one order, or all orders of the caller."""
    with transaction() as session:
        order = orders.readable(session, body["order"], by=buyer()) if body["order"] else None
        ticket = _ticket(session, order_id=order.id if order else None)
    words = tickets.write(ticket, settings().jwt_secret_key)
    url = _address(words)
    return {
        "ticket": words,
        "url": url,
        "websocket_url": url.replace("http", "ws", 1),
        "last_event_id": str(ticket.start),
        "expires_at": ticket.expires_at,
    }


@blueprint.route("/orders/<id_or_number>/events", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(307)
def follow_order(query: dict[str, Any], id_or_number: str) -> Response:
    """To the stream of what happens to one order, as server-sent events; the address has a ticket in it."""
    secrets = settings().jwt_keys
    with transaction() as session:
        order = orders.visible(session, id_or_number, to=buyer(), token=query["token"], secrets=secrets)
        ticket = _ticket(session, order_id=order.id)
    address = _address(tickets.write(ticket, secrets[0]))
    return Response(status=307, headers={"Location": address, "Cache-Control": "no-store"})


def _ticket(session: Session, *, order_id: UUID | None) -> Ticket:
    return Ticket(
        party=buyer(),
        login=login_of_buyer(),
        order_id=order_id,
        start=feed.end(session),
        expires_at=clock.now() + settings().live.ticket_lifetime,
        address_hash=tickets.address_hash(caller_address(), settings().jwt_secret_key),
    )


def _address(ticket: str) -> str:
    return f"{settings().live.url}{PATH}?ticket={ticket}"
