"""With which headers files are served, whoever serves them: the API, a bucket, or a CDN in front of one."""

from collections.abc import Mapping
from uuid import UUID

from app.media.services.keys import SIZE_TYPE
from app.media.services.kinds import SUFFIXES

OF_SIZES: Mapping[str, str] = {
    "Content-Type": SIZE_TYPE,
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
}
"""What lies at a size's address never changes."""
DOWNLOAD = "application/octet-stream"


def of_original(upload_id: UUID, content_type: str) -> Mapping[str, str]:
    """A file as it came is a download, never a page: nobody has looked into it but a machine."""
    name = f"{upload_id}.{SUFFIXES[content_type]}"
    return {
        "Content-Type": DOWNLOAD,
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
