"""A mail about an account is reached through the work that sends it, whichever kind it is of."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.events.claims import Claim
from app.events.events import Event
from app.events.services import publish
from app.events.subscriptions import SUBSCRIPTIONS
from app.notifications import workflows
from app.notifications.services import ledger
from app.notifications.services.envelopes import Envelope
from app.notifications.states import ACCOUNT_KINDS, CART_REMINDER, SERVICE_KINDS, STOCK_KINDS
from app.platform.db import Json, transaction
from app.platform.ids import new_id
from tests.buyers import make_buyer
from tests.database import rows
from tests.factories import make_user
from tests.notifications.post import deliver


def owe_mail(kind: str) -> None:
    """Publish a fact of which a mail of this kind tells."""
    consumer = f"notifications.{kind}"
    (topic,) = (name for name, owed in SUBSCRIPTIONS.items() if consumer in {each.consumer for each in owed})
    # By topic, for a class with slots is there twice: as it was written, and as it was made.
    fact: Any = {each.topic: each for each in Event.__subclasses__()}[topic]
    some: dict[Any, Any] = {UUID: new_id(), UUID | None: new_id(), str: "x", Json: {}}
    some[bool] = kind != "seller_rejected"
    with transaction() as session:
        publish(session, fact(*(some[each.type] for each in fields(fact))))


def begin(claim: Claim, *, kind: str, about: UUID, **_: Any) -> None:
    """Begin the message that is about what the work says, and leave it there."""
    with transaction() as session:
        reader = make_user(session)
        told = Envelope(kind=kind, recipient=reader.email, locale="en", user_id=reader.id, about=about)
        ledger.begin(session, told, domain="shop.example")
        claim.finish(session)


@pytest.mark.parametrize("kind", [*ACCOUNT_KINDS, *STOCK_KINDS, *SERVICE_KINDS, CART_REMINDER])
def test_the_work_of_a_mail_shows_its_message(
    kind: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows, "send_account_mail", begin)
    owe_mail(kind)
    delivery_id = deliver(kind).id

    work = make_buyer(client, role="admin").get(f"/v1/admin/work/{delivery_id}").get_json()

    assert rows("SELECT id::text, kind FROM messages") == [(work["message_id"], kind)]
    assert (work["message"]["kind"], work["message"]["status"]) == (kind, "sending")
