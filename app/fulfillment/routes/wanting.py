"""Returns for those who bought: asking for one, seeing what became of it, and thinking better of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment import queries, services
from app.fulfillment.errors import UnitsNotReturnable
from app.fulfillment.queries import ReturnCase
from app.fulfillment.schemas import NewReturnSchema, ReturnSchema, ReturnsOfOrderSchema
from app.fulfillment.services import Unwanted
from app.identity.auth import buyer, requires_buyer
from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.schemas import LinkQuery
from app.platform.settings import settings

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order

blueprint = Blueprint(
    "Sending back",
    __name__,
    url_prefix="/v1/orders",
    description="Returns of an order's goods, for its buyer; the link of a mail opens them, too.",
)


@blueprint.route("/<id_or_number>/returns", methods=["POST"])
@requires_buyer("links")
@idempotent
@blueprint.arguments(LinkQuery, location="query")
@blueprint.arguments(NewReturnSchema)
@blueprint.response(201, ReturnsOfOrderSchema)
@problems(UnitsNotReturnable)
def request_return(
    query: dict[str, Any], body: dict[str, Any], id_or_number: str, *, session: Session
) -> dict[str, Sequence[Any]]:
    """Ask to send units back that were delivered; the answer are the order's returns, one for each seller.

    409 `units-not-returnable` for more than `returnable` says. Operators may ask after the period, too.
    """
    order = orders.lock(session, _visible(session, id_or_number, query["token"]).id)
    wanted = [Unwanted(**line) for line in body["lines"]]
    services.request(session, order, wanted, comment=body["comment"], period=_period())
    return _of_order(session, order)


@blueprint.route("/<id_or_number>/returns", methods=["GET"])
@requires_buyer("links")
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, ReturnsOfOrderSchema)
def list_returns_of_order(query: dict[str, Any], id_or_number: str) -> dict[str, Sequence[Any]]:
    """The order's returns, oldest first, and how many units of each line can be returned now."""
    with transaction() as session:
        return _of_order(session, _visible(session, id_or_number, query["token"]))


@blueprint.route("/<id_or_number>/returns/<uuid:return_id>/withdraw", methods=["POST"])
@requires_buyer("links")
@idempotent
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, ReturnSchema)
@problems(IllegalTransition)
def withdraw_return(
    query: dict[str, Any], id_or_number: str, return_id: UUID, *, session: Session
) -> ReturnCase:
    """Keep the goods after all, as long as they were not received. Repeating is safe."""
    order = orders.lock(session, _visible(session, id_or_number, query["token"]).id)
    services.withdraw(session, order, return_id)
    return queries.return_case(session, return_id, seller_id=None)


def _visible(session: Session, id_or_number: str, token: str | None) -> "Order":
    secrets = settings().jwt_keys
    return order_queries.visible(session, id_or_number, to=buyer(), token=token, secrets=secrets)


def _of_order(session: Session, order: "Order") -> dict[str, Sequence[Any]]:
    possible = services.returnable(session, order, period=_period())
    return {
        "items": queries.returns_of_order(session, order),
        "returnable": [{"line_id": line_id, "quantity": count} for line_id, count in possible.items()],
    }


def _period() -> Any:
    """None for who may ask whenever it is."""
    return None if buyer().is_operator else settings().return_period
