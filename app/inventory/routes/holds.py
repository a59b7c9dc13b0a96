"""Stock for other channels, a point of sale: what they sell is off the same shelf."""

from collections import Counter
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import api_client, requires
from app.inventory.errors import OutOfStock, ReservationConflict
from app.inventory.models import StockHold
from app.inventory.schemas import HoldSchema, ReferenceSchema, ReserveSchema
from app.inventory.services import holds
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.settings import settings

blueprint = Blueprint(
    "Other channels",
    __name__,
    url_prefix="/v1/inventory",
    description="Reserve, sell or give back units from a point of sale, by a reference of its own.",
)


@blueprint.route("/reserve", methods=["POST"])
@requires(scope="stock:hold")
@idempotent
@blueprint.arguments(ReserveSchema)
@blueprint.response(201, HoldSchema)
@problems(NotFound, OutOfStock, ReservationConflict)
def reserve_stock(body: dict[str, Any], *, session: Session) -> StockHold:
    """Hold units, all or none, for as long as the web shop holds those of an order that is being paid.

    The same call again answers with the same reservation; other units under one reference are a 409, and so
    is a reference whose reservation is over. A key of a seller reaches that seller's SKUs only.
    """
    units: Counter[str] = Counter()
    for line in body["items"]:
        units[line["sku"]] += line["quantity"]
    client = api_client()
    return holds.reserve(
        session,
        client_id=client.client_id,
        seller_id=client.seller_id,
        reference=body["reference"],
        units=units,
        lifetime=settings().reservation_hold,
    )


@blueprint.route("/commit", methods=["POST"])
@requires(scope="stock:hold")
@idempotent
@blueprint.arguments(ReferenceSchema)
@blueprint.response(200, HoldSchema)
@problems(NotFound, ReservationConflict)
def commit_stock(body: dict[str, Any], *, session: Session) -> StockHold:
    """Sell what is reserved: it leaves the shelf. Repeating changes nothing; what was released is a 409."""
    return holds.commit(session, client_id=api_client().client_id, reference=body["reference"])


@blueprint.route("/release", methods=["POST"])
@requires(scope="stock:hold")
@idempotent
@blueprint.arguments(ReferenceSchema)
@blueprint.response(200, HoldSchema)
@problems(NotFound, ReservationConflict)
def release_stock(body: dict[str, Any], *, session: Session) -> StockHold:
    """Give back what is reserved. Repeating changes nothing; what was sold is a 409."""
    return holds.release(session, client_id=api_client().client_id, reference=body["reference"])
