"""Keeping categories."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalog.errors import CategoryCycle, CategoryInUse, SlugTaken
from app.catalog.models import Category
from app.catalog.queries.scopes import CATEGORIES
from app.catalog.services.category_images import OF_CATEGORY
from app.catalog.services.listings import refresh_branch
from app.catalog.services.showing import show_anew
from app.catalog.services.slugs import refusing_duplicates, slug_of
from app.media.services import uploads
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id


def create_category(
    session: Session, *, name: str, slug: str | None = None, parent_id: UUID | None = None, **texts: Any
) -> UUID:
    """Add a category below `parent_id`, or at the root; answers its id.

    `texts` are description, translations and position. Raises SlugTaken, and Invalid for an unknown parent.
    """
    _hold_tree(session)
    slug = slug or slug_of(name)
    category = Category(
        id=new_id(),
        name=name,
        slug=slug,
        parent_id=parent_id,
        path=_path(_parent(session, parent_id), slug),
        **texts,
    )
    show_anew(session, CATEGORIES)
    with refusing_duplicates(session, _taken(slug)):
        session.add(category)
    return category.id


def change_category(session: Session, category_id: UUID, changes: Mapping[str, Any]) -> None:
    """Set the given columns; a new slug or parent moves the whole branch, with what is listed in it.

    Of a large branch the backroom does the rest. Locks the products whose listings it refreshes.
    Raises NotFound, SlugTaken, CategoryCycle, and Invalid for an unknown parent.
    """
    _hold_tree(session)
    show_anew(session, CATEGORIES)
    category = _category(session, category_id)
    parent = _parent(session, changes.get("parent_id", category.parent_id))
    if parent and f"{parent.path}/".startswith(f"{category.path}/"):
        raise CategoryCycle(f"{parent.path} is the category itself, or below it. Choose another parent.")
    old_path, slug = category.path, changes.get("slug", category.slug)
    moved = category.parent_id != (parent.id if parent else None)
    with refusing_duplicates(session, _taken(slug)):
        for name, value in changes.items():
            setattr(category, name, value)
        category.path = _path(parent, slug)
    _move_branch(session, old_path, category.path)
    if moved:
        refresh_branch(session, category_id)


def _move_branch(session: Session, old_path: str, new_path: str) -> None:
    if old_path == new_path:
        return
    session.execute(
        update(Category)
        .where(Category.path.startswith(f"{old_path}/"))
        .values(path=func.concat(new_path, func.substr(Category.path, len(old_path) + 1))),
        execution_options={"synchronize_session": False},
    )


def delete_category(session: Session, category_id: UUID) -> None:
    """Remove an empty category. Raises NotFound, and CategoryInUse while something is in it."""
    _hold_tree(session)
    _category(session, category_id)
    show_anew(session, CATEGORIES)
    try:
        with session.begin_nested():
            session.execute(delete(Category).where(Category.id == category_id))
    except IntegrityError as error:
        if not isinstance(error.orig, ForeignKeyViolation):
            raise
        raise CategoryInUse(
            "The category has products or sub-categories, archived ones included. Move them away first."
        ) from error
    uploads.remove_of(session, subject_kind=OF_CATEGORY, subject_id=category_id)


def _hold_tree(session: Session) -> None:
    """One change of the tree at a time.

    Two moves that are fine alone can make a circle together, and a parent can be gone when its child comes.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('catalog.categories', 0))"))


def _category(session: Session, category_id: UUID) -> Category:
    category = session.get(Category, category_id, populate_existing=True)
    if category is None:
        raise NotFound("There is no such category.")
    return category


def _parent(session: Session, parent_id: UUID | None) -> Category | None:
    if parent_id is None:
        return None
    parent = session.scalars(select(Category).where(Category.id == parent_id)).one_or_none()
    if parent is None:
        raise Invalid("There is no such parent.", errors={"parent_id": ["No such category."]})
    return parent


def _path(parent: Category | None, slug: str) -> str:
    return f"{parent.path}/{slug}" if parent else slug


def _taken(slug: str) -> SlugTaken:
    return SlugTaken(f"There is a category with the slug {slug}. Choose another.", slug=slug)
