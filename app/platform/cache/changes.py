"""Saying what has changed: noted with the session, told right after its commit."""

from redis import Redis
from sqlalchemy.orm import Session

from app.platform import db
from app.platform.cache.policy import CachePolicy
from app.platform.cache.store import Store
from app.platform.errors import Unavailable

_CHANGED = "changed"
_stores: list[Store] = []


def start(server: Redis, policy: CachePolicy) -> Store | None:
    """Have this process tell after each commit what has changed, if the shop keeps answers; else None.

    A second call replaces the first.
    """
    _stores[:] = [Store(server, policy)] if policy.fresh else []
    db.call_after_commit("cache", _tell_changed)
    return _stores[0] if _stores else None


def are_kept() -> bool:
    """Whether there are finished answers that a change has to be told to."""
    return bool(_stores)


def changed(session: Session, *scopes: str) -> None:
    """When the session's transaction has committed, answers made of these scopes are trusted no longer.

    A scope is a word without spaces: what answers are made of, like `product:<id>`. Best effort: when this
    process dies right after its commit, answers live on for as long as the settings say.
    """
    session.info.setdefault(_CHANGED, set()).update(scopes)


def tell(*scopes: str) -> None:
    """The same at once. Raises Unavailable when Redis does not hear it."""
    if not all(store.tell(scopes) for store in _stores):
        raise Unavailable("The cache does not answer now.")


def _tell_changed(session: Session) -> None:
    scopes: set[str] = session.info.pop(_CHANGED, set())
    for store in _stores if scopes else ():
        store.tell(tuple(scopes))
