"""What can go wrong with accounts and logins."""

from app.platform.errors import Conflict, NotAuthenticated, TooManyRequests


class EmailTaken(Conflict):
    """Somebody has an account with this address."""

    code = "email-taken"
    title = "Email taken"


class LoginFailed(NotAuthenticated):
    """Unknown address, wrong password or suspended account: the answer does not say which."""

    code = "login-failed"
    title = "Login failed"


class SessionEnded(NotAuthenticated):
    """The refresh token is used up, expired or revoked."""

    code = "session-ended"
    title = "Session ended"


class AddressBookFull(Conflict):
    """The address book has as many entries as it takes."""

    code = "address-book-full"
    title = "Address book full"


class RefreshSuperseded(Conflict):
    """Another call has just exchanged this refresh token; the login goes on with what that was answered."""

    code = "refresh-superseded"
    title = "Refresh superseded"


class ApiKeyEnded(Conflict):
    """The key is revoked or expired, so that no other can take its place."""

    code = "api-key-ended"
    title = "API key ended"


class TooManyLogins(TooManyRequests):
    """Too many wrong passwords for this account or from this address; now even the right one has to wait."""

    code = "too-many-logins"
    title = "Too many logins"
