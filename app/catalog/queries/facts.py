"""What lists filter by, as words of `listings.facts`: one index answers any combination of them.

They are written by `queries.sources`, which has the same words in SQL; `c:` and its id is a category, in
which the listing is, or below which.
"""

from uuid import UUID

FEATURED = "featured"
NOTHING = "nothing"
"""No listing has it."""


def of_brand(brand: str) -> str:
    """Of this brand."""
    return f"b:{brand}"


def sold_in(currency: str) -> str:
    """A variant of it has a price in this currency, which is not the shop's own."""
    return f"p:{currency}"


def of_seller(seller_id: UUID) -> str:
    """Of this seller."""
    return f"s:{seller_id}"


def with_attribute(name: str, value: str) -> str:
    """The product, or a variant of it that is sold, has this attribute."""
    return f"a:{name}={value}"
