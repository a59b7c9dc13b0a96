"""Looking after the shop itself."""

from app.events import services as events
from app.events.claims import Claim, Delivery
from app.ops.services import doctor
from app.platform.db import transaction
from app.platform.logging import get_logger
from app.platform.settings import settings
from tasks.base import workflow

log = get_logger("tasks.ops")


@workflow("ops.check_invariants", time_limit=700)
def check_invariants(claim: Claim, delivery: Delivery) -> None:
    """Examine the shop as `flask doctor` does: what is broken is in the log, and on the metrics page."""
    with doctor.snapshot() as session:
        findings = doctor.examine(session, longest_hold=settings().longest_hold)
    for each in doctor.broken(findings):
        invariant = each.invariant
        log.error(
            "invariant_broken",
            invariant=invariant.id,
            reason=invariant.sentence,
            count=each.count,
            examples=each.examples,
        )
    with transaction() as session:
        claim.check(session)
        doctor.record(session, findings)
        events.record_success(session, delivery.consumer)
        claim.finish(session)
