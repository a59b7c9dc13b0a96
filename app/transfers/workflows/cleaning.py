"""Erasing the files and the books of imports and exports that ended long ago. Safe to repeat."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID

from app.events.claims import Claim
from app.events.services import record_success
from app.media.gateway.protocol import Storage
from app.platform.db import transaction
from app.transfers.services import old
from app.transfers.services.keys import parts_folder, source_key

JOB = "transfers.clean_up"
REFUSALS_AT_ONCE = 5_000
FORGETTING_SECONDS = 30.0
"""How long rows are forgotten: half of what the job may take."""


def clean_up(claim: Claim, *, kept: timedelta, storage: Storage) -> int:
    """Erase what ended so long ago, and what never began; the answer is how many of both.

    What is told about rows goes first, a batch in a transaction of its own.
    """
    with transaction() as session:
        claim.check(session)
        imports, exports = old.imports(session, kept=kept), old.exports(session, kept=kept)
    storage.delete(source_key(each) for each in imports)
    for each in exports:
        storage.delete(storage.below(parts_folder(each)))
    _forget_refusals(claim, imports)
    with transaction() as session:
        claim.check(session)
        count = old.forget(session, imports, exports)
        record_success(session, JOB)
        claim.finish(session)
    return count


def _forget_refusals(claim: Claim, imports: Sequence[UUID]) -> None:
    """A file may have had hundreds of thousands; what is left when time is up keeps its import."""
    ends_at = monotonic() + FORGETTING_SECONDS
    while monotonic() < ends_at:
        with transaction() as session:
            claim.check(session)
            if old.forget_refusals(session, imports, limit=REFUSALS_AT_ONCE) < REFUSALS_AT_ONCE:
                return
