"""An endpoint's life over HTTP, for each kind of owner."""

from uuid import UUID

from flask.testing import FlaskClient

from app.webhooks.services import endpoints
from config import Settings
from tests.buyers import Buyer, make_buyer
from tests.database import change, rows
from tests.keys import key_headers
from tests.outgoing.receiver import Receiver
from tests.outgoing.stories import let_time_pass, make_lamp, messages, run_low, send
from tests.work import reach

URL = "/v1/webhook-endpoints"


def make(owner: Buyer, receiver: Receiver) -> tuple[str, str]:
    """An endpoint that listens to LOW_STOCK: its path and its secret."""
    made = owner.post(URL, {"url": receiver.url, "types": ["LOW_STOCK"]}).get_json()
    return f"{URL}/{made['endpoint']['id']}", made["secret"]


def test_a_secret_is_shown_once(client: FlaskClient, receiver: Receiver) -> None:
    admin = make_buyer(client, role="admin")

    made = admin.post(URL, {"url": receiver.url, "types": ["LOW_STOCK"], "description": "Ours"})

    endpoint, secret = made.get_json()["endpoint"], made.get_json()["secret"]
    path = f"{URL}/{endpoint['id']}"
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert secret not in admin.get(path).get_data(as_text=True)
    assert admin.get(URL).get_json()["items"] == [admin.get(path).get_json()] == [endpoint]


def test_what_was_sent_can_be_read_and_sent_again(client: FlaskClient, receiver: Receiver) -> None:
    admin = make_buyer(client, role="admin")
    path, secret = make(admin, receiver)

    assert admin.post(f"{path}/ping").status_code == 202
    send()
    listed = admin.get(f"{path}/messages").get_json()["items"]
    story = admin.get(f"{path}/messages/{listed[0]['id']}").get_json()
    again = admin.post(f"{path}/messages/{listed[0]['id']}/replay")
    twice = admin.post(f"{path}/messages/{listed[0]['id']}/replay")
    send()

    first, second = receiver.heard
    assert (first.json["type"], first.json["data"], first.is_signed_by(secret)) == ("PING", {}, True)
    assert ([each["status"] for each in listed], story["message"]) == (["sent"], listed[0])
    assert [each["status_code"] for each in story["attempts"]] == [204]
    assert (again.status_code, again.get_json()["status"]) == (202, "waiting")
    assert (twice.status_code, twice.get_json()["type"]) == (409, "/problems/webhook-message-waiting")
    assert second.headers["webhook-id"] == first.headers["webhook-id"]


def test_an_endpoint_hears_nothing_while_it_is_disabled(client: FlaskClient, receiver: Receiver) -> None:
    admin = make_buyer(client, role="admin")
    path, _ = make(admin, receiver)
    lamp = make_lamp()

    off = admin.client.patch(path, json={"enabled": False}, headers=admin.headers).get_json()
    run_low(lamp.variant_id)
    send()
    refused = admin.post(f"{path}/ping")
    wanted = {"enabled": True, "types": ["SOLD_OUT", "LOW_STOCK"]}
    on = admin.client.patch(path, json=wanted, headers=admin.headers).get_json()
    run_low(lamp.variant_id)
    send()

    assert (off["status"], off["disabled_reason"], on["status"]) == ("disabled", "owner", "enabled")
    assert (on["types"], on["url"]) == (["LOW_STOCK", "SOLD_OUT"], receiver.url)
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "owner")
    assert receiver.types == ["LOW_STOCK"]


def test_a_removed_endpoint_is_there_no_more(client: FlaskClient, receiver: Receiver) -> None:
    admin = make_buyer(client, role="admin")
    path, secret = make(admin, receiver)
    newer = admin.post(f"{path}/rotate", {"overlap_hours": 0}).get_json()["secret"]
    admin.post(f"{path}/ping")
    send()
    admin.post(f"{path}/ping")

    assert client.delete(path, headers=admin.headers).status_code == 204
    again = client.delete(path, headers=admin.headers)
    assert admin.get(path).status_code == again.status_code == 404
    send()

    (heard,) = receiver.heard
    assert (heard.is_signed_by(secret), heard.is_signed_by(newer)) == (False, True)
    assert rows("SELECT id FROM webhook_secrets") == []


