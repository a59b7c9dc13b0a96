"""Saying that what everybody reads in the shop window is another."""

from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.catalog.events import WindowChanged
from app.catalog.queries.scopes import product_scope
from app.events.services import publish
from app.platform.cache.changes import are_kept, changed
from app.platform.cache.store import EVERYTHING
from app.platform.db import SessionFactory

MOST_NAMED = 100
"""So many changes one event names; more are everything."""
_SHOWN_ANEW = "shown_anew"


def show_anew(session: Session, *scopes: str) -> None:
    """Have no finished answer used any longer that was made of these, once the transaction has committed.

    One event per transaction says so, however often this is called; its consumer makes sure of it when this
    process dies right after its commit.
    """
    changed(session, *scopes)
    session.info.setdefault(_SHOWN_ANEW, set()).update(scopes)


def show_product_anew(session: Session, product_id: UUID, *others: str) -> None:
    """The same for what is made of a product, and of `others`."""
    show_anew(session, product_scope(product_id), *others)


@event.listens_for(SessionFactory, "before_commit")
def _announce(session: Session) -> None:
    if session.in_nested_transaction():
        return
    scopes: set[str] = session.info.pop(_SHOWN_ANEW, set())
    if scopes and are_kept():
        named = sorted(scopes) if len(scopes) <= MOST_NAMED else [EVERYTHING]
        publish(session, WindowChanged(scopes=tuple(named)))
