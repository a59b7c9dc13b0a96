"""Who wants to be told what."""

from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import caller, requires
from app.notifications.errors import InStock
from app.notifications.models import StockNotice
from app.notifications.schemas import StockNoticeSchema
from app.notifications.services import notices
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems

blueprint = Blueprint(
    "Notices", __name__, url_prefix="/v1/variants", description="Being told that something is back in stock."
)


@blueprint.route("/<uuid:variant_id>/back-in-stock", methods=["POST"])
@requires()
@idempotent
@blueprint.response(201, StockNoticeSchema)
@problems(InStock)
def wait_for_stock(variant_id: UUID, *, session: Session) -> StockNotice:
    """Be told once, by mail, when a variant that is sold out is back."""
    return notices.wait_for(session, caller().user_id, variant_id)


@blueprint.route("/<uuid:variant_id>/back-in-stock", methods=["DELETE"])
@requires()
@blueprint.response(204)
def stop_waiting(variant_id: UUID) -> None:
    """Not wait any more."""
    with transaction() as session:
        notices.wait_no_more(session, caller().user_id, variant_id)
