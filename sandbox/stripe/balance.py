"""The account's balance: what each charge, refund and dispute adds to it or takes from it."""

from sandbox.stripe import clock
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.ids import new_id

SECONDS_UNTIL_AVAILABLE = 2 * 24 * 3600
DISPUTE_FEE = 1500


def charge_fee(amount: int, method_type: str) -> int:
    """What Stripe keeps of a payment, in minor units: its list price in the USA, whatever the currency."""
    if method_type == "us_bank_account":
        return min(round(amount * 0.008), 500)
    return round(amount * 0.029) + 30


def book(
    ledger: Ledger, source: str, amount: int, currency: str, *, kind: str, category: str, fee: int = 0
) -> Json:
    """Enter a movement of so many minor units, negative when taken away; the fee is taken in any case."""
    moment = clock.timestamp()
    detail = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
    movement: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": moment + SECONDS_UNTIL_AVAILABLE,
        "balance_type": "payments",
        "created": moment,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{**detail, "description": "Stripe processing fees"}] if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending",
        "type": kind,
    }
    ledger.add(movement, subject=source)
    return movement


def book_charge(ledger: Ledger, charge: Json) -> None:
    """Enter what a captured charge brought; the charge names the movement from now on."""
    kind = charge["payment_method_details"]["type"]
    amount = charge["amount_captured"]
    movement = book(
        ledger,
        charge["id"],
        amount,
        charge["currency"],
        kind="payment" if kind == "us_bank_account" else "charge",
        category="charge",
        fee=charge_fee(amount, kind),
    )
    charge["balance_transaction"] = movement["id"]
    ledger.save(charge)
