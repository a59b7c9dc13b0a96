"""What is not taken, and by whom it is told."""

from dataclasses import replace
from functools import partial
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.media.gateway.protocol import Storage
from app.media.workflows.receiving import store
from tests.database import count, rows
from tests.media.files import NO_PICTURES, REFUSED, photo
from tests.media.keeping import Keeper
from tests.threads import together
from tests.work import drain

TYPE = "unsupported-picture"


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
@pytest.mark.parametrize("which", NO_PICTURES)
def test_what_is_no_picture_is_refused_at_the_counter(keeper: Keeper, storage: Storage, which: str) -> None:
    answer = keeper.send(NO_PICTURES[which])

    assert (answer.status_code, answer.get_json()["type"]) == (415, f"/problems/{TYPE}")
    assert "JPEG, PNG, WebP or AVIF" in answer.get_json()["detail"]
    assert (count("media_uploads"), count("product_images"), storage.following("", limit=1)) == (0, 0, [])


@pytest.mark.parametrize("which", ["a truncated JPEG", "a bomb", "a JPEG with a script"])
def test_what_only_a_worker_sees_is_told_to_admins_and_shown_to_nobody(
    keeper: Keeper, storage: Storage, which: str
) -> None:
    content, refusal = REFUSED[which]

    sent = keeper.send(content)
    ran = drain()

    assert (sent.status_code, ran) == (201, ["media.prepare"])
    (image,) = keeper.kept()
    assert (image["status"], image["refusal"], image["url"], image["sizes"]) == ("refused", refusal, None, [])
    assert (keeper.shown()["images"], keeper.shown()["image"], keeper.listed()) == ([], None, None)
    told = keeper.person.get(f"/v1/admin/uploads/{image['id']}").get_json()
    assert (told["status"], told["refusal"], told["sizes"]) == ("refused", refusal, [])
    assert [each.key for each in storage.following("", limit=10)] == [f"originals/{image['id']}"]
    assert rows("SELECT state FROM deliveries WHERE consumer = 'media.prepare'") == [("done",)]


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_what_is_larger_than_an_upload_may_be_is_refused_unread(
    keeper: Keeper, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LARGEST_UPLOAD", 20_000)

    fitting, larger = keeper.send(photo()), keeper.send(photo() + bytes(20_000))
    chunks = keeper.person.client.post(
        keeper.images,
        data={"file": (BytesIO(photo() + bytes(20_000)), "x.jpg")},
        headers=keeper.person.headers,
        environ_overrides={
            "CONTENT_LENGTH": "",
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
        },
    )

    assert (fitting.status_code, larger.status_code, chunks.status_code) == (201, 413, 413)
    assert count("media_uploads") == 1


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_only_routes_that_take_a_file_take_large_bodies(keeper: Keeper) -> None:
    large = {"name": "x" * 1_000_001}

    as_json = keeper.person.post("/v1/admin/products", large)
    as_form = keeper.person.client.post("/v1/admin/products", data=large, headers=keeper.person.headers)

    assert (as_json.status_code, as_form.status_code) == (413, 415)


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, "file"),
        ({"file": "a text"}, "file"),
        ({"file": (BytesIO(b""), "x.jpg")}, "file"),
        ({"file": (BytesIO(photo()), "x.jpg"), "position": "-1"}, "position"),
        ({"file": (BytesIO(photo()), "x.jpg"), "alt": "x" * 301}, "alt"),
        ({"file": (BytesIO(photo()), "x.jpg"), "alt": "a\x00b"}, "alt"),
        ({"file": (BytesIO(photo()), "x.jpg"), "sha256": "x"}, "sha256"),
    ],
    ids=["none", "a text", "an empty one", "position", "alt", "NUL", "another field"],
)
def test_a_form_that_is_wrong_is_told_by_field(keeper: Keeper, form: dict[str, object], wrong: str) -> None:
    answer = keeper.person.client.post(
        keeper.images, data=form, headers=keeper.person.headers, content_type="multipart/form-data"
    )

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])
    assert count("media_uploads") == 0


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_a_file_comes_in_a_form_and_not_as_json(keeper: Keeper) -> None:
    answer = keeper.person.post(keeper.images, {"file": "x"})

    assert answer.status_code == 415


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_a_product_has_20_images_at_most(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.catalog.services.images.MOST_IMAGES", 2)
    files = [photo(color=number) for number in range(3)]

    answers = [keeper.send(file) for file in (*files, files[1])]

    assert [answer.status_code for answer in answers] == [201, 201, 409, 201]
    assert answers[2].get_json()["type"] == "/problems/images-full"
    assert answers[3].get_json()["id"] == answers[1].get_json()["id"]
    assert (count("media_uploads"), count("product_images")) == (2, 2)


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_of_two_at_once_only_as_many_become_images_as_there_is_room_for(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.catalog.services.images.MOST_IMAGES", 2)
    assert keeper.send(photo()).status_code == 201
    both_were_expected = Barrier(2, timeout=20)

    def store_together(*words: Any, **more: Any) -> None:
        both_were_expected.wait()
        store(*words, **more)

    monkeypatch.setattr("app.catalog.workflows.store", store_together)

    def send(color: int) -> TestResponse:
        return replace(keeper, person=keeper.person.twin()).send(photo(color=color))

    answers = together(partial(send, 1), partial(send, 2))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {answer.get_json().get("type") for answer in answers} == {None, "/problems/images-full"}
    assert len(keeper.kept()) == 2
    told = "SELECT status, count(*) FROM media_uploads GROUP BY status ORDER BY status"
    assert rows(told) == [("expected", 1), ("uploaded", 2)]


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_nothing_is_added_to_what_is_not_there(keeper: Keeper) -> None:
    nothing = "01a1fb3f-0000-7000-8000-000000000000"

    answers = [
        keeper.send(photo(), f"/v1/admin/products/{nothing}/images"),
        keeper.send(photo(), f"/v1/admin/categories/{nothing}/image"),
        keeper.person.get(f"/v1/admin/uploads/{nothing}"),
        keeper.change(nothing, alt="x"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert count("media_uploads") == 0
