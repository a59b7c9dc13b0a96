"""What is left of imports and exports, and for how long."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.events.services import publish_slot
from app.media.gateway.protocol import Storage
from app.media.gateway.select import storage_of
from app.platform.db import transaction
from app.platform.errors import Unavailable
from app.transfers.services import old
from app.transfers.workflows import cleaning, receiving
from tests.buyers import Buyer
from tests.database import change, count, rows
from tests.factories import make_user
from tests.keys import key_headers
from tests.media.dying import Dying, Killed
from tests.transfers.clerk import CHAIR, WORK, Clerk, counts, sheet
from tests.transfers.making import NOBODY
from tests.work import drain, make_due


@pytest.fixture
def storage(clerk: Clerk) -> Storage:
    """Where the files are; those of other tests are gone."""
    kept = storage_of(clerk.admin.client.application)
    kept.delete(keys(kept))
    return kept


def keys(storage: Storage) -> list[str]:
    found = [each.key for each in storage.following("", limit=10_000)]
    return [key for key in found if key.startswith(("imports/", "exports/"))]


def days_pass(days: float) -> None:
    period = timedelta(days=days)
    change("UPDATE catalog_imports SET created_at = created_at - :period", period=period)
    for table in ("catalog_imports", "catalog_exports"):
        change(f"UPDATE {table} SET finished_at = finished_at - :period", period=period)  # noqa: S608  # our own


def clean_up() -> None:
    """The next slot comes, and its work is done."""
    with transaction() as session:
        publish_slot(session, "transfers.clean_up", timedelta(milliseconds=1))
    assert drain(only=["transfers.clean_up"]) == ["transfers.clean_up"]


def receive(storage: Dying) -> None:
    receiving.receive(BytesIO(b"sku\nA\n"), dry_run=False, actor=NOBODY, seller_id=None, storage=storage)


def test_files_and_books_go_a_week_after_the_end(clerk: Clerk, storage: Storage) -> None:
    clerk.imported(sheet([CHAIR, CHAIR | {"price": "x"}]))
    clerk.exported()
    days_pass(6.9)
    clean_up()
    kept = len(keys(storage))
    days_pass(0.2)
    waiting = clerk.started(sheet([CHAIR]))
    clean_up()

    assert kept == 2
    assert keys(storage) == [f"imports/{waiting.rpartition('/')[2]}"]
    assert [count(table) for table in ("catalog_imports", "import_refusals", "catalog_exports")] == [1, 0, 0]
    assert rows("SELECT name FROM scheduled_jobs") == [("transfers.clean_up",)]
    drain(only=WORK)
    assert clerk.admin.get(waiting).get_json()["status"] == "done"


def test_what_was_wrong_with_a_file_goes_in_batches_and_each_stands(
    clerk: Clerk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.imported(sheet([CHAIR | {"price": "x"}] * 5))
    days_pass(8)
    forget = old.forget_refusals
    batches: list[int] = []

    def forget_twice(session: Session, import_ids: Sequence[UUID], *, limit: int) -> int:
        if len(batches) == 2:
            raise ZeroDivisionError
        batches.append(forget(session, import_ids, limit=2))
        return limit

    with monkeypatch.context() as patched:
        patched.setattr(old, "forget_refusals", forget_twice)
        clean_up()
    assert (batches, count("import_refusals"), count("catalog_imports")) == ([2, 2], 1, 1)

    make_due()
    drain(only=["transfers.clean_up"])
    assert (count("import_refusals"), count("catalog_imports"), keys(storage)) == (0, 0, [])


def test_what_is_left_of_a_file_when_time_is_up_is_for_the_next_time(
    clerk: Clerk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.imported(sheet([CHAIR | {"price": "x"}]))
    clerk.imported(sheet([CHAIR]))
    days_pass(8)

    with monkeypatch.context() as patched:
        patched.setattr(cleaning, "FORGETTING_SECONDS", 0.0)
        clean_up()
    assert rows("SELECT rows_refused FROM catalog_imports") == [(1,)]
    assert count("import_refusals") == 1

    clean_up()
    assert (count("import_refusals"), count("catalog_imports")) == (0, 0)


@pytest.mark.parametrize("after", [False, True])
def test_a_file_that_never_came_is_seen_by_nobody_and_gone_after_a_day(
    clerk: Clerk,
    storage: Storage,
    after: bool,  # noqa: FBT001  # a case
) -> None:
    with pytest.raises(Killed):
        receive(Dying(storage, 0, after=after))
    ((import_id,),) = rows("SELECT id FROM catalog_imports")
    path = f"/v1/admin/imports/{import_id}"

    assert clerk.admin.get("/v1/admin/imports").get_json()["items"] == []
    assert [clerk.admin.get(path).status_code, clerk.admin.post(f"{path}/cancel").status_code] == [404, 404]
    clean_up()
    assert count("catalog_imports") == 1
    days_pass(1.1)
    clean_up()
    assert (count("catalog_imports"), keys(storage)) == (0, [])


def test_without_the_storage_the_caller_is_told_to_repeat(clerk: Clerk, storage: Storage) -> None:
    with pytest.raises(Unavailable):
        receive(Dying(storage, -1, away=True))
    assert (rows("SELECT status FROM catalog_imports"), keys(storage)) == ([("expected",)], [])


def test_imports_are_listed_newest_first_a_page_at_a_time(clerk: Clerk) -> None:
    sent = [clerk.send("sku\nA\n").get_json()["id"] for _ in range(3)]

    first = clerk.admin.get("/v1/admin/imports?limit=2").get_json()
    second = clerk.admin.get(f"/v1/admin/imports?limit=2&cursor={first['next_cursor']}").get_json()

    listed = [item["id"] for item in first["items"] + second["items"]]
    assert (listed, second["next_cursor"]) == (sent[::-1], None)
    drain(only=WORK)


def test_who_writes_a_part_once_more_spoils_none(
    clerk: Clerk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counts(clerk.imported(sheet([CHAIR]))) == (1, 0, 0, 0)
    job = clerk.admin.post("/v1/admin/exports").get_json()
    monkeypatch.setattr("tasks.media.storage", lambda: Dying(storage, 0, after=True))
    with pytest.raises(Killed):
        drain(only=WORK)
    monkeypatch.setattr("tasks.media.storage", lambda: storage)
    clerk.imported("sku,price\nCHAIR-RED,5\n")
    make_due()
    drain(only=WORK)

    parts = [key for key in keys(storage) if key.startswith(f"exports/{job['id']}")]
    file = clerk.admin.get(f"/v1/admin/exports/{job['id']}/file").get_data(as_text=True)
    assert len(parts) == 2
    assert file.count("CHAIR-RED") == 1
    assert ",5,2999," in file


def test_keys_of_the_scopes_import_and_export_in_their_own_name(clerk: Clerk) -> None:
    seller_id = clerk.admin.get("/v1/users/me").get_json()["id"]
    key = Clerk(Buyer(clerk.admin.client, key_headers("catalog:import", "catalog:export")))

    of_nobody = key.imported(sheet([CHAIR]))
    job = key.imported(sheet([CHAIR | {"seller": seller_id}]))

    assert [each["column"] for each in key.report(of_nobody)] == ["seller"]
    assert counts(job) == (1, 0, 0, 0)
    assert key.exported().count("CHAIR-RED") == 1
    assert rows("SELECT DISTINCT split_part(actor, ':', 1) FROM stock_movements") == [("api_client",)]


@pytest.mark.parametrize(("scope", "refused"), [("catalog:import", "exports"), ("catalog:export", "imports")])
def test_a_key_does_what_its_scope_says_and_for_the_whole_shop(
    clerk: Clerk, scope: str, refused: str
) -> None:
    with transaction() as session:
        seller_id = make_user(session, role="seller").id
    key, of_seller = key_headers(scope), key_headers(scope)
    by_prefix = "UPDATE api_keys SET seller_id = :id WHERE prefix = :prefix"  # none is made like that
    change(by_prefix, id=seller_id, prefix=of_seller["X-Api-Key"][:15])
    paths = [f"/v1/admin/{kind}" for kind in ("imports", "exports")]

    answers = [clerk.admin.client.get(path, headers=key).status_code for path in paths]

    assert answers == [403 if path.endswith(refused) else 200 for path in paths]
    assert [clerk.admin.client.get(path, headers=of_seller).status_code for path in paths] == [403, 403]