def test_a_key_hears_what_its_scopes_say_and_manages_its_own(client: FlaskClient, receiver: Receiver) -> None:
    stock = key_headers("webhooks:manage", "stock:read")
    other = key_headers("webhooks:manage", "orders:hear")

    made = client.post(URL, json={"url": receiver.url, "types": ["LOW_STOCK"]}, headers=stock)
    both = {"url": receiver.url, "types": ["ORDER_PAID", "LOW_STOCK"]}
    refused = client.post(URL, json=both, headers=stock)

    path = f"{URL}/{made.get_json()['endpoint']['id']}"
    assert refused.status_code == 422
    assert refused.get_json()["errors"] == {"types": ["You may not hear of ORDER_PAID."]}
    assert client.get(path, headers=stock).status_code == 200
    assert client.get(path, headers=other).status_code == 404
    assert client.get(URL, headers=other).get_json()["items"] == []
    admin = make_buyer(client, role="admin")
    by_admin = client.patch(path, json={"types": ["ORDER_PAID"]}, headers=admin.headers)
    assert by_admin.status_code == 422
    run_low(make_lamp().variant_id)
    send()
    assert receiver.types == ["LOW_STOCK"]

    change("UPDATE api_keys SET revoked_at = now() WHERE 'stock:read' = ANY (scopes)")
    run_low(make_lamp().variant_id)
    send()
    assert len(receiver.heard) == 1
    assert rows("SELECT status, disabled_reason FROM webhook_endpoints") == [("disabled", "owner_gone")]


def test_a_seller_hears_of_their_own_articles_only(client: FlaskClient, receiver: Receiver) -> None:
    seller = make_buyer(client, role="seller")
    seller_id = UUID(seller.get("/v1/users/me").get_json()["id"])
    theirs, others = make_lamp(), make_lamp()
    change("UPDATE stock_levels SET seller_id = :id WHERE sku = :sku", id=seller_id, sku=theirs.sku)

    made = seller.post(URL, {"url": receiver.url, "types": ["LOW_STOCK", "PARCEL_SHIPPED"]})
    refused = seller.post(URL, {"url": receiver.url, "types": ["ORDER_PAID"]})
    run_low(others.variant_id, theirs.variant_id)
    send()

    assert (made.status_code, refused.status_code) == (201, 422)
    assert [each.json["data"]["sku"] for each in receiver.heard] == [theirs.sku]


def test_what_cannot_be_called_is_refused_at_once(client: FlaskClient, settings: Settings) -> None:
    admin = make_buyer(client, role="admin")

    def errors(url: str, *types: str) -> dict[str, list[str]]:
        answer = admin.post(URL, {"url": url, "types": types or ["LOW_STOCK"]})
        assert answer.status_code == 422
        errors: dict[str, list[str]] = answer.get_json()["errors"]
        return errors

    assert errors("https://169.254.169.254/latest") == {"url": ["Must be an address that is public."]}
    for unusual in ("https://0/", "https://10.1/", "https://2852039166/"):
        assert errors(unusual) == {"url": ["Must be an address that is public."]}
    no_addresses = ("https://[::1]/", "https://user@hooks.example/", "https://h\u00fcte.example/")
    for unreadable in (*no_addresses, "https://hooks.example:99999/"):
        ((field, (said,)),) = errors(unreadable).items()
        assert (field, said[:40]) == ("url", "Must be like https://shop.example/path: ")
    assert errors("https://hooks.example/#a") == {"url": ["Must have neither a user nor a fragment."]}
    assert errors("https://hooks.example/", "low") == {"types": ["There is no such type: low."]}
    for _ in range(endpoints.MOST_ENDPOINTS):
        assert admin.post(URL, {"url": "https://hooks.example/", "types": ["LOW_STOCK"]}).status_code == 201
    one_more = admin.post(URL, {"url": "https://hooks.example/", "types": ["LOW_STOCK"]})
    assert (one_more.status_code, one_more.get_json()["most"]) == (409, endpoints.MOST_ENDPOINTS)
    assert messages("id") == []


def test_messages_are_forgotten_after_a_month(client: FlaskClient, receiver: Receiver) -> None:
    admin = make_buyer(client, role="admin")
    path, _ = make(admin, receiver)
    admin.post(f"{path}/ping")
    send()
    reach("webhooks.forget_old")
    kept = len(messages("id"))
    let_time_pass("31 days")
    change("DELETE FROM deliveries WHERE consumer = 'webhooks.forget_old'")
    client.delete(path, headers=admin.headers)
    reach("webhooks.forget_old")

    assert (kept, messages("id"), rows("SELECT id FROM webhook_endpoints")) == (1, [], [])
