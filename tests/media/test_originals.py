"""Files as they came: for those who hold a link, as long as it is good."""

import urllib.request
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.media.gateway.protocol import Storage
from app.platform import clock
from tests.database import rows
from tests.media.files import photo
from tests.media.keeping import Keeper
from tests.work import drain

FOLDER = pytest.mark.parametrize("storage", ["folder"], indirect=True)


def link(keeper: Keeper, image_id: str) -> str:
    told = keeper.person.get(f"/v1/admin/uploads/{image_id}").get_json()
    url: str = told["original"]["url"]
    return url


@FOLDER
def test_a_link_opens_the_file_as_a_download(keeper: Keeper) -> None:
    image_id = keeper.add(photo())

    opened = keeper.fetch(link(keeper, image_id))

    assert (opened.status_code, opened.data) == (200, photo())
    assert opened.headers["Content-Type"] == "application/octet-stream"
    assert opened.headers["Content-Disposition"] == f'attachment; filename="{image_id}.jpg"'
    assert opened.headers["Cache-Control"] == "private, no-store"
    assert opened.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("storage", ["bucket"], indirect=True)
def test_a_bucket_opens_the_file_itself(keeper: Keeper) -> None:
    image_id = keeper.add(photo())

    url = link(keeper, image_id)

    with urllib.request.urlopen(url, timeout=5) as opened:  # noqa: S310  # a server of ours
        assert opened.read() == photo()
        assert opened.headers["Content-Type"] == "application/octet-stream"
        assert opened.headers["Content-Disposition"] == f'attachment; filename="{image_id}.jpg"'
    signed = parse_qs(urlsplit(url).query)
    assert (signed["X-Amz-Expires"], len(signed["X-Amz-Signature"])) == (["300"], 1)


@FOLDER
def test_a_link_that_was_changed_or_is_another_files_opens_nothing(keeper: Keeper) -> None:
    image_id, other_id = keeper.add(photo(color=1)), keeper.add(photo(color=2))
    good = link(keeper, image_id)
    (expires,) = parse_qs(urlsplit(good).query)["expires"]

    wrong = [
        good.replace(image_id, other_id),
        good.replace(f"expires={expires}", f"expires={int(expires) + 1}"),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good.partition("signature")[0] + "signature=x",
    ]

    assert keeper.fetch(good).status_code == 200
    assert [keeper.fetch(url).status_code for url in wrong] == [404] * 4
    assert keeper.fetch(good.partition("?")[0]).status_code == 422


@FOLDER
def test_a_link_runs_out(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    url, now = link(keeper, keeper.add(photo())), clock.now()

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=299))
    in_time = keeper.fetch(url)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=301))
    late = keeper.fetch(url)

    assert (in_time.status_code, late.status_code) == (200, 404)


@FOLDER
def test_a_link_to_what_was_removed_opens_nothing(keeper: Keeper, storage: Storage) -> None:
    image_id = keeper.add(photo())
    url = link(keeper, image_id)

    keeper.remove(image_id)
    at_once = keeper.fetch(url)
    drain()

    assert (at_once.status_code, keeper.fetch(url).status_code) == (404, 404)
    assert storage.following("", limit=1) == []


@FOLDER
def test_no_log_and_no_event_has_a_link(keeper: Keeper, capsys: pytest.CaptureFixture[str]) -> None:
    url = link(keeper, keeper.add(photo()))
    keeper.fetch(url)

    (signature,) = parse_qs(urlsplit(url).query)["signature"]
    assert signature not in capsys.readouterr().out
    assert signature not in str(rows("SELECT payload FROM events"))
