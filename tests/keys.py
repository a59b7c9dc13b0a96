"""API keys for tests."""

from datetime import timedelta
from uuid import UUID

from app.identity.services import api_keys
from app.platform.db import transaction
from tests.factories import make_user


def key_headers(*scopes: str, seller_id: UUID | None = None) -> dict[str, str]:
    """The headers of a third party with a new, committed key of these scopes."""
    with transaction() as session:
        made = api_keys.make(
            session,
            name="Till",
            scopes=list(scopes),
            seller_id=seller_id,
            lifetime=timedelta(days=1),
            made_by=make_user(session, role="admin").id,
        )
    return {"X-Api-Key": made.text}
