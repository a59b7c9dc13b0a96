"""The test bank accounts of Stripe's documentation; their payments are processing first and settle later."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sandbox.stripe.cards import Decline


@dataclass(frozen=True)
class TestAccount:
    """An account number, the `pm_usBankAccount_` name that stands for it, and how a debit ends."""

    number: str
    name: str
    settles: bool = True
    decline: Decline | None = None
    decline_when_saved: None = None
    refund: Literal["pending"] = "pending"
    dispute: None = None
    authenticates: Literal[False] = False

    @property
    def fingerprint(self) -> str:
        """The same for the same number, without telling it."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _failed(code: str, message: str) -> Decline:
    return Decline(code, None, message)


TEST_ACCOUNTS = (
    TestAccount("000123456789", "success"),
    TestAccount("000000000009", "processing", settles=False),
    TestAccount("000111111113", "accountClosed", decline=_failed("account_closed", "The account is closed.")),
    TestAccount("000111111116", "noAccount", decline=_failed("no_account", "The account was not found.")),
    TestAccount(
        "000222222227",
        "insufficientFunds",
        decline=_failed("insufficient_funds", "The account has insufficient funds."),
    ),
    TestAccount(
        "000333333335",
        "debitNotAuthorized",
        decline=_failed("debit_not_authorized", "The owner did not authorize this debit."),
    ),
)
BY_NAME = {f"pm_usBankAccount_{account.name}": account for account in TEST_ACCOUNTS}
BY_NUMBER = {account.number: account for account in TEST_ACCOUNTS}
BY_FINGERPRINT = {account.fingerprint: account for account in TEST_ACCOUNTS}
