"""Shipping zones and rates for those who run the shop."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, plain_text, read_cursor
from app.platform.schemas import PageQuery
from app.pricing.errors import PlaceTaken, RateTaken
from app.pricing.models import ShippingRate, ShippingZone
from app.pricing.queries import shipping as queries
from app.pricing.schemas.shipping import (
    ShippingRateBody,
    ShippingRateChange,
    ShippingRateSchema,
    ShippingZoneBody,
    ShippingZoneChange,
    ShippingZoneSchema,
    ShippingZonesSchema,
)
from app.pricing.services import zones as services

blueprint = Blueprint(
    "Keeping shipping zones",
    __name__,
    url_prefix="/v1/admin/shipping-zones",
    description="Where the shop delivers, how, and for how much; by the settings' one rate without any.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ShippingZonesSchema)
def list_zones(query: dict[str, Any]) -> Page[ShippingZone]:
    """All zones by their names, with places and rates."""
    after = read_cursor(query["cursor"], plain_text, UUID)
    with transaction() as session:
        return queries.zones(session, after=after, limit=query["limit"])


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(ShippingZoneBody)
@blueprint.response(201, ShippingZoneSchema)
@problems(PlaceTaken)
def add_zone(body: dict[str, Any], *, session: Session) -> ShippingZone:
    """Add a zone. From the first one on only what zones have rates for can be delivered."""
    return services.add_zone(session, body)


@blueprint.route("/<uuid:zone_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(ShippingZoneChange(partial=("name", "is_default", "places")))
@blueprint.response(200, ShippingZoneSchema)
@problems(PlaceTaken)
def change_zone(body: dict[str, Any], zone_id: UUID) -> ShippingZone:
    """Change what is given; `places` are all that the zone has from now on."""
    with transaction() as session:
        return services.change_zone(session, zone_id, body)


@blueprint.route("/<uuid:zone_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def remove_zone(zone_id: UUID) -> None:
    """Remove a zone with its rates."""
    with transaction() as session:
        services.remove_zone(session, zone_id)


@blueprint.route("/<uuid:zone_id>/rates", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(ShippingRateBody)
@blueprint.response(201, ShippingRateSchema)
@problems(RateTaken)
def add_rate(body: dict[str, Any], zone_id: UUID, *, session: Session) -> ShippingRate:
    """Add a way to deliver to a zone."""
    return services.add_rate(session, zone_id, body)


@blueprint.route("/<uuid:zone_id>/rates/<uuid:rate_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(ShippingRateChange(partial=tuple(ShippingRateBody().fields)))
@blueprint.response(200, ShippingRateSchema)
@problems(RateTaken)
def change_rate(body: dict[str, Any], zone_id: UUID, rate_id: UUID) -> ShippingRate:
    """Change what is given; an amount ends the tiers, and the other way round."""
    with transaction() as session:
        return services.change_rate(session, zone_id, rate_id, body)


@blueprint.route("/<uuid:zone_id>/rates/<uuid:rate_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def remove_rate(zone_id: UUID, rate_id: UUID) -> None:
    """Offer it no more."""
    with transaction() as session:
        services.remove_rate(session, zone_id, rate_id)
