"""Zones from an admin's call to a buyer's order."""

from datetime import date
from typing import Any

from flask.testing import FlaskClient

from app.platform.working_days import WorkingDays
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change, count, rows
from tests.pricing.zones import EXPRESS, STANDARD, place
from tests.sales import ADDRESS
from tests.stand_in import StandIn

ZONES = "/v1/admin/shipping-zones"
WEEK = WorkingDays()


def made(admin: Buyer, path: str, body: Any) -> Any:
    answer = admin.post(path, body)
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def day(working_days: int) -> str:
    """The working day so many after today, or after the next one."""
    ((today,),) = rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    assert isinstance(today, date)
    return WEEK.after(WEEK.after(today, 0), working_days).isoformat()


def priced_by_weight_in_westminster(admin: Buyer) -> None:
    """Britain has one rate; where postal codes begin with SW1 it goes by weight, or by express."""
    britain = made(admin, ZONES, {"name": "Britain", "is_default": True, "places": [place("GB")]})
    westminster = made(admin, ZONES, {"name": "SW1", "places": [place("GB", postal_prefix="sw 1")]})
    made(admin, f"{ZONES}/{britain['id']}/rates", STANDARD)
    tiers = [{"up_to_grams": 100, "amount": 200}, {"up_to_grams": None, "amount": 900}]
    made(admin, f"{ZONES}/{westminster['id']}/rates", STANDARD | {"amount": None, "tiers": tiers})
    made(admin, f"{ZONES}/{westminster['id']}/rates", EXPRESS | {"free_from_amount": 2000})


def filled(client: FlaskClient) -> Buyer:
    """A buyer of two units of 60 grams at 10.00, ready two working days after they are ordered."""
    buyer = make_buyer(client)
    buyer.put(shelf(price=1000, delivery_information={"lead_days": 2, "cutoff": None, "note": None}))
    change("UPDATE variants SET weight_grams = 60")
    return buyer


def test_a_cart_is_quoted_what_it_costs_there_and_when_it_comes(client: FlaskClient) -> None:
    priced_by_weight_in_westminster(make_buyer(client, "admin"))
    buyer = filled(client)

    there = buyer.get("/v1/cart/shipping-methods?country=GB&postal_code=SW1Y%204JH").get_json()
    elsewhere = buyer.get("/v1/cart/shipping-methods?country=GB&postal_code=SE19SG").get_json()
    cart = buyer.get("/v1/cart").get_json()
    (at_store,) = buyer.get("/v1/cart/shipping-methods?country=US&pickup=true").get_json()["items"]

    of_each = ("code", "price", "estimate", "earliest_delivery", "latest_delivery")
    assert [[each[name] for name in of_each] for each in there["items"]] == [
        ["express", {"amount": 0, "currency": "USD"}, "1 working day", day(3), day(3)],
        ["standard", {"amount": 900, "currency": "USD"}, "3 to 5 working days", day(5), day(7)],
    ]
    assert [each["price"]["amount"] for each in elsewhere["items"]] == [499]
    assert [each["totals"]["total"]["amount"] for each in there["items"]] == [2160, 3132]
    assert (at_store["code"], at_store["totals"]["total"]["amount"]) == ("pickup", 2160)
    assert (at_store["earliest_delivery"], at_store["latest_delivery"]) == (day(2), None)
    assert cart["totals"]["shipping"]["amount"] == 499
    assert client.get("/v1/cart/shipping-methods?country=GB").get_json()["items"] == []
    assert client.get("/v1/shipping-methods?country=FR").get_json()["items"] == []


def test_an_order_costs_what_was_quoted_and_comes_no_sooner(client: FlaskClient, stripe: StandIn) -> None:
    priced_by_weight_in_westminster(make_buyer(client, "admin"))
    buyer = filled(client)

    nowhere = buyer.check_out(shipping_address=ADDRESS | {"country": "FR"})
    too_early = buyer.check_out(shipping_method="express", delivery_date=day(2))

    assert (nowhere.status_code, nowhere.get_json()["type"]) == (422, "/problems/unknown-shipping-method")
    assert (too_early.status_code, too_early.get_json()["earliest"]) == (422, day(3))
    assert count("orders") == 0

    order = buyer.check_out(shipping_method="express", delivery_date=day(3)).get_json()["order"]
    path, sooner = f"/v1/orders/{order['id']}", {"delivery_date": day(2)}
    refused = buyer.client.patch(path, headers=buyer.headers, json=sooner)

    nothing = {"amount": 0, "currency": "USD"}
    assert (order["shipping"]["method"], order["shipping"]["cost"]) == ("express", nothing)
    assert (order["shipping"]["name"], order["shipping"]["estimate"]) == ("Express", "1 working day")
    assert (refused.status_code, refused.get_json()["earliest"]) == (422, day(3))


def patch(admin: Buyer, path: str, body: Any) -> Any:
    return admin.client.patch(path, json=body, headers=admin.headers)


