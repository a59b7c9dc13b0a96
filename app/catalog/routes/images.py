"""Pictures of products and categories for those who run the shop."""

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint

from app.catalog import workflows
from app.catalog.errors import ImagesFull
from app.catalog.queries import detail
from app.catalog.schemas.images import CategoryUploadSchema, ImageBody, ImageChange, PictureBody
from app.catalog.schemas.products import AdminImageSchema
from app.catalog.services import category_images, images
from app.identity.auth import requires
from app.media.errors import UnsupportedPicture
from app.media.gateway.select import storage_of
from app.platform.db import Json, transaction
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.uploads import MULTIPART, takes_file
from app.platform.web import leads_to

blueprint = Blueprint(
    "Keeping images",
    __name__,
    url_prefix="/v1/admin",
    description="Pictures of products and categories. They are shown as soon as their sizes are made.",
)


@blueprint.route("/products/<uuid:product_id>/images", methods=["POST"])
@requires("admin", permission="catalog")
@takes_file
@blueprint.arguments(ImageBody, location=MULTIPART)
@blueprint.response(201, AdminImageSchema)
@problems(UnsupportedPicture, ImagesFull)
def add_image(body: dict[str, Any], product_id: UUID) -> Json:
    """Add an image, the last one unless `position` says otherwise. The same file again is the same image."""
    return workflows.add_image(product_id, **body, storage=storage_of(current_app))


@blueprint.route("/products/<uuid:product_id>/images/<uuid:image_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(ImageChange)
@blueprint.response(200, AdminImageSchema)
def change_image(body: dict[str, Any], product_id: UUID, image_id: UUID) -> Json:
    """Change what is given: alt, position, or that this is the primary one."""
    with transaction() as session:
        images.change_image(session, product_id, image_id, body)
        return detail.admin_image(session, product_id, image_id)


@blueprint.route("/products/<uuid:product_id>/images/<uuid:image_id>", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def remove_image(product_id: UUID, image_id: UUID) -> None:
    """Show an image no more, and erase it. The next one in order is the primary then, if it was that."""
    with transaction() as session:
        images.remove_image(session, product_id, image_id)


@blueprint.route("/categories/<uuid:category_id>/image", methods=["POST"])
@requires("admin", permission="catalog")
@leads_to("/v1/admin/uploads/{id}")
@takes_file
@blueprint.arguments(PictureBody, location=MULTIPART)
@blueprint.response(202, CategoryUploadSchema, headers=LATER)
@problems(UnsupportedPicture)
def set_category_image(body: dict[str, Any], category_id: UUID) -> Json:
    """Give a category its picture. What it shows now stays until this one can be shown."""
    return {"id": workflows.set_category_image(category_id, **body, storage=storage_of(current_app))}


@blueprint.route("/categories/<uuid:category_id>/image", methods=["DELETE"])
@requires("admin", permission="catalog")
@blueprint.response(204)
def remove_category_image(category_id: UUID) -> None:
    """Let a category have no picture. Repeating is harmless."""
    with transaction() as session:
        category_images.remove_image(session, category_id)
