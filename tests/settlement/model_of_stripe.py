"""Stripe in memory: its objects as it shows them, and what buyers, banks and people at its dashboard do."""

import time
from itertools import count
from typing import Any

from app.payments.errors import GatewayRefused

Json = dict[str, Any]
UNPAID = ("requires_payment_method", "requires_action")


class ModelOfStripe:
    """Objects by id, oldest first. `untold` are events on their way; one that is lost is in no list any more.

    With `refunds_take_long` a refund is pending until it is finished.
    """

    def __init__(self) -> None:
        self.intents: dict[str, Json] = {}
        self.sessions: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.disputes: dict[str, Json] = {}
        self.movements: list[Json] = []
        self.untold: list[Json] = []
        self.refunds_take_long = False
        self._numbers = count(1)

    def begin(self, object_id: str) -> str:
        """The intent to be paid: a session makes its own when the buyer begins to pay."""
        if object_id not in self.sessions:
            return object_id
        session = self.sessions[object_id]
        if session["payment_intent"] is None:
            parameters = {"amount": session["amount_total"], "currency": session["currency"]}
            session["payment_intent"] = self.new_intent(parameters | {"metadata": session["metadata"]})
        return str(session["payment_intent"])

    def succeed(self, intent_id: str) -> None:
        """The money is taken."""
        intent = self.intents[intent_id]
        charge = self._add(self.charges, "ch", "charge", payment_intent=intent_id, status="succeeded")
        charge |= {"metadata": {}, "payment_method_details": {"type": intent["paid_by"]}}
        intent |= {"amount_received": intent["amount"], "latest_charge": charge["id"]}
        self._book(charge["id"], intent["amount"])
        self.move(intent_id, "succeeded", "succeeded")
        self._tell("charge.succeeded", charge)
        for session in self.of(self.sessions, intent_id):
            late = session["status"] == "complete"
            session |= {"status": "complete", "payment_status": "paid"}
            self._tell(f"checkout.session.{'async_payment_succeeded' if late else 'completed'}", session)

    def process(self, intent_id: str) -> None:
        """A bank takes days."""
        self.intents[intent_id]["paid_by"] = "us_bank_account"
        self.move(intent_id, "processing", "processing")
        for session in self.of(self.sessions, intent_id):
            session["status"] = "complete"
            self._tell("checkout.session.completed", session)

    def decline(self, intent_id: str) -> None:
        """The card, or the bank after days, says no."""
        number = next(self._numbers)
        error = {"code": "card_declined", "message": "No.", "charge": f"ch_{number}"}
        self.intents[intent_id]["last_payment_error"] = error
        self.move(intent_id, "requires_payment_method", "payment_failed")
        for session in self.of(self.sessions, intent_id):
            if session["status"] == "complete":
                self._tell("checkout.session.async_payment_failed", session)

    def challenge(self, intent_id: str) -> None:
        """The bank wants to see its customer."""
        self.move(intent_id, "requires_action", "requires_action")

    def cancel(self, intent_id: str) -> None:
        """Somebody cancels it in the dashboard."""
        self.move(intent_id, "canceled", "canceled")

    def expire(self, session_id: str) -> None:
        """A session that was not completed ends, and with it what it made."""
        session = self.sessions[session_id]
        if session["status"] == "open":
            session["status"] = "expired"
            self._tell("checkout.session.expired", session)

    def finish_refund(self, refund_id: str, status: str) -> None:
        """The refund succeeds, or the money comes back."""
        refund = self.refunds[refund_id]
        if status == "failed":
            self._book(refund_id, refund["amount"])
            refund["failure_reason"] = "expired_or_canceled_card"
        refund["status"] = status
        self._tell("refund.failed" if status == "failed" else "refund.updated", refund)

    def give_back(self, intent_id: str, amount: int) -> None:
        """Somebody refunds it in the dashboard."""
        self.new_refund(payment_intent=intent_id, amount=amount, metadata={})

    def dispute(self, intent_id: str) -> None:
        """The buyer's bank takes the money back."""
        amount = self.left(intent_id)
        dispute = self._add(self.disputes, "dp", "dispute", payment_intent=intent_id, amount=amount)
        dispute |= {"status": "needs_response", "currency": "usd", "reason": "fraudulent", "metadata": {}}
        dispute["balance_transactions"] = [{"amount": -amount}]
        self._book(dispute["id"], -amount)
        self._tell("charge.dispute.created", dispute)
        self._tell("charge.dispute.funds_withdrawn", dispute)

    def decide(self, dispute_id: str, status: str) -> None:
        """The dispute is won or lost."""
        dispute = self.disputes[dispute_id]
        dispute["status"] = status
        self._tell("charge.dispute.closed", dispute)
        if status == "won":
            dispute["balance_transactions"].append({"amount": dispute["amount"]})
            self._book(dispute_id, dispute["amount"])
            self._tell("charge.dispute.funds_reinstated", dispute)

    def let_pass(self, seconds: int) -> None:
        """What was made becomes so much older."""
        for things in (self.intents, self.sessions, self.charges, self.refunds, self.disputes):
            for each in things.values():
                each["created"] -= seconds
        for session in self.sessions.values():
            session["expires_at"] -= seconds
            if session["expires_at"] <= time.time():
                self.expire(session["id"])

    def left(self, intent_id: str) -> int:
        """What can still go back of an intent."""
        gone = [each["amount"] for each in self.of(self.refunds, intent_id) if each["status"] != "failed"]
        lost = [each["amount"] for each in self.of(self.disputes, intent_id) if each["status"] != "won"]
        left: int = self.intents[intent_id]["amount_received"] - sum(gone) - sum(lost)
        return left

    def books(self) -> dict[str, list[Json]]:
        """Everything, as the oracle compares it."""
        return {
            "payment_intents": list(self.intents.values()),
            "checkout_sessions": list(self.sessions.values()),
            "charges": list(self.charges.values()),
            "refunds": list(self.refunds.values()),
            "disputes": list(self.disputes.values()),
            "balance_transactions": self.movements,
        }

    def _add(self, things: dict[str, Json], prefix: str, kind: str, **facts: Any) -> Json:
        identity = f"{prefix}_{next(self._numbers)}"
        things[identity] = {"id": identity, "object": kind, "created": int(time.time()), **facts}
        return things[identity]

    def new_intent(self, asked: Json) -> str:
        intent = self._add(self.intents, "pi", "payment_intent", amount_received=0, paid_by="card")
        intent |= {"status": "requires_payment_method", "last_payment_error": None, "latest_charge": None}
        intent |= {name: asked[name] for name in ("amount", "currency", "metadata")}
        intent["client_secret"] = f"{intent['id']}_secret"
        self._tell("payment_intent.created", intent)
        return str(intent["id"])

    def new_session(self, asked: Json) -> str:
        price = asked["line_items"][0]["price_data"]
        session = self._add(self.sessions, "cs", "checkout.session", mode="payment", status="open")
        session |= {"payment_status": "unpaid", "payment_intent": None, "url": "https://pay.example"}
        session |= {"amount_total": price["unit_amount"], "currency": price["currency"]}
        session |= {"metadata": asked["metadata"], "expires_at": asked["expires_at"]}
        return str(session["id"])

    def new_refund(self, *, payment_intent: str, amount: int, metadata: Json, **_: Any) -> str:
        if self.of(self.disputes, payment_intent):
            raise GatewayRefused("charge_disputed")
        if amount > self.left(payment_intent):
            raise GatewayRefused("charge_already_refunded")
        status = "pending" if self.refunds_take_long else "succeeded"
        refund = self._add(self.refunds, "re", "refund", payment_intent=payment_intent, amount=amount)
        refund |= {"status": status, "currency": "usd", "metadata": metadata, "failure_reason": None}
        self._book(refund["id"], -amount)
        self._tell("refund.created", refund)
        self._tell("charge.refunded", self.charges[self.intents[payment_intent]["latest_charge"]])
        return str(refund["id"])

    def _book(self, source: str, amount: int) -> None:
        self.movements.append({"id": f"txn_{next(self._numbers)}", "source": source, "amount": amount})

    def move(self, intent_id: str, status: str, topic: str) -> None:
        self.intents[intent_id]["status"] = status
        self._tell(f"payment_intent.{topic}", self.intents[intent_id])

    def _tell(self, topic: str, thing: Json) -> None:
        event = {"id": f"evt_{next(self._numbers)}", "object": "event", "type": topic, "api_version": "x"}
        self.untold.append(event | {"data": {"object": dict(thing)}})

    @staticmethod
    def of(things: dict[str, Json], intent_id: str) -> list[Json]:
        return [each for each in things.values() if each.get("payment_intent") == intent_id]
