"""The one picture of a category: the newest that can be shown."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Category
from app.catalog.queries.scopes import CATEGORIES
from app.catalog.services.showing import show_anew
from app.media import queries as media
from app.media.services import uploads
from app.platform.db import locked
from app.platform.errors import NotFound

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.media.models import Upload

OF_CATEGORY = "category"


def expect_image(session: Session, category_id: UUID, content: bytes) -> "Upload":
    """The upload of a category's picture, before it is stored; the same one for the same file again.

    What is shown stays until this can be. Raises NotFound and UnsupportedPicture. Locks the category.
    """
    _lock(session, category_id)
    return uploads.expect(session, subject_kind=OF_CATEGORY, subject_id=category_id, content=content)


def remove_image(session: Session, category_id: UUID) -> None:
    """Show none, not even one that is on its way. Raises NotFound. Locks the category."""
    category = _lock(session, category_id)
    uploads.remove_of(session, subject_kind=OF_CATEGORY, subject_id=category_id)
    category.image_key = None
    show_anew(session, CATEGORIES)


def show_image(session: Session, category_id: UUID) -> None:
    """Show the newest picture that can be shown, and have the older ones erased. Locks the category.

    A category that is gone has none to show.
    """
    category = _find(session, category_id)
    newest = media.newest_ready(session, subject_kind=OF_CATEGORY, subject_id=category_id)
    if category is not None and newest is not None:
        show_anew(session, CATEGORIES)
        category.image_key = media.keys_in_lists(session, [newest])[newest]
        uploads.remove_of(session, subject_kind=OF_CATEGORY, subject_id=category_id, before=newest)


def _lock(session: Session, category_id: UUID) -> Category:
    category = _find(session, category_id)
    if category is None:
        raise NotFound("There is no such category.")
    return category


def _find(session: Session, category_id: UUID) -> Category | None:
    return session.scalars(locked(select(Category).where(Category.id == category_id))).one_or_none()
