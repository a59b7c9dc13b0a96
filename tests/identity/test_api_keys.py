"""Making, replacing and revoking API keys."""

import re
from typing import Any, get_args
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.identity.models import Scope
from app.platform.db import transaction
from tests.database import change, count, rows
from tests.factories import make_user, signed_in
from tests.identity.test_permissions import restricted

KEYS = "/v1/admin/api-keys"
STOCK = "/v1/admin/inventory"
BODY = {"name": "Till", "scopes": ["stock:read"]}


@pytest.fixture
def admin(client: FlaskClient) -> dict[str, str]:
    return signed_in(client, role="admin")


def made(client: FlaskClient, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    answer = client.post(KEYS, json=BODY | body, headers=headers)
    assert answer.status_code == 201
    return dict(answer.get_json())


def status_with(client: FlaskClient, key: dict[str, Any]) -> int:
    return client.get(STOCK, headers={"X-Api-Key": key["key"]}).status_code


def topics() -> list[str]:
    return [topic for (topic,) in rows("SELECT topic FROM events ORDER BY sequence")]


def test_a_key_is_shown_once_and_opens_its_scope(client: FlaskClient, admin: dict[str, str]) -> None:
    answer = client.post(KEYS, json=BODY, headers=admin)

    key = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"bk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", key["key"])
    assert key["key"].startswith(key["api_key"]["prefix"] + "_")
    assert key["api_key"] | {"name": "Till", "scopes": ["stock:read"]} == key["api_key"]
    assert status_with(client, key) == 200
    assert topics() == ["identity.api_key_made"]
    shown = client.get(f"{KEYS}/{key['api_key']['id']}", headers=admin).get_json()
    assert "key" not in shown
    assert shown | {"last_used_at": None} == key["api_key"]


def test_the_database_has_nothing_that_opens(client: FlaskClient, admin: dict[str, str]) -> None:
    key = made(client, admin, days=1)["key"]

    ((kept, lifetime),) = rows("SELECT k::text, extract(epoch FROM expires_at - created_at) FROM api_keys k")
    ((told,),) = rows("SELECT string_agg(event::text, '') FROM events event")

    assert key[16:] not in kept + told
    assert lifetime == 24 * 3600
    assert count("idempotency_keys") == 0


def test_an_idempotency_key_does_not_show_the_secret_again(
    client: FlaskClient, admin: dict[str, str]
) -> None:
    twice = [made(client, admin | {"Idempotency-Key": "one"}) for _ in range(2)]

    assert twice[0]["key"] != twice[1]["key"]
    assert count("idempotency_keys") == 0


def test_keys_are_listed_newest_first_in_pages(client: FlaskClient, admin: dict[str, str]) -> None:
    old, new = made(client, admin, name="old"), made(client, admin, name="new")

    first = client.get(f"{KEYS}?limit=1", headers=admin).get_json()
    second = client.get(f"{KEYS}?limit=1&cursor={first['next_cursor']}", headers=admin).get_json()

    assert [page["items"] for page in (first, second)] == [[new["api_key"]], [old["api_key"]]]
    assert second["next_cursor"] is None


def test_a_revoked_key_opens_nothing_from_then_on(client: FlaskClient, admin: dict[str, str]) -> None:
    key, other = made(client, admin), made(client, admin)
    revoke = f"{KEYS}/{key['api_key']['id']}/revoke"

    first, again = (client.post(revoke, headers=admin) for _ in range(2))

    assert (first.status_code, first.get_json()["revoked_at"] is None) == (200, False)
    assert again.get_json() == first.get_json()
    assert (status_with(client, key), status_with(client, other)) == (401, 200)
    assert topics()[2:] == ["identity.api_key_revoked"]


def test_a_replaced_key_works_until_the_overlap_is_over(client: FlaskClient, admin: dict[str, str]) -> None:
    old = made(client, admin)
    new = client.post(f"{KEYS}/{old['api_key']['id']}/replace", headers=admin).get_json()
    during = [status_with(client, key) for key in (old, new)]
    ((left,),) = rows(
        "SELECT extract(epoch FROM expires_at - now()) FROM api_keys WHERE id = :id", id=old["api_key"]["id"]
    )
    change("UPDATE api_keys SET expires_at = now() WHERE id = :id", id=old["api_key"]["id"])

    assert during == [200, 200]
    assert 24 * 3600 - 60 < left <= 24 * 3600
    assert [status_with(client, key) for key in (old, new)] == [401, 200]
    assert new["key"] != old["key"]
    same = {"client_id", "name", "scopes", "seller_id"}
    assert {name: new["api_key"][name] for name in same} == {name: old["api_key"][name] for name in same}
    assert topics()[1:] == ["identity.api_key_made", "identity.api_key_replaced"]


