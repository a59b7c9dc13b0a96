"""Lists of products of any status, for those who keep them: one statement per page, whatever the filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.catalog.queries.ratings import rating
from app.catalog.queries.references import within_category
from app.inventory.queries import available_units
from app.media.queries import address
from app.platform.db import Json
from app.platform.pagination import Page, exactly, paged, plain_text, read_cursor, whole


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of products. Equal values stand in the order of their ids, so that no page repeats a row."""

    column: ColumnElement[Any]
    parse: Callable[[Any], Any]
    descending: bool = False


SORTS = {
    "newest": Sort(Product.created_at.expression, datetime.fromisoformat, descending=True),
    "price": Sort(Product.lowest_price_amount.expression, whole),
    "-price": Sort(Product.lowest_price_amount.expression, whole, descending=True),
    "name": Sort(func.lower(Product.name), plain_text),
}


_UNITS = available_units()
_IN_STOCK = (Variant.product_id == Product.id) & Variant.archived_at.is_(None)
_IN_STOCK &= (_UNITS.c.variant_id == Variant.id) & (_UNITS.c.available > 0)
_HAS_STOCK = exists().where(_IN_STOCK)
# An aggregate, because PostgreSQL would answer EXISTS for the whole shop at once before it cuts the page.
_AVAILABLE = select(func.count() > 0).where(_IN_STOCK).correlate(Product).scalar_subquery()

_FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "category": within_category,
    "brand": lambda brand: Product.brand == brand,
    "min_price": lambda amount: Product.lowest_price_amount >= amount,
    "max_price": lambda amount: Product.lowest_price_amount <= amount,
    "in_stock": lambda wanted: _HAS_STOCK if wanted else ~_HAS_STOCK,
    "featured": lambda wanted: Product.featured.is_(wanted),
    "seller": lambda seller_id: Product.seller_id == seller_id,
    "status": lambda status: Product.status == status,
}


def admin_products(
    session: Session, *, sort: str, cursor: str | None, limit: int, **filters: Any
) -> Page[Json]:
    """Products of any status, in their default texts."""
    page = _page(session, sort, cursor, limit, [_FILTERS[name](value) for name, value in filters.items()])
    return Page([_answer(row) for row in page.items], page.next_cursor)


def _page(
    session: Session,
    sort_name: str,
    cursor: str | None,
    limit: int,
    conditions: Sequence[ColumnElement[bool]],
) -> Page[Any]:
    sort = SORTS[sort_name]
    position = tuple_(sort.column, Product.id)
    statement = (
        select(
            Product.id,
            Product.slug,
            Product.name,
            Product.brand,
            Product.status,
            Product.featured,
            Product.lowest_price_amount,
            Product.currency,
            Product.image_key,
            Product.rating_sum,
            Product.rating_count,
            Product.created_at,
            Product.updated_at,
            _AVAILABLE.label("available"),
            sort.column.label("sort_value"),
        )
        .where(*conditions)
        .order_by(*((each.desc() if sort.descending else each) for each in position))
        .limit(limit + 1)
    )
    if after := read_cursor(cursor, exactly(sort_name), sort.parse, UUID):
        seen = after[1:]
        statement = statement.where(position < seen if sort.descending else position > seen)
    rows = session.execute(statement).all()
    return paged(rows, limit, lambda row: (sort_name, row.sort_value, row.id))


def _answer(row: Any) -> Json:
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "brand": row.brand,
        "price": lowest_price(row),
        "available": row.available,
        "image": address(row.image_key),
        "rating": rating(row.rating_sum, row.rating_count),
        "status": row.status,
        "featured": row.featured,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def lowest_price(row: Any) -> Json | None:
    """The price to show for a product, if it has anything to sell."""
    if row.currency is None:
        return None
    return {"amount": row.lowest_price_amount, "currency": row.currency}
