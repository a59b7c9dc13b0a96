"""What third parties are told of a fact: as the page says, and sellers of what is theirs."""

import re
from dataclasses import fields

import pytest
from flask.testing import FlaskClient

from app.events.events import Event
from app.webhooks.services.kinds import BY_TYPE, ORDER, PARCEL, VARIANT, Kind
from config import Settings
from tests.architecture.source import ROOT, descendants
from tests.database import rows
from tests.fulfillment.sending import do, handed, parcels
from tests.outgoing.receiver import Receiver
from tests.outgoing.stories import listen, send

ABOUT = {ORDER: {"order_id"}, PARCEL: {"order_id", "parcel_id"}, VARIANT: {"variant_id"}}
PAGE = (ROOT / "docs" / "webhooks.md").read_text()
ON_THE_PAGE = re.findall(r"^\| (`[A-Z`_, ]+`) \| .* \| .* \| `([a-z:]+)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=BY_TYPE)
def test_an_event_has_what_its_type_hands_on(kind: Kind) -> None:
    event = {each.topic: each for each in descendants(Event)}[kind.topic]

    needed = {*kind.fields, *ABOUT[kind.about], *({"currency"} if "amount" in kind.fields else ())}

    assert needed <= {field.name for field in fields(event)}


def test_the_page_names_every_type_with_its_scope() -> None:
    told = {name: scope for names, scope in ON_THE_PAGE for name in re.findall(r"[A-Z_]+", names)}

    assert told == {name: kind.scope for name, kind in BY_TYPE.items()}


def test_the_shop_hears_of_orders_and_each_seller_of_their_parcels_without_its_total(
    client: FlaskClient, settings: Settings, receiver: Receiver
) -> None:
    types = ("ORDER_PLACED", "PAYMENT_SUCCEEDED", "PARCEL_PACKED")
    listen(settings, f"{receiver.url}/shop", *types)
    sent = handed(client, sellers=2)
    for number, seller in enumerate(sent.sellers):
        there = {"url": f"{receiver.url}/{number}", "types": ["PARCEL_PACKED"]}
        assert seller.post("/v1/webhook-endpoints", there).status_code == 201
    packed = [do(seller, parcels(seller)[0], "pack")["id"] for seller in sent.sellers]

    send()

    order, ((payment_id,),) = sent.order(), rows("SELECT id::text FROM payments")
    total = order["totals"]["total"]
    known = {"order_id": str(sent.order_id), "order_number": order["number"]}
    of_parcels = [known | {"parcel_id": each, "units": 2} for each in packed]
    told: dict[str, list[object]] = {}
    for heard in receiver.heard:
        told.setdefault(heard.path.removeprefix("/in/"), []).append(heard.json["data"])
    assert told == {
        "shop": [
            known | {"total": total, "payment_id": payment_id},
            known | {"total": total, "payment_id": payment_id, "amount": total},
            *of_parcels,
        ],
        "0": of_parcels[:1],
        "1": of_parcels[1:],
    }