def test_without_an_overlap_the_old_key_ends_at_once(client: FlaskClient, admin: dict[str, str]) -> None:
    old = made(client, admin)

    client.post(f"{KEYS}/{old['api_key']['id']}/replace", json={"overlap_hours": 0}, headers=admin)

    assert status_with(client, old) == 401


@pytest.mark.parametrize(
    "end", ["UPDATE api_keys SET revoked_at = now()", "UPDATE api_keys SET expires_at = now()"]
)
def test_a_key_that_has_ended_is_not_replaced(client: FlaskClient, admin: dict[str, str], end: str) -> None:
    key = made(client, admin)
    change(end)

    answer = client.post(f"{KEYS}/{key['api_key']['id']}/replace", headers=admin)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/api-key-ended")
    assert count("api_keys") == 1


@pytest.mark.parametrize("action", ["", "/replace", "/revoke"])
def test_there_is_no_other_key(client: FlaskClient, admin: dict[str, str], action: str) -> None:
    call = client.post if action else client.get

    assert call(f"{KEYS}/{uuid4()}{action}", headers=admin).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"days": 0},
        {"days": 731},
        {"seller_id": str(uuid4())},
        {"secret_hash": "x"},
    ],
)
def test_what_no_key_can_be_is_refused(
    client: FlaskClient, admin: dict[str, str], wrong: dict[str, Any]
) -> None:
    answer = client.post(KEYS, json=BODY | wrong, headers=admin)

    assert (answer.status_code, next(iter(answer.get_json()["errors"])).split(".")[0]) == (422, *wrong)
    assert count("api_keys") == 0


def test_nobody_gives_away_more_than_they_hold(client: FlaskClient) -> None:
    whole = made(client, restricted(client, "users", "catalog"))
    headers = restricted(client, "users")

    answers = [
        client.post(KEYS, json=BODY, headers=headers),
        client.post(f"{KEYS}/{whole['api_key']['id']}/replace", headers=headers),
    ]

    assert {(each.status_code, each.get_json()["detail"]) for each in answers} == {
        (403, "To give this away you need the permission catalog yourself.")
    }
    assert count("api_keys") == 1


def test_a_key_may_be_for_one_seller(client: FlaskClient, admin: dict[str, str]) -> None:
    with transaction() as session:
        seller_id = str(make_user(session, role="seller").id)

    key = made(client, admin, seller_id=seller_id)

    assert key["api_key"]["seller_id"] == seller_id
    assert status_with(client, key) == 200


def test_a_key_of_one_seller_opens_nothing_that_is_about_the_whole_shop(
    client: FlaskClient, admin: dict[str, str]
) -> None:
    with transaction() as session:
        seller_id = str(make_user(session, role="seller").id)

    answers = {
        scope: client.post(KEYS, json=BODY | {"scopes": [scope], "seller_id": seller_id}, headers=admin)
        for scope in get_args(Scope)
    }

    refused = {scope: answer for scope, answer in answers.items() if answer.status_code != 201}
    assert sorted(refused) == [
        *("catalog:export", "catalog:import", "mail:bounce", "services:hear", "services:notify")
    ]
    assert {answer.status_code for answer in refused.values()} == {422}
    assert refused["mail:bounce"].get_json()["errors"] == {
        "scopes": ["mail:bounce would be about the whole shop: leave it out, or the seller_id."]
    }
    assert count("api_keys") == 4


def test_one_scope_too_many_is_enough(client: FlaskClient, admin: dict[str, str]) -> None:
    with transaction() as session:
        seller_id = str(make_user(session, role="seller").id)
    scopes = ["stock:read", "services:notify", "mail:bounce"]

    answer = client.post(KEYS, json=BODY | {"scopes": scopes, "seller_id": seller_id}, headers=admin)

    assert (answer.status_code, answer.get_json()["detail"]) == (
        422,
        "A key of one seller opens only what is this seller's.",
    )
    assert answer.get_json()["errors"]["scopes"] == [
        "mail:bounce, services:notify would be about the whole shop: leave it out, or the seller_id."
    ]
    assert count("api_keys") == 0
