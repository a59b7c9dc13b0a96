"""Changing the catalog, and what carts and orders need to know of it. Nothing here commits."""

from app.catalog.services.categories import change_category, create_category, delete_category
from app.catalog.services.products import archive_product, change_product, create_product
from app.catalog.services.purchases import note_purchases
from app.catalog.services.reviews import (
    change_review,
    delete_review,
    forget_user,
    publish_review,
    reject_review,
    write_review,
)
from app.catalog.services.sellable import (
    Sellable,
    find_variant,
    offer_in,
    offers,
    sellable,
    sellable_by_sku,
)
from app.catalog.services.variants import add_variant, archive_variant, change_variant

__all__ = [
    "Sellable",
    "add_variant",
    "archive_product",
    "archive_variant",
    "change_category",
    "change_product",
    "change_review",
    "change_variant",
    "create_category",
    "create_product",
    "delete_category",
    "delete_review",
    "find_variant",
    "forget_user",
    "note_purchases",
    "offer_in",
    "offers",
    "publish_review",
    "reject_review",
    "sellable",
    "sellable_by_sku",
    "write_review",
]
