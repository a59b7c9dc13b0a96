"""Stores over HTTP: kept by admins, found by everybody."""

from typing import Any

from flask.testing import FlaskClient

from tests.buyers import make_buyer
from tests.database import count, rows
from tests.stores.making import STORE

PARIS = {
    "name": "Backroom Paris",
    "address": {"line1": "1 Rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"},
    "latitude": 48.8566,
    "longitude": 2.3522,
    "phone": "01 42 60 00 00",
}


def opened(client: FlaskClient, admin: dict[str, str], store: dict[str, Any]) -> str:
    answer = client.post("/v1/admin/stores", json=store, headers=admin)
    assert answer.status_code == 201, answer.get_json()
    found: str = answer.get_json()["id"]
    return found


def test_what_an_admin_keeps_everybody_finds(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin").headers
    london, paris = opened(client, admin, STORE), opened(client, admin, PARIS)

    near = client.get("/v1/stores?lat=48.9&lng=2.3&radius_km=10").get_json()
    first = client.get("/v1/stores?lat=48.9&lng=2.3&limit=1").get_json()
    second = client.get(f"/v1/stores?lat=48.9&lng=2.3&limit=1&cursor={first['next_cursor']}").get_json()
    named = client.get("/v1/stores").get_json()

    assert [(each["id"], each["distance_km"]) for each in near["items"]] == [(paris, 6.153)]
    assert near["items"][0]["phone"] == "+33142600000"
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [paris, london]
    assert second["next_cursor"] is None
    assert [(each["id"], each["distance_km"]) for each in named["items"]] == [(london, None), (paris, None)]
    assert named["items"][0]["address"] == {**dict.fromkeys(("line2", "region")), **STORE["address"]}

    client.patch(f"/v1/admin/stores/{london}", json={"is_active": False}, headers=admin)

    assert [each["id"] for each in client.get("/v1/stores").get_json()["items"]] == [paris]
    assert client.get(f"/v1/stores/{london}").status_code == 404
    kept = client.get("/v1/admin/stores", headers=admin).get_json()["items"]
    assert [(each["id"], each["is_active"]) for each in kept] == [(london, False), (paris, True)]
    assert kept[0]["hours"] == STORE["hours"]
    assert rows("SELECT act, after FROM audit_log WHERE thing = 'stores' AND act = 'update'") == [
        ("update", {"is_active": False})
    ]


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("latitude", {"latitude": 91}),
    ("longitude", {"longitude": "east"}),
    ("hours", {"hours": {"funday": []}}),
    ("hours", {"hours": {"mon": [{"opens": "18:00", "closes": "09:00"}]}}),
    (
        "hours",
        {"hours": {"mon": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]}},
    ),
    ("hours", {"hours": {"mon": [{"opens": "9", "closes": "12:00"}]}}),
    ("postal_code", {"address": STORE["address"] | {"postal_code": "75001"}}),
    ("phone", {"phone": "one"}),
    ("email", {"email": "london"}),
    ("email", {"email": "london@example..com"}),
    ("name", {"name": " "}),
)
HALF = (
    "lat=1",
    "lng=1",
    "radius_km=5",
    "lat=1&lng=200",
    "lat=nan&lng=1",
    "lat=1&lng=1&radius_km=0",
    "cursor=x",
)


def test_what_no_store_is_like_is_refused_and_half_a_place_is_none(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin").headers

    for field, wrong in WRONG:
        answer = client.post("/v1/admin/stores", json=STORE | wrong, headers=admin)
        assert answer.status_code == 422
        assert any(field in name for name in answer.get_json()["errors"]), (field, answer.get_json())
    for query in HALF:
        assert client.get(f"/v1/stores?{query}").status_code == 422, query

    assert count("stores") == 0


def test_a_cursor_of_one_order_means_nothing_in_the_other(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin").headers
    for store in (STORE, PARIS):
        opened(client, admin, store)
    cursor = client.get("/v1/stores?limit=1").get_json()["next_cursor"]

    assert client.get(f"/v1/stores?limit=1&lat=1&lng=1&cursor={cursor}").status_code == 422
