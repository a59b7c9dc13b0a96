"""Parcels for those who send them: sellers their own, admins everybody's."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment import queries, services
from app.fulfillment.errors import UnitsNotLeft
from app.fulfillment.queries import Parcel
from app.fulfillment.schemas import (
    PackingSlipSchema,
    PackSchema,
    ParcelSchema,
    ParcelsQuery,
    ParcelsSchema,
    TrackingSchema,
)
from app.fulfillment.services import Tracking, slips
from app.identity.auth import owner, requires
from app.orders.errors import IllegalTransition
from app.platform.db import transaction
from app.platform.errors import Invalid
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.settings import settings

blueprint = Blueprint(
    "Parcels",
    __name__,
    url_prefix="/v1/parcels",
    description="What sellers pack and send. Their own are theirs to see, to admins everybody's.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.arguments(ParcelsQuery, location="query")
@blueprint.response(200, ParcelsSchema)
def list_parcels(query: dict[str, Any]) -> Page[Parcel]:
    """Parcels, those that were made last first; `status=pending` are those that nobody works on yet."""
    (before,) = read_cursor(query["cursor"], UUID) or (None,)
    with transaction() as session:
        return queries.parcels(
            session, seller_id=owner(), status=query["status"], before=before, limit=query["limit"]
        )


@blueprint.route("/<uuid:parcel_id>", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.response(200, ParcelSchema)
def get_parcel(parcel_id: UUID) -> Parcel:
    """One parcel."""
    with transaction() as session:
        return queries.parcel(session, parcel_id, seller_id=owner())


@blueprint.route("/<uuid:parcel_id>/packing-slip", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.response(200, PackingSlipSchema)
def get_packing_slip(parcel_id: UUID) -> Parcel:
    """What is written on the packing slip, the gift message and the wished date included."""
    with transaction() as session:
        return queries.parcel(session, parcel_id, seller_id=owner())


@blueprint.route("/<uuid:parcel_id>/packing-slip/pdf", methods=["GET"])
@requires("admin", "seller", permission="orders")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def print_packing_slip(parcel_id: UUID) -> Response:
    """The packing slip to be printed, as PDF."""
    known = settings()
    rules, calendar = known.invoicing, known.working_days
    with transaction() as session:
        parcel = queries.parcel(session, parcel_id, seller_id=owner())
    content = slips.packing_slip(
        parcel, sender=rules.seller.name, calendar=calendar, more_fonts=rules.more_fonts
    )
    return Response(content, headers={"Cache-Control": "private, no-store"}, mimetype="application/pdf")


@blueprint.route("/<uuid:parcel_id>", methods=["PATCH"])
@requires("admin", "seller", permission="orders")
@blueprint.arguments(TrackingSchema)
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def correct_parcel(body: dict[str, Any], parcel_id: UUID) -> Parcel:
    """Say anew who carries a parcel that has not come yet, and how it is followed; null takes it back."""
    with transaction() as session:
        return services.correct(session, parcel_id, seller_id=owner(), changes=body)


@blueprint.route("/<uuid:parcel_id>/start", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def start_parcel(parcel_id: UUID, *, session: Session) -> Parcel:
    """Work on a parcel: it is `processing`. Repeating is safe, here as in the calls below."""
    return services.start(session, parcel_id, seller_id=owner())


@blueprint.route("/<uuid:parcel_id>/pack", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.arguments(PackSchema, required=False)
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition, UnitsNotLeft)
def pack_parcel(body: dict[str, Any], parcel_id: UUID, *, session: Session) -> Parcel:
    """Put units into a parcel, or all that is left; what is not in it gets another parcel.

    From the first packed parcel on only the shop can cancel the order. 409 when it was cancelled first, while
    its payment is being checked or disputed, and when so many units are not left.
    """
    units = None if body["lines"] is None else {line["line_id"]: line["quantity"] for line in body["lines"]}
    if units is not None and len(units) < len(body["lines"]):
        raise Invalid("Name each line once.", errors={"lines": ["A line stands there twice."]})
    return services.pack(session, parcel_id, seller_id=owner(), units=units)


@blueprint.route("/<uuid:parcel_id>/unpack", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def unpack_parcel(parcel_id: UUID, *, session: Session) -> Parcel:
    """Empty a packed parcel: what was in it can be packed anew, or refunded. The order stays `packed`."""
    return services.unpack(session, parcel_id, seller_id=owner())


@blueprint.route("/<uuid:parcel_id>/ready", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def make_parcel_ready(parcel_id: UUID, *, session: Session) -> Parcel:
    """Say that a packed parcel lies in the store where it is picked up; the buyer gets a mail.

    409 for an order that is sent, and for a parcel that is not packed (any more).
    """
    return services.make_ready(session, parcel_id, seller_id=owner())


@blueprint.route("/<uuid:parcel_id>/ship", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.arguments(TrackingSchema, required=False)
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def ship_parcel(body: dict[str, Any], parcel_id: UUID, *, session: Session) -> Parcel:
    """Send a packed parcel; the buyer gets a mail with its link. Once all are sent the order is `shipped`.

    409 for one that is picked up: what is known of its way to the store can be noted by PATCH.
    """
    return services.ship(session, parcel_id, seller_id=owner(), tracking=Tracking(**body))


@blueprint.route("/<uuid:parcel_id>/deliver", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.response(200, ParcelSchema)
@problems(IllegalTransition)
def deliver_parcel(parcel_id: UUID, *, session: Session) -> Parcel:
    """Note that a parcel has come, or was picked up. Once all have the order is `delivered`."""
    return services.deliver(session, parcel_id, seller_id=owner())
