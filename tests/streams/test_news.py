"""What is told to whom, in which order, and after which interruptions."""

import json
from uuid import UUID

import redis
from flask.testing import FlaskClient

from app.events.services import publish
from app.orders.events import OrderDelivered, OrderErased, OrderPacked, OrderShipped
from app.platform.db import SessionFactory
from config import Settings
from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import rows
from tests.log import let_log_settle
from tests.streams.listening import happen, listening
from tests.streams.process import LiveProcess


def ticket(live: LiveProcess, buyer: Buyer, order: UUID | str | None = None) -> str:
    """Where the buyer's ticket opens a stream in this process."""
    let_log_settle()
    answer = buyer.post("/v1/live-tickets", {"order": str(order)} if order else {})
    assert answer.status_code == 201, answer.get_json()
    words = answer.get_json()["ticket"]
    return f"{live.url}/v1/live?ticket={words}"


def test_buyers_are_told_of_their_orders_in_their_words(
    client: FlaskClient, live: LiveProcess, bought: Purchase
) -> None:
    stranger = purchase(client)
    with (
        listening(ticket(live, bought.buyer)) as all_of_theirs,
        listening(ticket(live, bought.buyer, bought.order_id)) as one,
    ):
        happen(stranger.order_id, OrderPacked)
        happen(bought.order_id, OrderErased, OrderShipped)

        told, told_of_one = all_of_theirs.next(), one.next()

    ((xid, sequence),) = rows("SELECT xid, sequence FROM events WHERE topic = 'orders.shipped'")
    assert told == told_of_one
    assert (told.id, told.event) == (f"{xid}-{sequence}", "message")
    assert told.data | {"at": ""} == {
        "sequence": sequence,
        "at": "",
        "topic": "orders.shipped",
        "title": "Everything is on its way",
        "order_id": str(bought.order_id),
    }
    assert all_of_theirs.answer.headers["Content-Type"] == "text/event-stream"


def test_operators_are_told_everything_about_everybody(
    client: FlaskClient, live: LiveProcess, bought: Purchase
) -> None:
    admin = make_buyer(client, role="admin")
    with listening(ticket(live, admin)) as stream:
        happen(bought.order_id, OrderErased)
        other = purchase(client)
        told = [stream.next().data for _ in range(2)]

    assert [item["order_id"] for item in told] == [str(bought.order_id), str(other.order_id)]
    assert [item["title"] for item in told] == ["orders.erased", "Order received"]
    assert told[1]["details"]["payment_id"] == str(other.payment_id)
    assert told[1]["actor"].startswith("user:")


def test_what_was_missed_comes_once_in_the_order_of_commits_even_if_drawn_before(
    live: LiveProcess, bought: Purchase
) -> None:
    """A fact draws its sequence, and is committed after later ones were: behind them, and not lost."""
    url = ticket(live, bought.buyer)
    with SessionFactory() as late:
        publish(late, OrderDelivered(bought.order_id))
        with listening(url) as stream:
            happen(bought.order_id, OrderPacked)
            late.commit()
            first = [stream.next() for _ in range(2)]
            happen(bought.order_id, OrderShipped)
            third = stream.next()
    with listening(url, last_id=first[0].id) as stream:
        again = [stream.next() for _ in range(2)]
        happen(bought.order_id, OrderErased, OrderPacked)
        last = stream.next()
    with listening(f"{url}&last_event_id=0-0") as stream:
        everything = stream.topics(5)

    topics = [each.data["topic"] for each in (*first, third)]
    assert topics == ["orders.delivered", "orders.packed", "orders.shipped"]
    assert [each.id for each in again] == [first[1].id, third.id]
    assert last.data["topic"] == "orders.packed"
    assert everything == ["orders.placed", *topics, "orders.packed"]


def test_nothing_is_lost_or_doubled_when_redis_is_flushed_and_the_process_killed(
    live: LiveProcess, bought: Purchase, settings: Settings
) -> None:
    url = ticket(live, bought.buyer)
    got, last_id = [], None
    facts = (OrderPacked, OrderShipped, OrderDelivered)
    with listening(url) as stream:
        happen(bought.order_id)
        got += stream.topics(1)
        last_id = stream.last_id
        with redis.Redis.from_url(settings.redis_url) as cache:
            cache.flushall()
        live.kill()
    happen(bought.order_id, *facts)
    live.running()
    with listening(url, last_id=last_id) as stream:
        got += stream.topics(2)
        last_id = stream.last_id
    with listening(url, last_id=last_id) as stream:
        happen(bought.order_id)
        got += stream.topics(2)

    assert got == ["orders.packed", "orders.packed", "orders.shipped", "orders.delivered", "orders.packed"]


def test_nothing_happens_between_the_ticket_and_the_stream_unseen(
    live: LiveProcess, bought: Purchase
) -> None:
    let_log_settle()
    made = bought.buyer.post("/v1/live-tickets", {"order": str(bought.order_id)}).get_json()
    happen(bought.order_id)

    with listening(f"{live.url}/v1/live?ticket={made['ticket']}") as stream:
        assert (
            next(line for line in stream.lines() if line.startswith("id")) == f"id: {made['last_event_id']}"
        )
        assert stream.topics(1) == ["orders.packed"]
    assert json.dumps(made).count(made["ticket"]) == 3
