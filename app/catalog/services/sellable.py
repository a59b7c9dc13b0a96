"""What carts and orders ask of the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, Uuid, any_, bindparam, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.catalog.queries.price_lists import amounts_of
from app.platform.db import table_of


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant that can be sold now, at its present price in minor units.

    `list_prices` are those in other currencies than the shop's own, if there are any.
    """

    variant_id: UUID
    product_id: UUID
    seller_id: UUID
    sku: str
    name: str
    image_key: str | None
    price_amount: int
    currency: str
    weight_grams: int | None
    tax_category: str
    list_prices: Mapping[str, int] | None = None

    @property
    def prices(self) -> Mapping[str, int]:
        """What it costs, by currency."""
        return {**(self.list_prices or {}), self.currency: self.price_amount}

    def priced_in(self, currency: str) -> "Sellable | None":
        """The same at its price in this currency; None if it has none."""
        amount = self.prices.get(currency)
        return None if amount is None else replace(self, price_amount=amount, currency=currency)


def sellable(session: Session, variant_ids: Iterable[UUID]) -> dict[UUID, Sellable]:
    """Those of the variants that are sold now: of active products, and not archived."""
    found = session.execute(_by_ids(), {"variant_ids": list(variant_ids)})
    return {row.offered_variant_id: _sellable(row) for row in found}


def sellable_by_sku(session: Session, sku: str) -> Sellable | None:
    """The variant with this SKU, if it is sold now."""
    row = session.execute(_by_sku(), {"wanted_sku": sku}).one_or_none()
    return None if row is None else _sellable(row)


def offers() -> Subquery:
    """Every variant that is sold now, by `offered_variant_id`, for statements of others to join.

    They select its columns first: `offer_in` reads such a row.
    """
    return _sold(true()).subquery("offers")


def offer_in(row: Sequence[Any]) -> Sellable | None:
    """The offer in a row that begins with the columns of `offers`; None where none was to be joined."""
    return None if row[0] is None else _sellable(row)


def find_variant(session: Session, sku: str) -> UUID | None:
    """The id of the variant with this SKU, sold now or not."""
    return session.scalars(select(Variant.id).where(Variant.sku == sku)).one_or_none()


_VARIANTS, _PRODUCTS = table_of(Variant).c, table_of(Product).c


_WIDTH = 12
"""How many columns tell what is sold."""


@cache
def _by_ids() -> Select[Any]:
    return _sold(_VARIANTS.id == any_(bindparam("variant_ids", type_=ARRAY(Uuid))))


@cache
def _by_sku() -> Select[Any]:
    return _sold(_VARIANTS.sku == bindparam("wanted_sku"))


def _sold(which: ColumnElement[bool]) -> Select[Any]:
    facts = {
        "variant_id": _VARIANTS.id,
        "product_id": _VARIANTS.product_id,
        "seller_id": _PRODUCTS.seller_id,
        "sku": _VARIANTS.sku,
        "product": _PRODUCTS.name,
        "variant": _VARIANTS.name,
        "image_key": _PRODUCTS.image_key,
        "price_amount": _VARIANTS.price_amount,
        "currency": _VARIANTS.currency,
        "weight_grams": _VARIANTS.weight_grams,
        "tax_category": _PRODUCTS.tax_category,
        "list_prices": amounts_of(table_of(Variant)),
    }
    of_product = _PRODUCTS.id == _VARIANTS.product_id
    columns = (column.label(f"offered_{name}") for name, column in facts.items())
    return select(*columns).where(
        of_product, which, _VARIANTS.archived_at.is_(None), _PRODUCTS.status == "active"
    )


def _sellable(row: Sequence[Any]) -> Sellable:
    variant_id, product_id, seller_id, sku, product, variant, *others = row[:_WIDTH]
    name = product if variant in (None, product) else f"{product} – {variant}"
    return Sellable(variant_id, product_id, seller_id, sku, name, *others)
