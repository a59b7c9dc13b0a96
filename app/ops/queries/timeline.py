"""Everything that happened to an order, from every table that knows of it, in one list by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.events.queries import TITLES
from app.ops.queries import sources
from app.platform.db import Json, settled_until
from app.platform.pagination import Page, paged_log

Position = tuple[datetime, int, str]
START: Position = (datetime.fromisoformat("0001-01-01T00:00:00+00:00"), 0, "")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `details` are ids, amounts and outcomes, by the kind of thing.

    `sequence` is that of the fact that it is; of all else, that of the newest fact by then, 0 before any.
    """

    at: datetime
    rank: int
    key: str
    kind: str
    topic: str
    title: str | None
    sequence: int
    request_id: str | None
    actor: str | None
    details: Json

    @property
    def id(self) -> str:
        """Unique in the order's timeline, and the same at each reading."""
        return f"{self.kind}:{self.key}"

    @property
    def position(self) -> Sequence[Any]:
        """Where it stands: by time, at the same time by kind."""
        return (self.at, self.rank, self.key)


def whole(
    session: Session, order_id: UUID, *, request_id: str | None, after: Position | None, limit: int
) -> Page[Item]:
    """All about an order from beyond a position, or what followed from one request. Costs as much as it has.

    Attempts go with their deliveries, a week after these were done; all else stays.
    """
    settled = settled_until(session)
    merged = union_all(*sources.of_order(order_id)).subquery("merged")
    position = tuple_(merged.c.at, merged.c.rank, merged.c.key)
    so_far = func.max(merged.c.sequence).over(order_by=list(position.clauses), rows=(None, 0))
    numbered = select(merged, func.coalesce(merged.c.sequence, so_far, 0).cast(BigInteger).label("number"))
    story = numbered.subquery("story")
    place = tuple_(story.c.at, story.c.rank, story.c.key)
    statement = select(story).where(place > (after or START)).order_by(*place.clauses).limit(limit + 1)
    if request_id is not None:
        statement = statement.where(story.c.request_id == request_id)
    items = [_item(row) for row in session.execute(statement).mappings()]
    return paged_log(
        items,
        limit,
        lambda item: item.position,
        settled=lambda item: item.at < settled,
        start=after or START,
    )


def _item(row: Any) -> Item:
    facts = {name: row[name] for name in Item.__slots__}
    title = row["title"] or TITLES.get(row["topic"], row["topic"])
    return Item(**facts | {"sequence": row["number"], "title": title})
