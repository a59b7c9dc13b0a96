"""To whom a message goes, and what makes it one message however often it is owed."""

from dataclasses import dataclass
from uuid import UUID

from app.notifications.states import EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message of a kind: about an order, a refund, parcel or return of it, or something of an account."""

    kind: str
    recipient: str
    locale: str
    channel: str = EMAIL
    order_id: UUID | None = None
    refund_id: UUID | None = None
    parcel_id: UUID | None = None
    return_id: UUID | None = None
    user_id: UUID | None = None
    about: UUID | None = None

    @property
    def dedupe_key(self) -> str:
        """One message of a kind for each thing that it is about."""
        part = self.refund_id or self.parcel_id or self.return_id
        return dedupe_key(self.kind, part or self.order_id or self.about)


def dedupe_key(kind: str, about: UUID | None) -> str:
    """By what a message is known before it is made."""
    return f"{kind}:{about}"
