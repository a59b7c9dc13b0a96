from stripe.params import BalanceTransactionListParams, BalanceTransactionRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.books import Json
from sandbox.stripe.calls import Call, Endpoint

KIND = "balance_transaction"
PATH = "/v1/balance_transactions"


def retrieve(call: Call, wanted: str) -> Json:
    """One movement of the account's balance."""
    return call.ledger.find(wanted, KIND)


def listed(call: Call) -> Json:
    """Movements, newest first, by source, type and currency if wanted."""
    chosen = listing.chosen(call.params, "source", "type", "currency")
    return listing.page(call.ledger, KIND, PATH, call.params, fields=chosen)


ENDPOINTS = [
    Endpoint(
        "GET", PATH, listed, BalanceTransactionListParams, listing.PARAMETERS | {"source", "type", "currency"}
    ),
    Endpoint("GET", f"{PATH}/<wanted>", retrieve, BalanceTransactionRetrieveParams, frozenset({"expand"})),
]
