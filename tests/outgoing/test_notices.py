"""What other services tell, and who hears of it."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from tests.database import count, rows
from tests.keys import key_headers
from tests.outgoing.receiver import Receiver
from tests.outgoing.stories import listen, send

DELAYED = {"id": "shipment-1", "type": "WAREHOUSE_DELAYED", "data": {"order_number": "ORD-1", "days": 2}}


def tell(client: FlaskClient, headers: dict[str, str], **changes: Any) -> TestResponse:
    return client.post("/v1/notify", json=DELAYED | changes, headers=headers)


def test_a_notice_has_one_effect_however_often_it_is_told(
    client: FlaskClient, settings: Settings, receiver: Receiver
) -> None:
    listen(settings, receiver.url, "WAREHOUSE_DELAYED")
    key, other = key_headers("services:notify"), key_headers("services:notify")

    first, again = tell(client, key), tell(client, key)
    differs = tell(client, key, data={"days": 3})
    of_another = tell(client, other, data={"days": 3})
    send()

    assert [each.status_code for each in (first, again, differs, of_another)] == [202, 202, 409, 202]
    assert (first.get_json()["is_new"], again.get_json()["is_new"]) == (True, False)
    assert differs.get_json()["type"] == "/problems/notice-differs"
    assert [each.json["data"] for each in receiver.heard] == [DELAYED["data"], {"days": 3}]
    assert count("service_notices") == 2


def test_true_is_another_fact_than_1(client: FlaskClient) -> None:
    key = key_headers("services:notify")

    answers = [tell(client, key, data={"late": late}) for late in (1, True, 1)]

    assert [each.status_code for each in answers] == [202, 409, 202]


def test_a_notice_has_neither_texts_nor_a_type_of_ours(client: FlaskClient) -> None:
    key = key_headers("services:notify")

    def errors(**changes: Any) -> dict[str, Any]:
        answer = tell(client, key, **changes)
        assert answer.status_code == 422
        found: dict[str, Any] = answer.get_json()["errors"]
        return found

    assert errors(type="ORDER_PAID") == {"type": ["Use a type of your own."]}
    assert "type" in errors(type="delayed")
    for value in ("ada@example.com", "two words", 1.5, ["a"], {"a": 1}, "x" * 65, 2**60):
        assert list(errors(data={"value": value})) == ["data.value.value"]
    assert list(errors(data={f"n{number}": 1 for number in range(21)})) == ["data"]
    assert list(errors(data={"Not A Name": 1})) == ["data.Not A Name.key"]
    assert rows("SELECT topic FROM events WHERE topic LIKE 'webhooks.%'") == []
