"""Payments that somebody must decide about, and the decision over HTTP."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.ops.services import doctor
from app.platform.db import transaction
from tests.buyers import Buyer, Purchase
from tests.database import rows
from tests.sales import PAID, PENDING, TOTAL, state
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

IN_REVIEW = replace(PENDING, order=("pending", "review", None), payments=["review"])


def other_amount(bought: Purchase, stripe: StandIn, amount: int, *, pay: bool = True) -> None:
    """The open intent asks for another amount; it is paid, and we hear of it."""
    stripe.client.v1.payment_intents.update(bought.provider_id, {"amount": amount})
    if pay:
        stripe.confirm(bought.provider_id)
    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()
    assert state(bought) == IN_REVIEW


def second_object(bought: Purchase, client: FlaskClient, stripe: StandIn) -> str:
    """The order is paid; then another intent with our ids takes money, too. Its id."""
    stripe.confirm(bought.provider_id)
    metadata = {"payment_id": str(bought.payment_id), "order_id": str(bought.order_id)}
    second = stripe.pay_for(metadata, TOTAL)
    deliver_all(client, stripe)
    drain()
    assert state(bought) == replace(PAID, order=("paid", "review", None))
    return second


def decide(admin: Buyer, payment_id: UUID, decision: str, **more: Any) -> TestResponse:
    return admin.post(f"/v1/admin/payments/{payment_id}/resolve", {"decision": decision, **more})


def owed(bought: Purchase) -> list[tuple[Any, ...]]:
    """Amount, reason and the object that took it, of each refund; whatever became of it since."""
    return rows(
        "SELECT amount, reason, intent_id FROM refunds WHERE order_id = :id ORDER BY id", id=bought.order_id
    )


def healthy() -> bool:
    with transaction() as session:
        return doctor.broken(doctor.examine(session, at_rest=False)) == []
