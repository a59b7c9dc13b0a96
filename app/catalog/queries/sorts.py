"""The orders that lists can stand in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, bindparam, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.platform.pagination import plain_text, small, whole


@dataclass(frozen=True, slots=True)
class Order:
    """An order of listings by one column of theirs, `parse` for what a cursor says of it.

    Equal values stand in the order of their ids, so that no page repeats a row.
    """

    column: str
    parse: Callable[[Any], Any]
    descending: bool = False

    def by(self, rows: FromClause) -> list[UnaryExpression[Any]]:
        """The order of these rows, which have the column and `product_id`."""
        return [each.desc() if self.descending else each.asc() for each in self._position(rows)]

    def after_seen(self, rows: FromClause) -> ColumnElement[bool]:
        """What comes behind the row with the values `seen_value` and `seen_id`."""
        value, product_id = self._position(rows)
        position = tuple_(value, product_id)
        seen = tuple_(bindparam("seen_value", type_=value.type), bindparam("seen_id", type_=product_id.type))
        return position < seen if self.descending else position > seen

    def _position(self, rows: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        return rows.c[self.column], rows.c.product_id


def stars(value: Any) -> Decimal:
    """A rating as cursors have it, in hundredths. Raises ValueError."""
    return Decimal(whole(value)) / 100


ORDERS = {
    "newest": Order("created_at", datetime.fromisoformat, descending=True),
    "price": Order("lowest_amount", whole),
    "-price": Order("lowest_amount", whole, descending=True),
    "name": Order("sort_name", plain_text),
    "rating": Order("rating_average", stars, descending=True),
    "popularity": Order("popularity", small, descending=True),
}
RELEVANCE = "relevance"
