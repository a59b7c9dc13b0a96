"""Categories for those who run the shop."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.errors import CategoryCycle, CategoryInUse, SlugTaken
from app.catalog.queries.categories import admin_categories, admin_category
from app.catalog.schemas.categories import (
    AdminCategoriesSchema,
    AdminCategorySchema,
    CategoryBody,
    CategoryChange,
)
from app.identity.auth import requires
from app.platform.db import Json, transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.schemas import PageQuery

blueprint = Blueprint(
    "Keeping categories",
    __name__,
    url_prefix="/v1/admin/categories",
    description="The tree that products are found by.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AdminCategoriesSchema)
def list_categories(query: dict[str, Any]) -> Page[Json]:
    """All categories, with all their texts; `parent_id` and `path` make the tree."""
    with transaction() as session:
        return admin_categories(session, **query)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(CategoryBody)
@blueprint.response(201, AdminCategorySchema)
@problems(SlugTaken)
def create_category(body: dict[str, Any], *, session: Session) -> Json:
    """Add a category."""
    return admin_category(session, services.create_category(session, **body))


@blueprint.route("/<uuid:category_id>", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.response(200, AdminCategorySchema)
def get_category(category_id: UUID) -> Json:
    """One category, with all its texts."""
    with transaction() as session:
        return admin_category(session, category_id)


@blueprint.route("/<uuid:category_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(CategoryChange(partial=True))
@blueprint.response(200, AdminCategorySchema)
@problems(SlugTaken, CategoryCycle)
def change_category(body: dict[str, Any], category_id: UUID) -> Json:
    """Change what is given; a new slug or parent moves the whole branch.

    `translations` are given all at once: a language that is left out has no texts any more.
    """
    with transaction() as session:
        services.change_category(session, category_id, body)
        return admin_category(session, category_id)


@blueprint.route("/<uuid:category_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
@problems(CategoryInUse)
def delete_category(category_id: UUID) -> None:
    """Remove an empty category."""
    with transaction() as session:
        services.delete_category(session, category_id)
