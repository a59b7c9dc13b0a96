"""An account that is deleted while a request of its owner is on its way is not written to any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.catalog.services import write_review
from app.identity import services
from app.identity.services import addresses, erasing, proofs
from app.notifications.services import notices
from app.payments.services import wallets
from app.payments.services.asking import Gaps
from app.platform.db import transaction
from app.platform.errors import NotAuthenticated
from app.reporting.services import request_export
from tests.database import rows
from tests.factories import make_product, make_user
from tests.sales import ADDRESS

HOUR = timedelta(hours=1)
PERSONAL = (
    "addresses",
    "data_exports",
    "mail_links",
    "provider_customers",
    "reviews",
    "stock_notices",
    "user_sessions",
)


def sold_out(session: Session) -> UUID:
    """A variant for which one may wait."""
    return make_product(session).variant_id


@pytest.fixture
def closed(client: FlaskClient) -> UUID:
    """An account that was deleted after the guard let its owner in."""
    with transaction() as session:
        user_id = make_user(session).id
        erasing.delete_account(session, user_id)
    return user_id


@pytest.mark.parametrize(
    "write",
    [
        lambda session, user_id: services.change_profile(session, user_id, {"full_name": "Ghost"}),
        lambda session, user_id: addresses.add(
            session, user_id, kind="shipping", is_default=None, postal=ADDRESS
        ),
        lambda session, user_id: addresses.change(session, user_id, uuid4(), {"name": "Ghost"}),
        lambda session, user_id: proofs.request_email_change(
            session, user_id, email="ghost@example.com", lifetime=HOUR
        ),
        lambda session, user_id: proofs.request_verification(session, user_id, lifetime=HOUR),
        lambda session, user_id: services.require_recent_password(session, user_id, uuid4(), within=HOUR),
        lambda session, user_id: request_export(session, user_id),
        lambda session, user_id: wallets.expect_method(session, user_id, Gaps(HOUR, HOUR)),
        lambda session, user_id: write_review(
            session, uuid4(), user_id, rating=5, title="Ghost", comment="Ghost", moderated=False
        ),
        lambda session, user_id: notices.wait_for(session, user_id, sold_out(session)),
    ],
)
def test_nothing_is_written_for_it(closed: UUID, write: Callable[[Session, UUID], Any]) -> None:
    with pytest.raises(NotAuthenticated), transaction() as session:
        write(session, closed)

    assert rows("SELECT full_name, status FROM users") == [("Deleted account", "deleted")]
    assert [rows(f"SELECT 1 FROM {table}") for table in PERSONAL] == [[]] * len(PERSONAL)  # noqa: S608  # our own words
