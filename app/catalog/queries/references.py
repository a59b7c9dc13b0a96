"""Things are asked for by id or by slug."""

import re
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import aliased

from app.catalog.models import Category, Product
from app.platform.ids import is_id

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_ROOT, _BELOW = aliased(Category), aliased(Category)
_IS_BELOW = or_(_BELOW.id == _ROOT.id, _BELOW.path.startswith(_ROOT.path + "/"))


def refers_to(model: type[Category | Product], reference: str) -> ColumnElement[bool]:
    """The condition that a row has this id or slug; what can be neither matches nothing."""
    if is_id(reference):
        return model.id == UUID(reference)
    return model.slug == reference if SLUG.fullmatch(reference) else false()


def within_category(reference: str) -> ColumnElement[bool]:
    """The condition that a product is in this category or in one below it."""
    inside = select(_BELOW.id).join(_ROOT, _IS_BELOW).where(refers_to(_ROOT, reference))
    return Product.category_id.in_(inside)
