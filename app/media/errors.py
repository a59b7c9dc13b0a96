"""What can stand against an upload, and what its storage may fail with."""

from http import HTTPStatus

from app.platform.errors import AppError, Expected


class UnsupportedPicture(AppError):
    """The file is no picture of a kind that is taken; what it is called, and said to be, does not count."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-picture"
    title = "Unsupported picture"


class StorageAway(Expected):
    """The storage did not answer, or refused: the same call may be repeated."""


class ObjectMissing(Expected):
    """The storage has nothing under this key."""
