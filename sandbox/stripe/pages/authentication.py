from contextlib import suppress

from flask import redirect, render_template, request

from sandbox.stripe import authentication, payments, setups
from sandbox.stripe.books import Books, Json, Ledger
from sandbox.stripe.errors import Refusal, malformed
from sandbox.stripe.pages.message import Answer, Page, message


class AuthenticationPage:
    """The bank's 3-D Secure page for one intent, as views that take forms and answer HTML."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def show(self) -> Page:
        """What is to be paid, and a button for each way it can go."""
        with self._books.transaction() as ledger:
            intent = _named(ledger)
        if intent["status"] != "requires_action":
            return _over(intent, 200)
        return render_template("authentication.html", intent=intent), 200

    def answer(self) -> Answer:
        """Let the authentication go as the form says; back to the shop if it told where."""
        with self._books.transaction() as ledger:
            intent = _named(ledger)
            if intent["status"] != "requires_action":
                return _over(intent, 409)
            next_action = intent["next_action"]
            _proceed(ledger, intent, request.form.get("outcome", ""))
        back = authentication.way_back(next_action, intent)
        return redirect(back, 303) if back else _over(intent, 200)


def _named(ledger: Ledger) -> Json:
    return authentication.find(ledger, request.args)


def _proceed(ledger: Ledger, intent: Json, outcome: str) -> None:
    if outcome == "complete" and intent["object"] == setups.KIND:
        setups.succeed(ledger, intent)
    elif outcome == "complete":
        with suppress(Refusal):  # a decline is told in the intent
            payments.go_on(ledger, intent)
    elif outcome == "fail":
        authentication.fail(ledger, intent)
    else:
        raise malformed("Invalid outcome: must be one of complete, fail", param="outcome")


def _over(intent: Json, status: int) -> Page:
    subject = "setup" if intent["object"] == setups.KIND else "payment"
    text = f"The {subject} is {intent['status']}. You can close this page."
    return message("Nothing is left to authenticate", text, status)
