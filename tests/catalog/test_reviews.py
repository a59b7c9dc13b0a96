"""Reviews over HTTP: who writes them, who reads them, who judges them."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.platform import settings
from tests.buyers import Buyer, make_buyer, shelf
from tests.catalog.reviewing import change, delete, rating, shown, write
from tests.database import rows
from tests.factories import MadeProduct
from tests.work import drain


@pytest.fixture
def moderated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(settings.settings(), reviews_moderated=True)
    monkeypatch.setattr(settings, "_installed", [known])


@pytest.fixture
def lamp(client: FlaskClient) -> MadeProduct:
    return shelf()


def judge(admin: Buyer, review_id: str, verdict: str, reason: str | None = None) -> int:
    body = {"reason": reason} if reason else None
    return admin.post(f"/v1/admin/reviews/{review_id}/{verdict}", body).status_code


def test_a_review_is_read_by_everybody_and_counts(client: FlaskClient, lamp: MadeProduct) -> None:
    ada, bob = make_buyer(client), make_buyer(client)

    answer = write(ada, lamp, 5, title=" Bright ", comment="Two\nlines")
    write(bob, lamp, 2)

    assert answer.status_code == 201
    (second, first) = shown(ada, lamp)
    assert first == {
        "id": answer.get_json()["id"],
        "rating": 5,
        "title": "Bright",
        "comment": "Two\nlines",
        "author": "Ada Lovelace",
        "verified_purchase": False,
        "created_at": answer.get_json()["created_at"],
    }
    assert (second["rating"], second["title"], second["comment"]) == (2, "", "")
    assert rating(ada, lamp) == (3.5, 2)


def test_a_product_without_reviews_has_no_average(client: FlaskClient, lamp: MadeProduct) -> None:
    assert rating(make_buyer(client), lamp) == (None, 0)


def test_who_has_reviewed_a_product_changes_that_review(client: FlaskClient, lamp: MadeProduct) -> None:
    ada = make_buyer(client)
    review_id = write(ada, lamp, 5).get_json()["id"]

    again = write(ada, lamp, 1)

    assert (again.status_code, again.get_json()["review_id"]) == (409, review_id)
    assert change(ada, review_id, rating=3, comment="Not so good").get_json()["rating"] == 3
    assert [(each["rating"], each["comment"]) for each in shown(ada, lamp)] == [(3, "Not so good")]
    assert rating(ada, lamp) == (3.0, 1)


def test_what_its_author_deletes_counts_no_more_and_can_be_written_anew(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    ada = make_buyer(client)
    review_id = write(ada, lamp, 5).get_json()["id"]

    assert delete(ada, review_id) == 204
    assert (shown(ada, lamp), rating(ada, lamp)) == ([], (None, 0))
    assert (delete(ada, review_id), write(ada, lamp, 1).status_code) == (404, 201)


def test_another_ones_review_is_nobodys(client: FlaskClient, lamp: MadeProduct) -> None:
    ada, bob = make_buyer(client), make_buyer(client)
    review_id = write(ada, lamp, 5).get_json()["id"]

    assert (change(bob, review_id, rating=1).status_code, delete(bob, review_id)) == (404, 404)
    assert rating(ada, lamp) == (5.0, 1)


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "5", None, True])
def test_stars_are_one_to_five(client: FlaskClient, lamp: MadeProduct, stars: object) -> None:
    answer = make_buyer(client).post(f"/v1/products/{lamp.id}/reviews", {"rating": stars})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["rating"])


def test_markup_is_text_and_nothing_else(client: FlaskClient, lamp: MadeProduct) -> None:
    ada, script = make_buyer(client), "<script>alert(1)</script>'; DROP TABLE reviews; --"

    write(ada, lamp, 1, title=script, comment=script)
    answer = client.get(f"/v1/products/{lamp.id}/reviews")

    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
    assert [(each["title"], each["comment"]) for each in answer.get_json()["items"]] == [(script, script)]


def test_what_is_not_offered_is_not_reviewed(client: FlaskClient) -> None:
    draft, ada = shelf(status="draft"), make_buyer(client)

    assert write(ada, draft).status_code == 404
    assert client.get(f"/v1/products/{draft.id}/reviews").status_code == 404


def test_pages_go_on_where_the_last_one_ended(client: FlaskClient, lamp: MadeProduct) -> None:
    for stars in (1, 2, 3):
        write(make_buyer(client), lamp, stars)

    first = client.get(f"/v1/products/{lamp.id}/reviews?limit=2").get_json()
    second = client.get(f"/v1/products/{lamp.id}/reviews?limit=2&cursor={first['next_cursor']}").get_json()

    assert [each["rating"] for each in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next_cursor"] is None


@pytest.mark.usefixtures("moderated")
def test_a_moderated_review_is_seen_when_it_is_published_and_again_when_it_was_changed(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    ada, admin = make_buyer(client), make_buyer(client, "admin")
    written = write(ada, lamp, 5, title="Bright").get_json()
    waiting = admin.get("/v1/admin/reviews").get_json()["items"]
    assert (written["status"], [each["id"] for each in waiting]) == ("pending", [written["id"]])
    assert (shown(ada, lamp), rating(ada, lamp)) == ([], (None, 0))

    assert [judge(admin, written["id"], "publish") for _ in range(2)] == [200, 200]
    assert (len(shown(ada, lamp)), rating(ada, lamp)) == (1, (5.0, 1))

    assert change(ada, written["id"], title="Dim").get_json()["status"] == "pending"
    assert (shown(ada, lamp), rating(ada, lamp)) == ([], (None, 0))


def test_what_is_rejected_is_seen_by_its_author_alone_with_the_reason_and_not_by_a_mere_change(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    ada, admin = make_buyer(client), make_buyer(client, "admin")
    review_id = write(ada, lamp, 1).get_json()["id"]

    assert judge(admin, review_id, "reject", "About the weather") == 200
    assert (shown(ada, lamp), rating(ada, lamp)) == ([], (None, 0))
    (own,) = ada.get("/v1/users/me/reviews").get_json()["items"]
    assert (own["status"], own["reject_reason"]) == ("rejected", "About the weather")
    assert len(admin.get("/v1/admin/reviews?status=rejected").get_json()["items"]) == 1

    assert change(ada, review_id, comment="About the lamp").get_json()["status"] == "pending"
    assert shown(ada, lamp) == []


def test_verdicts_are_in_the_audit_log_without_the_text(client: FlaskClient, lamp: MadeProduct) -> None:
    ada, admin = make_buyer(client), make_buyer(client, "admin")
    review_id = write(ada, lamp, 1, comment="about somebody").get_json()["id"]

    judge(admin, review_id, "reject", "Personal")

    ((before, after),) = rows("SELECT before, after FROM audit_log WHERE thing = 'reviews'")
    assert before == {"status": "published", "reject_reason": None}
    assert after == {"status": "rejected", "reject_reason": "Personal"}


def test_who_deletes_their_account_takes_their_reviews_along(client: FlaskClient, lamp: MadeProduct) -> None:
    ada, bob = make_buyer(client), make_buyer(client)
    write(ada, lamp, 1, comment="my words")
    write(bob, lamp, 5)

    assert client.delete("/v1/users/me", headers=ada.headers).status_code == 204
    assert "Ada Lovelace" not in [shown(bob, lamp)[1]["author"]]
    drain()

    assert ([each["rating"] for each in shown(bob, lamp)], rating(bob, lamp)) == ([5], (5.0, 1))
