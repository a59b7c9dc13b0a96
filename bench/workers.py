"""The shop's workers, but that one consumer does nothing: `celery -A bench.workers worker`.

What is left of such a delivery is the price of the promise: claimed once, done once, whatever dies meanwhile.
No scenario merges a guest's cart, so that this consumer is free.
"""

from sqlalchemy.orm import Session

from app.events.claims import Delivery
from tasks.base import consumer
from tasks.celery import app

__all__ = ["app"]

NOTHING = "carts.merge"

app.loader.import_default_modules()
del app.tasks[NOTHING]


@consumer(NOTHING)
def nothing(session: Session, delivery: Delivery) -> None:
    """Do nothing."""
