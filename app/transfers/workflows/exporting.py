"""One step of an export: rows are read, stored as a part, and then the part counts."""

from collections.abc import Iterator
from uuid import UUID

from app.catalog.queries.sheet import NONE, variant_rows
from app.events.claims import Claim
from app.media.gateway.protocol import Storage
from app.orders import queries as orders
from app.platform.db import transaction
from app.transfers import queries
from app.transfers.services import exports, order_exports
from app.transfers.services.keys import PRIVATE, part_key, part_name


def export_step(claim: Claim, *, export_id: UUID, step: int, storage: Storage) -> None:
    """Write the next part of an export. Whoever is killed leaves a part that does not count."""
    with transaction() as session:
        claim.check(session)
        job = queries.due_part(session, export_id, step)
        if job is None:
            claim.finish(session)
            return
        last = job.last_product_id or NONE, job.last_variant_id or NONE
        rows = variant_rows(session, last, exports.STEP)
    content = exports.written(rows, file_format=job.format, is_first=step == 0)
    storage.put(part_key(export_id, part_name(step, content)), content, headers=PRIVATE)
    with transaction() as session:
        claim.check(session)
        exports.add_part(session, export_id, rows, content, step=step)
        claim.finish(session)


def order_export_step(claim: Claim, *, export_id: UUID, step: int, storage: Storage) -> None:
    """The same for an export of orders."""
    with transaction() as session:
        claim.check(session)
        job = queries.due_order_part(session, export_id, step)
        if job is None:
            claim.finish(session)
            return
        search = orders.OrderSearch.of(job.criteria)
        found = orders.matching(session, search, before=job.last_order_id, limit=order_exports.STEP)
        rows = orders.orders_in(session, found.ids)
    content = order_exports.written(rows, is_first=step == 0)
    storage.put(part_key(export_id, part_name(step, content)), content, headers=PRIVATE)
    with transaction() as session:
        claim.check(session)
        order_exports.add_part(
            session, export_id, content, rows=len(rows), step=step, go_on_after=found.go_on_after
        )
        claim.finish(session)


def file_of(export_id: UUID, parts: list[str], *, storage: Storage) -> Iterator[bytes]:
    """The whole file, a part at a time."""
    for name in parts:
        yield storage.get(part_key(export_id, name))
