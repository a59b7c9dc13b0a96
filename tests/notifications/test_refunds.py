"""Each refund that has succeeded is told once, and what failed meanwhile is not."""

from uuid import UUID

from flask.testing import FlaskClient

from app.platform.db import transaction
from app.settlement.services import settle_refund
from tests.buyers import make_buyer
from tests.database import rows
from tests.notifications.post import Post, text_of
from tests.refunds import make_paid, owe, reported
from tests.sales import Sale
from tests.work import drain, make_due


def paid_with_refund(amount: int) -> tuple[Sale, UUID]:
    """A committed order of 26.99 that is paid, and a refund of it that has succeeded."""
    with transaction() as session:
        sale = make_paid(session)
    return sale, give_back(sale, amount, "re_1")


def give_back(sale: Sale, amount: int, provider_id: str) -> UUID:
    """Another refund of the order that has succeeded."""
    with transaction() as session:
        refund_id = owe(session, sale, amount)
        settle_refund(session, reported(sale, amount, refund_id=refund_id, provider_id=provider_id))
    return refund_id


def told() -> list[tuple[str, str]]:
    """The refund and the status of each message about one, oldest first."""
    found = rows(
        "SELECT refund_id::text, status FROM messages WHERE refund_id IS NOT NULL ORDER BY created_at, id"
    )
    return [(refund_id, status) for refund_id, status in found]


def mails(post: Post) -> list[str]:
    """What the mails about refunds say, oldest first."""
    return [text_of(mail) for mail in post.mails() if "goes back to you" in mail["Subject"]]


def test_each_refund_has_a_mail_of_its_own_with_its_amount(client: FlaskClient, post: Post) -> None:
    sale, first = paid_with_refund(1000)
    second = give_back(sale, 500, "re_2")

    drain(queues=("email",))

    assert told() == [(str(first), "sent"), (str(second), "sent")]
    says = mails(post)
    assert ["$10.00 of what you paid went back" in says[0], "$5.00 of what" in says[1]] == [True, True]


def test_a_refund_that_failed_before_it_was_told_is_not_told(client: FlaskClient, post: Post) -> None:
    sale, _ = paid_with_refund(1000)
    with transaction() as session:
        settle_refund(session, reported(sale, 1000, "failed"))

    drain(queues=("email",))

    assert (told(), mails(post)) == ([], [])


def test_an_operator_has_the_mail_about_one_refund_sent_again(client: FlaskClient, post: Post) -> None:
    admin = make_buyer(client, "admin")
    sale, first = paid_with_refund(1000)
    give_back(sale, 500, "re_2")
    drain(queues=("email",))
    ((message_id,),) = rows("SELECT id FROM messages WHERE refund_id = :id", id=first)

    admin.post(f"/v1/admin/messages/{message_id}/resend")
    make_due()
    drain(queues=("email",))

    assert [("$10.00 of what" in says) for says in mails(post)] == [True, False, True]
