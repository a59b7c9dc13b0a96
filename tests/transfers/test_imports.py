"""What a file of rows makes of the catalog."""

from typing import Any

import pytest

from app.inventory import services as inventory
from app.platform.db import transaction
from tests.database import count, rows
from tests.factories import make_product, make_user
from tests.transfers.clerk import BLUE, CHAIR, Clerk, counts, lines, sheet
from tests.work import drain

EVERYTHING = """
  SELECT row_to_json(products)::text FROM products UNION ALL SELECT row_to_json(variants)::text FROM variants
  UNION ALL SELECT row_to_json(stock_levels)::text FROM stock_levels
  UNION ALL SELECT row_to_json(stock_movements)::text FROM stock_movements
  UNION ALL SELECT row_to_json(listings)::text FROM listings ORDER BY 1"""


def test_rows_become_a_product_with_variants_and_stock_that_everybody_finds(clerk: Clerk) -> None:
    job = clerk.imported(sheet([CHAIR, BLUE]))

    assert (job["status"], job["format"], job["bytes_read"]) == ("done", "csv", job["byte_size"])
    assert counts(job) == (2, 0, 0, 0)
    product = clerk.product("garden-chair")
    shown = ("name", "description", "brand", "status", "attributes", "available")
    assert [product[name] for name in shown] == [
        "Garden chair",
        "To sit on,\nin the sun.",
        "Sit & Co",
        "active",
        {"material": "oak"},
        True,
    ]
    assert product["price"] == {"amount": 1999, "currency": "USD"}
    assert [each["path"] for each in product["categories"]] == ["garden", "garden/chairs"]
    assert [
        (each["sku"], each["name"], each["price"]["amount"], each["available"], each["attributes"])
        for each in product["variants"]
    ] == [("CHAIR-RED", "Red", 1999, 5, {"color": "red"}), ("CHAIR-BLUE", "Blue", 2499, 0, {"color": "blue"})]
    found = clerk.admin.get("/v1/products?q=oak chair&category=garden").get_json()["items"]
    assert [item["slug"] for item in found] == ["garden-chair"]
    assert rows("SELECT change, reason, note, actor LIKE 'user:%' FROM stock_movements") == [
        (5, "counted", f"Import {job['id']}", True)
    ]


def test_the_same_file_again_changes_nothing(clerk: Clerk) -> None:
    first = clerk.imported(sheet([CHAIR, BLUE]))
    before = rows(EVERYTHING)
    again = clerk.imported(sheet([CHAIR, BLUE]))

    assert (counts(first), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    assert rows(EVERYTHING) == before


def test_the_same_key_is_the_same_import_and_for_another_file_refused(clerk: Clerk) -> None:
    first, again = (clerk.send(sheet([CHAIR]), key="a") for _ in range(2))
    other, dry = clerk.send(sheet([BLUE]), key="a"), clerk.send(sheet([CHAIR]), key="a", dry_run="true")

    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.get_json(), again.headers["Location"]) == (first.get_json(), first.headers["Location"])
    assert ["Idempotent-Replayed" in each.headers for each in (first, again)] == [False, True]
    assert [each.status_code for each in (other, dry)] == [422, 422]
    assert count("catalog_imports WHERE status <> 'expected'") == 1


def test_columns_that_are_left_out_leave_what_is_there(clerk: Clerk) -> None:
    clerk.imported(sheet([CHAIR, BLUE]))
    before = clerk.product("garden-chair")

    job = clerk.imported("sku;price\r\nCHAIR-BLUE;1500\r\n")

    after = clerk.product("garden-chair")
    assert counts(job) == (0, 1, 0, 0)
    assert (after["price"]["amount"], after["variants"][1]["price"]["amount"]) == (1500, 1500)
    before["variants"][1]["price"] = after["variants"][1]["price"]
    left = {"price", "updated_at"}
    assert {name: after[name] for name in after.keys() - left} == {
        name: before[name] for name in before.keys() - left
    }


def test_an_empty_cell_takes_away_what_a_variant_may_lack_and_leaves_the_rest(clerk: Clerk) -> None:
    clerk.imported(sheet([CHAIR]))

    job = clerk.imported(sheet([dict.fromkeys(CHAIR, "") | {"sku": "CHAIR-RED"}]))

    assert counts(job) == (0, 1, 0, 0)
    assert rows("SELECT name, compare_at_amount, weight_grams, price_amount FROM variants") == [
        (None, None, None, 1999)
    ]
    assert rows("SELECT brand, category_id IS NULL, description FROM products") == [
        ("Sit & Co", False, CHAIR["description"])
    ]
    assert rows("SELECT on_hand FROM stock_levels") == [(5,)]


