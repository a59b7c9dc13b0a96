"""Where operators see how our books compare with Stripe's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import requires
from app.ops.queries import reconciliation
from app.ops.schemas.reconciliation import FindingsQuery, ReportSchema, RunsSchema
from app.platform.db import transaction
from app.platform.pagination import Page, read_cursor
from app.platform.schemas import PageQuery

blueprint = Blueprint(
    "Reconciliation",
    __name__,
    url_prefix="/v1/admin/reconciliation",
    description="Our books compared with Stripe's.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, RunsSchema)
def list_reconciliation_runs(query: dict[str, Any]) -> Page[reconciliation.Run]:
    """Comparisons with Stripe's books, newest first."""
    before: Any = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return reconciliation.runs(session, before=before, limit=query["limit"])


@blueprint.route("/<uuid:run_id>", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(FindingsQuery, location="query")
@blueprint.response(200, ReportSchema)
def get_reconciliation_run(query: dict[str, Any], run_id: UUID) -> dict[str, Any]:
    """One comparison with what it found: `kind=orphaned` is what nobody but you can clear up."""
    after: Any = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        run = reconciliation.run(session, run_id)
        page = reconciliation.findings(session, run_id, kind=query["kind"], after=after, limit=query["limit"])
    return {"run": run, "items": page.items, "next_cursor": page.next_cursor}
