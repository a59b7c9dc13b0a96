"""Erasing what is shown no more, and finding what was left behind. Safe to repeat from the start."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.events.claims import Claim
from app.events.services import publish, record_success
from app.media import queries
from app.media.events import MediaSweepOwed
from app.media.gateway.protocol import Storage, Stored
from app.media.services import uploads
from app.media.services.keys import original_key, sizes_folder, stored_size, upload_of
from app.platform.db import transaction

LEFT_ALONE_FOR = timedelta(days=1)
"""What is younger may belong to work that is under way."""
LOOKED_AT_ONCE = 5_000
JOB = "media.clean_up"


def erase(claim: Claim, *, upload_id: UUID, storage: Storage) -> None:
    """Remove the objects of a removed upload, then its row."""
    with transaction() as session:
        claim.check(session)
    storage.delete([original_key(upload_id), *storage.below(sizes_folder(upload_id))])
    with transaction() as session:
        claim.check(session)
        uploads.forget(session, upload_id)
        claim.finish(session)


def sweep(claim: Claim, *, slot: datetime, after: str, now: datetime, storage: Storage) -> None:
    """Remove the objects that belong to no upload, of the next few thousand; the rest is another step's.

    There are such objects when a removed picture was being prepared, and after a backup was restored.
    """
    found = storage.following(after, limit=LOOKED_AT_ONCE)
    with transaction() as session:
        claim.check(session)
        ids = {upload_id for each in found if (upload_id := upload_of(each.key))}
        known = queries.keys_of(session, ids)
    storage.delete(_orphans(found, known, before=now - LEFT_ALONE_FOR))
    with transaction() as session:
        claim.check(session)
        if len(found) == LOOKED_AT_ONCE:
            publish(session, MediaSweepOwed(slot, found[-1].key))
        else:
            record_success(session, JOB)
        claim.finish(session)


def _orphans(
    found: Sequence[Stored], known: Mapping[UUID, frozenset[str] | None], *, before: datetime
) -> list[str]:
    return [each.key for each in found if each.written_at < before and not _belongs(each.key, known)]


def _belongs(key: str, known: Mapping[UUID, frozenset[str] | None]) -> bool:
    upload_id = upload_of(key)
    if upload_id is None or upload_id not in known:
        return upload_id is None  # what is none of ours is not ours to delete
    sizes = known[upload_id]
    return sizes is None or key == original_key(upload_id) or key in map(stored_size, sizes)
