"""API keys, for those who say who gets in."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.auth import caller, requires
from app.identity.errors import ApiKeyEnded
from app.identity.models import PERMISSION_BEHIND, ApiKey
from app.identity.schemas.api_keys import (
    ApiKeySchema,
    ApiKeysSchema,
    NewApiKeySchema,
    NewKeySchema,
    ReplaceApiKeySchema,
)
from app.identity.services import api_keys
from app.identity.services.api_keys import NewKey
from app.platform.db import transaction
from app.platform.errors import NotPermitted
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery

SHOWN_ONCE = {"Cache-Control": "no-store"}

blueprint = Blueprint(
    "API keys",
    __name__,
    url_prefix="/v1/admin/api-keys",
    description="Keys by which third parties get in: a point of sale, say.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="users")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ApiKeysSchema)
def list_api_keys(query: dict[str, Any]) -> Page[ApiKey]:
    """API keys, newest first, those that have ended included."""
    before: Any = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.api_keys(session, before=before, limit=query["limit"])


@blueprint.route("/<uuid:key_id>", methods=["GET"])
@requires("admin", permission="users")
@blueprint.response(200, ApiKeySchema)
def get_api_key(key_id: UUID) -> ApiKey:
    """One API key."""
    with transaction() as session:
        return queries.api_key(session, key_id)


@blueprint.route("", methods=["POST"])
@requires("admin", permission="users")
@idempotent
@blueprint.arguments(NewApiKeySchema)
@blueprint.response(201, NewKeySchema)
def make_api_key(body: dict[str, Any], *, session: Session) -> tuple[NewKey, dict[str, str]]:
    """Let a third party in. Only this answer has the key; for each scope you need its permission yourself.

    An `Idempotency-Key` is not remembered: a repetition makes another key.
    """
    _refuse_more_than_held(body["scopes"])
    lifetime = timedelta(days=body.pop("days"))
    return api_keys.make(session, **body, lifetime=lifetime, made_by=caller().user_id), SHOWN_ONCE


@blueprint.route("/<uuid:key_id>/replace", methods=["POST"])
@requires("admin", permission="users")
@idempotent
@blueprint.arguments(ReplaceApiKeySchema, required=False)
@blueprint.response(201, NewKeySchema)
@problems(ApiKeyEnded)
def replace_api_key(body: dict[str, Any], key_id: UUID, *, session: Session) -> tuple[NewKey, dict[str, str]]:
    """Make the next key of the same third party. For `overlap_hours` both work, then the old one ends.

    What was reserved with the old key can be committed with the new one. Only this answer has the key, and
    a repetition makes another one.
    """
    _refuse_more_than_held(queries.api_key(session, key_id).scopes)
    overlap, lifetime = timedelta(hours=body["overlap_hours"]), timedelta(days=body["days"])
    made = api_keys.replace(session, key_id, overlap=overlap, lifetime=lifetime, made_by=caller().user_id)
    return made, SHOWN_ONCE


@blueprint.route("/<uuid:key_id>/revoke", methods=["POST"])
@requires("admin", permission="users")
@idempotent
@blueprint.response(200, ApiKeySchema)
def revoke_api_key(key_id: UUID, *, session: Session) -> ApiKey:
    """End a key at once. Repeating changes nothing; keys that replaced it work on."""
    return api_keys.revoke(session, key_id)


def _refuse_more_than_held(scopes: Iterable[str]) -> None:
    lacking = sorted({PERMISSION_BEHIND[scope] for scope in scopes} - _held())
    if lacking:
        raise NotPermitted(f"To give this away you need the permission {' and '.join(lacking)} yourself.")


def _held() -> set[str]:
    return {permission for permission in PERMISSION_BEHIND.values() if caller().may(permission)}
