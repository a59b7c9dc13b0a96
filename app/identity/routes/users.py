"""Accounts, for those who say who may do what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity import queries, services
from app.identity.auth import caller, requires
from app.identity.models import User
from app.identity.schemas.users import (
    ManagedUserChangeSchema,
    ManagedUserSchema,
    ManagedUsersSchema,
    UsersQuery,
)
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "Users",
    __name__,
    url_prefix="/v1/admin/users",
    description="Who has an account, and what they may do.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="users")
@blueprint.arguments(UsersQuery, location="query")
@blueprint.response(200, ManagedUsersSchema)
def list_users(query: dict[str, Any]) -> Page[User]:
    """Accounts, newest first, those that were deleted included."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    before: Any = read_cursor(cursor, datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.users(session, **query, before=before, limit=limit)


@blueprint.route("/<uuid:user_id>", methods=["GET"])
@requires("admin", permission="users")
@blueprint.response(200, ManagedUserSchema)
def get_user(user_id: UUID) -> User:
    """One account."""
    with transaction() as session:
        return queries.user(session, user_id)


@blueprint.route("/<uuid:user_id>", methods=["PATCH"])
@requires("admin", permission="users")
@blueprint.arguments(ManagedUserChangeSchema)
@blueprint.response(200, ManagedUserSchema)
def change_user(body: dict[str, Any], user_id: UUID) -> User:
    """Change what somebody may do, or suspend them: it holds from their next request on.

    Nobody changes their own account here, nor one that may do more than they; nor gives away more than that.
    """
    with transaction() as session:
        return services.manage(session, user_id, by=caller().user_id, changes=body)
