from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


@pytest.fixture
def second() -> Iterator[Shop]:
    """Another receiver of webhooks, which nobody knows yet."""
    shop = Shop()
    yield shop
    shop.close()


def connect(stand_in: StandIn, shop: Shop, *topics: str) -> stripe.WebhookEndpoint:
    params: Any = {"url": shop.url, "enabled_events": [*topics]}
    endpoint = stand_in.client.v1.webhook_endpoints.create(params)
    shop.secret = str(endpoint.secret)
    return endpoint


def deliveries(stand_in: StandIn) -> list[Any]:
    """What became of the webhooks of the newest event."""
    newest = stand_in.client.v1.events.list({"limit": 1}).data[0]
    found: list[Any] = stand_in.order(f"events/{newest.id}/deliveries", method="GET")
    return found


def test_an_endpoint_gets_the_events_it_wants_signed_with_its_own_secret(
    stand_in: StandIn, shop: Shop, second: Shop
) -> None:
    connect(stand_in, second, "payment_intent.succeeded", "charge.refunded")

    stand_in.pay()

    wait_until(lambda: len(shop.events) == 3 and len(second.events) == 1, within=5, failure="Not told")
    assert second.types() == {"payment_intent.succeeded": 1}
    assert (second.forged, shop.forged) == (0, 0)


def test_an_endpoint_for_everything_gets_everything(stand_in: StandIn, shop: Shop, second: Shop) -> None:
    connect(stand_in, second, "*")

    stand_in.pay()

    wait_until(lambda: len(second.events) == 3, within=5, failure="Not told")
    wait_until(lambda: shop.ids() == second.ids(), within=5, failure="The two were told different things")


def test_the_secret_is_told_once(stand_in: StandIn, second: Shop) -> None:
    endpoint = connect(stand_in, second, "*")
    endpoints = stand_in.client.v1.webhook_endpoints

    assert str(endpoint.secret).startswith("whsec_")
    assert "secret" not in endpoints.retrieve(endpoint.id).to_dict()
    assert ["secret" in shown.to_dict() for shown in endpoints.list().data] == [False]


def test_a_changed_endpoint_gets_what_it_wants_now(stand_in: StandIn, second: Shop) -> None:
    endpoint = connect(stand_in, second, "charge.succeeded")

    changed = stand_in.client.v1.webhook_endpoints.update(
        endpoint.id, {"enabled_events": ["payment_intent.created"], "description": "Created ones"}
    )
    stand_in.pay()

    wait_until(lambda: len(second.events) == 1, within=5, failure="Not told")
    assert (changed.description, changed.url) == ("Created ones", second.url)
    assert second.types() == {"payment_intent.created": 1}


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_an_ended_endpoint_gets_nothing_more(stand_in: StandIn, shop: Shop, second: Shop, end: str) -> None:
    endpoint = connect(stand_in, second, "*")
    stand_in.order("webhooks", {"hold": True})
    waiting = stand_in.new_intent()
    endpoints = stand_in.client.v1.webhook_endpoints

    if end == "disabled":
        assert endpoints.update(endpoint.id, {"disabled": True}).status == "disabled"
    else:
        assert endpoints.delete(endpoint.id).deleted is True
    stand_in.order("webhooks", {})
    wait_until(lambda: len(shop.events) == 1, within=5, failure="The first endpoint was not told")

    wait_until(
        lambda: sorted(row["state"] for row in deliveries(stand_in)) == ["delivered", "dropped"],
        within=5,
        failure="The webhook of the ended endpoint was not dropped",
    )
    stand_in.client.v1.payment_intents.cancel(waiting.id)
    assert [row["endpoint"] for row in deliveries(stand_in)] == [None]
    assert second.events == []


def test_a_deleted_endpoint_is_not_found(stand_in: StandIn, second: Shop) -> None:
    endpoints = stand_in.client.v1.webhook_endpoints
    endpoint = connect(stand_in, second, "*")
    endpoints.delete(endpoint.id)

    assert endpoints.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as missing:
        endpoints.retrieve(endpoint.id)
    assert missing.value.http_status == 404


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"url": "nowhere"}, "url"),
        ({"enabled_events": ["order.eaten"]}, "enabled_events[0]"),
        ({"enabled_events": None}, "enabled_events"),
        ({"connect": True}, "connect"),
    ],
)
def test_a_wrong_endpoint_is_refused(stand_in: StandIn, change: Any, param: str) -> None:
    given: Any = {"url": "http://127.0.0.1:1/", "enabled_events": ["*"], **change}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.webhook_endpoints.create(
            {name: value for name, value in given.items() if value is not None}  # type: ignore[arg-type]  # wrong on purpose
        )

    assert refused.value.param == param
    assert stand_in.books()["webhook_endpoints"] == []


def test_each_endpoint_is_delivered_to_by_itself(stand_in: StandIn, shop: Shop, second: Shop) -> None:
    endpoint = connect(stand_in, second, "*")
    second.answers = [500] * 50

    intent = stand_in.new_intent()
    wait_until(
        lambda: any(row["attempts"] > 1 for row in deliveries(stand_in)), within=5, failure="No retry came"
    )

    first, failing = deliveries(stand_in)
    assert (first["endpoint"], first["state"], first["attempts"], first["last_status"]) == (
        None,
        "delivered",
        1,
        200,
    )
    assert (failing["endpoint"], failing["state"], failing["last_status"]) == (endpoint.id, "pending", 500)
    (undelivered,) = stand_in.client.v1.events.list({"delivery_success": False}).data
    assert (undelivered.data.object["id"], undelivered.pending_webhooks) == (intent.id, 1)
    second.answers = []
    wait_until(
        lambda: stand_in.client.v1.events.list({"delivery_success": False}).data == [],
        within=8,
        failure="The failing endpoint was not told in the end",
    )
    assert [event.data.object["id"] for event in shop.events] == [intent.id]


def test_books_of_an_earlier_version_are_read(own: tuple[StandIn, Shop]) -> None:
    stand_in, shop = own
    stand_in.stop()
    stand_in.in_books("ALTER TABLE deliveries DROP COLUMN endpoint")

    stand_in.start()
    stand_in.new_intent()

    wait_until(lambda: len(shop.events) == 1, within=5, failure="Not told")
