"""Stock that other channels hold."""

from app.events import services as events
from app.inventory.services import holds
from app.platform.db import transaction
from tasks.celery import app


@app.task(name="inventory.expire_holds", time_limit=20)
def expire_holds() -> None:
    """Give back what other channels hold for longer than they may, a batch at a time."""
    with transaction() as session:
        holds.expire_due(session)
        events.record_success(session, "inventory.expire_holds")
