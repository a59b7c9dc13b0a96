"""Pictures of products for those who sell them: each keeps their own."""

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint

from app.catalog import workflows
from app.catalog.errors import ImagesFull
from app.catalog.queries import detail
from app.catalog.schemas.images import ImageBody, ImageChange
from app.catalog.schemas.products import AdminImageSchema
from app.catalog.services import images
from app.identity.auth import caller, requires
from app.media.errors import UnsupportedPicture
from app.media.gateway.select import storage_of
from app.platform.db import Json, transaction
from app.platform.openapi.notation import problems
from app.platform.uploads import MULTIPART, takes_file

blueprint = Blueprint(
    "Selling with images",
    __name__,
    url_prefix="/v1/seller/products/<uuid:product_id>/images",
    description="Pictures of a seller's own products. They are shown as soon as their sizes are made.",
)


@blueprint.route("", methods=["POST"])
@requires("seller")
@takes_file
@blueprint.arguments(ImageBody, location=MULTIPART)
@blueprint.response(201, AdminImageSchema)
@problems(UnsupportedPicture, ImagesFull)
def add_image(body: dict[str, Any], product_id: UUID) -> Json:
    """Add an image, the last one unless `position` says otherwise. The same file again is the same image."""
    storage = storage_of(current_app)
    return workflows.add_image(product_id, **body, storage=storage, seller_id=caller().user_id)


@blueprint.route("/<uuid:image_id>", methods=["PATCH"])
@requires("seller")
@blueprint.arguments(ImageChange)
@blueprint.response(200, AdminImageSchema)
def change_image(body: dict[str, Any], product_id: UUID, image_id: UUID) -> Json:
    """Change what is given: alt, position, or that this is the primary one."""
    with transaction() as session:
        images.change_image(session, product_id, image_id, body, seller_id=caller().user_id)
        return detail.admin_image(session, product_id, image_id)


@blueprint.route("/<uuid:image_id>", methods=["DELETE"])
@requires("seller")
@blueprint.response(204)
def remove_image(product_id: UUID, image_id: UUID) -> None:
    """Show an image no more, and erase it. The next one in order is the primary then, if it was that."""
    with transaction() as session:
        images.remove_image(session, product_id, image_id, seller_id=caller().user_id)
