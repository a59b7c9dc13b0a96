"""Exports of orders: asked for, written a part at a time, done. Nothing here commits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.orders.queries import OrderSearch
from app.platform.db import Json, locked, now
from app.platform.ids import new_id
from app.transfers.events import OrderExportContinued
from app.transfers.models import OrderExport
from app.transfers.services.cells import table_to_look_at
from app.transfers.services.keys import part_name
from app.transfers.states import DONE, RUNNING

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order

STEP = 1_000
"""How many orders one part has at most."""
_AMOUNTS = ("subtotal", "discount", "shipping", "tax", "total")
_PLAIN = ("number", "placed_at", "status", "payment_status", "fulfillment_status", "email")
_TIMES = ("paid_at", "shipped_at", "delivered_at", "cancelled_at")
COLUMNS = (*_PLAIN, "name", "country", "items", "currency", *_AMOUNTS, "tax_included", *_TIMES)
"""Amounts are minor units; `items` are units and SKUs."""


def begin(session: Session, *, criteria: Json, actor: str) -> OrderExport:
    """Have a worker write the orders that fit, as fields of OrderSearch, into a file."""
    job = OrderExport(id=new_id(), criteria=OrderSearch(**criteria).told, actor=actor)
    session.add(job)
    session.flush()
    publish(session, OrderExportContinued(job.id, step=0))
    session.refresh(job)
    return job


def written(orders: Sequence["Order"], *, is_first: bool) -> bytes:
    """A part of the file: these orders, in the first part below the header."""
    return table_to_look_at([*([COLUMNS] if is_first else []), *(map(_row, orders))]).encode()


def _row(order: "Order") -> list[Any]:
    facts = {name: getattr(order, name) for name in (*_PLAIN, "currency", *_TIMES)}
    facts |= {name: getattr(order, f"{name}_amount") for name in _AMOUNTS}
    facts |= {name: order.shipping_address.get(name) for name in ("name", "country")}
    items = "; ".join(f"{line.quantity} x {line.sku}" for line in order.lines)
    facts |= {"items": items, "tax_included": order.prices_include_tax}
    return [facts[name] for name in COLUMNS]


def add_part(
    session: Session, export_id: UUID, content: bytes, *, rows: int, step: int, go_on_after: UUID | None
) -> None:
    """Note a part that is stored, and owe the next one; or end the export. Locks it.

    Nothing happens for a part that is there, nor for an export that is gone.
    """
    wanted = select(OrderExport).where(OrderExport.id == export_id, OrderExport.status == RUNNING)
    job = session.scalars(locked(wanted)).one_or_none()
    if job is None or len(job.parts) != step:
        return
    job.parts = [*job.parts, part_name(step, content)]
    job.rows_written += rows
    job.byte_size += len(content)
    if go_on_after is None:
        moment = now(session)
        job.status, job.finished_at = DONE, moment
        return
    job.last_order_id = go_on_after
    publish(session, OrderExportContinued(export_id, step=step + 1))
