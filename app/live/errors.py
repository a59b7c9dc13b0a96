"""What becomes of a stream that cannot be opened, or goes on no longer."""

from http import HTTPStatus

from app.platform.errors import NotAuthenticated, Unavailable


class TicketNotValid(NotAuthenticated):
    """The ticket has expired, its login has ended, or it is none."""

    code = "ticket-not-valid"
    title = "Ticket not valid"


class TooManyStreams(Unavailable):
    """So many streams are open that there is no room for another, in all or of this caller."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "too-many-streams"
    title = "Too many streams"
    retry_after = 10
