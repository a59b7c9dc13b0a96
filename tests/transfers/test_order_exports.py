"""Orders as rows of a file: those that fit, each once, and none of them a formula."""

import csv
from io import StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.transfers.services import order_exports
from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import change, count
from tests.fulfillment.sending import healthy
from tests.sales import ADDRESS
from tests.stand_in import StandIn
from tests.work import do_one, drain, reach

WORK = ["transfers.order_export_step"]
PATH = "/v1/admin/order-exports"


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


@pytest.fixture
def three(client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> list[Purchase]:
    """Three orders, of which a part of an export has two."""
    monkeypatch.setattr(order_exports, "STEP", 2)
    mean = ADDRESS | {"name": '=HYPERLINK("http://x","y");=1', "city": "+1"}
    made = [purchase(client), purchase(client, shipping_address=mean), purchase(client)]
    change("UPDATE deliveries SET state = 'done', done_at = now(), lease_until = NULL")
    return made


def begun(admin: Buyer, **criteria: str) -> str:
    """The path of an export that waits."""
    answer = admin.post(PATH, {"criteria": criteria})
    assert answer.status_code == 202, answer.text
    return f"{PATH}/{answer.get_json()['id']}"


def table(admin: Buyer, path: str) -> list[dict[str, Any]]:
    """The rows of a file that is written."""
    file = admin.get(f"{path}/file").get_data(as_text=True)
    return list(csv.DictReader(StringIO(file, newline="")))


def numbers(*purchases: Purchase) -> list[str]:
    """What the buyers know them by, newest first."""
    seen = [each.buyer.get(f"/v1/orders/{each.order_id}").get_json() for each in purchases[::-1]]
    return [order["number"] for order in seen]


def test_the_orders_are_written_in_parts_and_nothing_in_them_is_a_formula(
    admin: Buyer, three: list[Purchase]
) -> None:
    path = begun(admin)
    early = admin.get(f"{path}/file")
    do_one(0)
    half = admin.get(path).get_json()
    assert drain(only=WORK) == WORK

    done, written = admin.get(path).get_json(), table(admin, path)
    assert (early.status_code, half["status"], half["rows_written"]) == (409, "running", 2)
    assert (done["status"], done["rows_written"]) == ("done", 3)
    file = admin.get(f"{path}/file")
    assert done["byte_size"] == len(file.data)
    assert file.headers["Content-Disposition"] == f'attachment; filename="orders-{done["id"]}.csv"'
    assert [row["number"] for row in written] == numbers(*three)
    assert {row["name"] for row in written[::2]} == {"Ada Lovelace"}
    assert written[1]["name"] == '\'=HYPERLINK("http://x","y");\'=1'
    first = written[0]
    assert first == first | {
        "status": "pending",
        "payment_status": "unpaid",
        "country": "GB",
        "items": f"2 x {three[2].product.sku}",
        "currency": "USD",
        "subtotal": "2000",
        "shipping": "499",
        "tax": "200",
        "tax_included": "false",
        "total": "2699",
        "paid_at": "",
    }
    assert tuple(first) == order_exports.COLUMNS
    assert [each["id"] for each in admin.get(PATH).get_json()["items"]] == [done["id"]]
    assert healthy()


def test_only_what_fits_is_written_and_nothing_that_comes_meanwhile(
    client: FlaskClient, admin: Buyer, three: list[Purchase]
) -> None:
    change("UPDATE orders SET payment_status = 'review' WHERE id <> :id", id=three[1].order_id)
    path = begun(admin, payment_status="review", since="2020-01-01T00:00:00Z")
    do_one(0)
    purchase(client)
    drain(only=WORK)

    said = admin.get(path).get_json()["criteria"]
    assert said == {"payment_status": "review", "since": "2020-01-01T00:00:00+00:00"}
    assert [row["number"] for row in table(admin, path)] == numbers(three[0], three[2])


def test_books_and_files_are_gone_after_a_while(admin: Buyer, three: list[Purchase]) -> None:
    path = begun(admin)
    drain(only=WORK)
    change("UPDATE order_exports SET finished_at = now() - interval '8 days'")

    reach("transfers.clean_up")

    assert (admin.get(path).status_code, count("order_exports")) == (404, 0)
