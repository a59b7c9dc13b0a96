"""Tickets: what opens a stream, for a short time, to whoever holds it. No row is kept of them.

A ticket travels in an address, because a browser's EventSource and WebSocket send no headers of ours.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson

from app.events.feed import Position
from app.live.errors import TicketNotValid
from app.platform.party import Party
from app.platform.tokens import derived_token, same_token

PURPOSE = "live ticket"
ADDRESS_PURPOSE = "address of a live ticket"
LONGEST = 1000
OPERATORS = "operators"
"""The audience of everybody's orders."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose stream it is, of all their orders or of `order_id`, and behind which place of the log it begins.

    `login` is the session that it is good with, None for a guest. An operator's is of everybody's orders.
    `address_hash` is of the address that it was given to; the release before wrote none.
    """

    party: Party
    login: UUID | None
    order_id: UUID | None
    start: Position
    expires_at: datetime
    address_hash: str | None = None

    @property
    def caller(self) -> str:
        """Who is counted: a user, a guest, or whoever holds the link to an order."""
        if self.party.user_id is not None:
            return f"user:{self.party.user_id}"
        if self.party.token_hash is not None:
            return f"guest:{self.party.token_hash}"
        return f"order:{self.order_id}"

    @property
    def audiences(self) -> tuple[str, ...]:
        """What its holder belongs to of those whom news are for."""
        if self.order_id is not None:
            return (f"order:{self.order_id}",)
        if self.party.is_operator:
            return (OPERATORS,)
        user, guest = self.party.user_id, self.party.token_hash
        known = {f"user:{user}": user, f"guest:{guest}": guest}
        return tuple(audience for audience, identifier in known.items() if identifier is not None)


def address_hash(address: str, secret: str) -> str:
    """By what an address is told from others, and by nobody without the secret found out."""
    return derived_token(secret, purpose=ADDRESS_PURPOSE, facts=(address,))


def write(ticket: Ticket, secret: str) -> str:
    """The ticket as a text, signed."""
    party = ticket.party
    claims = [
        _text(party.user_id),
        party.token_hash,
        party.is_operator,
        _text(ticket.login),
        _text(ticket.order_id),
        str(ticket.start),
        ticket.expires_at.timestamp(),
        ticket.address_hash,
    ]
    content = base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=").decode()
    return f"{content}.{derived_token(secret, purpose=PURPOSE, facts=(content,))}"


def read(words: str, secrets: Sequence[str], *, now: datetime) -> Ticket:
    """The ticket in a text that was signed by one of the secrets. Raises TicketNotValid."""
    content, _, signature = words.encode(errors="replace").decode()[:LONGEST].partition(".")
    rights = [derived_token(secret, purpose=PURPOSE, facts=(content,)) for secret in secrets]
    if not any(same_token(signature, right) for right in rights):
        raise TicketNotValid("This is no ticket of ours. Get one by POST /v1/live-tickets.")
    ticket = _ticket(content)
    if ticket.expires_at <= now:
        raise TicketNotValid("The ticket has expired. Get another by POST /v1/live-tickets.")
    return ticket


def _ticket(content: str) -> Ticket:
    padded = content + "=" * (-len(content) % 4)
    user_id, token_hash, is_operator, login, order_id, start, expires, *later = orjson.loads(
        base64.urlsafe_b64decode(padded)
    )
    return Ticket(
        party=Party(_id(user_id), token_hash, is_operator),
        login=_id(login),
        order_id=_id(order_id),
        start=Position.read(start),
        expires_at=datetime.fromtimestamp(expires, UTC),
        address_hash=later[0] if later else None,
    )


def _text(known: UUID | None) -> str | None:
    return None if known is None else str(known)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
