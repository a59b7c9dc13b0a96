"""`flask --app wsgi work`: what the backroom owes, why it does not go on, and doing it again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.events import repairs
from app.events.repairs import LARGEST_BATCH
from app.events.subscriptions import QUEUES
from app.ops.cli import acting
from app.ops.queries import work as queries
from app.orders import queries as orders
from app.platform.db import Json, transaction
from app.platform.errors import AppError
from app.platform.pagination import LARGEST_INTEGER
from app.platform.party import Party
from app.platform.settings import settings

work = AppGroup("work", help="What the backroom owes: list it, show it, try it again, drop it.")

WORK_ID = click.IntRange(1, LARGEST_INTEGER)
COLUMNS = ("id", "state", "consumer", "attempts", "failures", "run_after", "order_number", "last_error")


@work.command("list")
@click.option("--state", type=click.Choice(queries.STATES))
@click.option("--queue", type=click.Choice(QUEUES))
@click.option("--consumer", help="As settlement.process_event.")
@click.option("--order", help="An order's id or number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def list_work(
    *, state: str | None, queue: str | None, consumer: str | None, order: str | None, limit: int
) -> None:
    """Work that is dead, that failed before or that waits for too long; or all in one --state."""
    with _acting("list") as session:
        wanted = queries.Wanted(
            state=state,
            queue=queue,
            consumer=consumer,
            order_id=_order(session, order) if order else None,
            overdue=settings().monitoring.overdue_limit,
        )
        page = queries.listed(session, wanted, before=None, limit=limit)
    click.echo(_table([COLUMNS, *(_row(item, COLUMNS) for item in page.items)]))
    more = "; there is more, see --limit" if page.next_cursor else ""
    click.echo(f"{len(page.items)} deliveries{more}.")


@work.command("show")
@click.argument("work_id", type=WORK_ID)
def show_work(work_id: int) -> None:
    """One delivery: its event, what it belongs to, and each attempt."""
    with _acting("show") as session:
        found = queries.shown(session, work_id)
        event = found.pop("event")
        facts = found | {"call": event.call, "actor": event.actor, "payload": event.payload}
        tries, inbox, message = (facts.pop(name) for name in ("tries", "provider_event", "message"))
        if inbox:
            facts["stripe_event"] = f"{inbox.id} {inbox.type}: {inbox.status}"
        if message:
            facts["message"] = f"{message.kind} by {message.channel}: {message.status}"
    known = [(name, _shown(value)) for name, value in facts.items() if value is not None]
    click.echo(_table(known))
    columns = ("attempt", "started_at", "ended_at", "outcome", "worker", "error")
    click.echo()
    click.echo(_table([columns, *(_row(each, columns) for each in tries)]) if tries else "No attempts.")


@work.command("retry")
@click.argument("work_id", type=WORK_ID, required=False)
@click.option("--dead", "consumer", help="All dead work of this consumer, the oldest first.")
@click.option("--limit", type=click.IntRange(1, LARGEST_BATCH), default=LARGEST_BATCH, show_default=True)
def retry_work(*, work_id: int | None, consumer: str | None, limit: int) -> None:
    """Have work tried again now, as if it had never failed. Safe: every consumer may run twice."""
    if (work_id is None) == (consumer is None):
        raise click.UsageError("Give either the id of the work, or --dead and a consumer.")
    with _acting("retry") as session:
        if work_id is not None:
            repairs.try_again(session, work_id)
            retried: Sequence[int] = [work_id]
        else:
            retried = repairs.try_dead_again(session, consumer=str(consumer), limit=limit)
    for each in retried:
        click.echo(f"{each} is tried again.")
    click.echo(f"{len(retried)} deliveries.")


@work.command("drop")
@click.argument("work_id", type=WORK_ID)
@click.option("--reason", required=True, help="Why it will not be done; kept with the work.")
def drop_work(work_id: int, *, reason: str) -> None:
    """Decide that work will not be done: it stays to be seen, and alarms no more."""
    if not reason.strip() or len(reason) > 500:
        raise click.UsageError("The reason is a text of at most 500 characters.")
    with _acting("drop") as session:
        repairs.drop(session, work_id, reason=reason.strip())
    click.echo(f"{work_id} is dropped.")


@contextmanager
def _acting(command: str) -> Iterator[Session]:
    """A transaction in the name of who runs the command; what it refuses is one line, and exit code 1."""
    acting.begin(f"flask work {command}")
    try:
        with transaction() as session:
            yield session
    except AppError as refusal:
        raise click.ClickException(refusal.detail) from refusal


def _order(session: Session, id_or_number: str) -> UUID:
    return orders.readable(session, id_or_number, by=Party(is_operator=True)).id


def _row(item: Json, columns: Sequence[str]) -> list[str]:
    return [_shown(item[name]) for name in columns]


def _shown(value: Any) -> str:
    """A value in one cell; times to the second."""
    if value is None:
        return "-"
    if hasattr(value, "isoformat"):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return " ".join(str(value).split())


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns; only the last one may be long."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths[:-1], 0], strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
