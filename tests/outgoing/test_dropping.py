"""Messages whose sending an operator has dropped."""

import pytest

from app.events import repairs
from app.platform.db import transaction
from config import Settings
from tests.database import rows
from tests.outgoing.receiver import Receiver
from tests.outgoing.stories import let_time_pass, listen, make_lamp, messages, run_low, send
from tests.work import drain

pytestmark = pytest.mark.usefixtures("client")
OWED = "SELECT id FROM deliveries WHERE consumer = 'webhooks.send' AND state = 'pending'"


def test_what_an_operator_drops_is_given_up_and_what_waited_behind_it_is_sent(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    lamp = make_lamp()
    run_low(lamp.variant_id, lamp.variant_id)
    receiver.answer(400)
    send()
    before = messages("status")

    drop_sending()
    ran = drain(queues=("bulk", "webhooks"))

    assert before == [("waiting",), ("waiting",)]
    assert (ran, messages("status")) == (["webhooks.give_up", "webhooks.send"], [("given_up",), ("sent",)])
    assert len(receiver.heard) == 2
    assert rows("SELECT drop_reason FROM deliveries WHERE dropped_at IS NOT NULL") == [("gone",)]


def test_a_message_that_is_owed_after_all_is_not_given_up(settings: Settings, receiver: Receiver) -> None:
    listen(settings, receiver.url)
    run_low(make_lamp().variant_id)
    receiver.answer(400)
    send()

    delivery_id = drop_sending()
    with transaction() as session:
        repairs.try_again(session, delivery_id)
    given_up = drain(queues=("bulk",))
    let_time_pass("6 seconds")

    assert (given_up, messages("status")) == (["webhooks.give_up"], [("waiting",)])
    assert (send(), messages("status")) == (["webhooks.send"], [("sent",)])


def drop_sending() -> int:
    """An operator decides that the only message that is owed will not be sent; its delivery."""
    ((delivery_id,),) = rows(OWED)
    with transaction() as session:
        repairs.drop(session, delivery_id, reason="gone")
    return int(delivery_id)
