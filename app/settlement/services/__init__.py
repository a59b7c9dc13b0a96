"""Settling what the provider says, ending orders, and new attempts at paying one. Nothing here commits."""

from app.settlement.services.attempts import Attempt, begin, not_payable
from app.settlement.services.ending import cancel, end, expire_due
from app.settlement.services.settling import Holds, Outcome, holds_from, settle

__all__ = [
    "Attempt",
    "Holds",
    "Outcome",
    "begin",
    "cancel",
    "end",
    "expire_due",
    "holds_from",
    "not_payable",
    "settle",
]