def test_json_lines_say_the_same_and_null_takes_away(clerk: Clerk) -> None:
    row = CHAIR | {"price": 1999, "stock": 5, "attributes": {"doors": 3}, "featured": True}
    made = clerk.imported("\ufeff" + lines([row, {}]))
    job = clerk.imported(lines([{"sku": "CHAIR-RED", "brand": None, "category": None, "price": None}]))
    taken = clerk.imported(lines([{"sku": "CHAIR-RED", "brand": None, "category": None}]))

    assert (made["format"], counts(made), counts(job), counts(taken)) == (
        "jsonl",
        (1, 0, 0, 1),
        (0, 0, 0, 1),
        (0, 1, 0, 0),
    )
    assert [(each["column"], each["problem"]) for each in clerk.report(job)] == [
        ("price", "Must be a whole number from 1 to 99999999.")
    ]
    assert rows("SELECT brand, category_id, featured, attributes FROM products") == [
        (None, None, True, {"doors": 3})
    ]


STRANGE = [
    '{"sku": "A", "a\\u0000b": 1}',
    '{"sku": "A\\u0000", "product": "a\\u0000"}',
    '{"sku": "A", "product": "a", "name": "\\u0000", "price": 1}',
    '{"sku": ' + "[" * 1000 + "]" * 1000 + "}",
    '{"sku": "A", "attributes": ' + '{"a":' * 500 + "1" + "}" * 500 + "}",
    '{"sku": 1, "product": null, "price": true}',
    '{"sku": "A", "product": "a", "name": "A", "price": 1e400}',
    '{"sku": "A", "product": "a", "name": "A", "price": 123456789012345678901234567890}',
    '{"sku": "A", "product": "a", "name": "A", "price": 1, "attributes": {"a": 1e300}}',
    '{"sku": "A", "product": "a", "name": ["A"], "price": {"amount": 1}, "stock": null, "seller": 5}',
    "{" + ", ".join(f'"unknown-{number}": 1' for number in range(1000)) + "}",
]


def test_whatever_a_line_holds_the_next_one_is_read(clerk: Clerk) -> None:
    good = {"sku": "B", "product": "b", "name": "B", "price": 1}

    job = clerk.imported("\n".join([*STRANGE, lines([good])]))

    assert (job["status"], counts(job)) == ("done", (1, 0, 0, len(STRANGE)))
    told = [int(each["row"]) for each in clerk.report(job)]
    assert set(told) == set(range(1, len(STRANGE) + 1))
    assert told.count(len(STRANGE)) == 21


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no slug": ({"product": ""}, "product"),
    "no name": ({"product": "another", "name": ""}, "name"),
    "no price": ({"price": ""}, "price"),
    "a price of dollars": ({"price": "19.99"}, "price"),
    "no price at all": ({"price": "0"}, "price"),
    "a price below": ({"compare_at_price": "1999"}, "compare_at_price"),
    "another currency": ({"currency": "EUR"}, "currency"),
    "an unknown category": ({"category": "chairs/garden"}, "category"),
    "an unknown status": ({"status": "sold"}, "status"),
    "a name too long": ({"name": "x" * 201}, "name"),
    "a description too long": ({"description": "x" * 20_001}, "description"),
    "no object": ({"attributes": "red"}, "attributes"),
    "a nested object": ({"attributes": '{"a": {"b": 1}}'}, "attributes"),
    "less than nothing": ({"stock": "-1"}, "stock"),
    "a SKU with a space": ({"sku": "CHAIR RED"}, "sku"),
    "a slug of capitals": ({"product": "Chair"}, "product"),
    "a slug like an id": ({"product": "01a1fb3f-0000-7000-8000-000000000000"}, "product"),
    "not yes or no": ({"featured": "perhaps"}, "featured"),
    "a stranger": ({"product": "another", "seller": "01a1fb3f-0000-7000-8000-000000000000"}, "seller"),
}


def test_a_row_that_is_wrong_is_refused_wholly_and_costs_no_other(clerk: Clerk) -> None:
    full = CHAIR | {"currency": "USD", "featured": "", "seller": ""}
    wrong = [full | {"sku": f"WRONG-{number}"} | change for number, (change, _) in enumerate(WRONG.values())]

    job = clerk.imported(sheet([full, *wrong, full | {"sku": "CHAIR-LAST"}]))

    assert counts(job) == (2, 0, 0, len(WRONG))
    told = clerk.report(job)
    assert [(int(each["row"]), each["column"]) for each in told] == [
        (number, column) for number, (_, column) in enumerate(WRONG.values(), 2)
    ]
    assert all(each["problem"] for each in told)
    assert rows("SELECT sku FROM variants ORDER BY sku") == [("CHAIR-LAST",), ("CHAIR-RED",)]
    assert rows("SELECT slug FROM products") == [("garden-chair",)]


