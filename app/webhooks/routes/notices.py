"""What other services tell the shop."""

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import api_client, requires
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.webhooks.errors import NoticeDiffers
from app.webhooks.schemas import ReceivedNoticeSchema, ServiceNoticeSchema
from app.webhooks.services import noticing
from app.webhooks.services.noticing import Received

blueprint = Blueprint(
    "Notices of services",
    __name__,
    url_prefix="/v1/notify",
    description="What other services tell: handed on to those who listen, and by mail if it is an alert.",
)


@blueprint.route("", methods=["POST"])
@requires(scope="services:notify")
@idempotent
@blueprint.arguments(ServiceNoticeSchema)
@blueprint.response(202, ReceivedNoticeSchema)
@problems(NoticeDiffers)
def take_notice(body: dict[str, Any], *, session: Session) -> Received:
    """Tell something under an id of your own: it has one effect, however often you tell it.

    The same id with another type or other data is a 409. An id is remembered for thirty days.
    """
    return noticing.receive(
        session, api_client().client_id, reference=body["id"], type_=body["type"], data=body["data"]
    )
