from datetime import timedelta

import pytest

from app.platform.db import transaction
from app.webhooks.queries import Owner
from app.webhooks.services import endpoints, repeating
from app.webhooks.states import JITTER, PAUSES
from config import Settings
from tests.database import change, count, rows
from tests.outgoing.receiver import Receiver
from tests.outgoing.stories import let_time_pass, listen, make_lamp, messages, run_low, send
from tests.work import make_due

pytestmark = pytest.mark.usefixtures("client")


def pause() -> timedelta:
    """How long the only message waits from now on."""
    ((waits,),) = rows("SELECT next_try_at - now() FROM webhook_messages")
    return timedelta(seconds=waits.total_seconds())


def test_a_message_is_signed_thin_and_sent_once(settings: Settings, receiver: Receiver) -> None:
    made = listen(settings, receiver.url)
    lamp = make_lamp()
    run_low(lamp.variant_id)

    assert send() == ["webhooks.send"]
    assert send() == []

    (heard,) = receiver.heard
    ((event_id,),) = messages("event_id::text")
    ((occurred_at,),) = rows("SELECT occurred_at FROM events WHERE topic = 'inventory.low'")
    assert heard.is_signed_by(made.secret)
    assert not heard.is_signed_by("whsec_" + "A" * 43 + "=")
    assert heard.headers["webhook-id"] == event_id
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {
        "type": "LOW_STOCK",
        "timestamp": occurred_at.isoformat().replace("+00:00", "Z"),
        "data": {"variant_id": str(lamp.variant_id), "sku": lamp.sku},
    }
    assert messages("status", "tries") == [("sent", 1)]
    assert rows("SELECT status_code, error FROM webhook_attempts") == [(204, None)]


