"""An import and an export, as requests leave them."""

from io import BytesIO

from flask import Flask

from app.media.gateway.select import storage_of
from app.platform.db import transaction
from app.transfers.services import exports, order_exports
from app.transfers.workflows import receiving
from tests.work import drain

NOBODY = "user:01a1fb3f-0000-7000-8000-000000000000"


def sheets(app: Flask) -> dict[str, str]:
    """The ids of an import that waits, and of exports that are done: of the catalog, and of orders."""
    file = BytesIO(b"sku\nnobody-has-it\n")
    waiting = receiving.receive(file, dry_run=False, actor=NOBODY, seller_id=None, storage=storage_of(app))
    with transaction() as session:
        done = exports.begin(session, file_format="csv", actor=NOBODY)
        orders = order_exports.begin(session, criteria={}, actor=NOBODY)
    steps = ["transfers.export_step", "transfers.order_export_step"]
    assert drain(only=steps) == steps
    ids = {"import_id": waiting.id, "catalog_export_id": done.id, "order_export_id": orders.id}
    return {name: str(each) for name, each in ids.items()}
