"""Which listings are asked for: conditions by name, so that the statements with them are built once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.selectable import FromClause

from app.catalog.models import LAST_TIER, Category, Listing
from app.catalog.queries import facts, words
from app.catalog.queries.question import Question
from app.platform.db import table_of
from app.platform.ids import is_id

LISTINGS, _CATEGORIES = table_of(Listing), table_of(Category)


def question(
    filters: Mapping[str, Any], *, asked: Sequence[str] | None, translated: bool = False
) -> Question:
    """What is asked for by the filters of the API and by the words that were typed, if any were.

    A text without words finds nothing.
    """
    names, known = set(), [facts.NOTHING] if asked == [] else []
    values: dict[str, Any] = dict(words.values(asked)) if asked else {}
    for name, value in filters.items():
        if fact := _facts(name, value):
            known += fact
        elif isinstance(value, bool):
            names.add(f"{name}_{value}")
        else:
            names.add(name)
            values[name] = value
        if name == "category":
            values["category_id"] = UUID(value) if is_id(value) else None
    if known:
        names.add("facts")
        values["facts"] = known
    if asked:
        names.add("words")
    return Question(frozenset(names), values, tuple(asked or ()), translated)


def _facts(name: str, value: Any) -> list[str]:
    if name == "brand":
        return [facts.of_brand(value)]
    if name == "currency":
        return [facts.sold_in(value)]
    if name == "seller":
        return [facts.of_seller(value)]
    if name == "attribute":
        return [facts.with_attribute(*each) for each in value]
    if name == "featured" and value:
        return [facts.FEATURED]
    return []


def _in_category(rows: FromClause) -> ColumnElement[bool]:
    """Of a category that there is not, nothing has the fact."""
    found = select(cast(_CATEGORIES.c.id, Text)).where(_is_named(_CATEGORIES)).scalar_subquery()
    fact: ColumnElement[bool] = rows.c.facts.contains(array([literal("c:") + func.coalesce(found, "")]))
    return fact


def branch() -> Select[UUID]:
    """The ids of the category that is asked for, and of those below it."""
    root, below = _CATEGORIES.alias("root"), _CATEGORIES.alias("below")
    is_below = or_(below.c.id == root.c.id, below.c.path.startswith(root.c.path + "/"))
    return select(below.c.id).join(root, is_below).where(_is_named(root))


def _is_named(categories: FromClause) -> ColumnElement[bool]:
    """No slug can be an id, nor an id a slug."""
    named = bindparam("category", type_=Text)
    return or_(categories.c.slug == named, categories.c.id == bindparam("category_id", type_=Uuid))


CONDITIONS: Mapping[str, Callable[[FromClause], ColumnElement[bool]]] = {
    "facts": lambda rows: rows.c.facts.contains(bindparam("facts", type_=ARRAY(Text))),
    "category": _in_category,
    "min_price": lambda rows: rows.c.lowest_amount >= bindparam("min_price"),
    "max_price": lambda rows: rows.c.lowest_amount <= bindparam("max_price"),
    "in_stock_True": lambda rows: rows.c.available.is_(True),
    "in_stock_False": lambda rows: rows.c.available.is_(False),
    "featured_False": lambda rows: rows.c.featured.is_(False),
    "words": lambda rows: rows.c.document.op("@@", is_comparison=True)(words.QUESTION),
}


def conditions(names: frozenset[str], rows: FromClause) -> list[ColumnElement[bool]]:
    """What has to hold of these rows."""
    return [CONDITIONS[name](rows) for name in sorted(names)]


def tiers() -> list[ColumnElement[bool]]:
    """That a listing is in the first, the second, ... tier, in the words of the partial indexes."""
    return [LISTINGS.c.tier == literal_column(str(tier)) for tier in range(LAST_TIER + 1)]
