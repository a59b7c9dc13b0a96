"""Who is owed a mail about an order is looked for, and who is owed none any more is not."""

from collections.abc import Callable
from uuid import UUID, uuid4

import orjson
import pytest

from app.notifications.services import ledger
from app.notifications.states import ORDER_KINDS, RETURN_KINDS
from app.platform.db import transaction
from config import Settings
from proof.oracle import judge
from proof.oracle.mails import FACTS
from tests.database import change, rows
from tests.ops.broken_on_purpose import SmallShop
from tests.proof.mails import never_made
from tests.proof.others import agreeing, pay_late

FACT = """
  INSERT INTO events (id, topic, subject, payload)
  VALUES (gen_random_uuid(), :topic, CAST(:order_id AS text),
    jsonb_build_object(CAST(:name AS text), CAST(:part_id AS text)))"""
NOWHERE = """
  INSERT INTO undeliverable_addresses (id, email, kind, client_id)
  SELECT gen_random_uuid(), lower(message.recipient), 'bounce', api_keys.id
  FROM messages message, api_keys WHERE message.kind = 'order_paid'"""
FREE = """
  UPDATE orders SET subtotal_amount = 0, shipping_amount = 0, tax_amount = 0, total_amount = 0
  WHERE id = :id"""
Broken = Callable[[str], tuple[str, ...]]


@pytest.fixture
def broken(shop: SmallShop, settings: Settings) -> Broken:
    """The names of what breaks one of the oracle's invariants."""

    def ask(name: str) -> tuple[str, ...]:
        found = judge(settings.database_url, books={}).violations
        return next((each.examples for each in found if each.id == name), ())

    return ask


def refuse(kind: str) -> None:
    """The mail server takes such a mail never."""
    with transaction() as session:
        ((message_id,),) = rows("SELECT id FROM messages WHERE kind = :kind", session, kind=kind)
        change("UPDATE messages SET status = 'sending' WHERE id = :id", session, id=message_id)
        ledger.record_refused(session, message_id, error="550")


def tell(order_id: UUID, *topics: str, parcel_id: UUID | None = None, return_id: UUID | None = None) -> None:
    """Facts of an order without any work that follows."""
    name, part_id = ("parcel_id", parcel_id) if parcel_id else ("return_id", return_id)
    for topic in topics:
        change(FACT, topic=topic, order_id=order_id, name=name, part_id=part_id)


def test_every_kind_of_mail_about_orders_is_looked_for() -> None:
    looked_for = {each["kind"] for each in orjson.loads(FACTS["owed_mails"])}

    assert looked_for == {*ORDER_KINDS, *RETURN_KINDS}


def test_of_a_cancelled_order_nobody_needs_to_know_that_it_was_received(
    shop: SmallShop, broken: Broken
) -> None:
    never_made(agreeing(shop), "order_received")

    waiting = sorted(f"order_received:{sale.order_id}" for sale in (shop.paid, shop.pending))
    assert broken("I133") == tuple(waiting)


@pytest.mark.parametrize("kind", ["order_cancelled", "order_refunded"])
def test_who_was_not_told_of_the_end_is_found(shop: SmallShop, broken: Broken, kind: str) -> None:
    ((about,),) = rows("SELECT coalesce(refund_id, order_id) FROM messages WHERE kind = :kind", kind=kind)
    never_made(agreeing(shop), kind)

    assert broken("I133") == (f"{kind}:{about}",)


def test_a_mail_that_was_withdrawn_though_it_is_so_is_found(shop: SmallShop, broken: Broken) -> None:
    change("UPDATE messages SET status = 'dead' WHERE kind = 'order_paid'")

    assert broken("I133") == (f"order_paid:{shop.paid.order_id}",)
    assert broken("I134") == ()


def test_a_mail_that_was_given_up_is_found_unless_nothing_reaches_its_address(
    shop: SmallShop, broken: Broken
) -> None:
    refuse("order_paid")
    ((message_id,),) = rows("SELECT id::text FROM messages WHERE kind = 'order_paid'")
    found = broken("I133"), broken("I134")

    change(NOWHERE)

    assert found == ((f"order_paid:{shop.paid.order_id}",), (message_id,))
    assert (broken("I133"), broken("I134")) == ((), ())


def test_of_an_order_that_was_revived_its_first_mails_may_be_missing(shop: SmallShop, broken: Broken) -> None:
    pay_late(shop.pending)
    never_made(agreeing(shop), "order_received")
    never_made(agreeing(shop), "order_paid")

    told_before = f"order_received:{shop.paid.order_id}"
    paid = (f"order_paid:{sale.order_id}" for sale in (shop.paid, shop.pending))
    assert broken("I133") == tuple(sorted([told_before, *paid]))


def test_of_an_order_that_cost_nothing_only_its_being_paid_is_told(shop: SmallShop, broken: Broken) -> None:
    change(FREE, id=shop.pending.order_id)
    never_made(agreeing(shop), "order_received")

    assert broken("I133") == (f"order_received:{shop.paid.order_id}",)


def test_who_was_forgotten_is_told_nothing(shop: SmallShop, broken: Broken) -> None:
    change("UPDATE orders SET erased_at = now() WHERE id = :id", id=shop.pending.order_id)
    never_made(agreeing(shop), "order_received")

    assert broken("I133") == (f"order_received:{shop.paid.order_id}",)


def test_a_parcel_that_waits_no_more_is_not_announced(shop: SmallShop, broken: Broken) -> None:
    ((parcel_id,),) = rows("SELECT id FROM fulfillments")
    tell(shop.paid.order_id, "fulfillment.parcel_ready", parcel_id=parcel_id)
    before = broken("I133")

    change("UPDATE fulfillments SET status = 'packed', packed_at = now()")
    waiting = broken("I133")
    tell(shop.paid.order_id, "fulfillment.parcel_unpacked", parcel_id=parcel_id)

    assert (before, waiting, broken("I133")) == ((), (f"order_ready:{parcel_id}",), ())


def test_of_a_return_that_was_withdrawn_nothing_more_is_told(shop: SmallShop, broken: Broken) -> None:
    wanted, given_up = uuid4(), uuid4()
    both = "fulfillment.return_requested", "fulfillment.return_approved"
    tell(shop.paid.order_id, *both, return_id=wanted)
    tell(shop.paid.order_id, *both, "fulfillment.return_withdrawn", return_id=given_up)

    assert broken("I133") == (f"return_approved:{wanted}", f"return_requested:{wanted}")
