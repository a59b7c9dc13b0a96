"""Mails about webhooks and alerts, whose facts are read from the events."""

from flask.testing import FlaskClient

from app.events.services import publish
from app.platform.db import transaction
from app.platform.ids import new_id
from app.webhooks.events import EndpointDisabled
from tests.database import rows
from tests.factories import make_user
from tests.keys import key_headers
from tests.notifications.post import Post, deliver, text_of
from tests.work import drain


def test_who_made_an_endpoint_is_told_that_it_is_disabled_and_why(client: FlaskClient, post: Post) -> None:
    with transaction() as session:
        user = make_user(session, role="seller", full_name="Ada Lovelace")
        fact = EndpointDisabled(new_id(), new_id(), user.id, host="hooks.example", reason="failing")
        publish(session, fact)
        email = user.email

    deliver("webhook_disabled")

    mail = post.only_mail()
    assert (mail["To"], mail["Subject"]) == (email, "Your webhook endpoint is disabled")
    told = "Nothing is sent to your webhook endpoint at hooks.example any more: it has taken no message for"
    assert told in text_of(mail)


def test_an_alert_is_mailed_to_each_admin_of_operations_once(client: FlaskClient, post: Post) -> None:
    key = key_headers("services:notify")
    with transaction() as session:
        make_user(session, role="admin").permissions = ["catalog"]
    alert = {"id": "1", "type": "ALERT_COLD_STORE", "data": {"degrees": 9, "store": "S-1"}}

    for _ in range(2):
        assert client.post("/v1/notify", json=alert, headers=key).status_code == 202
    ran = drain(queues=("email",))

    ((email,),) = rows("SELECT email FROM users WHERE permissions IS NULL")
    mail = post.only_mail()
    assert ran == ["notifications.service_alert"]
    assert (mail["To"], mail["Subject"]) == (email, "An alert of a service")
    assert "Till reports ALERT_COLD_STORE: degrees 9, store S-1." in text_of(mail)