def test_stock_is_never_set_below_what_is_promised(clerk: Clerk) -> None:
    clerk.imported(sheet([CHAIR, BLUE | {"stock": "9"}]))
    ((red,),) = rows("SELECT id FROM variants WHERE sku = 'CHAIR-RED'")
    with transaction() as session:
        hold = make_user(session).id
        inventory.reserve(session, holder_id=hold, quantities={red: 3})

    job = clerk.imported("sku,price,stock\nCHAIR-RED,500,2\nCHAIR-BLUE,500,1\n")

    assert counts(job) == (0, 1, 0, 1)
    assert [(each["sku"], each["problem"], each["value"]) for each in clerk.report(job)] == [
        ("CHAIR-RED", "3 units are promised: fewer cannot be left.", "2")
    ]
    assert rows("SELECT sku, price_amount FROM variants ORDER BY sku") == [
        ("CHAIR-BLUE", 500),
        ("CHAIR-RED", 1999),
    ]
    assert rows("SELECT sku, on_hand, reserved FROM stock_levels ORDER BY sku") == [
        ("CHAIR-BLUE", 1, 0),
        ("CHAIR-RED", 5, 3),
    ]
    with transaction() as session:
        inventory.release(session, holder_id=hold)


def test_a_sku_stays_where_it_is_and_an_archived_one_stays_archived(clerk: Clerk) -> None:
    with transaction() as session:
        chair = make_product(
            session, slug="chair", variants=[{"price": {"amount": 5, "currency": "USD"}}] * 2
        )
        make_product(session, slug="table")
    path = f"/v1/admin/products/{chair.id}/variants/{chair.variant_ids[1]}"
    assert clerk.admin.client.delete(path, headers=clerk.admin.headers).status_code == 204
    own = clerk.admin.get("/v1/users/me").get_json()["id"]

    job = clerk.imported(
        sheet(
            [
                {"sku": chair.sku, "product": "table", "seller": ""},
                {"sku": chair.skus[1], "product": "chair", "seller": ""},
                {"sku": chair.sku, "product": "chair", "seller": own},
                {"sku": chair.sku, "product": "chair", "seller": str(chair.seller_id)},
            ]
        )
    )

    assert counts(job) == (0, 0, 1, 3)
    assert [each["column"] for each in clerk.report(job)] == ["product", "sku", "seller"]


def test_where_rows_differ_the_later_one_stands(clerk: Clerk) -> None:
    job = clerk.imported(sheet([CHAIR, CHAIR | {"price": "1500", "stock": "7"}, BLUE | {"brand": "Other"}]))

    assert counts(job) == (2, 1, 0, 0)
    assert rows("SELECT sku, price_amount FROM variants ORDER BY sku") == [
        ("CHAIR-BLUE", 2499),
        ("CHAIR-RED", 1500),
    ]
    assert rows("SELECT brand, lowest_price_amount FROM products") == [("Other", 1500)]
    assert rows("SELECT sum(change) FROM stock_movements") == [(7,)]


def test_a_dry_run_tells_the_same_and_changes_nothing(clerk: Clerk) -> None:
    job = clerk.imported(sheet([CHAIR, BLUE, CHAIR | {"price": "x"}]), dry_run="true")

    assert (job["status"], job["dry_run"], counts(job)) == ("done", True, (2, 0, 0, 1))
    assert [each["column"] for each in clerk.report(job)] == ["price"]
    assert [count(table) for table in ("products", "variants", "stock_levels", "listings")] == [0] * 4


def test_who_waits_is_told_of_what_is_back_and_nobody_of_what_is_new(clerk: Clerk) -> None:
    clerk.imported(sheet([CHAIR, BLUE]))
    told = "SELECT topic, count(*) FROM events WHERE topic LIKE 'inventory.%' GROUP BY 1 ORDER BY 1"
    first = rows(told)

    clerk.imported("sku,stock\nCHAIR-RED,0\nCHAIR-BLUE,4\n")

    assert first == [("inventory.stock_adjusted", 1)]
    assert rows(told) == [
        ("inventory.back_in_stock", 1),
        ("inventory.low", 1),
        ("inventory.sold_out", 1),
        ("inventory.stock_adjusted", 3),
    ]
    assert rows("SELECT consumer FROM deliveries WHERE state = 'pending' ORDER BY 1") == [
        ("notifications.announce_low_stock",),
        ("notifications.tell_waiting",),
    ]


def test_the_books_name_who_sent_the_file(clerk: Clerk) -> None:
    answer = clerk.send(sheet([CHAIR]))
    drain()

    told = rows(
        "SELECT DISTINCT actor LIKE 'user:%', call FROM audit_log"
        " WHERE request_id = :id AND thing IN ('products', 'variants', 'stock_levels', 'stock_movements')",
        id=answer.headers["X-Request-Id"],
    )
    assert told == [(True, "POST /v1/admin/imports")]


@pytest.mark.parametrize("path", ["", "/report", "/cancel"])
def test_what_is_not_there_is_not_found(clerk: Clerk, path: str) -> None:
    url = f"/v1/admin/imports/01a1fb3f-0000-7000-8000-000000000000{path}"

    answer = clerk.admin.post(url) if path == "/cancel" else clerk.admin.get(url)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")
