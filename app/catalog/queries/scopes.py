"""What finished answers of the shop window are made of."""

from uuid import UUID

from app.identity.queries import name_scope
from app.inventory.queries import stock_scope
from app.platform.db import Json

LISTINGS = "listings"
"""Every list of products."""
CATEGORIES = "categories"
"""Everything that names a category, or finds products by it."""


def product_scope(product_id: UUID | str) -> str:
    """Everything about one product, its reviews among it."""
    return f"product:{product_id}"


def scopes_of_product(product: Json) -> list[str]:
    """What the page of a product is made of."""
    stock = [stock_scope(variant["id"]) for variant in product["variants"]]
    return [product_scope(product["id"]), name_scope(product["seller"]["id"]), *stock]
