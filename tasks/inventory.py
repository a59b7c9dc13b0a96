"""Stock that other channels hold."""

from functools import partial

from app.events import services as events
from app.inventory.services import holds
from app.platform.db import transaction
from tasks.celery import app
from tasks.sweeping import sweep

EXPIRED_AT_ONCE = 200


@app.task(name="inventory.expire_holds", time_limit=20)
def expire_holds() -> None:
    """Give back what other channels hold for longer than they may."""
    sweep(partial(holds.expire_due, limit=EXPIRED_AT_ONCE), size=EXPIRED_AT_ONCE)
    with transaction() as session:
        events.record_success(session, "inventory.expire_holds")
