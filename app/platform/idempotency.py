"""Idempotency keys: the work and the memory of its answer commit together, so a retry cannot do it twice.

Follows draft-ietf-httpapi-idempotency-key-header: 400 without a required key, 409 while the first request
runs, 422 for the same key with another request, else the first answer again.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from flask import Response, request
from sqlalchemy import (
    ColumnElement,
    Delete,
    Integer,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from app.platform import context
from app.platform.db import Base, table_of, transaction
from app.platform.errors import BadRequest, Conflict, Invalid
from app.platform.forgetting import delete_some
from app.platform.openapi.notation import takes_key

KEPT_FOR = timedelta(hours=24)
PIECE = 65_536
KEY = re.compile(r"[\x21-\x7e]{1,255}")
RUNNING = "The first request with this Idempotency-Key is still running."


class IdempotencyKey(Base):
    """The answer (2xx only) that was given under a caller's key."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class IdempotencyKeyMissing(BadRequest):
    """This call needs an `Idempotency-Key` header."""

    code = "idempotency-key-missing"
    title = "Idempotency-Key missing"


class IdempotencyKeyInUse(Conflict):
    """The first request with this key has not finished."""

    code = "idempotency-key-in-use"
    title = "Idempotency-Key in use"
    retry_after = 1


class IdempotencyKeyReused(Invalid):
    """The key stands for another request."""

    code = "idempotency-key-reused"
    title = "Idempotency-Key reused"


@dataclass(frozen=True, slots=True)
class Requested:
    """The key of the request in hand: whose, which, and for what."""

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before: its status and its JSON body."""

    status: int
    body: bytes


def requested() -> Requested | None:
    """The key of the request in hand, or None. Raises BadRequest for a malformed one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise BadRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    scope = context.current("actor") or "anonymous"
    return Requested(scope, key, _fingerprint())


def requested_with(file: BinaryIO, **fields: object) -> Requested | None:
    """The same for a form: another file or other fields are another request. Rewinds the file."""
    wanted = requested()
    if wanted is None:
        return None
    content = hashlib.sha256(f"{wanted.fingerprint} {sorted(fields.items())}".encode())
    while piece := file.read(PIECE):
        content.update(piece)
    file.seek(0)
    return replace(wanted, fingerprint=content.hexdigest())


def required() -> Requested:
    """The key of the request in hand. Raises IdempotencyKeyMissing, or BadRequest for a malformed one."""
    wanted = requested()
    if wanted is None:
        raise IdempotencyKeyMissing("Send an Idempotency-Key header: a new random value each time.")
    return wanted


def replay(session: Session, wanted: Requested) -> Kept | None:
    """The answer kept under this key, or None when this request is the first; holds the key till the end.

    Raises IdempotencyKeyInUse while another request holds it, IdempotencyKeyReused for another request.
    """
    named = {"whose": wanted.scope, "named": wanted.key}
    row = session.execute(_holding(), named | {"both": f"{wanted.scope} {wanted.key}"}).one()
    if not row.is_held:
        raise IdempotencyKeyInUse(RUNNING)
    if row.fingerprint is None:
        return None
    if row.is_over:
        session.execute(_forgetting(), named)
        return None
    if row.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another request. Make a new one.")
    return Kept(row.status, row.body)


def _named() -> ColumnElement[bool]:
    keys = table_of(IdempotencyKey).c
    return and_(keys.scope == bindparam("whose"), keys.key == bindparam("named"))


@cache
def _holding() -> Select[Any]:
    """Takes the lock and reads what is kept, in one trip: see `keep` for who commits in between."""
    keys = table_of(IdempotencyKey)
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("both", type_=Text), 0))
    held = select(lock.label("is_held")).subquery("held")
    is_over = (keys.c.created_at < func.now() - KEPT_FOR).label("is_over")
    known = select(held.c.is_held, keys.c.fingerprint, keys.c.status, keys.c.body, is_over)
    return known.select_from(held.outerjoin(keys, _named()))


@cache
def _forgetting() -> Delete:
    return delete(table_of(IdempotencyKey)).where(_named())


def keep(session: Session, wanted: Requested, status: int, body: Any) -> None:
    """Remember this answer (bytes of JSON, or a value that becomes them) for 24 hours.

    Raises IdempotencyKeyInUse for who read what is kept right before the first request committed, and got
    the lock right after: nothing of the second stands.
    """
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = {"scope": wanted.scope, "key": wanted.key, "fingerprint": wanted.fingerprint}
    if session.scalar(_keeping(), answer | {"status": status, "body": content}) is None:
        raise IdempotencyKeyInUse(RUNNING)


@cache
def _keeping() -> ReturningInsert[str]:
    keys = table_of(IdempotencyKey)
    names = ("scope", "key", "fingerprint", "status", "body")
    kept = insert(keys).values({name: bindparam(name) for name in names})
    return kept.on_conflict_do_nothing().returning(keys.c.key)


def forget_old(session: Session, *, limit: int) -> int:
    """Delete up to `limit` keys past their 24 hours; the answer is how many. What is locked is left alone."""
    old = IdempotencyKey.created_at < func.now() - KEPT_FOR
    return delete_some(session, IdempotencyKey, old, limit=limit)


def forget_user(session: Session, user_id: UUID) -> None:
    """Delete the answers that a user was given: they may name the person. Repeating changes nothing."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.scope == f"user:{user_id}"))


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run a POST route in one transaction (handed over as `session`), once per `Idempotency-Key` if one came.

    Right above `@takes_key(required=True)` a call without a key is refused.
    An answer that says `Cache-Control: no-store` shows a secret, and so is not remembered.
    Stands right above the flask-smorest decorators, below the one that knows the caller.
    """
    must_come = bool(vars(view).get("key_required"))

    @takes_key(required=must_come)
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Response:
        wanted = required() if must_come else requested()
        with transaction() as session:
            if wanted and (kept := replay(session, wanted)):
                return replayed(kept)
            response: Response = view(*args, session=session, **kwargs)
            if wanted and 200 <= response.status_code < 300 and not response.cache_control.no_store:
                keep(session, wanted, response.status_code, response.get_data())
            return response

    return wrapper


def replayed(kept: Kept) -> Response:
    """A kept answer as a response that says so."""
    response = Response(kept.body, status=kept.status, content_type="application/json")
    mark_replayed(response)
    return response


def mark_replayed(response: Response) -> None:
    """Say that an earlier request with the same key did the work."""
    response.headers["Idempotent-Replayed"] = "true"


def _fingerprint() -> str:
    try:
        body = orjson.dumps(request.get_json(silent=True), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise BadRequest("The body is nested too deeply.") from error
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()
