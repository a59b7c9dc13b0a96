"""Lists of products as the public sees them; how their pages are found is in `pages` and `searching`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog.queries import matching, pages, words
from app.catalog.queries.facets import facets as counts
from app.catalog.queries.pages import Kind
from app.catalog.queries.price_lists import lowest_prices
from app.catalog.queries.question import Found, Question
from app.catalog.queries.searching import search
from app.catalog.queries.sorts import ORDERS, RELEVANCE
from app.catalog.queries.texts import Texts
from app.media.queries import address
from app.platform.db import Json
from app.platform.pagination import exactly, flag, paged, read_cursor

BROAD = {"in_stock_True", "in_stock_False", "featured_False"}
"""What many products are: it is of no use to gather them."""
PRICES = {"min_price", "max_price"}


def products(
    session: Session,
    *,
    texts: Texts,
    cursor: str | None,
    limit: int,
    sort: str | None = None,
    q: str | None = None,
    facets: Sequence[str] = (),
    **filters: Any,
) -> Json:
    """A page of what is offered, by the filters of the API; with a text `q`, of what has its words.

    One statement when nothing is filtered, else one or two; for a text one, or three when it is mistyped. A
    page that is far from what matches costs two more, `facets` one, and another `currency` one.
    """
    asked = None if q is None else words.asked_for(q)
    question = matching.question(filters, asked=asked, translated=bool(texts.wanted))
    if asked and sort in {None, RELEVANCE}:
        look = search
    else:
        look = partial(_in_order, sort=sort if sort in ORDERS else "newest")
    page, question = look(session, question, cursor=cursor, limit=limit)
    items = [_answer(row, texts) for row in page.items]
    if currency := filters.get("currency"):
        prices = lowest_prices(session, [item["id"] for item in items], currency)
        items = [item | {"price": prices.get(item["id"])} for item in items]
    answer = {"items": items, "next_cursor": page.next_cursor}
    return answer | {"facets": counts(session, question, facets, texts)} if facets else answer


def _in_order(session: Session, question: Question, *, sort: str, cursor: str | None, limit: int) -> Found:
    """A cursor tells, besides the row before, whether so much matches that gathering it is of no use."""
    seen = read_cursor(cursor, exactly(sort), flag, flag, ORDERS[sort].parse, UUID)
    if seen and seen[1]:
        question = question.understood(session)
    kind = Kind(sort, question.wanted, seen is not None, question.translated)
    start = {"most": limit + 1} | ({"seen_value": seen[3], "seen_id": seen[4]} if seen else {})
    rows, total = _rows(session, kind, {**question.values, **start}, is_much=bool(seen and seen[2]))
    if not seen and question.finds_too_little(total):
        question = question.understood(session)
    if not seen and question.is_corrected:
        rows, total = _rows(session, kind, {**question.values, **start}, is_much=False)
    flags = question.is_corrected, total is None
    page = paged(rows, limit, lambda row: (sort, *flags, _plain(row.value), row.product_id))
    return Found(page, question)


def _rows(
    session: Session, kind: Kind, values: Mapping[str, Any], *, is_much: bool
) -> tuple[Sequence[Any], int | None]:
    """The rows of a page, and how many match in all unless that is much."""
    connection = session.connection()
    if not kind.wanted:
        return connection.execute(pages.plain(kind), values).all(), None
    narrowing = kind.wanted - BROAD
    if not is_much and narrowing - {"category"}:
        rows = connection.execute(pages.few(kind), values).all()
        if rows[0].found <= pages.FEW:
            return [row for row in rows if row.product_id], rows[0].found
    if "category" in kind.wanted and not narrowing - {"category", *PRICES}:
        return connection.execute(pages.along_shelves(kind), values).all(), None
    rows = connection.execute(pages.walk(kind), values).all()
    if len(rows) < values["most"] and connection.execute(pages.goes_far(kind), values).first():
        gathered = connection.execute(pages.all_of_them(kind), values).all()
        return [row for row in gathered if row.product_id], None
    return rows, None


def _plain(value: Any) -> Any:
    """As cursors have it: ratings in hundredths."""
    return int(value * 100) if isinstance(value, Decimal) else value


def _answer(row: Any, texts: Texts) -> Json:
    return {
        "id": row.product_id,
        "slug": row.slug,
        **texts.choose(row.translations if texts.wanted else None, name=row.name),
        "brand": row.brand,
        "price": {"amount": row.lowest_amount, "currency": row.currency},
        "available": row.available,
        "image": address(row.image_key),
        "rating": {
            "average": float(row.rating_average) if row.rating_count else None,
            "count": row.rating_count,
        },
    }
