import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.events import repairs
from app.events.services import record_success
from app.ops.queries import backlog
from app.platform.db import transaction
from app.platform.version import VERSION
from tests.buyers import Purchase, make_buyer, purchase
from tests.database import change, count, rows
from tests.ops.conftest import Scrape, Told
from tests.refunds import owe
from tests.sales import TOTAL, make_sale
from tests.settlement.transfers import give_back, money, note, pay_out, to_pay_out
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain


def test_the_page_tells_the_backlog_by_queue(client: FlaskClient, scrape: Scrape) -> None:
    with transaction() as session:
        make_sale(session, opened=False)
    change("UPDATE deliveries SET run_after = now() - interval '90 seconds' WHERE queue = 'email'")

    numbers = scrape()

    assert numbers.get("backroom_deliveries_open", queue="email", state="pending") == 1
    assert numbers.get("backroom_deliveries_open", queue="critical", state="running") == 1
    assert numbers.get("backroom_deliveries_overdue", queue="email") == 1
    assert numbers.get("backroom_deliveries_overdue", queue="critical") == 0
    oldest = numbers.get("backroom_deliveries_oldest_overdue_seconds", queue="email")
    assert 90 <= oldest < 100


def test_work_that_is_tried_in_vain_is_on_the_page(bought: Purchase, scrape: Scrape) -> None:
    """Nothing of it is overdue, dead or failed: each worker that takes it dies."""
    killed = "state = 'running', attempts = :tries, run_after = now() + interval '9 minutes'"
    tried = f"UPDATE deliveries SET {killed}, lease_until = now() WHERE queue = 'email'"  # noqa: S608  # ours

    change(tried, tries=11)
    before = scrape().get("backroom_deliveries_alarming", queue="email")
    change(tried, tries=12)

    assert (before, scrape().get("backroom_deliveries_alarming", queue="email")) == (0, 1)


def test_dead_deliveries_and_jobs_are_on_the_page(client: FlaskClient, scrape: Scrape) -> None:
    with transaction() as session:
        make_sale(session)
    change("UPDATE deliveries SET state = 'dead' WHERE queue = 'email'")
    with transaction() as session:
        record_success(session, "events.relay")
    change("UPDATE scheduled_jobs SET last_success_at = to_timestamp(1700000000)")

    numbers = scrape()

    assert numbers.get("backroom_deliveries_open", queue="email", state="dead") == 1
    job = numbers.get("backroom_job_last_success_timestamp_seconds", job="events.relay")
    assert job == 1700000000
    assert numbers.get("backroom_info", version=VERSION) == 1
    assert numbers.get("backroom_database_up") == 1


def test_a_refund_that_failed_is_on_the_page_until_it_is_owed_anew(
    client: FlaskClient, stripe: StandIn, bought: Purchase, scrape: Scrape
) -> None:
    admin = make_buyer(client, role="admin")
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    with transaction() as session:
        refund_id = owe(session, bought, TOTAL, "surplus")
    stripe.order("faults", {"path": "/v1/refunds", "method": "POST", "outcome": 400})

    before = scrape().get("backroom_refunds_failed")
    drain()
    failed = scrape().get("backroom_refunds_failed")
    admin.post(f"/v1/admin/refunds/{refund_id}/retry")

    assert (before, failed, scrape().get("backroom_refunds_failed")) == (0, 1, 0)


def test_a_refund_that_nobody_sends_is_on_the_page_until_its_work_is_owed_again(
    client: FlaskClient, stripe: StandIn, bought: Purchase, scrape: Scrape
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    with transaction() as session:
        owe(session, bought, TOTAL, "surplus")
    ((work_id,),) = rows("SELECT id FROM deliveries WHERE consumer = 'settlement.send_refund'")
    before = scrape().get("backroom_refunds_dropped")

    with transaction() as session:
        repairs.drop(session, work_id, reason="a mistake")
    drain()
    dropped = scrape().get("backroom_refunds_dropped")
    with transaction() as session:
        repairs.try_again(session, work_id)
    drain()

    assert (before, dropped, scrape().get("backroom_refunds_dropped")) == (0, 1, 0)
    assert rows("SELECT status FROM refunds") == [("succeeded",)]


def waiting(scrape: Scrape) -> list[float]:
    """Reviews and the hours that the oldest has waited, and the same of refunds; all are three hours old."""
    change("UPDATE payment_reviews SET opened_at = now() - interval '3 hours'")
    change("UPDATE refunds SET created_at = now() - interval '3 hours'")
    numbers = scrape()
    return [
        numbers.get("backroom_payment_reviews_open"),
        numbers.get("backroom_payment_reviews_oldest_seconds") // 3600,
        numbers.get("backroom_refunds_to_pay_out"),
        numbers.get("backroom_refunds_to_pay_out_oldest_seconds") // 3600,
    ]


def test_money_that_waits_for_people_is_on_the_page_until_they_have_seen_to_it(
    client: FlaskClient, stripe: StandIn, scrape: Scrape
) -> None:
    admin, bought = make_buyer(client, role="admin"), purchase(client, payment_flow="manual")
    note(admin, bought, amount=money(1))
    in_review = waiting(scrape)
    give_back(admin, bought)
    drain()
    owed = waiting(scrape)
    (refund,) = to_pay_out(admin)
    pay_out(admin, refund["id"], "line 2")

    assert (in_review, owed, waiting(scrape)) == ([1, 3, 0, 0], [0, 0, 1, 3], [0, 0, 0, 0])


def test_with_a_token_only_who_knows_it_reads_the_page(client: FlaskClient, told: Told) -> None:
    told(metrics_token="abc")

    answers = [client.get("/metrics", headers=_bearer(token)).status_code for token in ("", "abcd", "abc")]

    assert answers == [401, 401, 200]


def test_outside_of_development_there_is_no_page_without_a_token(client: FlaskClient, told: Told) -> None:
    told(app_env="production")
    assert client.get("/metrics").status_code == 404

    told(app_env="production", metrics_token="abc")
    assert client.get("/metrics", headers=_bearer("abc")).status_code == 200
    assert count("deliveries") == 0


FOR_PEOPLE = (
    "payment_reviews_open payment_reviews_oldest_seconds refunds_failed refunds_dropped"
    " refunds_to_pay_out refunds_to_pay_out_oldest_seconds"
)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (
            "backlogs",
            "deliveries_open deliveries_overdue deliveries_oldest_overdue_seconds deliveries_alarming",
        ),
        ("webhooks_waiting", "webhook_messages_waiting webhook_messages_oldest_seconds"),
        ("open_reviews", FOR_PEOPLE),
        ("last_successes", "job_last_success_timestamp_seconds"),
        ("violations", "invariant_violations"),
    ],
)
def test_what_cannot_be_counted_is_missing_and_nothing_else(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch, asked: str, names: str
) -> None:
    with transaction() as session:
        record_success(session, "events.relay")
        session.execute(text("INSERT INTO invariant_checks (invariant, violations) VALUES ('I13', 0)"))
    before = scrape()

    monkeypatch.setattr(backlog, asked, lambda session: session.execute(text("SELECT 1 / 0")))
    numbers = scrape()

    missing = {name for name, _ in before.samples.keys() - numbers.samples.keys()}
    assert missing == {f"backroom_{name}" for name in names.split()}
    assert (before.get("backroom_database_up"), numbers.get("backroom_database_up")) == (1, 0)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
