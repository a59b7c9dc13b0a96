"""Mails that nobody has to get, declined in the account or by the link of a mail."""

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.identity.models import DECLINABLE_MAILS
from app.identity.services.pages import asks_to_unsubscribe, unsubscribed
from app.notifications.states import DECLINABLE_KINDS
from app.platform.locales import LANGUAGES
from tests.database import change, rows
from tests.factories import signed_in
from tests.keys import key_headers
from tests.notifications.post import Post, html_of, text_of
from tests.work import drain

DECLINED = "SELECT declined_mails FROM users ORDER BY id LIMIT 1"


def tell(client: FlaskClient, key: dict[str, str], reference: str) -> None:
    body = {"id": reference, "type": "ALERT_COLD_STORE", "data": {"degrees": 9}}
    assert client.post("/v1/notify", json=body, headers=key).status_code == 202


def alert(client: FlaskClient, key: dict[str, str], reference: str) -> list[str]:
    tell(client, key, reference)
    return drain(queues=("email",))


def test_an_alert_says_how_to_have_no_more_and_that_works_without_a_login(
    client: FlaskClient, post: Post
) -> None:
    key = key_headers("services:notify")
    alert(client, key, "1")

    mail = post.only_mail()
    link = mail["List-Unsubscribe"].strip("<>")
    where = "{0.path}?{0.query}".format(urlsplit(link))
    # Not only once it is parsed: programs look for it as it stands.
    assert f"List-Unsubscribe: <{link}>".encode() in post.caught()[0].splitlines()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in text_of(mail).replace("\r\n", "")
    assert link in html_of(mail)
    asked = client.get(where)
    assert (asked.status_code, "alerts of services" in asked.text) == (200, True)
    assert rows(DECLINED) == [([],)]
    german = client.get(where, headers={"Accept-Language": "de-AT"})
    assert ('<html lang="de">' in german.text, "Warnungen von Diensten?" in german.text) == (True, True)
    of_another_kind = client.post(where.replace("service_alert", "low_stock"))
    done = [client.post(where, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]

    assert (of_another_kind.status_code, done) == (404, [200, 200])
    assert rows(DECLINED) == [(["service_alert"],)]
    assert alert(client, key, "2") == ["notifications.service_alert"]
    assert len(post.mails()) == 1


def test_what_is_declined_is_kept_in_the_account_and_may_be_wanted_again(
    client: FlaskClient, post: Post
) -> None:
    headers = signed_in(client)

    def wants(*declined: str) -> tuple[int, object]:
        answer = client.patch("/v1/users/me", json={"declined_mails": declined}, headers=headers)
        return answer.status_code, answer.get_json().get("declined_mails")

    assert wants("low_stock", "back_in_stock", "low_stock") == (200, ["back_in_stock", "low_stock"])
    assert wants("order_paid") == (422, None)
    assert wants() == (200, [])


def test_one_that_waits_is_given_up_when_it_is_declined_meanwhile(client: FlaskClient, post: Post) -> None:
    tell(client, key_headers("services:notify"), "1")
    change("UPDATE users SET declined_mails = '{service_alert}' WHERE role = 'admin'")

    assert drain(queues=("email",)) == ["notifications.service_alert"]
    assert post.mails() == []


def test_accounts_and_mails_know_the_same_kinds() -> None:
    assert set(DECLINABLE_MAILS) == set(DECLINABLE_KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [None, *DECLINABLE_MAILS])
def test_each_kind_has_its_pages_in_each_language(kind: str | None, language: str) -> None:
    pages = asks_to_unsubscribe(kind, tag=language), unsubscribed(kind, tag=language)

    assert [f'<html lang="{language}">' in each for each in pages] == [True, True]
