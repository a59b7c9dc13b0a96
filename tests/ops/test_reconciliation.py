"""The report of each comparison with Stripe's books: over HTTP, by command, and as a metric."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.platform.ids import new_id
from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import change, rows
from tests.ops.conftest import Scrape
from tests.sales import PAID, TOTAL, state
from tests.settlement.reconciled import reconcile
from tests.stand_in import StandIn

PATH = "/v1/admin/reconciliation"


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


def orphan(stripe: StandIn) -> str:
    """Money that carries ids of ours and belongs to nothing here."""
    metadata = {"payment_id": str(uuid4()), "order_id": str(uuid4())}
    return stripe.new_intent(500, payment_method="pm_card_visa", confirm=True, metadata=metadata).id


def run_of(admin: Buyer, run_id: str, **query: Any) -> dict[str, Any]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    answer = admin.get(f"{PATH}/{run_id}?{words}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def test_runs_are_listed_newest_first_with_what_they_found(
    admin: Buyer, bought: Purchase, stripe: StandIn
) -> None:
    reconcile("open")
    stripe.confirm(bought.provider_id)
    orphan(stripe)
    reconcile()

    first = admin.get(f"{PATH}?limit=1").get_json()
    second = admin.get(f"{PATH}?cursor={first['next_cursor']}").get_json()

    (newest,), (oldest,) = first["items"], second["items"]
    assert (newest["kind"], oldest["kind"], second["next_cursor"]) == ("recent", "open", None)
    facts = ("state", "compared", "healed", "disagreeing", "orphaned", "interrupted_by")
    assert [newest[name] for name in facts] == ["done", 2, 1, 0, 1, None]
    assert [oldest[name] for name in facts] == ["done", 0, 0, 0, 0, None]


def test_a_run_tells_each_object_and_what_was_done(admin: Buyer, bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    stray = orphan(stripe)
    reconcile()
    ((run_id,),) = rows("SELECT id::text FROM reconciliation_runs")

    report = run_of(admin, run_id)

    assert (report["run"]["id"], report["next_cursor"]) == (run_id, None)
    (orphaned, healed) = report["items"]
    assert healed | {"id": None, "found_at": None, "last_seen_at": None} == {
        "id": None,
        "kind": "healed",
        "book": "payment_intent",
        "object_id": bought.provider_id,
        "payment_id": str(bought.payment_id),
        "order_id": str(bought.order_id),
        "ours": f"open, 0 of {TOTAL} USD",
        "theirs": f"succeeded, {TOTAL} of {TOTAL} USD",
        "action": "settled",
        "amount": {"amount": TOTAL, "currency": "USD"},
        "found_at": None,
        "last_seen_at": None,
    }
    assert orphaned["object_id"] == stray
    assert run_of(admin, run_id, kind="orphaned")["items"] == [orphaned]
    assert run_of(admin, run_id, kind="disagreeing")["items"] == []
    page = run_of(admin, run_id, limit=1)
    assert page["items"] == [orphaned]
    assert run_of(admin, run_id, cursor=page["next_cursor"])["items"] == [healed]


def test_only_admins_see_it(admin: Buyer, client: FlaskClient) -> None:
    assert make_buyer(client).get(PATH).status_code == 403
    assert client.get(PATH).status_code == 401
    assert admin.get(f"{PATH}/{new_id()}").status_code == 404


def test_the_command_compares_now_and_says_what_is_left(
    app: Flask, bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    told = app.test_cli_runner().invoke(args=["reconcile"])

    assert told.exit_code == 0, told.output
    sides = f"open, 0 of {TOTAL} USD | succeeded, {TOTAL} of {TOTAL} USD"
    assert told.output.splitlines() == [
        f"healed      {bought.provider_id:<32}{sides} -> settled; order {bought.order_id}",
        "1 of Stripe's objects compared: 1 healed, 0 disagreeing, 0 orphaned; done.",
    ]
    assert state(bought) == PAID
    stray = orphan(stripe)
    told = app.test_cli_runner().invoke(args=["reconcile", "--days", "30"])
    assert told.exit_code == 1
    assert told.output.splitlines()[0].split()[:2] == ["orphaned", stray]
    assert rows("SELECT kind, step FROM reconciliation_runs") == [("manual", 0)] * 2


def test_the_command_says_what_is_left_as_long_as_it_is(
    app: Flask, client: FlaskClient, stripe: StandIn
) -> None:
    stray = orphan(stripe)

    first, second = (app.test_cli_runner().invoke(args=["reconcile"]) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (1, 1)
    line, end = second.output.splitlines()
    assert line.split()[:2] == ["orphaned", stray]
    counts = "0 healed, 0 disagreeing, 0 orphaned, 1 known before"
    assert end == f"1 of Stripe's objects compared: {counts}; done."
    change("DELETE FROM reconciliation_findings")
    stripe.order("reset")
    assert app.test_cli_runner().invoke(args=["reconcile"]).exit_code == 0


def test_the_command_says_when_stripe_stopped_answering(
    app: Flask, client: FlaskClient, stripe: StandIn
) -> None:
    purchase(client)
    stripe.order("faults", {"path": "/v1/payment_intents", "method": "GET", "outcome": 429, "calls": 9})

    told = app.test_cli_runner().invoke(args=["reconcile"])

    assert told.exit_code == 1
    nothing = "0 healed, 0 disagreeing, 0 orphaned"
    assert told.output == f"0 of Stripe's objects compared: {nothing}; interrupted by RateLimitError.\n"


def test_findings_are_counted(bought: Purchase, stripe: StandIn, scrape: Scrape) -> None:
    before = scrape()
    stripe.confirm(bought.provider_id)

    reconcile()
    reconcile()

    name = "backroom_reconciliation_findings_total"
    assert scrape().since(before, name) == {f"{name}{{book=payment_intent,kind=healed}}": 1}
