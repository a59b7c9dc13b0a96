"""What is too old goes in limited batches, however much of it there is; what is not stays."""

import pytest

from app.platform.db import transaction
from tasks import sweeping
from tests.database import change, count, rows
from tests.factories import make_user
from tests.work import load_tasks, reach

TRIES = "INSERT INTO login_tries (fingerprint, free_at) SELECT concat(:age, n), now() + :age"
ADDRESSES = (
    "INSERT INTO known_addresses (user_id, fingerprint, seen_at)"
    " SELECT users.id, concat(:age, n), now() - interval '90 days' + :age"
)
LOGINS = (
    "INSERT INTO user_sessions (id, user_id, refresh_jti, expires_at)"
    " SELECT gen_random_uuid(), users.id, gen_random_uuid(), now() - interval '30 days' + :age"
)
LINKS = (
    "INSERT INTO mail_links (id, purpose, expires_at)"
    " SELECT gen_random_uuid(), 'password_reset', now() - interval '30 days' + :age"
)
EXPORTS = (
    "INSERT INTO data_exports (id, user_id, requested_at, ready_at, content)"
    " SELECT gen_random_uuid(), users.id, now() - interval '7 days' + :age, now(), '{}'"
)
RUNS = (
    "INSERT INTO reconciliation_runs (id, kind, since, stage, started_at)"
    " SELECT gen_random_uuid(), 'manual', now(), 'payments', now() - interval '90 days' + :age"
)
EVENTS = (
    "INSERT INTO provider_events (id, type, payload, status, received_at, processed_at)"
    " SELECT concat(:age, n), 'charge.updated', '{\"said\": 1}', 'ignored',"
    " now() - interval '90 days' + :age, now()"
)
MESSAGES = (
    "INSERT INTO webhook_messages"
    " (id, endpoint_id, event_id, sequence, type, subject, data, occurred_at, status, ended_at)"
    " SELECT gen_random_uuid(), webhook_endpoints.id, gen_random_uuid(), n, 'PING', '', '{}', now(), 'sent',"
    " now() - interval '30 days' + :age"
)
ENDPOINT = (
    "INSERT INTO webhook_endpoints (id, notified_user_id, url, types, after_xid, after_sequence)"
    " SELECT gen_random_uuid(), id, 'https://hooks.example/', '{PING}', 0, 0 FROM users"
)


@pytest.mark.parametrize(
    ("job", "old", "kept"),
    [
        ("identity.forget_login_tries", TRIES, "login_tries"),
        ("identity.forget_login_tries", ADDRESSES, "known_addresses"),
        ("identity.forget_ended", LOGINS, "user_sessions"),
        ("identity.forget_ended", LINKS, "mail_links"),
        ("reporting.forget_exports", EXPORTS, "data_exports"),
        ("settlement.forget_runs", RUNS, "reconciliation_runs"),
        ("payments.forget_events", EVENTS, "provider_events WHERE payload <> '{}'"),
        ("webhooks.forget_old", MESSAGES, "webhook_messages"),
    ],
)
def test_all_that_is_old_goes_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, job: str, old: str, kept: str
) -> None:
    with transaction() as session:
        make_user(session)
    change(ENDPOINT)
    _insert(old, 5, age="-1 hour")
    _insert(old, 1, age="1 hour")
    load_tasks()
    monkeypatch.setattr(sweeping, "OWED_AT_ONCE", 2)

    reach(job)

    assert count(kept) == 1
    assert rows("SELECT name FROM scheduled_jobs") == [(job,)]


def _insert(statement: str, number: int, *, age: str) -> None:
    source = "FROM generate_series(1, :number) AS n, users, webhook_endpoints"
    change(f"{statement.replace(':age', 'CAST(:age AS interval)')} {source}", number=number, age=age)
