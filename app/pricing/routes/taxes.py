"""Taxes for those who run the shop."""

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
from app.pricing.errors import TaxZoneTaken
from app.pricing.models import TaxZone
from app.pricing.queries import taxes as queries
from app.pricing.schemas.taxes import TaxZoneBody, TaxZoneChange, TaxZoneSchema, TaxZonesSchema
from app.pricing.services import tax_zones

blueprint = Blueprint(
    "Taxes",
    __name__,
    url_prefix="/v1/admin/tax-zones",
    description="Where which tax is asked for. A shop without any zone has the one rate of its settings.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, TaxZonesSchema)
def list_tax_zones(query: dict[str, Any]) -> Page[TaxZone]:
    """All zones, by country and region."""
    after = read_cursor(query["cursor"], plain_text, plain_text)
    with transaction() as session:
        return queries.tax_zones(session, after=after, limit=query["limit"])


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(TaxZoneBody)
@blueprint.response(201, TaxZoneSchema)
@problems(TaxZoneTaken)
def create_tax_zone(body: dict[str, Any], *, session: Session) -> TaxZone:
    """Add a zone. With the first one the rate of the settings is over: where no zone is, there is no tax."""
    return tax_zones.create_zone(session, body)


@blueprint.route("/<uuid:tax_zone_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(TaxZoneChange(partial=True))
@blueprint.response(200, TaxZoneSchema)
def change_tax_zone(body: dict[str, Any], tax_zone_id: UUID) -> TaxZone:
    """Change what is given, for carts and for orders to come; rates are given all at once."""
    with transaction() as session:
        return tax_zones.change_zone(session, tax_zone_id, body)


@blueprint.route("/<uuid:tax_zone_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def delete_tax_zone(tax_zone_id: UUID) -> None:
    """Ask for no tax there any more; orders keep theirs."""
    with transaction() as session:
        tax_zones.delete_zone(session, tax_zone_id)
