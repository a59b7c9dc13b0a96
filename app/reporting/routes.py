"""What users may know about themselves."""

from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import caller, requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.web import leads_to
from app.reporting import services
from app.reporting.models import DataExport
from app.reporting.schemas import DataExportSchema

blueprint = Blueprint(
    "Own data",
    __name__,
    url_prefix="/v1/users/me/exports",
    description="All that the shop knows of the caller.",
)


@blueprint.route("", methods=["POST"])
@requires()
@leads_to("/v1/users/me/exports/{id}")
@idempotent
@blueprint.response(202, DataExportSchema, headers=LATER)
def request_export(*, session: Session) -> DataExport:
    """Ask for all that the shop knows of the caller. A worker gathers it, and a mail tells when it is ready.

    While one is under way, that one is answered.
    """
    return services.request_export(session, caller().user_id)


@blueprint.route("/<uuid:export_id>", methods=["GET"])
@requires()
@blueprint.response(200, DataExportSchema)
def get_export(export_id: UUID) -> DataExport:
    """How far it is, and the data once it is ready. It is kept for a week after it was asked for."""
    with transaction() as session:
        return services.export(session, caller().user_id, export_id)
