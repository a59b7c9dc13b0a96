"""Why a mail came twice is told by how the attempt ended that sent the copy."""

from datetime import timedelta

import pytest
from flask import Flask

from app.platform.db import transaction
from proof.chaos.doubles import ANSWER_LOST, NO_REASON, NOTE_LOST, WORKER_LOST, reasons
from sandbox.mail.inbox import Summary
from tests.database import change, rows
from tests.ops.broken_on_purpose import small_shop

NONE = dict.fromkeys((ANSWER_LOST, WORKER_LOST, NOTE_LOST, NO_REASON), 0)


@pytest.mark.parametrize(
    ("outcome", "error", "reason"),
    [
        ("failed", "Deferred: SMTPServerDisconnected: Connection unexpectedly closed", ANSWER_LOST),
        ("failed", "OperationalError: the connection is lost", NOTE_LOST),
        ("no_answer", None, WORKER_LOST),
        ("done", None, NO_REASON),
    ],
)
def test_a_copy_too_many_has_the_reason_of_its_attempt(
    app: Flask, database: None, outcome: str, error: str | None, reason: str
) -> None:
    with transaction() as session:
        small_shop(session)
    ((message_id, sent_at),) = rows("SELECT message_id, sent_at FROM messages WHERE kind = 'order_paid'")
    change(
        """
        INSERT INTO delivery_attempts
          (delivery_id, token, number, worker, started_at, ended_at, outcome, error)
        SELECT id, try, try, 'a', CAST(:at AS timestamptz) + make_interval(mins => try),
          now(), CASE try WHEN 1 THEN :outcome ELSE 'done' END, CASE try WHEN 1 THEN :error END
        FROM deliveries, generate_series(1, 2) AS try WHERE consumer = 'notifications.order_paid'
        """,
        at=sent_at,
        outcome=outcome,
        error=error,
    )
    copies = [
        Summary("", sent_at + timedelta(minutes=minutes, seconds=1), "", "", "", message_id)
        for minutes in (2, 1)
    ]

    with transaction() as session:
        assert reasons(session, copies) == NONE | {reason: 1}
        assert reasons(session, copies[:1]) == NONE
