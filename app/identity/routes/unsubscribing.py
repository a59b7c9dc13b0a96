"""Having no more mails of a kind, by the link of one: in a browser or by a mail program."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from app.identity.auth import public
from app.identity.errors import LinkNotValid
from app.identity.schemas.proofs import TokenSchema
from app.identity.services import consents
from app.identity.services.pages import asks_to_unsubscribe, unsubscribed
from app.platform.db import transaction
from app.platform.forms import takes_form
from app.platform.locales import best_of
from app.platform.openapi.notation import problems
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import ENTRY
from app.platform.settings import settings

blueprint = Blueprint(
    "Unsubscribing",
    __name__,
    url_prefix="/v1",
    description="What the links at the end of mails open that nobody has to get.",
)

HTML, TEXT = "text/html", {"type": "string"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"


@blueprint.route("/unsubscribe", methods=["GET"])
@public
@limited_as(ENTRY)
@blueprint.arguments(TokenSchema, location="query")
@blueprint.response(200, TEXT, content_type=HTML)
@problems(LinkNotValid)
def ask_to_unsubscribe(query: dict[str, Any]) -> Response:
    """A page with a button, in the language of Accept-Language.

    Opening it changes nothing: mail programs open links to look at them.
    """
    way_out = consents.check(query["token"], secrets=settings().jwt_keys)
    return _shown(asks_to_unsubscribe(way_out.kind, tag=best_of(request.accept_languages)))


@blueprint.route("/unsubscribe", methods=["POST"])
@public
@limited_as(ENTRY)
@takes_form
@blueprint.arguments(TokenSchema, location="query")
@blueprint.response(200, TEXT, content_type=HTML)
@problems(LinkNotValid)
def unsubscribe(query: dict[str, Any]) -> Response:
    """Have no more mails of the link's kind; repeating is safe. Mail programs call it, too (RFC 8058)."""
    way_out = consents.check(query["token"], secrets=settings().jwt_keys)
    with transaction() as session:
        consents.take_back(session, way_out)
    return _shown(unsubscribed(way_out.kind, tag=best_of(request.accept_languages)))


def _shown(page: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return Response(page, headers=headers, mimetype=HTML)
