"""On whose behalf something is asked."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Party:
    """A user, a guest by the hash of their token, a user who still holds a guest's token, or nobody known.

    An operator may see what belongs to others.
    """

    user_id: UUID | None = None
    token_hash: str | None = None
    is_operator: bool = False

    @property
    def is_nobody(self) -> bool:
        """Whether neither an account nor a token came."""
        return self.user_id is None and self.token_hash is None
