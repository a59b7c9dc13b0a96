"""The columns of a row, in the order of an export: one row is one variant, with what its product is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.catalog.models import STATUSES
from app.catalog.services.importing.values import (
    Parser,
    attributes,
    matching,
    one_of,
    slug,
    text,
    user_id,
    whole,
    yes_or_no,
)
from app.inventory.services.counting import MOST_UNITS
from app.platform.money import LARGEST_AMOUNT


@dataclass(frozen=True, slots=True)
class Column:
    """`stored_as` is what the product's or the variant's column is called, None for what only leads there.

    `none` is stored where a value is taken away; `needed` columns always have one. `blank_takes_away`: an
    empty cell does so; elsewhere it leaves what is there.
    """

    parse: Parser
    stored_as: str | None = None
    needed: bool = True
    none: Any = None
    blank_takes_away: bool = False


OF_PRODUCT: Mapping[str, Column] = {
    "name": Column(text(), "name"),
    "description": Column(text(20_000, least=0), "description", needed=False, none=""),
    "brand": Column(text(100), "brand", needed=False),
    "category": Column(text(2_000), "category_id", needed=False),
    "status": Column(one_of(STATUSES), "status"),
    "featured": Column(yes_or_no, "featured"),
    "attributes": Column(attributes, "attributes", needed=False, none={}),
}
OF_VARIANT: Mapping[str, Column] = {
    "variant_name": Column(text(), "name", needed=False, blank_takes_away=True),
    "price": Column(whole(1, LARGEST_AMOUNT), "price_amount"),
    "compare_at_price": Column(
        whole(1, LARGEST_AMOUNT), "compare_at_amount", needed=False, blank_takes_away=True
    ),
    "weight_grams": Column(whole(0, 10_000_000), "weight_grams", needed=False, blank_takes_away=True),
    "variant_attributes": Column(attributes, "attributes", needed=False, none={}),
    "position": Column(whole(0, 1_000_000), "position"),
}
COLUMNS: Mapping[str, Column] = {
    "sku": Column(matching(r"[A-Za-z0-9._-]+", most=64, like="CHAIR-RED")),
    "product": Column(slug),
    **OF_PRODUCT,
    "seller": Column(user_id),
    **OF_VARIANT,
    "currency": Column(matching(r"[A-Z]{3}", most=3, like="USD")),
    "stock": Column(whole(0, MOST_UNITS)),
}