def test_a_refused_message_is_tried_again_by_the_same_id_after_longer_and_longer(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    run_low(make_lamp().variant_id)
    receiver.answer(400, 302, body=b"no, said ada@example.com\x00\n", headers={"Location": receiver.url})

    assert send() == ["webhooks.send"]
    first = pause()
    assert send() == []
    let_time_pass("6 seconds")
    assert send() == ["webhooks.send"]
    second = pause()
    let_time_pass("70 seconds")
    assert send() == ["webhooks.send"]

    assert [each.headers["webhook-id"] for each in receiver.heard] == [
        receiver.heard[0].headers["webhook-id"]
    ] * 3
    assert [each.body for each in receiver.heard] == [receiver.heard[0].body] * 3
    for waited, planned in ((first, PAUSES[0]), (second, PAUSES[1])):
        assert planned * (1 - JITTER) - timedelta(seconds=1) < waited < planned * (1 + JITTER)
    assert messages("status", "tries") == [("sent", 3)]
    assert rows("SELECT status_code, error, excerpt FROM webhook_attempts ORDER BY id") == [
        (400, "answered 400", "no, said (address)"),
        (302, "answered 302", "no, said (address)"),
        (204, None, None),
    ]
    assert rows("SELECT state, failures, attempts FROM deliveries WHERE queue = 'webhooks'") == [
        ("done", 0, 1)
    ]


def test_a_message_is_given_up_after_eleven_tries(settings: Settings, receiver: Receiver) -> None:
    listen(settings, receiver.url)
    run_low(make_lamp().variant_id)
    receiver.answer(*[400] * 12)

    for _ in range(12):
        send()
        change("UPDATE webhook_messages SET next_try_at = now()")
        make_due()

    assert len(receiver.heard) == len(PAUSES) + 1 == 11
    assert messages("status", "tries") == [("given_up", 11)]
    assert rows("SELECT topic FROM events ORDER BY sequence DESC LIMIT 1") == [("webhooks.message_given_up",)]


def test_nothing_is_sent_unsigned_when_the_key_of_its_secret_is_gone(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    change("UPDATE webhook_secrets SET made_by = 'another key'")
    run_low(make_lamp().variant_id)

    send()

    assert receiver.heard == []
    assert messages("status", "tries") == [("waiting", 1)]
    assert rows("SELECT status_code, error FROM webhook_attempts") == [
        (None, "the shop's key that made its secret is gone: rotate the secret")
    ]


def test_a_receiver_that_wants_a_rest_gets_it_for_all_of_its_messages(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    run_low(make_lamp().variant_id)
    receiver.answer(429, headers={"Retry-After": "3600"})
    send()

    run_low(make_lamp().variant_id)
    send()
    let_time_pass("59 minutes")
    send()
    assert len(receiver.heard) == 1
    let_time_pass("12 minutes")
    send()

    assert len(receiver.heard) == 3
    assert messages("status", "tries") == [("sent", 2), ("sent", 1)]


def test_work_that_only_waits_for_an_endpoint_leaves_no_attempts(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    run_low(make_lamp().variant_id)
    receiver.answer(503)
    send()
    change("UPDATE webhook_endpoints SET paused_until = now() + interval '1 hour'")

    for _ in range(10):
        make_due()
        assert send() == ["webhooks.send"]

    assert len(receiver.heard) == 1
    assert messages("status", "tries") == [("waiting", 1)]
    attempts = "SELECT number, outcome FROM delivery_attempts ORDER BY token"
    assert rows(attempts) == [(1, "handed_over")]
    assert rows("SELECT state, attempts, failures, token FROM deliveries WHERE queue = 'webhooks'") == [
        ("pending", 0, 0, 11)
    ]

    let_time_pass("2 hours")
    send()
    assert messages("status", "tries") == [("sent", 2)]
    assert rows(attempts) == [(1, "handed_over"), (1, "done")]


def test_after_a_restore_into_another_server_webhooks_go_on(settings: Settings, receiver: Receiver) -> None:
    listen(settings, receiver.url)
    lamp = make_lamp()
    change("UPDATE webhook_feed SET xid = 4611686018427387904")

    send()
    run_low(lamp.variant_id)
    send()

    assert receiver.types == ["LOW_STOCK"]


def test_what_happens_to_one_thing_is_told_in_its_order(settings: Settings, receiver: Receiver) -> None:
    listen(settings, receiver.url)
    lamp, chair = make_lamp(), make_lamp()
    receiver.answer(400)
    run_low(lamp.variant_id, lamp.variant_id, chair.variant_id)

    send()
    assert [each.json["data"]["sku"] for each in receiver.heard] == [lamp.sku, chair.sku]
    let_time_pass("6 seconds")
    send()

    ids = [str(event_id) for (event_id,) in messages("event_id")]
    heard = [each.headers["webhook-id"] for each in receiver.heard]
    assert heard == [ids[0], ids[2], ids[0], ids[1]]
    assert messages("status") == [("sent",)] * 3


def test_what_waited_behind_a_message_that_was_given_up_has_days_of_its_own(
    settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url)
    lamp, chair = make_lamp(), make_lamp()
    receiver.answer(400, 204, 400, 503)
    run_low(lamp.variant_id, lamp.variant_id)
    send()
    run_low(chair.variant_id)
    send()

    let_time_pass("72 hours")
    send()
    after_days = messages("status", "tries")
    let_time_pass("6 seconds")
    send()

    assert after_days == [("given_up", 2), ("waiting", 1), ("sent", 1)]
    assert messages("status", "tries") == [("given_up", 2), ("sent", 2), ("sent", 1)]


def test_what_waits_for_an_earlier_message_that_is_replayed_begins_its_tries_anew(
    settings: Settings, receiver: Receiver
) -> None:
    made = listen(settings, receiver.url)
    lamp = make_lamp()
    run_low(lamp.variant_id)
    send()
    receiver.answer(400)
    run_low(lamp.variant_id)
    send()
    ((first_id,), _) = messages("id")

    with transaction() as session:
        repeating.replay(session, made.endpoint.id, first_id, Owner())
    let_time_pass("6 seconds")
    ran = send()

    ids = [str(event_id) for (event_id,) in messages("event_id")]
    assert ran == ["webhooks.send"] * 3  # the second finds that it has to wait, and is owed anew
    assert [each.headers["webhook-id"] for each in receiver.heard] == [ids[0], ids[1], ids[0], ids[1]]
    assert messages("status", "round", "tries") == [("sent", 1, 1), ("sent", 1, 1)]


def test_an_endpoint_that_is_gone_is_called_no_more(settings: Settings, receiver: Receiver) -> None:
    made = listen(settings, receiver.url)
    lamp = make_lamp()
    run_low(lamp.variant_id, lamp.variant_id)
    receiver.answer(410)

    send()
    run_low(lamp.variant_id)
    send()

    assert len(receiver.heard) == 1
    assert messages("status", "tries") == [("given_up", 1), ("given_up", 0)]
    assert rows("SELECT status, disabled_reason FROM webhook_endpoints") == [("disabled", "gone")]
    assert rows(
        "SELECT payload ->> 'user_id', payload ->> 'host' FROM events WHERE topic = :topic",
        topic="webhooks.endpoint_disabled",
    ) == [(str(made.endpoint.notified_user_id), "127.0.0.1")]


def test_an_endpoint_that_fails_for_three_days_is_disabled(settings: Settings) -> None:
    listen(settings, "http://127.0.0.1:1/in")
    run_low(make_lamp().variant_id)

    send()
    calls = 1
    for waited in ("10 seconds", "2 minutes", "10 minutes", "1 hour", "71 hours"):
        let_time_pass(waited)
        calls += len(send())

    assert rows("SELECT status, disabled_reason FROM webhook_endpoints") == [("disabled", "failing")]
    assert messages("status", "tries") == [("given_up", calls)]
    assert count("webhook_attempts") == calls == 6
    assert set(rows("SELECT error, status_code FROM webhook_attempts")) == {("ConnectionRefusedError", None)}


def test_while_a_secret_is_replaced_both_sign(settings: Settings, receiver: Receiver) -> None:
    made = listen(settings, receiver.url)
    lamp = make_lamp()
    with transaction() as session:
        newer = endpoints.rotate(
            session, made.endpoint.id, Owner(), overlap=timedelta(hours=1), keys=settings.webhooks.keys
        )
    run_low(lamp.variant_id)
    send()
    let_time_pass("61 minutes")
    run_low(lamp.variant_id)
    send()

    assert [(each.is_signed_by(made.secret), each.is_signed_by(newer.secret)) for each in receiver.heard] == [
        (True, True),
        (False, True),
    ]


def test_however_often_a_secret_is_replaced_few_sign(settings: Settings, receiver: Receiver) -> None:
    made = listen(settings, receiver.url)
    secrets, most = [made.secret], endpoints.MOST_SECRETS
    for _ in range(most + 2):
        with transaction() as session:
            newer = endpoints.rotate(
                session, made.endpoint.id, Owner(), overlap=timedelta(hours=1), keys=settings.webhooks.keys
            )
        secrets.append(newer.secret)
    run_low(make_lamp().variant_id)
    send()

    (heard,) = receiver.heard
    assert [heard.is_signed_by(each) for each in secrets] == [False] * 3 + [True] * most
    assert heard.headers["webhook-signature"].count("v1,") == count("webhook_secrets") == most
