"""One product with everything about it: three statements."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.catalog.queries import images
from app.catalog.queries.admin_listing import lowest_price
from app.catalog.queries.categories import trail
from app.catalog.queries.images import images_of_product
from app.catalog.queries.price_lists import prices_of
from app.catalog.queries.ratings import rating
from app.catalog.queries.texts import Texts
from app.identity.queries import seller_names
from app.inventory.queries import available_units
from app.media.queries import address
from app.platform.db import Json, table_of
from app.platform.errors import NotFound
from app.platform.ids import is_id

_SELLERS = seller_names()
_PRODUCTS, _OFFERED = table_of(Product), table_of(Variant)
_PRODUCT = (
    select(*_PRODUCTS.c, _SELLERS.c.name.label("seller_name"), images_of_product().label("images"))
    .select_from(_PRODUCTS)
    .join(_SELLERS, _SELLERS.c.user_id == _PRODUCTS.c.seller_id)
)
_UNITS = available_units()
_VARIANTS = (
    select(
        *_OFFERED.c,
        func.coalesce(_UNITS.c.available, 0).label("available"),
        prices_of(_OFFERED).label("list_prices"),
    )
    .select_from(_OFFERED)
    .outerjoin(_UNITS, _UNITS.c.variant_id == _OFFERED.c.id)
    .where(_OFFERED.c.archived_at.is_(None), _OFFERED.c.product_id == bindparam("product_id"))
    .order_by(_OFFERED.c.position, _OFFERED.c.id)
)


def product(session: Session, reference: str, *, texts: Texts, currency: str | None = None) -> Json:
    """An active product by id or slug; in another currency with the variants that have a price in it.

    Raises NotFound, also for drafts and what was archived.
    """
    named = "id" if is_id(reference) else "slug"
    row = session.execute(_offered(named), {"reference": reference}).one_or_none()
    if row is None:
        raise NotFound("There is no such product.")
    offered = _offered_of(session, row)
    name = texts.choose(row.translations, name=row.name)["name"]
    if currency is None:
        return _answer(session, row, texts, [_variant(each, name) for each in offered])
    variants = [_variant(each, name) | _price(each, currency) for each in offered if _has(each, currency)]
    lowest = min((each["price"] for each in variants), key=lambda price: price["amount"], default=None)
    return _answer(session, row, texts, variants) | {"price": lowest}


@cache
def _offered(named: str) -> Select[Any]:
    column = _PRODUCTS.c[named]
    is_named = column == bindparam("reference", type_=column.type)
    return _PRODUCT.where(is_named, _PRODUCTS.c.status == "active")


def admin_product(session: Session, product_id: UUID, *, seller_id: UUID | None = None) -> Json:
    """A product of any status with all its texts, if it is this seller's. Raises NotFound."""
    statement = _PRODUCT.where(Product.id == product_id)
    own = statement if seller_id is None else statement.where(Product.seller_id == seller_id)
    row = session.execute(own).one_or_none()
    if row is None:
        raise NotFound("There is no such product.")
    offered = _offered_of(session, row)
    answer = _answer(session, row, Texts(), [_variant(each, row.name) for each in offered])
    for variant, each in zip(answer["variants"], offered, strict=True):
        variant["prices"] = _list_prices(each)
    for_keepers = {"translations": row.translations, "tax_category": row.tax_category}
    return answer | for_keepers | {"images": images.for_admins(row.images)}


def admin_image(session: Session, product_id: UUID, image_id: UUID) -> Json:
    """One image of a product, with what became of it. Raises NotFound."""
    found = session.scalars(select(images_of_product()).where(Product.id == product_id)).one_or_none()
    for image in images.for_admins(found):
        if image["id"] == str(image_id):
            return image
    raise NotFound("The product has no such image.")


def _answer(session: Session, row: Any, texts: Texts, variants: list[Json]) -> Json:
    return {
        "id": row.id,
        "slug": row.slug,
        **texts.choose(row.translations, name=row.name, description=row.description),
        "brand": row.brand,
        "price": lowest_price(row),
        "available": any(variant["available"] > 0 for variant in variants),
        "image": address(row.image_key),
        "rating": rating(row.rating_sum, row.rating_count),
        "status": row.status,
        "featured": row.featured,
        "seller": {"id": row.seller_id, "name": row.seller_name},
        "categories": trail(session, row.category_id, texts=texts),
        "attributes": row.attributes,
        "delivery_information": row.delivery_information,
        "variants": variants,
        "images": images.shown(row.images),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _offered_of(session: Session, product: Any) -> Sequence[Any]:
    return session.execute(_VARIANTS, {"product_id": product.id}).all()


def _has(row: Any, currency: str) -> bool:
    return currency in (row.list_prices or {})


def _price(row: Any, currency: str) -> Json:
    listed = row.list_prices[currency]
    compare_at = listed["compare_at"] and {"amount": listed["compare_at"], "currency": currency}
    return {"price": {"amount": listed["amount"], "currency": currency}, "compare_at_price": compare_at}


def _list_prices(row: Any) -> list[Json]:
    return [_price(row, currency) for currency in sorted(row.list_prices or {})]


def _variant(row: Any, product_name: str) -> Json:
    compare_at = row.compare_at_amount
    return {
        "id": row.id,
        "sku": row.sku,
        "name": row.name or product_name,
        "price": {"amount": row.price_amount, "currency": row.currency},
        "compare_at_price": compare_at and {"amount": compare_at, "currency": row.currency},
        "available": row.available,
        "weight_grams": row.weight_grams,
        "attributes": row.attributes,
    }
