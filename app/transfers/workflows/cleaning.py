"""Erasing the files and the books of imports and exports that ended long ago. Safe to repeat."""

from datetime import timedelta

from app.events.claims import Claim
from app.events.services import record_success
from app.media.gateway.protocol import Storage
from app.platform.db import transaction
from app.transfers.services import old
from app.transfers.services.keys import parts_folder, source_key

JOB = "transfers.clean_up"


def clean_up(claim: Claim, *, kept: timedelta, storage: Storage) -> int:
    """Erase what ended so long ago, and what never began; the answer is how many of both."""
    with transaction() as session:
        claim.check(session)
        imports, exports = old.imports(session, kept=kept), old.exports(session, kept=kept)
    storage.delete(source_key(each) for each in imports)
    for each in exports:
        storage.delete(storage.below(parts_folder(each)))
    with transaction() as session:
        claim.check(session)
        old.forget(session, imports, exports)
        record_success(session, JOB)
        claim.finish(session)
    return len(imports) + len(exports)
