import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.faults import Fault, Faults
from sandbox.mail.inbox import Inbox

_REFUSALS = {Fault.REFUSE_FOR_NOW: "451 4.3.0 Try again later", Fault.REFUSE: "550 5.7.1 Refused"}


class Receiver:
    """Takes mail for anybody: kept on disk before it is acknowledged, or failed as ordered."""

    def __init__(self, inbox: Inbox, faults: Faults) -> None:
        self._inbox = inbox
        self._faults = faults

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answer one mail."""
        fault = self._faults.take()
        if fault in _REFUSALS:
            return _REFUSALS[fault]
        if fault is Fault.HANG:
            await asyncio.Event().wait()  # until the sender leaves, which cancels this
        if fault is not Fault.CLOSE:
            await asyncio.to_thread(self._inbox.store, envelope.original_content or b"")
        if fault in (Fault.CLOSE, Fault.LOSE_ANSWER):
            _hang_up(server)
        return "250 2.0.0 Kept"


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
