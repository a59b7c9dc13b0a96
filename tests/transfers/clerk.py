"""An admin who sends files of rows, and fetches some."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.factories import make_category
from tests.work import drain

WORK = ["transfers.import_step", "transfers.export_step"]
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who may keep the catalog."""

    admin: Buyer

    def send(self, content: bytes | str, key: str | None = None, **fields: Any) -> TestResponse:
        """Send a file."""
        file = content.encode() if isinstance(content, str) else content
        form = {"file": (BytesIO(file), "=1+1.csv", "image/png")} | fields
        headers = self.admin.headers | ({"Idempotency-Key": key} if key else {})
        return self.admin.client.post("/v1/admin/imports", data=form, headers=headers)

    def started(self, content: bytes | str, **fields: Any) -> str:
        """The path of an import that waits."""
        answer = self.send(content, **fields)
        assert answer.status_code == 202, answer.get_json()
        return answer.headers["Location"]

    def imported(self, content: bytes | str, **fields: Any) -> Any:
        """Send a file and have it worked off: the import at its end."""
        path = self.started(content, **fields)
        drain(only=WORK)
        return self.admin.get(path).get_json()

    def report(self, job: Any) -> Rows:
        """What is wrong with the rows of an import."""
        answer = self.admin.get(f"/v1/admin/imports/{job['id']}/report")
        return list(csv.DictReader(StringIO(answer.get_data(as_text=True), newline="")))

    def exported(self, file_format: str = "csv") -> str:
        """Everything as a file."""
        job = self.admin.post("/v1/admin/exports", {"format": file_format}).get_json()
        drain(only=WORK)
        return self.admin.get(f"/v1/admin/exports/{job['id']}/file").get_data(as_text=True)

    def product(self, slug: str) -> Any:
        """A product as everybody sees it; None if nobody does."""
        answer = self.admin.client.get(f"/v1/products/{slug}")
        return answer.get_json() if answer.status_code == 200 else None


def make_clerk(client: FlaskClient) -> Clerk:
    """An admin, and a category garden/chairs."""
    with transaction() as session:
        garden = make_category(session, "Garden")
        make_category(session, "Chairs", parent_id=garden)
    return Clerk(make_buyer(client, "admin"))


def sheet(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as CSV, with the columns that the first one has."""
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def lines(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def counts(job: Any) -> tuple[int, int, int, int]:
    """Of an import: rows that made something, changed something, changed nothing, were refused."""
    rows = job["rows"]
    return rows["created"], rows["changed"], rows["unchanged"], rows["refused"]


CHAIR = {
    "sku": "CHAIR-RED",
    "product": "garden-chair",
    "name": "Garden chair",
    "description": "To sit on,\nin the sun.",
    "brand": "Sit & Co",
    "category": "garden/chairs",
    "status": "active",
    "attributes": '{"material": "oak"}',
    "variant_name": "Red",
    "price": "1999",
    "compare_at_price": "2999",
    "weight_grams": "4000",
    "variant_attributes": '{"color": "red"}',
    "stock": "5",
}
BLUE = CHAIR | {
    "sku": "CHAIR-BLUE",
    "variant_name": "Blue",
    "price": "2499",
    "variant_attributes": '{"color": "blue"}',
    "stock": "0",
}
