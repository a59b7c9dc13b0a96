"""Products for those who run the shop."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.errors import SkuTaken, SlugTaken, VariantsFull
from app.catalog.queries import admin_listing, detail
from app.catalog.schemas.bodies import ProductBody, ProductChange, VariantBody, VariantChange
from app.catalog.schemas.products import AdminProductSchema, AdminProductsSchema
from app.catalog.schemas.queries import AdminProductsQuery
from app.identity.auth import caller, requires
from app.platform.db import Json, transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.settings import settings

blueprint = Blueprint(
    "Keeping products",
    __name__,
    url_prefix="/v1/admin/products",
    description="Products and their variants, those that nobody else sees included.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(AdminProductsQuery, location="query")
@blueprint.response(200, AdminProductsSchema)
def list_products(query: dict[str, Any]) -> Page[Json]:
    """Products of any status."""
    with transaction() as session:
        return admin_listing.admin_products(session, **query)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(ProductBody)
@blueprint.response(201, AdminProductSchema)
@problems(SlugTaken, SkuTaken)
def create_product(body: dict[str, Any], *, session: Session) -> Json:
    """Add a product, with its variants if they are given: all of it or nothing."""
    body["seller_id"] = body["seller_id"] or caller().user_id
    product_id = services.create_product(session, currency=settings().currency, **body)
    return detail.admin_product(session, product_id)


@blueprint.route("/<uuid:product_id>", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.response(200, AdminProductSchema)
def get_product(product_id: UUID) -> Json:
    """One product of any status, with all its texts."""
    with transaction() as session:
        return detail.admin_product(session, product_id)


@blueprint.route("/<uuid:product_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(ProductChange(partial=True))
@blueprint.response(200, AdminProductSchema)
@problems(SlugTaken)
def change_product(body: dict[str, Any], product_id: UUID) -> Json:
    """Change what is given."""
    with transaction() as session:
        services.change_product(session, product_id, body)
        return detail.admin_product(session, product_id)


@blueprint.route("/<uuid:product_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def archive_product(product_id: UUID) -> None:
    """Take a product out of the shop. It is archived, because orders refer to it."""
    with transaction() as session:
        services.archive_product(session, product_id)


@blueprint.route("/<uuid:product_id>/variants", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(VariantBody)
@blueprint.response(201, AdminProductSchema)
@problems(SkuTaken, VariantsFull)
def add_variant(body: dict[str, Any], product_id: UUID, *, session: Session) -> Json:
    """Add a variant; answers the product."""
    services.add_variant(session, product_id, body, currency=settings().currency)
    return detail.admin_product(session, product_id)


@blueprint.route("/<uuid:product_id>/variants/<uuid:variant_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(VariantChange(partial=True))
@blueprint.response(200, AdminProductSchema)
def change_variant(body: dict[str, Any], product_id: UUID, variant_id: UUID) -> Json:
    """Change what is given of a variant; answers the product."""
    with transaction() as session:
        services.change_variant(session, product_id, variant_id, body, currency=settings().currency)
        return detail.admin_product(session, product_id)


@blueprint.route("/<uuid:product_id>/variants/<uuid:variant_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def archive_variant(product_id: UUID, variant_id: UUID) -> None:
    """Sell a variant no more. It is archived, because orders refer to it."""
    with transaction() as session:
        services.archive_variant(session, product_id, variant_id)
