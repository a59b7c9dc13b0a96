"""The catalog as rows: what an import would take to make it what it is."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.models import Category, Product, Variant
from app.inventory.queries import counted_units
from app.platform.db import table_of

_PRODUCTS, _VARIANTS, _CATEGORIES = table_of(Product).c, table_of(Variant).c, table_of(Category).c
NONE = UUID(int=0)
"""Before every id."""


def variant_rows(session: Session, after: tuple[UUID, UUID], limit: int) -> Sequence[Mapping[Any, Any]]:
    """The rows of `limit` variants that are not archived, by the columns of an import, and their two ids.

    `after` are `product_id` and `variant_id` of the last row before them: as ids never change, no variant
    comes twice or is left out, whatever happens to the catalog meanwhile.
    """
    product_id, variant_id = after
    values = {"product_after": product_id, "variant_after": variant_id, "most": limit}
    return session.execute(_rows(), values).mappings().all()


@cache
def _rows() -> Select[Any]:
    stock = counted_units()
    place = tuple_(_VARIANTS.product_id, _VARIANTS.id)
    after = bindparam("product_after", type_=Uuid), bindparam("variant_after", type_=Uuid)
    chosen = (
        select(table_of(Variant))
        # The first condition alone is what the index knows.
        .where(_VARIANTS.product_id >= after[0], place > tuple_(*after), _VARIANTS.archived_at.is_(None))
        .order_by(_VARIANTS.product_id, _VARIANTS.id)
        .limit(bindparam("most", type_=Integer))
        .subquery("chosen")
    )
    return (
        select(*_columns(chosen.c, stock))
        .join_from(chosen, Product, _PRODUCTS.id == chosen.c.product_id)
        .outerjoin(Category, _CATEGORIES.id == _PRODUCTS.category_id)
        .outerjoin(stock, stock.c.variant_id == chosen.c.id)
        .order_by(chosen.c.product_id, chosen.c.id)
    )


def _columns(variant: Any, stock: Any) -> list[Any]:
    named = {
        "sku": variant.sku,
        "product": _PRODUCTS.slug,
        "name": _PRODUCTS.name,
        "description": _PRODUCTS.description,
        "brand": _PRODUCTS.brand,
        "category": _CATEGORIES.path,
        "status": _PRODUCTS.status,
        "featured": _PRODUCTS.featured,
        "attributes": _PRODUCTS.attributes,
        "seller": _PRODUCTS.seller_id,
        "variant_name": variant.name,
        "price": variant.price_amount,
        "compare_at_price": variant.compare_at_amount,
        "weight_grams": variant.weight_grams,
        "variant_attributes": variant.attributes,
        "position": variant.position,
        "currency": variant.currency,
        "stock": stock.c.on_hand,
    }
    return [variant.product_id, variant.id.label("variant_id")] + [
        column.label(name) for name, column in named.items()
    ]
