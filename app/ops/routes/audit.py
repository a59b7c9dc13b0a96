"""Where operators see what operators have done."""

from typing import Any

from flask_smorest import Blueprint

from app.identity.auth import requires
from app.ops.models import AuditEntry
from app.ops.queries import audit
from app.ops.schemas.audit import AuditLogSchema, AuditQuery
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor, whole

blueprint = Blueprint(
    "Audit log",
    __name__,
    url_prefix="/v1/admin/audit-log",
    description="Everything that admins have changed, written by the database itself.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="users")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditLogSchema)
def list_audit_log(query: dict[str, Any]) -> Page[AuditEntry]:
    """What was changed by whom, newest first: each row with its values before and after."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    (before,) = read_cursor(cursor, whole) or (None,)
    with transaction() as session:
        return audit.listed(session, audit.Wanted(**query), before=before, limit=limit)
