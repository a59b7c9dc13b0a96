"""What a probe is told."""

from http import HTTPStatus

from app.platform.errors import AppError


class NotReady(AppError):
    """This API cannot serve requests now; `checks` say what is missing."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "not-ready"
    title = "Not ready"
    retry_after = 2
