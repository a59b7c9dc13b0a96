"""Orders to the banks and cardholders behind the stand-in: disputes, their end, and the end of refunds."""

from typing import Any

from flask import Blueprint, Response, request

from sandbox.stripe import disputes, refunds
from sandbox.stripe.books import Books
from sandbox.stripe.calls import encode
from sandbox.stripe.errors import malformed
from sandbox.stripe.service import Service


def bank(books: Books, service: Service) -> Blueprint:
    """The routes below /_admin which decide what others than the shop do."""
    orders = BankOrders(books)
    routes = Blueprint("bank", __name__, url_prefix="/_admin")
    routes.before_request(lambda: service.check_key(request))
    routes.post("/charges/<charge_id>/dispute")(orders.dispute)
    routes.post("/disputes/<dispute_id>")(orders.end_dispute)
    routes.post("/refunds/<refund_id>")(orders.end_refund)
    return routes


class BankOrders:
    """What can be ordered, as views that take and answer JSON."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def dispute(self, charge_id: str) -> Response:
        """Dispute any captured charge, for a `reason`; as an `inquiry` no money goes back."""
        body = _body(reason="fraudulent", inquiry=False)
        with self._books.transaction() as ledger:
            charge = ledger.find(charge_id, "charge")
            return _json(disputes.begin(ledger, charge, **body))

    def end_dispute(self, dispute_id: str) -> Response:
        """Let the bank decide: `won` or lost."""
        body = _body(won=False)
        with self._books.transaction() as ledger:
            dispute = ledger.find(dispute_id, disputes.KIND)
            disputes.close(ledger, dispute, won=body["won"])
            return _json(dispute)

    def end_refund(self, refund_id: str) -> Response:
        """Let a refund end now: `status` succeeded, failed, or canceled as in Stripe's Dashboard."""
        body = _body(status="succeeded")
        with self._books.transaction() as ledger:
            refund = ledger.find(refund_id, refunds.KIND)
            refunds.conclude(ledger, refund, body["status"])
            return _json(refund)


def _body(**defaults: Any) -> dict[str, Any]:
    """The body's values over the defaults, which also say what there is and of which type."""
    given = request.get_json(silent=True) if request.data else {}
    if not isinstance(given, dict) or not given.keys() <= defaults.keys():
        raise malformed(f"The body must be a JSON object with these fields at most: {', '.join(defaults)}.")
    for name, value in given.items():
        if type(value) is not type(defaults[name]):
            raise malformed(f"Wrong type of {name}.", param=name)
    return defaults | given


def _json(shown: Any) -> Response:
    return Response(encode(shown), content_type="application/json")
