"""Sending a message: what is tried is committed, then the receiver called, then its answer committed."""

from datetime import timedelta
from uuid import UUID

from app.events.claims import Claim
from app.events.postponing import Postponed
from app.platform.db import transaction
from app.webhooks.gateway.protocol import Answer, Poster
from app.webhooks.services import sending
from app.webhooks.services.rules import WebhookRules
from app.webhooks.services.sending import Attempt

UNSIGNED = "the shop's key that made its secret is gone: rotate the secret"


def send(claim: Claim, *, message_id: UUID, round_: int, poster: Poster, rules: WebhookRules) -> None:
    """Call the endpoint of a message, if it is the message's turn.

    A call of unknown outcome is repeated with the same id: none is lost, and a doubled one is recognised.
    Raises Postponed when it is to be tried later; what receivers do wrong is no failure of ours.
    """
    with transaction() as session:
        claim.check(session)
        wanted = sending.begin(session, message_id, round_, rules)
        if wanted is None:
            claim.finish(session)
            return
    if isinstance(wanted, timedelta):
        raise Postponed(wanted, called=False)
    _call(claim, wanted, poster)


def _call(claim: Claim, attempt: Attempt, poster: Poster) -> None:
    answer = poster.post(attempt.call) if attempt.is_signed else Answer(0, error=UNSIGNED)
    with transaction() as session:
        claim.check(session)
        pause = sending.record(session, attempt, answer)
        if pause is None:
            claim.finish(session)
    if pause is not None:
        raise Postponed(pause, called=True)
