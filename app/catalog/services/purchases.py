"""Who was delivered what, for reviews to tell."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.models import Purchase
from app.catalog.queries.scopes import product_scope
from app.platform.cache.changes import changed


def note_purchases(session: Session, *, order_id: UUID, user_id: UUID, product_ids: Collection[UUID]) -> None:
    """Note that the products of an order were delivered to a user. Repeating changes nothing.

    An order that is somebody else's now was delivered to them.
    """
    changed(session, *map(product_scope, product_ids))
    rows = [
        {"order_id": order_id, "product_id": product_id, "user_id": user_id}
        for product_id in sorted(set(product_ids))
    ]
    noted = insert(Purchase).values(rows)
    session.execute(
        noted.on_conflict_do_update(
            index_elements=["order_id", "product_id"], set_={"user_id": noted.excluded.user_id}
        )
    )
