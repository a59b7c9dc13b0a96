"""API keys for tests."""

from datetime import timedelta
from uuid import UUID

from app.identity.services import api_keys
from app.platform.db import transaction
from tests.factories import make_user

DAY = timedelta(days=1)


def key_headers(*scopes: str, seller_id: UUID | None = None) -> dict[str, str]:
    """The headers of a third party with a new, committed key of these scopes."""
    with transaction() as session:
        by = make_user(session, role="admin").id
        made = api_keys.make(
            session, name="Till", scopes=list(scopes), seller_id=seller_id, lifetime=DAY, made_by=by
        )
    return {"X-Api-Key": made.text}


def next_key_headers(key_id: UUID) -> dict[str, str]:
    """The headers of the same third party with the next key."""
    with transaction() as session:
        by = make_user(session, role="admin").id
        made = api_keys.replace(session, key_id, overlap=DAY, lifetime=DAY, made_by=by)
    return {"X-Api-Key": made.text}
