"""The statements behind a page of listings, each built once for a kind of question.

A page looks at a bounded number of rows, whatever is asked for and however many products there are. Whether
an index on the order or one on the filters leads to it sooner cannot be known beforehand, so there are both
ways: `few` gathers what matches, as long as that is little, and sorts it; `walk` goes along the order and
takes what matches. When that went far without a page, `all_of_them` gathers without a bound: what matches
stands at the other end. In a category that would be so often, as prices and names go with it: there,
`along_shelves` has indexes of its own.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, true, union_all
from sqlalchemy.sql.selectable import CTE, FromClause

from app.catalog.models import Product
from app.catalog.queries.matching import LISTINGS, branch, conditions, tiers
from app.catalog.queries.sorts import ORDERS
from app.platform.db import table_of

FEW = 5_000
FAR = 10_000
SHAPES = 128
"""Of so many kinds of questions a statement is kept: of all that there are, these would fill the memory."""
Statement = Select[*tuple[Any, ...]]
_SHOWN = (
    "product_id",
    "slug",
    "name",
    "brand",
    "currency",
    "lowest_amount",
    "available",
    "image_key",
    "rating_average",
    "rating_count",
)
_PRODUCTS = table_of(Product)


class Kind(NamedTuple):
    """What distinguishes one statement from another; all else are parameters.

    `wanted` are names of conditions, `seen` is whether a page went before, `translated` whether the answer
    may be in another than the default language.
    """

    order: str
    wanted: frozenset[str] = frozenset()
    seen: bool = False
    translated: bool = False


@lru_cache(SHAPES)
def plain(kind: Kind) -> Statement:
    """The page of all there is."""
    return _page(kind, LISTINGS)


@lru_cache(SHAPES)
def few(kind: Kind) -> Statement:
    """The page of what matches, each row with `found`: how many match, up to one more than `FEW`.

    When these are more than `FEW`, or none, it is one row without a product.
    """
    return _sorted(kind, FEW)


@lru_cache(SHAPES)
def all_of_them(kind: Kind) -> Statement:
    """The same, however many match."""
    return _sorted(kind, None)


@lru_cache(SHAPES)
def walk(kind: Kind) -> Statement:
    """What matches of the next `FAR` listings in the order, until there are enough for the page."""
    order = ORDERS[kind.order]
    ahead = select(LISTINGS).where(*_unseen(kind, LISTINGS)).order_by(*order.by(LISTINGS)).limit(FAR)
    near = ahead.subquery("near")
    return _page(kind._replace(seen=False), near, *conditions(kind.wanted, near))


@lru_cache(SHAPES)
def along_shelves(kind: Kind) -> Statement:
    """The page of a category: the best of each category in it, and the best of these."""
    order = ORDERS[kind.order]
    shelf = branch().subquery("shelf")
    wanted = conditions(kind.wanted - {"category"}, LISTINGS)
    on_it = select(LISTINGS).where(LISTINGS.c.category_id == shelf.c.id, *wanted, *_unseen(kind, LISTINGS))
    best = on_it.order_by(*order.by(LISTINGS)).limit(bindparam("most")).lateral("best")
    return _page(kind._replace(seen=False), best).join_from(shelf, best, true())


@lru_cache(SHAPES)
def goes_far(kind: Kind) -> Statement:
    """A row if there are listings behind the next `FAR`."""
    here = select(literal(1)).select_from(LISTINGS).where(*_unseen(kind, LISTINGS))
    return here.order_by(*ORDERS[kind.order].by(LISTINGS)).offset(FAR).limit(1)


def matching(wanted: frozenset[str], *columns: ColumnElement[Any], most: int | None) -> CTE:
    """These columns of the listings that match, no more of them than `most`; which ones is left open."""
    statement = select(*columns).where(*conditions(wanted, LISTINGS))
    if "words" not in wanted:
        return statement.limit(most).cte("matches")
    # One index for each tier: the later ones are not looked into once there are enough.
    return union_all(*(statement.where(tier) for tier in tiers())).limit(most).cte("matches")


def showing(rows: FromClause, *more: ColumnElement[Any], translated: bool) -> Statement:
    """What a list tells of listings; their texts in other languages only for those who want them."""
    columns = [*(rows.c[name] for name in _SHOWN), *more]
    if translated:
        texts = select(_PRODUCTS.c.translations).where(_PRODUCTS.c.id == rows.c.product_id)
        columns.append(texts.scalar_subquery().label("translations"))
    return select(*columns)


def _page(kind: Kind, rows: FromClause, *wanted: ColumnElement[bool]) -> Statement:
    order = ORDERS[kind.order]
    statement = showing(rows, rows.c[order.column].label("value"), translated=kind.translated)
    return statement.where(*wanted, *_unseen(kind, rows)).order_by(*order.by(rows)).limit(bindparam("most"))


def _sorted(kind: Kind, most: int | None) -> Statement:
    order = ORDERS[kind.order]
    columns = LISTINGS.c.product_id, LISTINGS.c[order.column]
    matches = matching(kind.wanted, *columns, most=most and most + 1)
    found = select(func.count()).select_from(matches).scalar_subquery()
    page = select(matches).where(found <= most if most else true(), *_unseen(kind, matches))
    page_of_ids = page.order_by(*order.by(matches)).limit(bindparam("most")).subquery("page")
    counted = select(found.label("found")).subquery("counted")
    rows = page_of_ids.join(LISTINGS, LISTINGS.c.product_id == page_of_ids.c.product_id)
    value = page_of_ids.c[order.column].label("value")
    statement = showing(LISTINGS, value, counted.c.found, translated=kind.translated)
    return statement.select_from(counted.outerjoin(rows, true())).order_by(*order.by(page_of_ids))


def _unseen(kind: Kind, rows: FromClause) -> list[ColumnElement[bool]]:
    return [ORDERS[kind.order].after_seen(rows)] if kind.seen else []
