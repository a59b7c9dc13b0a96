"""Making something of an event that the provider sent. Safe to repeat from its start."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments.gateway.protocol import ProviderPayment, Reported
from app.payments.services import copying, inbox, payments
from app.platform.db import transaction
from app.settlement.errors import NotYet
from app.settlement.services import Holds, Outcome
from app.settlement.workflows.observing import is_known, object_behind, observe
from app.settlement.workflows.reversing import reverse

BEGINNING = "payment_intent.created"
PARKED_FOR = timedelta(hours=24)
"""How long an event of an unknown payment is tried again."""


def process_event(claim: Claim, *, event_id: str, gateway: Reported, holds: Holds) -> None:
    """Settle what a kept event of the provider is about: a payment, a refund, a dispute.

    What it says is a hint: unless it is final, or the beginning of what is open here, it is read again. An
    event that names a payment of ours which is not here is tried again for a day; one that names none is none
    of our business, whoever else uses the same account.
    """

    def finish(session: Session, outcome: Outcome) -> None:
        inbox.close(session, event_id, outcome)
        if outcome is not Outcome.UNMATCHED or inbox.is_older_than(session, event_id, PARKED_FOR):
            claim.finish(session)

    with transaction() as session:
        claim.check(session)
        reversal = inbox.reversal_in(session, event_id)
        seen = inbox.payment_in(session, event_id)
        is_old = seen is not None and claim.delivery.payload["type"] == BEGINNING and is_known(session, seen)
        object_id = object_behind(session, seen) if seen and not is_old else None
        if object_id is None:
            outcome = Outcome.UNCHANGED if is_old else _without_asking(session, event_id, seen)
        if reversal is None and object_id is None:
            finish(session, outcome)
    if reversal is not None:
        outcome = reverse(claim, reversal, gateway=gateway, holds=holds, finish=finish)
    elif seen is not None and object_id is not None:
        seen = seen if seen.is_final else gateway.find(object_id)
        outcome = observe(claim, seen, gateway=gateway, holds=holds, finish=finish)
    if outcome is Outcome.UNMATCHED:
        raise NotYet("no payment of ours is behind this event")


def _without_asking(session: Session, event_id: str, seen: ProviderPayment | None) -> Outcome:
    """What became of an event that is not settled.

    A charge tells what was paid with, a payment method that somebody's saved ones may have changed.
    """
    if seen is not None:
        return Outcome.UNMATCHED if seen.payment_id else Outcome.IGNORED
    charge, customer_id = inbox.charge_in(session, event_id), inbox.wallet_in(session, event_id)
    noted = charge is not None and payments.note_charge(session, charge)
    if customer_id is not None:
        noted = copying.request_sync(session, customer_id)
    return Outcome.APPLIED if noted else Outcome.IGNORED
