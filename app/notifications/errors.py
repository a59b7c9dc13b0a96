"""How handing a mail over can end, other than well. Texts hold no addresses: they reach logs and tables."""

from app.platform.errors import Conflict, Expected


class MailDeferred(Expected):
    """Not taken now, or nobody knows: the same mail is handed over again later."""


class MailRefused(Expected):
    """The mail server will never take this mail for this recipient."""


class IllegalMessageMove(Conflict):
    """The message's status does not allow it; `message_status` is the present one."""

    code = "illegal-message-move"
    title = "Illegal message move"


class InStock(Conflict):
    """There is nothing to wait for: the article can be had; `available` says how many of it."""

    code = "in-stock"
    title = "In stock"
