"""The caller's saved payment methods."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask_smorest import Blueprint

from app.identity.auth import caller, requires
from app.payments import workflows
from app.payments.errors import CounterBusy, GatewayRefused, GatewayUnavailable, PaymentMethodsFull
from app.payments.gateway.inline import InlineSetups
from app.payments.gateway.protocol import ProviderSetup
from app.payments.models import SavedMethod
from app.payments.schemas.saved_methods import (
    MethodChoiceSchema,
    SavedMethodSchema,
    SavedMethodsSchema,
    SetupSchema,
)
from app.payments.services import wallets
from app.payments.services.asking import gaps_from
from app.platform import idempotency
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.platform.ids import new_id
from app.platform.openapi.notation import problems, takes_key
from app.platform.pagination import Page
from app.platform.settings import settings
from app.platform.web import answer

blueprint = Blueprint(
    "Saved payment methods",
    __name__,
    url_prefix="/v1/users/me/payment-methods",
    description="Cards that the caller has saved at Stripe. Their numbers never come here.",
)


@blueprint.route("", methods=["POST"])
@requires()
@takes_key(required=False)
@blueprint.response(201, SetupSchema)
@problems(PaymentMethodsFull)
def begin_to_save_method() -> Response:
    """Begin to save a card: the answer is what Stripe's form takes it with.

    Once the buyer has confirmed there, it is in the list a moment later. The same `Idempotency-Key` again
    answers with the same setup. 503 while Stripe does not answer: repeat it.
    """
    response = answer("SetupSchema", _set_up(), 201)
    response.cache_control.no_store = True
    return response


@blueprint.route("", methods=["GET"])
@requires()
@blueprint.response(200, SavedMethodsSchema)
def list_saved_methods() -> Page[SavedMethod]:
    """The caller's saved payment methods, the default first, then the newest."""
    with transaction() as session:
        return Page(wallets.saved(session, caller().user_id), None)


@blueprint.route("/<uuid:method_id>", methods=["GET"])
@requires()
@blueprint.response(200, SavedMethodSchema)
def get_saved_method(method_id: UUID) -> SavedMethod:
    """One of the caller's saved payment methods."""
    with transaction() as session:
        return wallets.get(session, caller().user_id, method_id)


@blueprint.route("/<uuid:method_id>", methods=["PATCH"])
@requires()
@blueprint.arguments(MethodChoiceSchema)
@blueprint.response(200, SavedMethodSchema)
def choose_saved_method(body: dict[str, Any], method_id: UUID) -> SavedMethod:
    """Make a saved payment method the caller's default, in place of the one before, or not."""
    with transaction() as session:
        return wallets.choose(session, caller().user_id, method_id, is_default=body["is_default"])


@blueprint.route("/<uuid:method_id>", methods=["DELETE"])
@requires()
@blueprint.response(204)
def remove_saved_method(method_id: UUID) -> None:
    """Take away a saved payment method: it pays nothing more here, and a worker removes it at Stripe."""
    with transaction() as session:
        wallets.remove(session, caller().user_id, method_id)


def _set_up() -> ProviderSetup:
    wanted, parts, user_id = idempotency.requested(), current_app.extensions, caller().user_id
    key = hashlib.sha256(wanted.key.encode()).hexdigest() if wanted else str(new_id())
    gateway = InlineSetups(parts["payment_gateway"], parts["inline_calls"])
    try:
        return workflows.begin_to_save(user_id, key=key, gateway=gateway, gaps=gaps_from(settings()))
    except (GatewayUnavailable, GatewayRefused, CounterBusy) as error:
        raise Unavailable("Stripe does not answer. Repeat the call in a moment.") from error
