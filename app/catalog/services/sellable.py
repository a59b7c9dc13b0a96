"""What carts and orders ask of the catalog."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant that can be sold now, at its present price in minor units."""

    variant_id: UUID
    product_id: UUID
    seller_id: UUID
    sku: str
    name: str
    image: str | None
    price_amount: int
    currency: str
    weight_grams: int | None


def sellable(session: Session, variant_ids: Iterable[UUID]) -> dict[UUID, Sellable]:
    """Those of the variants that are sold now: of active products, and not archived."""
    return {each.variant_id: each for each in _sold(session, Variant.id.in_(variant_ids))}


def sellable_by_sku(session: Session, sku: str) -> Sellable | None:
    """The variant with this SKU, if it is sold now."""
    return next(iter(_sold(session, Variant.sku == sku)), None)


def find_variant(session: Session, sku: str) -> UUID | None:
    """The id of the variant with this SKU, sold now or not."""
    return session.scalars(select(Variant.id).where(Variant.sku == sku)).one_or_none()


def _sold(session: Session, which: ColumnElement[bool]) -> list[Sellable]:
    statement = (
        select(
            Variant.id.label("variant_id"),
            Variant.product_id,
            Product.seller_id,
            Variant.sku,
            Product.name.label("product_name"),
            Variant.name.label("variant_name"),
            Variant.price_amount,
            Variant.currency,
            Variant.weight_grams,
        )
        .join(Product, Product.id == Variant.product_id)
        .where(which, Variant.archived_at.is_(None), Product.status == "active")
    )
    return [_sellable(row) for row in session.execute(statement).mappings()]


def _sellable(row: Mapping[Any, Any]) -> Sellable:
    columns = dict(row)
    product, variant = columns.pop("product_name"), columns.pop("variant_name")
    name = product if variant in (None, product) else f"{product} – {variant}"
    return Sellable(name=name, image=None, **columns)
