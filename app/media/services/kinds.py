"""What a file is, by its first bytes alone: its name and what its sender calls it prove nothing."""

JPEG, PNG, WEBP, AVIF = "image/jpeg", "image/png", "image/webp", "image/avif"

SUFFIXES = {JPEG: "jpg", PNG: "png", WEBP: "webp", AVIF: "avif"}
"""The kinds that are taken, and how a file of each is called."""


def kind_of(content: bytes) -> str | None:
    """The media type of a picture of a kind that is taken, else None."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return AVIF if content[4:12] == b"ftypavif" else None
