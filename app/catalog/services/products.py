"""Keeping products."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.catalog.errors import SlugTaken
from app.catalog.models import Category, Product
from app.catalog.services.listings import refresh
from app.catalog.services.slugs import another_slug, refusing_duplicates, slug_of
from app.catalog.services.variants import add_variants, lock_product
from app.identity.services import may_sell
from app.platform.db import locked
from app.platform.errors import Invalid
from app.platform.ids import new_id


def create_product(
    session: Session,
    *,
    seller_id: UUID,
    name: str,
    currency: str,
    slug: str | None = None,
    variants: Sequence[Mapping[str, Any]] = (),
    **values: Any,
) -> UUID:
    """Add a product with its variants (see `add_variant`); answers its id.

    `values` are columns: description, brand, category_id, status (draft unless given), featured, attributes,
    delivery_information, tax_category, translations. Raises SlugTaken, SkuTaken, and Invalid for an unknown
    category, for a user who may not sell, and for a price that is not one of this shop.
    """
    if not may_sell(session, seller_id):
        raise Invalid("This user may not sell.", errors={"seller_id": ["No active seller or admin."]})
    _check_category(session, values)
    slug = slug or _free_slug(session, name)
    product = Product(id=new_id(), seller_id=seller_id, name=name, slug=slug, **values)
    with refusing_duplicates(session, _taken(slug)):
        session.add(product)
    add_variants(session, product, variants, currency=currency)
    return product.id


def change_product(
    session: Session, product_id: UUID, changes: Mapping[str, Any], *, seller_id: UUID | None = None
) -> None:
    """Set the given columns; `seller_id` limits it to this seller's products.

    Raises NotFound, SlugTaken, and Invalid for an unknown category.
    """
    product = lock_product(session, product_id, seller_id)
    _check_category(session, changes)
    with refusing_duplicates(session, _taken(changes.get("slug", product.slug))):
        for name, value in changes.items():
            setattr(product, name, value)
    refresh(session, [product_id])


def archive_product(session: Session, product_id: UUID, *, seller_id: UUID | None = None) -> None:
    """Take a product out of the shop; orders keep their lines. Repeating is harmless. Raises NotFound."""
    lock_product(session, product_id, seller_id).status = "archived"
    refresh(session, [product_id])


def _check_category(session: Session, values: Mapping[str, Any]) -> None:
    category_id = values.get("category_id")
    # Held, so that it is not deleted before the product is in it.
    held = locked(select(Category.id).where(Category.id == category_id))
    if category_id and session.scalar(held) is None:
        raise Invalid("There is no such category.", errors={"category_id": ["No such category."]})


def _free_slug(session: Session, name: str) -> str:
    slug = slug_of(name)
    used = session.scalar(select(exists().where(Product.slug == slug)))
    return another_slug(slug) if used else slug


def _taken(slug: str) -> SlugTaken:
    return SlugTaken(f"There is a product with the slug {slug}. Choose another.", slug=slug)