def test_zones_are_kept_by_admins_and_written_down(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin")
    zone = made(admin, ZONES, {"name": "A", "is_default": True, "places": [place("US"), place("US")]})
    other = made(admin, ZONES, {"name": "B", "is_default": True, "places": [place("US", region="oregon")]})

    taken = patch(admin, f"{ZONES}/{zone['id']}", {"places": [place("US", region="OR"), place("GB")]})
    moved = patch(admin, f"{ZONES}/{zone['id']}", {"places": [place("GB"), place(None)]}).get_json()
    listed = admin.get(ZONES).get_json()["items"]
    first = admin.get(f"{ZONES}?limit=1").get_json()
    second = admin.get(f"{ZONES}?limit=1&cursor={first['next_cursor']}").get_json()
    fewer = patch(admin, f"{ZONES}/{zone['id']}", {"places": [place("GB")]}).get_json()

    assert (zone["places"], other["places"]) == ([place("US")], [place("US", region="OR")])
    assert (taken.status_code, taken.get_json()["places"]) == (409, [place("US", region="OR")])
    nowhere: list[Any] = [place("XX"), place("US", postal_prefix="-"), place(None, region="OR")]
    assert {admin.post(ZONES, {"name": "C", "places": [each]}).status_code for each in nowhere} == {422}
    assert (moved["places"], fewer["places"]) == ([place(None), place("GB")], [place("GB")])
    assert fewer["updated_at"] > moved["updated_at"]
    assert [(each["name"], each["is_default"]) for each in listed] == [("A", False), ("B", True)]
    assert [*first["items"], *second["items"]] == listed
    assert second["next_cursor"] is None
    for each in (zone, other):
        assert client.delete(f"{ZONES}/{each['id']}", headers=admin.headers).status_code == 204
    assert (count("shipping_zones"), count("shipping_places")) == (0, 0)
    told = "SELECT DISTINCT thing, act FROM audit_log WHERE thing LIKE 'shipping%' ORDER BY 1, 2"
    assert rows(told) == [
        ("shipping_places", "delete"),
        ("shipping_places", "insert"),
        ("shipping_zones", "delete"),
        ("shipping_zones", "insert"),
        ("shipping_zones", "update"),
    ]


def test_a_region_is_one_place_however_it_is_spelled(client: FlaskClient, stripe: StandIn) -> None:
    admin, buyer = make_buyer(client, "admin"), filled(client)
    twice = [place("JP", region="okinawa"), place("JP", region="沖縄県")]
    zone = made(admin, ZONES, {"name": "A", "places": twice})
    made(admin, f"{ZONES}/{zone['id']}/rates", STANDARD)
    ((known,),) = rows("SELECT id FROM shipping_places")

    taken = admin.post(ZONES, {"name": "B", "places": [place("JP", region="Okinawa")]})
    same = patch(admin, f"{ZONES}/{zone['id']}", {"places": twice[::-1]}).get_json()
    change("UPDATE shipping_places SET region = 'OKINAWA'")
    also = admin.post(ZONES, {"name": "B", "places": [place("JP", region="沖縄県")]})
    sent = [
        buyer.get(f"/v1/cart/shipping-methods?country=JP&region={region}").get_json()["items"]
        for region in ("沖縄県", "Okinawa", "東京都")
    ]
    order = buyer.check_out(shipping_address=ADDRESS | {"country": "JP", "region": "沖縄県"})

    assert len(zone["places"]) == 1
    assert [answer.status_code for answer in (taken, also)] == [409, 409]
    assert taken.get_json()["places"] == same["places"] == zone["places"]
    assert also.get_json()["places"] == [place("JP", region="OKINAWA")]
    assert rows("SELECT id FROM shipping_places") == [(known,)]
    assert [[each["price"]["amount"] for each in items] for items in sent] == [[499], [499], []]
    assert order.status_code == 201


def test_a_rate_has_one_price_or_tiers_and_a_code_of_its_own(client: FlaskClient) -> None:
    admin = make_buyer(client, "admin")
    zone = made(admin, ZONES, {"name": "A", "places": []})
    rates = f"{ZONES}/{zone['id']}/rates"
    rate = made(admin, rates, STANDARD)
    heavy_first = [{"up_to_grams": None, "amount": 1}, {"up_to_grams": 5, "amount": 2}]
    wrong: list[Any] = [{"fewest_days": 9}, {"amount": None}, {"tiers": []}, {"currency": "usd"}]

    for each in (*wrong, {"amount": -1}, {"tiers": heavy_first}, {"code": "pickup"}, {"currency": "KWD"}):
        assert patch(admin, f"{rates}/{rate['id']}", each).status_code == 422, each
    by_weight = patch(admin, f"{rates}/{rate['id']}", {"tiers": heavy_first[1:]}).get_json()

    assert (by_weight["amount"], by_weight["tiers"]) == (None, heavy_first[1:])
    assert admin.post(rates, STANDARD).get_json()["type"] == "/problems/rate-taken"
    assert client.delete(f"{rates}/{rate['id']}", headers=admin.headers).status_code == 204
    assert count("shipping_rates") == 0
