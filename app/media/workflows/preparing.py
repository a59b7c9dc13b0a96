"""Making the sizes of a picture. Safe to repeat: the same file gives the same objects."""

from typing import Any
from uuid import UUID

from app.events.claims import Claim
from app.media import queries
from app.media.gateway.protocol import Storage
from app.media.services import pictures, uploads
from app.media.services.keys import original_key, size_key, stored_size
from app.media.services.serving import OF_SIZES
from app.platform.db import transaction


def prepare(claim: Claim, *, upload_id: UUID, storage: Storage, most_pixels: int) -> None:
    """Decode what was uploaded, store its sizes, and say so; or say why nothing can be shown of it."""
    with transaction() as session:
        claim.check(session)
        upload = queries.waiting(session, upload_id)
        if upload is None:
            claim.finish(session)
            return
    content = storage.get(original_key(upload_id))
    try:
        rendered = pictures.render(content, upload.content_type, most_pixels=most_pixels)
    except pictures.Unreadable as unreadable:
        with transaction() as session:
            claim.check(session)
            uploads.record_refused(session, upload_id, refusal=str(unreadable))
            claim.finish(session)
        return
    sizes = [_keep(upload_id, size, storage) for size in rendered.sizes]
    with transaction() as session:
        claim.check(session)
        uploads.record_ready(session, upload_id, width=rendered.width, height=rendered.height, sizes=sizes)
        claim.finish(session)


def _keep(upload_id: UUID, size: pictures.Size, storage: Storage) -> dict[str, Any]:
    key = size_key(upload_id, size.content)
    storage.put(stored_size(key), size.content, headers=OF_SIZES)
    return {
        "name": size.name,
        "key": key,
        "width": size.width,
        "height": size.height,
        "bytes": len(size.content),
    }
