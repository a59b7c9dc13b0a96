"""In which categories products are."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Subquery, any_, func, select
from sqlalchemy.orm import Session, aliased

from app.catalog.models import Category, Product

_OWN, _ABOVE = aliased(Category), aliased(Category)


def shelves() -> Subquery:
    """Columns `product_id` and `category_id`: a product's category, and each above it, for others to join."""
    is_above = _ABOVE.slug == any_(func.string_to_array(_OWN.path, "/"))
    found = select(Product.id.label("product_id"), _ABOVE.id.label("category_id"))
    return found.join(_OWN, _OWN.id == Product.category_id).join(_ABOVE, is_above).subquery("shelves")


def known_categories(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are categories'."""
    return set(session.scalars(select(Category.id).where(Category.id.in_(ids))))


def known_products(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are products', whatever their status."""
    return set(session.scalars(select(Product.id).where(Product.id.in_(ids))))
