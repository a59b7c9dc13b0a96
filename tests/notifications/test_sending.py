from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.events.models import DeliveryRecord, EventRecord
from app.notifications import workflows
from app.notifications.models import Message
from app.notifications.services import ledger
from app.notifications.states import KINDS
from app.platform.db import transaction
from sandbox.mail.faults import Fault
from tasks import notifications
from tests.database import outstay
from tests.notifications.orders import cancel, pay, place
from tests.notifications.post import Post, deliver, only_message

TEMPLATES = Path(workflows.__file__).parent / "templates"


def facts(order_id: UUID) -> list[str]:
    """The topics of the order's timeline that messages wrote."""
    statement = select(EventRecord.topic).where(
        EventRecord.subject == str(order_id), EventRecord.topic.startswith("notifications.")
    )
    with transaction() as session:
        return list(session.scalars(statement.order_by(EventRecord.sequence)))


def end_lease(delivery: DeliveryRecord) -> None:
    """What the death of the worker leads to, in time."""
    with transaction() as session:
        session.get_one(DeliveryRecord, delivery.id).lease_until = func.now()


def test_a_sent_mail_is_in_the_ledger_with_the_servers_answer(post: Post) -> None:
    order = place()

    delivery = deliver("order_received")

    message = only_message()
    assert post.only_mail()["Message-ID"] == message.message_id
    assert (delivery.state, message.status, message.attempts) == ("done", "sent", 1)
    assert (message.kind, message.order_id, message.channel) == ("order_received", order.id, "email")
    assert (message.recipient, message.locale) == ("ada@example.com", "en")
    assert (message.provider_answer, message.last_error) == ("250 2.0.0 Kept", None)
    assert message.started_at is not None
    assert message.sent_at is not None
    assert message.created_at <= message.started_at <= message.sent_at
    assert facts(order.id) == ["notifications.sent"]


def test_the_same_work_done_again_sends_nothing(post: Post) -> None:
    """dokan #2994: mails about an order came twice."""
    order = place()
    deliver("order_received")
    with transaction() as session:
        again = session.scalars(select(DeliveryRecord).filter_by(consumer="notifications.order_received"))
        delivery = again.one()
        delivery.state, delivery.done_at = "pending", None

    delivery = deliver("order_received")

    assert (delivery.state, delivery.attempts) == ("done", 2)
    assert only_message().attempts == 1
    assert len(post.mails()) == 1
    assert facts(order.id) == ["notifications.sent"]


def test_each_kind_of_mail_of_an_order_is_a_message_of_its_own(post: Post) -> None:
    order = place()
    pay(order)

    deliver("order_received")
    deliver("order_paid")

    assert len({mail["Message-ID"] for mail in post.mails()}) == 2
    with transaction() as session:
        kinds = {message.kind: message.status for message in session.scalars(select(Message))}
    assert kinds == {"order_received": "sent", "order_paid": "sent"}


def test_a_mail_that_is_not_taken_now_is_owed_further(post: Post) -> None:
    order = place()
    post.faults.order(Fault.REFUSE_FOR_NOW, count=2)

    first, second = deliver("order_received"), deliver("order_received")

    message = only_message()
    assert (first.state, second.state, second.failures) == ("pending", "pending", 2)
    assert second.last_error == "Deferred: 451 4.3.0 Try again later"
    assert (message.status, message.attempts, message.sent_at) == ("queued", 2, None)
    assert message.last_error == "451 4.3.0 Try again later"
    assert (post.mails(), facts(order.id)) == ([], [])

    assert deliver("order_received").state == "done"

    message = only_message()
    assert (message.status, message.attempts, message.last_error) == ("sent", 3, None)
    assert post.only_mail()["Message-ID"] == message.message_id


def test_a_mail_server_that_is_away_costs_nothing_but_time(database: None) -> None:
    place()

    delivery = deliver("order_received")

    message = only_message()
    assert (delivery.state, message.status, message.attempts) == ("pending", "queued", 1)
    assert message.last_error is not None
    assert message.last_error.startswith("ConnectionRefusedError")


def test_a_mail_that_is_refused_for_good_is_dead_and_waits_for_an_operator(post: Post) -> None:
    order = place()
    post.faults.order(Fault.REFUSE, count=1)

    delivery = deliver("order_received")

    message = only_message()
    assert (delivery.state, delivery.last_error) == ("dead", "Permanent: 550 5.7.1 Refused")
    assert (message.status, message.last_error, message.sent_at) == ("dead", "550 5.7.1 Refused", None)
    assert (post.mails(), facts(order.id)) == ([], ["notifications.refused"])


