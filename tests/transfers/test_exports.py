"""Files that go out, and what comes of them when they come in again."""

import csv
import json
from io import StringIO

import pytest

from app.media.errors import ObjectMissing
from app.media.gateway.select import EXTENSION, storage_of
from app.transfers.services import exports
from tests.database import change, count, rows
from tests.media.dying import Dying
from tests.transfers.clerk import BLUE, CHAIR, WORK, Clerk, counts, lines, sheet
from tests.transfers.test_imports import EVERYTHING
from tests.work import do_one, drain

ODD = CHAIR | {
    "sku": "ODD",
    "product": "odd",
    "name": "=1+1",
    "description": 'A "quoted", text\r\nof\n\n\'=lines; größe',
    "brand": "'-x",
    "category": "",
    "status": "draft",
    "attributes": '{"b": 1, "a": "=x", "c": true, "d": 0.5}',
    "variant_name": "",
    "compare_at_price": "",
    "weight_grams": "",
    "stock": "",
}


@pytest.fixture
def filled(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    """A catalog of three variants, of which a part of an export has two."""
    monkeypatch.setattr(exports, "STEP", 2)
    assert counts(clerk.imported(sheet([CHAIR, BLUE, ODD]))) == (3, 0, 0, 0)
    return clerk


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_what_is_exported_and_imported_changes_nothing(filled: Clerk, file_format: str) -> None:
    before = rows(EVERYTHING)
    file = filled.exported(file_format)

    job = filled.imported(file)

    assert (job["format"], counts(job), filled.report(job)) == (file_format, (0, 0, 3, 0), [])
    assert rows(EVERYTHING) == before
    assert filled.exported(file_format) == file


def test_what_is_exported_makes_the_same_in_an_empty_shop(filled: Clerk) -> None:
    file = filled.exported()
    everything = "products, variants, listings, stock_levels, stock_movements"
    change(f"TRUNCATE {everything} CASCADE")

    job = filled.imported(file)

    assert counts(job) == (3, 0, 0, 0)
    assert filled.exported() == file


def test_both_kinds_of_files_say_the_same(filled: Clerk) -> None:
    of_csv = list(csv.DictReader(StringIO(filled.exported(), newline="")))
    of_json = [json.loads(line) for line in filled.exported("jsonl").splitlines()]

    assert [row["sku"] for row in of_csv] == ["CHAIR-RED", "CHAIR-BLUE", "ODD"]
    assert [row["sku"] for row in of_json] == ["CHAIR-RED", "CHAIR-BLUE", "ODD"]
    assert [list(row) for row in of_json] == [list(of_csv[0])] * 3
    assert (of_csv[2]["name"], of_csv[2]["brand"]) == ("'=1+1", "'-x")
    odd = [of_json[2][name] for name in ("name", "price", "category", "stock", "featured", "attributes")]
    assert odd == ["=1+1", 1999, None, 0, False, {"a": "=x", "b": 1, "c": True, "d": 0.5}]


def test_how_far_an_export_is_can_be_seen_and_its_file_had_at_the_end(filled: Clerk) -> None:
    job = filled.admin.post("/v1/admin/exports").get_json()
    path = f"/v1/admin/exports/{job['id']}"
    early = filled.admin.get(f"{path}/file")
    drain(only=WORK)
    done = filled.admin.get(path).get_json()
    file = filled.admin.get(f"{path}/file")

    assert (job["status"], early.status_code, early.get_json()["type"]) == (
        "running",
        409,
        "/problems/export-not-ready",
    )
    assert (done["status"], done["rows_written"], done["byte_size"]) == ("done", 3, len(file.data))
    assert file.headers["Content-Disposition"] == f'attachment; filename="catalog-{job["id"]}.csv"'
    assert file.headers["Cache-Control"] == "private, no-store"
    assert [item["id"] for item in filled.admin.get("/v1/admin/exports").get_json()["items"]] == [job["id"]]


def test_where_to_look_for_an_export_is_said_again_when_the_call_is_repeated(filled: Clerk) -> None:
    first, again = (filled.admin.post("/v1/admin/exports", key="once") for _ in range(2))

    path = f"/v1/admin/exports/{first.get_json()['id']}"
    assert (first.headers["Location"], first.headers["Retry-After"]) == (path, "1")
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (path, "true")
    assert filled.admin.get(path).status_code == 200


def test_a_file_that_cannot_be_read_now_is_none_and_can_be_had_later(
    filled: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{written(filled)}/file"
    app = filled.admin.client.application
    storage = storage_of(app)

    with monkeypatch.context() as away:
        away.setitem(app.extensions, EXTENSION, Dying(storage, -1, away=True))
        answer = filled.admin.get(path)

    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/unavailable")
    assert filled.admin.get(path).get_data(as_text=True).startswith("sku,product,name,")


def test_a_file_that_is_gone_is_not_found(filled: Clerk) -> None:
    path = written(filled)
    storage = storage_of(filled.admin.client.application)
    storage.delete(storage.below(f"exports/{path.rpartition('/')[2]}"))

    answer = filled.admin.get(f"{path}/file")

    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")


def test_a_file_of_which_a_part_is_missing_comes_short_of_what_it_says(filled: Clerk) -> None:
    path = written(filled)
    whole = filled.admin.get(f"{path}/file").data
    storage = storage_of(filled.admin.client.application)
    _, second = sorted(storage.below(f"exports/{path.rpartition('/')[2]}"))
    storage.delete([second])

    broken = filled.admin.get(f"{path}/file")

    assert (broken.status_code, broken.content_length) == (200, len(whole))
    came = broken.iter_encoded()
    assert 0 < len(next(came)) < len(whole)
    with pytest.raises(ObjectMissing):
        next(came)


def written(clerk: Clerk) -> str:
    """The path of an export that is done."""
    job = clerk.admin.post("/v1/admin/exports").get_json()
    drain(only=WORK)
    return f"/v1/admin/exports/{job['id']}"


def test_variants_that_come_or_go_meanwhile_shift_nothing(
    filled: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "STEP", 1)
    job = filled.admin.post("/v1/admin/exports").get_json()
    do_one(0)
    more = lines([ODD | {"sku": "NEW", "product": "new", "price": 5, "attributes": {}, "stock": 0}])
    filled.imported(more.replace('""', "null"))

    file = filled.admin.get(f"/v1/admin/exports/{job['id']}/file").get_data(as_text=True)
    assert [row["sku"] for row in csv.DictReader(StringIO(file, newline=""))] == [
        "CHAIR-RED",
        "CHAIR-BLUE",
        "ODD",
        "NEW",
    ]


def test_an_empty_shop_is_a_header(clerk: Clerk) -> None:
    assert clerk.exported().startswith("sku,product,name,")
    assert clerk.exported("jsonl") == ""
    assert count("catalog_exports") == 2
