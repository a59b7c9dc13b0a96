"""Facts about accounts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class GuestSignedIn(Event):
    """Somebody who held a guest's token has registered or logged in. The token itself is not told."""

    topic: ClassVar[str] = "identity.guest_signed_in"
    user_id: UUID
    token_hash: str
