"""What is refused before any row is read, and what is kept of a file."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.database import count, rows
from tests.transfers.clerk import CHAIR, Clerk, counts, lines, sheet

REFUSED = {
    "nothing": (b"", "empty"),
    "UTF-16": ("sku,price\nA,1\n".encode("utf-16"), "not UTF-8"),
    "UTF-16 without a mark": ("sku,price\nA,1\n".encode("utf-16-le"), "not UTF-8"),
    "Latin-1": ("sku,name\nA,Größe\n".encode("latin-1"), "not UTF-8"),
    "half a character": ("sku,name\nA,Größ".encode() + b"\xc3", "not UTF-8"),
    "NUL": (b"sku,name\nA,a\x00b\n", "not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8"),
    "no header": (b"CHAIR-RED,1999\n", "no column 'chair-red'"),
    "an unknown column": (b"sku,prise\nA,1\n", "no column 'prise'"),
    "no SKU": (b"product,price\nA,1\n", "no column sku"),
    "a column twice": (b"sku,price,PRICE\nA,1,2\n", "twice"),
    "a header without an end": (b"sku," + b"x" * 20_000, "must be the header"),
    "a list": (b'[{"sku": "A"}]', "no column"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_a_file_that_is_none_of_ours_is_refused_at_once(clerk: Clerk, which: str) -> None:
    content, problem = REFUSED[which]

    answer = clerk.send(content)

    assert (answer.status_code, answer.get_json()["type"]) == (422, "/problems/invalid")
    (told,) = answer.get_json()["errors"]["file"]
    assert problem in told
    assert count("catalog_imports") == 0


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_spreadsheets_write_is_taken(clerk: Clerk, delimiter: str, mark: str) -> None:
    header, row = delimiter.join(["SKU", " price "]), delimiter.join(["CHAIR", "5"])

    job = clerk.imported(f'{mark}{header}\r\n"no"{delimiter}5\r\n{row}', dry_run="true")

    assert (job["status"], counts(job)) == ("done", (0, 0, 0, 2))
    assert [(each["row"], each["line"], each["sku"]) for each in clerk.report(job)] == [
        ("1", "2", "no"),
        ("2", "3", "CHAIR"),
    ]


def test_a_header_alone_is_an_import_of_nothing(clerk: Clerk) -> None:
    job = clerk.imported("sku,price")

    assert (job["status"], counts(job), clerk.report(job)) == ("done", (0, 0, 0, 0), [])


def test_a_file_that_is_larger_than_imports_may_be_is_refused(
    clerk: Clerk, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LARGEST_IMPORT", 2_000)
    rest = lines([{"sku": "A", "name": "x" * 2_000}])

    assert (clerk.send(rest).status_code, clerk.send("sku\nA\n").status_code) == (413, 202)
    assert count("catalog_imports") == 1


def test_a_large_file_is_stored_as_it_came(clerk: Clerk, app: Flask) -> None:
    content = ("sku,name\n" + "".join(f"A-{number},{'x' * 1000}\n" for number in range(6_000))).encode()

    # Written by hand: of a large one, the test client leaves a file open.
    head, end = b'--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n', b"\r\n--x--\r\n"
    clerk.admin.client.post(
        "/v1/admin/imports",
        data=head + content + end,
        content_type="multipart/form-data; boundary=x",
        headers=clerk.admin.headers,
    )

    ((import_id, size),) = rows("SELECT id, byte_size FROM catalog_imports")
    storage = app.extensions["media_storage"]
    assert size == len(content)
    assert storage.get(f"imports/{import_id}") == content
    assert storage.read(f"imports/{import_id}", start=5, length=10) == content[5:15]


def test_the_file_is_shown_to_nobody(client: FlaskClient, clerk: Clerk) -> None:
    path = clerk.started(sheet([CHAIR]))
    import_id = path.rpartition("/")[2]

    guesses = (f"imports/{import_id}", f"originals/{import_id}", f"{import_id}/{'0' * 32}.webp")
    assert [client.get(f"/media/{guess}").status_code for guess in guesses] == [404, 422, 404]


def test_a_report_runs_nothing_and_is_a_download(clerk: Clerk) -> None:
    job = clerk.imported(lines([{"sku": "=cmd|' /C calc'!A0", "price": "@x;=1", "+x": 1}]))

    answer = clerk.admin.get(f"/v1/admin/imports/{job['id']}/report")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="import-{job["id"]}.csv"'
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == (
        "private, no-store",
        "nosniff",
    )
    cells = [cell for each in clerk.report(job) for cell in each.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert {cell for cell in cells if cell.startswith("'")} == {"'=cmd|' /C calc'!A0", "'@x;'=1", "'+x"}


def test_a_file_comes_in_a_form(clerk: Clerk) -> None:
    as_json = clerk.admin.post("/v1/admin/imports", {"file": "sku"})
    form = {"file": (BytesIO(b"sku\n"), "x.csv"), "sha256": "x"}
    more = clerk.admin.client.post("/v1/admin/imports", data=form, headers=clerk.admin.headers)

    assert (as_json.status_code, more.status_code) == (415, 422)


def test_a_report_that_cannot_be_read_now_is_no_report(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = clerk.imported("sku\nnobody-has-it\n")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr("app.transfers.workflows.reporting.queries.refusals", away)
    answer = clerk.admin.get(f"/v1/admin/imports/{job['id']}/report")

    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/unavailable")
