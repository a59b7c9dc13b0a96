"""From a paid order to the PDF that its buyer reads."""

from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from app.invoicing import workflows
from app.media.errors import StorageAway
from app.media.gateway.select import storage_of
from app.media.gateway.stores import Folder
from app.orders import queries as orders
from app.platform.db import transaction
from app.platform.settings import settings
from tests.buyers import Purchase, make_buyer
from tests.database import change, rows
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain, make_due

OURS = ("invoicing.issue", "invoicing.credit", "invoicing.render")


@pytest.fixture
def paid(bought: Purchase, stripe: StandIn) -> Purchase:
    """An order that is paid, and whose invoice is owed."""
    stripe.confirm(bought.provider_id)
    deliver_all(bought.buyer.client, stripe)
    assert drain(queues=("critical",))
    return bought


def address_of(bought: Purchase, what: str = "invoice") -> str:
    return f"/v1/orders/{bought.order_id}/{what}"


def operator(client: FlaskClient) -> Any:
    """Asks as an admin."""
    return make_buyer(client, role="admin")


def test_a_paid_order_has_an_invoice_for_its_buyer_operators_and_the_link_of_a_mail(
    paid: Purchase, client: FlaskClient
) -> None:
    assert drain(only=OURS) == ["invoicing.issue"]

    answer = paid.buyer.get(address_of(paid))
    with transaction() as session:
        order = orders.get(session, paid.order_id)
        token = orders.link_token(order, secret=settings().jwt_secret_key)
    by_link = client.get(f"/v1/orders/{order.number}/invoice?token={token}")
    forged = client.get(f"/v1/orders/{order.number}/invoice?token={token[::-1]}")
    by_operator = operator(client).get(address_of(paid))
    by_another = make_buyer(client).get(address_of(paid))
    (row,) = rows("SELECT number, total_amount, tax_amount, sequence FROM documents")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{row[0]}.pdf"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert by_link.data == by_operator.data == answer.data
    assert (by_another.status_code, forged.status_code) == (404, 404)
    assert row[1:] == (2699, 200, 1)
    assert rows("SELECT topic FROM events WHERE topic LIKE 'invoicing.%'") == [("invoicing.invoice_issued",)]


def test_until_there_is_an_invoice_its_buyer_is_told_why_not(bought: Purchase, stripe: StandIn) -> None:
    unpaid = bought.buyer.get(address_of(bought))
    stripe.confirm(bought.provider_id)
    deliver_all(bought.buyer.client, stripe)
    drain(queues=("critical",))
    unwritten = bought.buyer.get(address_of(bought))

    assert [(each.status_code, each.get_json()["type"]) for each in (unpaid, unwritten)] == [
        (409, "/problems/document-not-ready")
    ] * 2
    assert unpaid.get_json()["detail"] == "The order is not paid yet."
    assert unwritten.get_json()["detail"] == "The order is paid, and its invoice about to be written."


def test_a_worker_that_dies_between_number_and_file_leaves_work_that_ends_with_the_file(
    paid: Purchase,
) -> None:
    with patch.object(workflows, "_file", side_effect=RuntimeError("killed")):
        assert drain(only=OURS) == ["invoicing.issue"]
    numbered = rows("SELECT id, number, facts FROM documents")
    waiting = paid.buyer.get(address_of(paid))
    make_due()

    assert drain(only=OURS) == ["invoicing.issue"]

    assert (waiting.status_code, waiting.get_json()["detail"]) == (
        409,
        "The document is being written. Ask again in a moment.",
    )
    assert paid.buyer.get(address_of(paid)).status_code == 200
    assert rows("SELECT id, number, facts FROM documents") == numbered
    assert rows("SELECT last FROM document_numbers") == [(1,)]


def test_a_lost_file_is_made_anew_byte_for_byte_though_the_order_has_forgotten_its_buyer(
    paid: Purchase, client: FlaskClient
) -> None:
    drain(only=OURS)
    before = paid.buyer.get(address_of(paid)).data
    ((document_id, sha256),) = rows("SELECT id, sha256 FROM documents")
    storage = storage_of(client.application)
    storage.delete(storage.below(f"documents/{document_id}"))
    change("UPDATE orders SET billing_address = jsonb_set(billing_address, '{name}', '\"\"')")
    lost = paid.buyer.get(address_of(paid))

    asked = operator(client).post(f"/v1/admin/documents/{document_id}/render")

    assert (lost.status_code, asked.status_code) == (503, 202)
    assert drain(only=OURS) == ["invoicing.render"]
    assert paid.buyer.get(address_of(paid)).data == before
    assert rows("SELECT sha256 FROM documents") == [(sha256,)]


def test_while_the_storage_is_away_one_is_asked_to_come_again(paid: Purchase) -> None:
    drain(only=OURS)

    with patch.object(Folder, "get", side_effect=StorageAway("no answer")):
        answer = paid.buyer.get(address_of(paid))

    assert answer.status_code == 503
    assert answer.get_json()["detail"] == "Files cannot be read now. Repeat the request in a moment."
    assert "Retry-After" in answer.headers


def test_operators_list_documents_by_kind_and_year(paid: Purchase, client: FlaskClient) -> None:
    drain(only=OURS)
    somebody = operator(client)
    (listed,) = somebody.get("/v1/admin/documents?kind=invoice").get_json()["items"]
    none = somebody.get("/v1/admin/documents?year=2001").get_json()

    (of_order,) = paid.buyer.get(address_of(paid, "documents")).get_json()["items"]
    file = somebody.get(f"/v1/admin/documents/{listed['id']}/file")
    own = paid.buyer.get(address_of(paid, f"documents/{listed['id']}"))

    assert listed == of_order
    assert none == {"items": [], "next_cursor": None}
    assert (listed["kind"], listed["order_id"], listed["is_ready"]) == ("invoice", str(paid.order_id), True)
    assert listed["total"] == {"amount": 2699, "currency": "USD"}
    assert file.data == own.data == paid.buyer.get(address_of(paid)).data
