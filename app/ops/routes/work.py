"""Work that does not go on: what it is, why, and what to do about it."""

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events import repairs
from app.events.errors import IllegalWorkMove
from app.identity.auth import requires
from app.ops.queries import work
from app.ops.schemas.work import (
    DropSchema,
    RetryDeadSchema,
    WorkDetailSchema,
    WorkListSchema,
    WorkQuery,
    WorkTriedAgainSchema,
)
from app.orders import queries as orders
from app.platform.db import Json, transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems
from app.platform.pagination import LARGEST_INTEGER, Page, read_cursor, whole
from app.platform.party import Party
from app.platform.settings import settings
from app.platform.web import leads_to

blueprint = Blueprint(
    "Work",
    __name__,
    url_prefix="/v1/admin/work",
    description="What the backroom owes: why it failed, what it belongs to, and doing it again.",
)

ONE = f"/<int(max={LARGEST_INTEGER}):work_id>"


@blueprint.route("", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(WorkQuery, location="query")
@blueprint.response(200, WorkListSchema)
@problems(NotFound)
def list_work(query: dict[str, Any]) -> Page[Json]:
    """Work that is dead, that failed before or that waits for too long; or all in one state, newest first."""
    (before,) = read_cursor(query["cursor"], whole) or (None,)
    with transaction() as session:
        named = query["order"]
        order = orders.readable(session, named, by=Party(is_operator=True)) if named else None
        wanted = work.Wanted(
            state=query["state"],
            queue=query["queue"],
            consumer=query["consumer"],
            order_id=order.id if order else None,
            overdue=settings().monitoring.overdue_limit,
        )
        return work.listed(session, wanted, before=before, limit=query["limit"])


@blueprint.route(ONE, methods=["GET"])
@requires("admin", permission="operations")
@blueprint.response(200, WorkDetailSchema)
def get_work(work_id: int) -> Json:
    """One delivery with its event, each attempt, and the Stripe event or message behind it."""
    with transaction() as session:
        return work.shown(session, work_id)


@blueprint.route(f"{ONE}/retry", methods=["POST"])
@requires("admin", permission="operations")
@leads_to("/v1/admin/work/{work_id}")
@idempotent
@blueprint.response(202, WorkDetailSchema, headers=LATER)
@problems(IllegalWorkMove)
def retry_work(work_id: int, *, session: Session) -> Json:
    """Have work tried again now, as if it had never failed. Safe, because every consumer may run twice.

    What is done, or being worked on, is refused.
    """
    repairs.try_again(session, work_id)
    return work.shown(session, work_id)


@blueprint.route(f"{ONE}/drop", methods=["POST"])
@requires("admin", permission="operations")
@idempotent
@blueprint.arguments(DropSchema)
@blueprint.response(200, WorkDetailSchema)
@problems(IllegalWorkMove)
def drop_work(body: dict[str, Any], work_id: int, *, session: Session) -> Json:
    """Decide that work will not be done: it stays to be seen, with the reason, and alarms no more."""
    repairs.drop(session, work_id, reason=body["reason"])
    return work.shown(session, work_id)


@blueprint.route("/retry", methods=["POST"])
@requires("admin", permission="operations")
@idempotent
@blueprint.arguments(RetryDeadSchema)
@blueprint.response(202, WorkTriedAgainSchema)
def retry_dead_work(body: dict[str, Any], *, session: Session) -> dict[str, Any]:
    """Have the oldest dead work of a consumer tried again; what was dropped is left alone."""
    return {"retried": repairs.try_dead_again(session, consumer=body["consumer"], limit=body["limit"])}
