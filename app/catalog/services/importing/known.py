"""What there is already of what rows are about. Products are locked by ascending id, then their stock."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.catalog.models import Category, Product, Variant
from app.inventory.services.counting import Level, hold_levels
from app.platform.db import locked, table_of
from app.platform.errors import Expected
from app.platform.exact import same

_PRODUCTS, _VARIANTS, _CATEGORIES = table_of(Product).c, table_of(Variant).c, table_of(Category).c
PRODUCT_FACTS = ("name", "description", "brand", "category_id", "status", "featured", "attributes")
VARIANT_FACTS = (
    "name",
    "price_amount",
    "compare_at_amount",
    "currency",
    "weight_grams",
    "attributes",
    "position",
)


class CatalogMoved(Expected):
    """Somebody has made one of these products or variants in this moment: the same step may be repeated."""


@dataclass(slots=True)
class Draft:
    """A row of a table: its `facts` as they are (None: there is no row yet), and as they shall be."""

    id: UUID
    fixed: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether it is not there yet."""
        return self.before is None

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return not same(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Known:
    """Products by slug and by id, variants by SKU, category ids by path and by slug, levels by variant id.

    `on_sale` are how many variants each product has, archived ones left out; asked if a row makes another.
    """

    products: dict[str, Draft]
    owners: Mapping[UUID, Draft]
    variants: dict[str, Draft]
    categories: Mapping[str, UUID]
    levels: Mapping[UUID, Level]
    on_sale: Counter[UUID]


def look_up(session: Session, rows: Sequence[Mapping[str, Any]]) -> Known:
    """All that is known of what rows name. Locks the products; of stock only what a row would change."""
    skus = sorted({row["sku"] for row in rows})
    products = _products(session, skus, {row["product"] for row in rows if "product" in row})
    variants = _variants(session, skus, {draft.id for draft in products.values()})
    counted: dict[UUID, set[int]] = {}
    for row in rows:
        if "stock" in row and row["sku"] in variants:
            counted.setdefault(variants[row["sku"]].id, set()).add(row["stock"])
    categories = _categories(session, {row["category"] for row in rows if row.get("category")})
    owners = {draft.id: draft for draft in products.values()}
    on_sale = _on_sale(session, owners) if len(variants) < len(skus) else Counter()
    return Known(products, owners, variants, categories, hold_levels(session, counted), on_sale)


def _products(session: Session, skus: Sequence[str], slugs: Collection[str]) -> dict[str, Draft]:
    owners = session.scalars(select(_VARIANTS.product_id).where(_VARIANTS.sku.in_(skus)).distinct()).all()
    fixed = ("slug", "seller_id")
    columns = (_PRODUCTS.id, *(_PRODUCTS[name] for name in (*fixed, *PRODUCT_FACTS)))
    named = or_(_PRODUCTS.id.in_(owners), _PRODUCTS.slug.in_(slugs))
    found = session.execute(locked(select(*columns).where(named).order_by(_PRODUCTS.id)))
    return {row.slug: _draft(row, fixed, PRODUCT_FACTS) for row in found}


def _variants(session: Session, skus: Sequence[str], held: Collection[UUID]) -> dict[str, Draft]:
    """Read after their products are locked, so that nobody changes them any more."""
    fixed = ("sku", "product_id", "archived_at")
    columns = (_VARIANTS.id, *(_VARIANTS[name] for name in (*fixed, *VARIANT_FACTS)))
    found = session.execute(select(*columns).where(_VARIANTS.sku.in_(skus))).all()
    if any(row.product_id not in held for row in found):
        raise CatalogMoved("a variant was made in this moment")
    return {row.sku: _draft(row, fixed, VARIANT_FACTS) for row in found}


def _on_sale(session: Session, held: Collection[UUID]) -> Counter[UUID]:
    theirs = _VARIANTS.product_id.in_(held), _VARIANTS.archived_at.is_(None)
    counted = select(_VARIANTS.product_id, func.count()).where(*theirs).group_by(_VARIANTS.product_id)
    return Counter({row[0]: row[1] for row in session.execute(counted)})


def _draft(row: Any, fixed: Sequence[str], facts: Sequence[str]) -> Draft:
    before = {name: getattr(row, name) for name in facts}
    return Draft(row.id, {name: getattr(row, name) for name in fixed}, before, dict(before))


def _categories(session: Session, names: Collection[str]) -> Mapping[str, UUID]:
    named = or_(_CATEGORIES.slug.in_(names), _CATEGORIES.path.in_(names))
    found = session.execute(select(_CATEGORIES.id, _CATEGORIES.slug, _CATEGORIES.path).where(named))
    return {name: row.id for row in found for name in (row.slug, row.path)}
