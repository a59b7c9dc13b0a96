"""How handing a message over can end badly. No text here holds an address: they reach logs and tables."""

from app.platform.errors import Conflict, Expected


class Deferred(Expected):
    """Not taken now, or, of a mail, nobody knows: the same message is handed over again later."""


class Refused(Expected):
    """It will never be taken for this recipient, or, of a text, nobody knows whether it was."""


class IllegalMessageMove(Conflict):
    """The message's status does not allow it; `message_status` is the present one."""

    code = "illegal-message-move"
    title = "Illegal message move"


class InStock(Conflict):
    """There is nothing to wait for: the article can be had; `available` says how many of it."""

    code = "in-stock"
    title = "In stock"
