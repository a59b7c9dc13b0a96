"""Making coupons, and seeing who used them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from app.platform import clock
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import count, rows
from tests.factories import money
from tests.stand_in import StandIn

PATH = "/v1/admin/coupons"
TEN = {"code": "spring-10", "kind": "percentage", "basis_points": 1000}


def change(admin: Buyer, coupon_id: str, **changes: Any) -> Any:
    return admin.client.patch(f"{PATH}/{coupon_id}", json=changes, headers=admin.headers)


def test_a_coupon_is_made_changed_used_and_its_uses_are_listed(client: FlaskClient, stripe: StandIn) -> None:
    admin, buyer = make_buyer(client, "admin"), make_buyer(client)
    moment = clock.now() + timedelta(days=1)

    made = admin.post(PATH, TEN | {"minimum": money(500), "uses_limit": 5, "note": "For spring"})
    coupon = made.get_json()
    buyer.put(shelf())
    order = buyer.check_out(coupon="SPRING-10").get_json()["order"]

    assert made.status_code == 201
    assert {name: coupon[name] for name in ("code", "currency", "scope", "minimum", "active")} == {
        "code": "SPRING-10",
        "currency": "USD",
        "scope": "all",
        "minimum": money(500),
        "active": True,
    }
    too_low = change(admin, coupon["id"], uses_limit=1, ends_at=moment.isoformat())
    assert (too_low.status_code, too_low.get_json()["uses_limit"]) == (200, 1)
    changed = change(admin, coupon["id"], active=False, uses_limit=None).get_json()
    assert (changed["active"], changed["uses_limit"], changed["reserved"]) == (False, None, 1)
    (use,) = admin.get(f"{PATH}/{coupon['id']}/uses").get_json()["items"]
    assert (use["order_id"], use["status"], use["discount"]) == (order["id"], "reserved", money(200))
    ((user_id,),) = rows("SELECT user_id FROM orders")
    assert use["customer"] == f"user:{user_id}"
    assert admin.get(f"{PATH}/{coupon['id']}/uses?status=used").get_json()["items"] == []
    assert [each["id"] for each in admin.get(f"{PATH}?code=spring-10").get_json()["items"]] == [coupon["id"]]
    audited = "SELECT act, after ->> 'active' FROM audit_log WHERE thing = 'coupons' ORDER BY id"
    assert rows(audited) == [("insert", "true"), ("update", None), ("update", "false")]


def test_no_fewer_uses_are_allowed_than_are_taken(client: FlaskClient, stripe: StandIn) -> None:
    admin = make_buyer(client, "admin")
    coupon_id = admin.post(PATH, TEN).get_json()["id"]
    for _ in range(2):
        buyer = make_buyer(client)
        buyer.put(shelf())
        assert buyer.check_out(coupon="SPRING-10").status_code == 201

    refused = change(admin, coupon_id, uses_limit=1)

    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/coupon-limit-too-low")
    assert refused.get_json()["taken"] == 2
    assert rows("SELECT uses_limit FROM coupons WHERE id = :id", id=UUID(coupon_id)) == [(None,)]


def test_what_does_not_fit_together_is_named_and_nothing_is_made(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin")
    assert admin.post(PATH, TEN).status_code == 201
    unknown = "0190f0a4-5a3c-7b52-9f5e-2f6c0b7f3a11"

    wrong: dict[str, Any] = {
        "amount": {"kind": "amount", "basis_points": None},
        "basis_points": {"kind": "free_shipping"},
        "currency": {"minimum": money(5), "currency": "EUR"},
        "scope_ids": {"scope": "products"},
        "ends_at": {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z"},
        "starts_at": {"starts_at": "0001-01-01T00:00:00+14:00"},
        "code": {"code": "ten percent"},
    }
    for field, body in wrong.items():
        refused = admin.post(PATH, TEN | {"code": "OTHER"} | body)
        assert (refused.status_code, [*refused.get_json()["errors"]]) == (422, [field]), body
    nothing = admin.post(PATH, {"code": "OTHER", "kind": "amount", "amount": money(0)})
    assert (nothing.status_code, [*nothing.get_json()["errors"]]) == (422, ["amount"])
    for scope in ("categories", "products", "sellers"):
        refused = admin.post(PATH, TEN | {"code": "OTHER", "scope": scope, "scope_ids": [unknown]})
        assert unknown in refused.get_json()["errors"]["scope_ids"][0]
    taken = admin.post(PATH, TEN | {"code": "Spring-10"})
    assert (taken.status_code, taken.get_json()["type"]) == (409, "/problems/code-taken")
    assert count("coupons") == 1
