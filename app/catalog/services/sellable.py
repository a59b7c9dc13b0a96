"""What carts and orders ask of the catalog."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.platform.db import table_of


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant that can be sold now, at its present price in minor units."""

    variant_id: UUID
    product_id: UUID
    seller_id: UUID
    sku: str
    name: str
    image_key: str | None
    price_amount: int
    currency: str
    weight_grams: int | None


def sellable(session: Session, variant_ids: Iterable[UUID]) -> dict[UUID, Sellable]:
    """Those of the variants that are sold now: of active products, and not archived."""
    found = session.execute(_by_ids(), {"variant_ids": list(variant_ids)}).mappings()
    return {row["variant_id"]: _sellable(row) for row in found}


def sellable_by_sku(session: Session, sku: str) -> Sellable | None:
    """The variant with this SKU, if it is sold now."""
    row = session.execute(_by_sku(), {"wanted_sku": sku}).mappings().one_or_none()
    return None if row is None else _sellable(row)


def find_variant(session: Session, sku: str) -> UUID | None:
    """The id of the variant with this SKU, sold now or not."""
    return session.scalars(select(Variant.id).where(Variant.sku == sku)).one_or_none()


_VARIANTS, _PRODUCTS = table_of(Variant).c, table_of(Product).c


@cache
def _by_ids() -> Select[Any]:
    return _sold(_VARIANTS.id == any_(bindparam("variant_ids", type_=ARRAY(Uuid))))


@cache
def _by_sku() -> Select[Any]:
    return _sold(_VARIANTS.sku == bindparam("wanted_sku"))


def _sold(which: ColumnElement[bool]) -> Select[Any]:
    of_product = _PRODUCTS.id == _VARIANTS.product_id
    return select(
        _VARIANTS.id.label("variant_id"),
        _VARIANTS.product_id,
        _PRODUCTS.seller_id,
        _VARIANTS.sku,
        _PRODUCTS.image_key,
        _PRODUCTS.name.label("product_name"),
        _VARIANTS.name.label("variant_name"),
        _VARIANTS.price_amount,
        _VARIANTS.currency,
        _VARIANTS.weight_grams,
    ).where(of_product, which, _VARIANTS.archived_at.is_(None), _PRODUCTS.status == "active")


def _sellable(row: Mapping[Any, Any]) -> Sellable:
    columns = dict(row)
    product, variant = columns.pop("product_name"), columns.pop("variant_name")
    name = product if variant in (None, product) else f"{product} – {variant}"
    return Sellable(name=name, **columns)
