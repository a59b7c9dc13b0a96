"""The images of a product, within the statement that reads the product."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.catalog.models import Product, ProductImage
from app.media.queries import address, uploads
from app.platform.db import Json, table_of

SHOWN_IN_DETAIL = "large"
_IMAGES, _UPLOADS = table_of(ProductImage), uploads()
_FIELDS = {
    "id": _IMAGES.c.id,
    "alt": _IMAGES.c.alt,
    "primary": _IMAGES.c.is_primary,
    "position": _IMAGES.c.position,
    "status": _UPLOADS.c.status,
    "refusal": _UPLOADS.c.refusal,
    "width": _UPLOADS.c.width,
    "height": _UPLOADS.c.height,
    "sizes": _UPLOADS.c.sizes,
}
_PAIRS = [part for name, column in _FIELDS.items() for part in (literal(name, literal_execute=True), column)]


def images_of_product() -> ColumnElement[Any]:
    """A column for statements about products: the rows of its images, in their order; null for none."""
    one = func.jsonb_build_object(*_PAIRS)
    ordered = aggregate_order_by(one, _IMAGES.c.position, _IMAGES.c.id)
    products = table_of(Product)
    return (
        select(func.jsonb_agg(ordered, type_=JSONB))
        .select_from(_IMAGES)
        .join(_UPLOADS, _UPLOADS.c.id == _IMAGES.c.id)
        .where(_IMAGES.c.product_id == products.c.id)
        .correlate(products)
        .scalar_subquery()
    )


def shown(images: Sequence[Json] | None) -> list[Json]:
    """What everybody sees of them: those that are ready."""
    return [_shown(image) for image in images or () if image["status"] == "ready"]


def for_admins(images: Sequence[Json] | None) -> list[Json]:
    """All of them, with what became of each."""
    told = ("status", "refusal", "position")
    return [_shown(image) | {name: image[name] for name in told} for image in images or ()]


def _shown(image: Json) -> Json:
    sizes = [
        {name: size[name] for name in ("name", "width", "height")} | {"url": address(size["key"])}
        for size in image["sizes"]
    ]
    urls = {size["name"]: size["url"] for size in sizes}
    kept = {name: image[name] for name in ("id", "alt", "primary", "width", "height")}
    return {**kept, "url": urls.get(SHOWN_IN_DETAIL), "sizes": sizes}