def test_a_dead_delivery_that_is_replayed_sends_the_mail(post: Post) -> None:
    place()
    post.faults.order(Fault.REFUSE, count=1)
    dead = deliver("order_received")
    with transaction() as session:
        session.get_one(DeliveryRecord, dead.id).state = "pending"

    delivery = deliver("order_received")

    assert (delivery.state, only_message().status, len(post.mails())) == ("done", "sent", 1)


@pytest.mark.parametrize(("fault", "caught"), [(Fault.CLOSE, 1), (Fault.LOSE_ANSWER, 2)])
def test_a_lost_answer_is_asked_for_by_the_same_mail(post: Post, fault: Fault, caught: int) -> None:
    place()
    post.faults.order(fault, count=1)

    lost, done = deliver("order_received"), deliver("order_received")

    message = only_message()
    assert (lost.state, done.state, message.attempts) == ("pending", "done", 2)
    assert len(post.mails()) == caught
    assert {mail["Message-ID"] for mail in post.mails()} == {message.message_id}
    assert {parsedate_to_datetime(mail["Date"]) for mail in post.mails()} == {
        message.created_at.replace(microsecond=0)
    }


def test_a_worker_that_dies_before_it_notes_the_answer_doubles_the_mail_recognisably(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record_sent", die)
        with pytest.raises(SystemExit):
            deliver("order_received")
    message = only_message()
    assert (message.status, message.attempts, message.sent_at) == ("sending", 1, None)
    with transaction() as session:
        end_lease(session.scalars(select(DeliveryRecord).filter_by(state="running")).one())

    delivery = deliver("order_received")

    message = only_message()
    assert (delivery.state, message.status, message.attempts) == ("done", "sent", 2)
    assert [mail["Message-ID"] for mail in post.mails()] == [message.message_id] * 2
    assert len({mail["Date"] for mail in post.mails()}) == 1


def cut(session: Session) -> None:
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize(("times", "end"), [(1, cut), (3, cut), (1, outstay)])
def test_a_database_that_is_away_when_the_mail_is_taken_doubles_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch, times: int, end: Callable[[Session], None]
) -> None:
    order, record_sent, left = place(), ledger.record_sent, times

    def record_sent_in_the_end(session: Session, message_id: UUID, *, answer: str) -> None:
        nonlocal left
        record_sent(session, message_id, answer=answer)
        if left > 0:
            left -= 1
            end(session)

    monkeypatch.setattr(ledger, "record_sent", record_sent_in_the_end)

    delivery = deliver("order_received")

    message = only_message()
    assert (left, delivery.state, delivery.attempts, delivery.failures) == (0, "done", 1, 0)
    assert (message.status, message.attempts) == ("sent", 1)
    assert post.only_mail()["Message-ID"] == message.message_id
    assert facts(order.id) == ["notifications.sent"]


def test_a_database_that_stays_away_leaves_the_mail_to_another_try(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()

    def die(session: Session, *_: object, **__: object) -> None:
        cut(session)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record_sent", die)
        patch.setattr(workflows, "NOTE_PATIENCE_SECONDS", 0.5)
        given_back = deliver("order_received")

    assert (given_back.state, given_back.failures, only_message().status) == ("pending", 1, "sending")
    assert (deliver("order_received").state, len(post.mails())) == ("done", 2)


def test_no_mail_says_that_an_order_is_cancelled_which_late_money_has_revived(post: Post) -> None:
    order = place()
    cancel(order, "expired")
    post.faults.order(Fault.REFUSE_FOR_NOW, count=1)
    deliver("order_cancelled")
    pay(order)

    delivery = deliver("order_cancelled")

    message = only_message()
    assert (delivery.state, post.mails()) == ("done", [])
    assert (message.status, message.last_error) == ("dead", "what it says is no longer so")


def test_an_order_that_expired_was_revived_and_called_off_is_two_mails(post: Post) -> None:
    order = place()
    cancel(order, "expired")
    deliver("order_cancelled")
    pay(order)
    cancel(order, "buyer")

    delivery = deliver("paid_order_cancelled")

    assert delivery.state == "done"
    assert [mail["Subject"].split(" ", 3)[3] for mail in post.mails()] == [
        "is cancelled",
        "is cancelled, your money goes back",
    ]


def test_no_mail_says_that_an_order_is_paid_which_is_cancelled_since(post: Post) -> None:
    order = place()
    pay(order)
    cancel(order, "buyer")

    delivery = deliver("order_paid")

    assert (delivery.state, post.mails()) == ("done", [])


def test_every_kind_of_mail_has_a_task_and_may_take_as_long_as_servers_may() -> None:
    templates = {path.stem for path in TEMPLATES.glob("*.jinja")}
    assert set(KINDS) == templates - {"parts"}
    assert set(KINDS) <= vars(notifications).keys()
    assert notifications.TIME_LIMIT > 600
