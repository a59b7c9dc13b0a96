"""Settling what the provider says, ending orders, and new attempts at paying one. Nothing here commits."""

from app.settlement.services.attempts import Attempt, begin, not_payable
from app.settlement.services.ending import cancel, end, expire_due
from app.settlement.services.giving import RefundWish, give_back, give_back_again
from app.settlement.services.outcomes import Outcome
from app.settlement.services.refunding import settle_refund, settle_refunds
from app.settlement.services.reviewing import resolve
from app.settlement.services.sending import (
    Sending,
    begin_sending,
    owe_sending,
    record_never_made,
    record_refused,
)
from app.settlement.services.settling import Holds, holds_from, settle, settle_nothing
from app.settlement.services.standing import restate
from app.settlement.services.taking_back import Receipt, take_back
from app.settlement.services.transferring import awaited, note_paid_out, note_transfer

__all__ = [
    "Attempt",
    "Holds",
    "Outcome",
    "Receipt",
    "RefundWish",
    "Sending",
    "awaited",
    "begin",
    "begin_sending",
    "cancel",
    "end",
    "expire_due",
    "give_back",
    "give_back_again",
    "holds_from",
    "not_payable",
    "note_paid_out",
    "note_transfer",
    "owe_sending",
    "record_never_made",
    "record_refused",
    "resolve",
    "restate",
    "settle",
    "settle_nothing",
    "settle_refund",
    "settle_refunds",
    "take_back",
]
