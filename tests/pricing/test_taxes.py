"""Taxes from the zone that an admin keeps to the order that has them."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from app.platform.errors import Invalid
from app.pricing.services import tax_number_of
from app.settlement.services import settle
from tests.buyers import Buyer, make_buyer
from tests.database import rows
from tests.factories import make_product, money, signed_in
from tests.sales import ADDRESS, HOLDS, object_of

ZONES = "/v1/admin/tax-zones"
GERMANY = {
    "country": "DE",
    "prices_include_tax": True,
    "is_default": True,
    "rates": {"standard": "19", "books": "7"},
}
MINNESOTA = {"country": "US", "region": "MN", "rates": {"standard": "6.875"}, "shipping_category": None}
FRANCE = {
    "country": "FR",
    "prices_include_tax": True,
    "exempts_tax_numbers": True,
    "rates": {"standard": "20"},
}
NOWHERE = ["Must be a country of ISO 3166."]


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """Somebody who keeps prices."""
    return Buyer(client, signed_in(client, "admin"))


@pytest.fixture
def buyer(client: FlaskClient, admin: Buyer) -> Buyer:
    """Somebody with two lamps at 11.90 and three books at 1.07, in a shop with three zones."""
    for zone in (GERMANY, MINNESOTA, FRANCE):
        assert admin.post(ZONES, zone).status_code == 201
    buyer = make_buyer(client)
    with transaction() as session:
        lamp = make_product(session, price=1190, stock=9)
        book = make_product(session, price=107, stock=9, tax_category="books")
    buyer.put(lamp, 2)
    buyer.put(book, 3)
    return buyer


def sums(totals: dict[str, Any]) -> tuple[Any, ...]:
    """Subtotal, shipping, tax, whether it is contained, total."""
    assert totals["discount"] == money(0)
    parts = (totals[name]["amount"] for name in ("subtotal", "shipping", "tax"))
    return (*parts, totals["tax_included"], totals["total"]["amount"])


def ordered(buyer: Buyer, country: str, region: str | None = None, **body: Any) -> dict[str, Any]:
    """The order of the cart, sent there."""
    answer = buyer.check_out(shipping_address=ADDRESS | {"country": country, "region": region}, **body)
    assert answer.status_code == 201, answer.get_json()
    order: dict[str, Any] = answer.get_json()["order"]
    assert answer.get_json()["payment"]["amount"] == order["totals"]["total"]
    return order


def test_a_cart_is_estimated_by_the_default_zone_and_keeps_its_total_there(buyer: Buyer) -> None:
    cart = buyer.get("/v1/cart").get_json()

    order = ordered(buyer, "DE", expected_total=cart["totals"]["total"])

    # 19 percent in 28.79 are 4.597, split by 23.80 and 4.99; 7 percent in 3.21 are 0.21.
    assert sums(cart["totals"]) == sums(order["totals"]) == (2701, 499, 481, True, 3200)
    assert [(line["tax"], line["tax_percent"]) for line in order["lines"]] == [
        (money(380), "19"),
        (money(21), "7"),
    ]
    assert rows("SELECT shipping_tax_amount, shipping_tax_basis_points FROM orders") == [(80, 1900)]


def test_a_region_has_its_own_rate_added_and_may_leave_shipping_out(buyer: Buyer) -> None:
    order = ordered(buyer, "US", " mn")

    # 6.875 percent of 27.01 are 1.857.
    assert sums(order["totals"]) == (2701, 499, 186, False, 3386)
    assert [(line["tax"]["amount"], line["tax_percent"]) for line in order["lines"]] == [
        (164, "6.875"),
        (22, "6.875"),
    ]
    assert rows("SELECT shipping_tax_amount, shipping_tax_basis_points FROM orders") == [(0, 0)]


@pytest.mark.parametrize(("country", "region"), [("US", "OR"), ("US", "oregon"), ("JP", None)])
def test_where_no_zone_is_there_is_no_tax(buyer: Buyer, country: str, region: str | None) -> None:
    assert sums(ordered(buyer, country, region)["totals"]) == (2701, 499, 0, False, 3200)


@pytest.mark.parametrize("region", [None, "Minn.", "M N"])
def test_nobody_leaves_out_the_region_that_their_tax_depends_on(buyer: Buyer, region: str | None) -> None:
    answer = buyer.check_out(shipping_address=ADDRESS | {"country": "US", "region": region})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["shipping_address.region"])
    assert rows("SELECT id FROM orders") == []


@pytest.mark.parametrize("country", ["UK", "EL", "XX"])
def test_nobody_is_sent_anything_to_what_is_no_country(buyer: Buyer, country: str) -> None:
    answer = buyer.check_out(shipping_address=ADDRESS | {"country": country})
    quoted = [
        buyer.get(f"/v1/{path}?country={country}") for path in ("cart/shipping-methods", "shipping-methods")
    ]

    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"shipping_address.country": NOWHERE})
    assert [(each.status_code, each.get_json()["errors"]) for each in quoted] == [
        (422, {"country": NOWHERE})
    ] * 2
    assert rows("SELECT id FROM orders") == []


def test_nobody_is_billed_in_what_is_no_country(buyer: Buyer) -> None:
    billing = ADDRESS | {"country": "EU"}

    business = buyer.check_out(billing_address=billing, tax_number="FR40303265045")
    both = buyer.check_out(billing_address=billing, shipping_address=ADDRESS | {"country": "UK"})

    assert (business.status_code, business.get_json()["errors"]) == (
        422,
        {"billing_address.country": NOWHERE},
    )
    assert both.get_json()["errors"] == {
        "billing_address.country": NOWHERE,
        "shipping_address.country": NOWHERE,
    }
    assert rows("SELECT id FROM orders") == []


def test_a_business_with_a_tax_number_pays_prices_without_the_tax_in_them(buyer: Buyer) -> None:
    order = ordered(buyer, "FR", tax_number="fr 40 303 265 045")

    # Each lamp without its sixth is 9.92, each book 0.89, shipping 4.16.
    assert sums(order["totals"]) == (2 * 992 + 3 * 89, 416, 0, False, 2667)
    assert [line["unit_price"]["amount"] for line in order["lines"]] == [992, 89]
    assert order["tax_number"] == "FR40303265045"


def test_where_numbers_do_not_count_a_business_pays_the_tax(buyer: Buyer) -> None:
    assert sums(ordered(buyer, "DE", tax_number="136695976")["totals"]) == (2701, 499, 481, True, 3200)


def test_a_tax_number_that_cannot_be_is_refused(buyer: Buyer) -> None:
    answer = buyer.check_out(tax_number="GB 123")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["tax_number"])
    assert rows("SELECT id FROM orders") == []


@pytest.mark.parametrize(
    ("country", "number", "written"),
    [
        ("DE", "DE 136 695 976", "DE136695976"),
        ("DE", "136695976", "DE136695976"),
        ("GR", "EL 094259216", "EL094259216"),
        ("NO", "NO 995 525 828 MVA", "995525828MVA"),
        ("AU", "83 914 571 673", "83914571673"),
    ],
)
def test_a_tax_number_is_kept_as_its_office_writes_it(country: str, number: str, written: str) -> None:
    assert tax_number_of(country, number) == written


@pytest.mark.parametrize(("country", "number"), [("DE", "136695977"), ("DE", "x"), ("US", "12-3456789")])
def test_a_number_that_cannot_be_of_the_country_is_told(country: str, number: str) -> None:
    with pytest.raises(Invalid) as caught:
        tax_number_of(country, number)

    assert list(caught.value.extra["errors"]) == ["tax_number"]


def test_zones_are_kept_by_admins_and_told_in_the_audit_log(admin: Buyer) -> None:
    first = admin.post(ZONES, GERMANY).get_json()
    second = admin.post(ZONES, MINNESOTA | {"is_default": True}).get_json()
    path = f"{ZONES}/{second['id']}"

    taken = admin.post(ZONES, MINNESOTA)
    wrong = [
        admin.post(ZONES, FRANCE | {"rates": {"standard": rate}})
        for rate in ("100.001", "-1", "1e1", "x", "")
    ]
    changed = admin.client.patch(path, headers=admin.headers, json={"rates": {"food": "0"}})
    listed = admin.get(f"{ZONES}?limit=1").get_json()
    rest = admin.get(f"{ZONES}?cursor={listed['next_cursor']}").get_json()
    gone = admin.client.delete(path, headers=admin.headers)

    assert (taken.status_code, taken.get_json()["type"]) == (409, "/problems/tax-zone-taken")
    assert {answer.status_code for answer in wrong} == {422}
    assert changed.get_json()["rates"] == {"food": "0"}
    assert changed.get_json()["updated_at"] > second["updated_at"]
    assert [(zone["id"], zone["is_default"]) for zone in (*listed["items"], *rest["items"])] == [
        (first["id"], False),
        (second["id"], True),
    ]
    assert gone.status_code == 204
    assert rows("SELECT country, count(*) FROM tax_zones LEFT JOIN tax_rates ON zone_id = id GROUP BY 1") == [
        ("DE", 2)
    ]
    told = rows("SELECT DISTINCT thing, act FROM audit_log WHERE thing LIKE 'tax%' ORDER BY 1, 2")
    assert told == [
        *(("tax_rates", act) for act in ("delete", "insert")),
        *(("tax_zones", act) for act in ("delete", "insert", "update")),
    ]


def test_a_region_is_one_however_it_is_spelled(admin: Buyer) -> None:
    named = admin.post(ZONES, MINNESOTA | {"region": " minnesota"}).get_json()
    again = [admin.post(ZONES, MINNESOTA | {"region": spelling}) for spelling in ("MN", "mn ", "Minnesota")]
    japan = [
        admin.post(ZONES, FRANCE | {"country": "JP", "region": spelling})
        for spelling in ("okinawa", "沖縄県", "Okinawa", "東京都", "Tokyo")
    ]
    nowhere = admin.post(ZONES, FRANCE | {"country": "XX"})

    assert named["region"] == "MN"
    assert [answer.status_code for answer in again] == [409] * 3
    assert [answer.status_code for answer in japan] == [201, 409, 409, 201, 409]
    assert [japan[each].get_json()["region"] for each in (0, 3)] == ["okinawa", "東京都"]
    assert (nowhere.status_code, list(nowhere.get_json()["errors"])) == (422, ["country"])


@pytest.mark.parametrize(
    ("country", "kept", "given"),
    [
        ("JP", "Okinawa", "沖縄県"),
        ("JP", "沖縄県", "OKINAWA"),
        ("KR", "Gangwon-do", "강원"),
        ("RU", "altayskiy kray", "АЛТАЙСКИЙ КРАЙ"),
        ("AE", "Sharjah", "الشارقة"),
        ("US", "Minnesota", "mn"),
    ],
)
def test_the_tax_of_a_region_is_due_however_an_address_spells_it(
    admin: Buyer, country: str, kept: str, given: str
) -> None:
    assert admin.post(ZONES, FRANCE | {"country": country, "region": kept}).status_code == 201
    buyer = make_buyer(admin.client)
    with transaction() as session:
        lamp = make_product(session, price=1200, stock=9)
    buyer.put(lamp, 1)

    # 20 percent in 12.00 and 4.99.
    assert sums(ordered(buyer, country, given)["totals"]) == (1200, 499, 283, True, 1699)


def test_units_go_back_for_what_they_cost_until_all_but_shipping_is_back(admin: Buyer, buyer: Buyer) -> None:
    answer = buyer.check_out(shipping_address=ADDRESS | {"country": "US", "region": "MN"}).get_json()
    order_id, payment = UUID(answer["order"]["id"]), answer["payment"]
    values = {"amount": 3386, "amount_received": 3386}
    seen = object_of(order_id, UUID(payment["id"]), payment["provider_id"], "succeeded", values)
    with transaction() as session:
        settle(session, seen, holds=HOLDS)
    lamps, books = (line["id"] for line in answer["order"]["lines"])

    back: list[int] = []
    for line_id, units in ((lamps, 1), (books, 1), (books, 2), (lamps, 1)):
        lines = [{"line_id": line_id, "quantity": units, "restock": False}]
        body = {"reason": "other", "lines": lines}
        refund = admin.post(f"/v1/admin/orders/{order_id}/refunds", body, key=f"{line_id}-{len(back)}")
        back.append(refund.get_json()["amount"]["amount"])

    assert back == [1272, 115, 228, 1272]  # 25.44 for the lamps and 3.43 for the books
    assert sum(back) == 3386 - 499
