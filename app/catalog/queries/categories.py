"""Reading categories."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.models import Category
from app.catalog.queries.references import refers_to
from app.catalog.queries.texts import Texts
from app.media.queries import address
from app.platform.db import Json, table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged, plain_text, read_cursor, small

_CATEGORIES = table_of(Category)
_COLUMNS = tuple(
    _CATEGORIES.c[name]
    for name in (
        *("id", "slug", "name", "description", "parent_id", "path", "position", "translations"),
        "image_key",
    )
)
_LEAF = _CATEGORIES.alias("leaf")
_IS_ABOVE = or_(_LEAF.c.id == _CATEGORIES.c.id, _LEAF.c.path.startswith(_CATEGORIES.c.path + "/"))


_TRAIL = (
    select(*_COLUMNS)
    .select_from(_CATEGORIES)
    .join(_LEAF, _IS_ABOVE)
    .where(_LEAF.c.id == bindparam("category_id"))
    .order_by(func.length(_CATEGORIES.c.path))
)


def categories(session: Session, *, texts: Texts, cursor: str | None, limit: int) -> Page[Json]:
    """All categories; those below one parent stand in the order of their positions."""
    page = _page(session, cursor, limit)
    return Page([_answer(row, texts) for row in page.items], page.next_cursor)


def admin_categories(session: Session, *, cursor: str | None, limit: int) -> Page[Json]:
    """The same with all their texts."""
    page = _page(session, cursor, limit)
    return Page([_admin_answer(row) for row in page.items], page.next_cursor)


def _page(session: Session, cursor: str | None, limit: int) -> Page[Any]:
    statement = select(*_COLUMNS).order_by(Category.position, Category.slug).limit(limit + 1)
    if after := read_cursor(cursor, small, plain_text):
        statement = statement.where(tuple_(Category.position, Category.slug) > after)
    return paged(session.execute(statement).all(), limit, lambda row: (row.position, row.slug))


def category(session: Session, reference: str, *, texts: Texts) -> Json:
    """One category by id or slug. Raises NotFound."""
    statement = select(*_COLUMNS).where(refers_to(Category, reference))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such category.")
    return _answer(row, texts)


def trail(session: Session, category_id: UUID | None, *, texts: Texts) -> list[Json]:
    """The category and those above it, from the root on."""
    if category_id is None:
        return []
    rows = session.execute(_TRAIL, {"category_id": category_id})
    return [_answer(row, texts) for row in rows]


def admin_category(session: Session, category_id: UUID) -> Json:
    """One category with all its texts. Raises NotFound."""
    row = session.execute(select(*_COLUMNS).where(Category.id == category_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such category.")
    return _admin_answer(row)


def _admin_answer(row: Any) -> Json:
    return _answer(row, Texts()) | {"position": row.position, "translations": row.translations}


def _answer(row: Any, texts: Texts) -> Json:
    return {
        "id": row.id,
        "slug": row.slug,
        **texts.choose(row.translations, name=row.name, description=row.description),
        "image": address(row.image_key),
        "parent_id": row.parent_id,
        "path": row.path,
    }
