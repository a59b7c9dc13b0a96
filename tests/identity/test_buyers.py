"""Who is let in where guests may buy."""

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from app.identity.auth import buyer, requires_buyer
from app.platform import context
from app.platform.tokens import hash_of, new_token
from tests.factories import signed_in
from tests.platform.routes import GET, Views


def who() -> object:
    """What the guard found out."""
    return jsonify(user=buyer().user_id is not None, guest=buyer().token_hash, actor=context.current("actor"))


@pytest.fixture
def views(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Views:
    return Views(app, monkeypatch)


def test_a_guest_is_known_by_the_hash_of_their_token(client: FlaskClient, views: Views) -> None:
    views.get(requires_buyer()(who))
    token = new_token()

    body = client.get(GET, headers={"X-Cart-Token": token}).get_json()

    assert body == {"user": False, "guest": hash_of(token), "actor": f"guest:{hash_of(token)}"}
    assert token not in str(body)


def test_a_user_may_bring_a_guests_token_along(client: FlaskClient, views: Views) -> None:
    views.get(requires_buyer()(who))
    token = new_token()

    body = client.get(GET, headers=signed_in(client) | {"X-Cart-Token": token}).get_json()

    assert (body["user"], body["guest"]) == (True, hash_of(token))
    assert body["actor"].startswith("user:")


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "a" * 42, "a" * 44, "a" * 42 + "/"])
def test_a_text_that_cannot_be_a_token_counts_as_none(client: FlaskClient, views: Views, token: str) -> None:
    views.get(requires_buyer()(who))

    refused = client.get(GET, headers={"X-Cart-Token": token})
    views.get(requires_buyer("newcomers")(who))
    let_in = client.get(GET, headers={"X-Cart-Token": token})

    assert (refused.status_code, refused.get_json()["type"]) == (401, "/problems/not-authenticated")
    assert "X-Cart-Token" in refused.get_json()["detail"]
    assert (let_in.status_code, let_in.get_json()["guest"]) == (200, None)


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic eDp5"])
def test_a_wrong_access_token_is_refused_even_with_a_cart_token(
    client: FlaskClient, views: Views, header: str
) -> None:
    views.get(requires_buyer("newcomers", "links")(who))

    answer = client.get(f"{GET}?token=x", headers={"Authorization": header, "X-Cart-Token": new_token()})

    assert answer.status_code == 401


def test_a_link_opens_only_what_says_so(client: FlaskClient, views: Views) -> None:
    views.get(requires_buyer()(who))
    closed = client.get(f"{GET}?token=x")
    views.get(requires_buyer("links")(who))

    assert [closed.status_code, client.get(f"{GET}?token=x").status_code] == [401, 200]
    assert client.get(GET).status_code == 401


def test_the_document_names_every_way_in() -> None:
    guarded = requires_buyer("links", "newcomers")(who)

    assert vars(guarded)["_apidoc"]["manual_doc"] == {
        "security": [{"bearer": []}, {"cart_token": []}, {"order_link": []}, {}]
    }
