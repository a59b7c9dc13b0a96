"""Stores for tests."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.stores import services

STORE: dict[str, Any] = {
    "name": "Backroom London",
    "address": {"line1": "1 Strand", "city": "London", "postal_code": "WC2N 5HR", "country": "GB"},
    "latitude": 51.5074,
    "longitude": -0.1278,
    "phone": "+442079460000",
    "email": "london@example.com",
    "hours": {"mon": [{"opens": "09:00", "closes": "18:00"}]},
}
"""What an admin says of one."""


def make_store(session: Session, **values: Any) -> UUID:
    """An active store with pick-up, in London unless its coordinates are given."""
    whole = STORE | {"address": dict.fromkeys(("line2", "region")) | STORE["address"]}
    return services.open_store(session, whole | values).store.id
