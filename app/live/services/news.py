"""What a ticket's holder is told: facts about their orders, in the order of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Text, literal, select
from sqlalchemy.orm import Session

from app.events import feed
from app.events.feed import Batch, Position, Told
from app.events.queries import TITLES
from app.live.services.tickets import OPERATORS, Ticket
from app.orders import queries as orders
from app.orders.queries import Owner


@dataclass(frozen=True, slots=True)
class News:
    """A fact about an order as JSON: in a buyer's words, if it has any, and whole for operators."""

    position: Position
    at: datetime
    audiences: tuple[str, ...]
    for_buyers: bytes | None
    for_operators: bytes

    def said_to(self, ticket: Ticket) -> bytes | None:
        """What this ticket's holder is told; None when there is nothing to be told."""
        return self.for_operators if ticket.party.is_operator else self.for_buyers


@dataclass(frozen=True, slots=True)
class Page:
    """The next news, how far they reach in the log, and whether there is nothing behind them yet."""

    news: Sequence[News]
    reached: Position
    is_last: bool


def news_after(session: Session, position: Position, *, limit: int) -> Page:
    """The next news about any orders: of so many facts, those that are about one."""
    batch = feed.after(session, position, limit=limit)
    owners = orders.owners(session, {fact.subject for fact in batch.facts})
    news = [_news(fact, owners[fact.subject]) for fact in batch.facts if fact.subject in owners]
    return Page(news, batch.reached, batch.is_last)


def missed_by(session: Session, ticket: Ticket, position: Position, *, limit: int) -> Page:
    """The next news for one ticket's holder."""
    if ticket.order_id is not None:
        subjects = select(literal(str(ticket.order_id), Text))
    elif ticket.party.is_operator:
        return news_after(session, position, limit=limit)
    else:
        subjects = orders.ids_of_buyer(ticket.party)
    topics = None if ticket.party.is_operator else TITLES
    batch: Batch = feed.about(session, subjects, position=position, limit=limit, topics=topics)
    return Page([_news(fact, None) for fact in batch.facts], batch.reached, batch.is_last)


def _news(fact: Told, owner: Owner | None) -> News:
    item = {
        "sequence": fact.position.sequence,
        "at": fact.at,
        "topic": fact.topic,
        "title": TITLES.get(fact.topic, fact.topic),
        "order_id": fact.subject,
    }
    more = {"request_id": fact.request_id, "actor": fact.actor, "details": fact.payload}
    return News(
        position=fact.position,
        at=fact.at,
        audiences=_audiences(fact.subject, owner),
        for_buyers=orjson.dumps(item) if fact.topic in TITLES else None,
        for_operators=orjson.dumps(item | more),
    )


def _audiences(order_id: str, owner: Owner | None) -> tuple[str, ...]:
    found = [OPERATORS, f"order:{order_id}"]
    if owner is not None and owner.user_id is not None:
        found.append(f"user:{owner.user_id}")
    if owner is not None and owner.token_hash is not None:
        found.append(f"guest:{owner.token_hash}")
    return tuple(found)
