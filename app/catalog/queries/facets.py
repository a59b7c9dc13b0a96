"""What there is among the matches: how many of each brand, category, price and so on, in one statement."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, FromClause

from app.catalog.models import Category
from app.catalog.queries.matching import LISTINGS
from app.catalog.queries.pages import SHAPES, Statement, matching
from app.catalog.queries.question import Question
from app.catalog.queries.texts import Texts
from app.platform.db import Json, table_of

LOOKED_AT = 5_000
"""How many matches are counted. Of more, these are any, and so there may be more of every value."""
MOST_VALUES = 50
PRICES = [step * 10**power for power in range(2, 8) for step in (1, 2, 5)]
"""Where ranges of prices begin, in minor units; before them is one that begins at 0."""
_CATEGORIES = table_of(Category)
_COLUMNS = ("brand", "category_ids", "lowest_amount", "available", "rating_average")
FACETS: Mapping[str, Callable[[FromClause], ColumnElement[Any]]] = {
    "category": lambda rows: func.unnest(rows.c.category_ids),
    "brand": lambda rows: rows.c.brand,
    "price": lambda rows: func.width_bucket(rows.c.lowest_amount, array(PRICES)),
    "in_stock": lambda rows: rows.c.available,
    "rating": lambda rows: func.nullif(func.floor(rows.c.rating_average), 0),
}
"""What of a listing each facet counts; nothing is counted where that is NULL."""


def facets(session: Session, question: Question, names: Sequence[str], texts: Texts) -> Json:
    """The values of the `FACETS` that are named, with their counts; the most frequent first."""
    found: dict[str, list[Json]] = {name: [] for name in names}
    statement = _statement(tuple(sorted(found)), question.wanted)
    for row in session.connection().execute(statement, question.values):
        value = _value(row, texts)
        found[row.facet].append({**value, "count": row.count, "more": row.looked_at > LOOKED_AT})
    return found


@lru_cache(SHAPES)
def _statement(names: tuple[str, ...], wanted: frozenset[str]) -> Statement:
    matches = matching(wanted, *(LISTINGS.c[name] for name in _COLUMNS), most=LOOKED_AT + 1)
    counted = union_all(*(select(_counts(name, matches)) for name in names)).subquery("counted")
    looked_at = select(func.count()).select_from(matches).scalar_subquery()
    named = counted.outerjoin(
        _CATEGORIES, (counted.c.facet == "category") & (cast(_CATEGORIES.c.id, Text) == counted.c.value)
    )
    columns = *counted.c, looked_at.label("looked_at"), *(_CATEGORIES.c[name] for name in _NAMED)
    return (
        select(*columns)
        .select_from(named)
        .order_by(counted.c.count.desc(), func.coalesce(_CATEGORIES.c.slug, counted.c.value))
    )


_NAMED = ("slug", "name", "translations")


def _counts(name: str, matches: CTE) -> FromClause:
    of_each = select(FACETS[name](matches).label("value")).subquery()
    count = func.count().label("count")
    values = select(literal(name).label("facet"), cast(of_each.c.value, Text).label("value"), count)
    frequent = values.where(of_each.c.value.is_not(None)).group_by(of_each.c.value)
    return frequent.order_by(count.desc(), of_each.c.value).limit(MOST_VALUES).subquery()


def _value(row: Any, texts: Texts) -> Json:
    """A value in the form that the filter of its facet takes; of a category also its name."""
    if row.facet == "category":
        return {"value": row.slug, **texts.choose(row.translations, name=row.name)}
    if row.facet == "price":
        step = int(row.value)
        last = PRICES[step] - 1 if step < len(PRICES) else None
        return {"min_price": PRICES[step - 1] if step else 0, "max_price": last}
    return {"value": _PLAIN.get(row.facet, str)(row.value)}


_PLAIN: Mapping[str, Callable[[str], Any]] = {"in_stock": "true".__eq__, "rating": int}
