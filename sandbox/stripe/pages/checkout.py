from flask import redirect, render_template, request

from sandbox.stripe import cards, hosted, listing, sessions
from sandbox.stripe.bank_accounts import TEST_ACCOUNTS
from sandbox.stripe.books import Books, Json, Ledger
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import Refusal
from sandbox.stripe.pages.message import Answer, Page, message
from sandbox.stripe.service import address
from sandbox.stripe.settings import Settings


class CheckoutPage:
    """The hosted page of a Checkout Session, as views that take forms and answer HTML."""

    def __init__(self, books: Books, settings: Settings) -> None:
        self._books = books
        self._settings = settings

    def show(self, session_id: str) -> Page:
        """What the session sells and how to pay it, or that it has ended."""
        with self._books.transaction() as ledger:
            return _shown(ledger, _current(ledger, session_id))

    def pay(self, session_id: str) -> Answer:
        """Pay with a test card or account; on to the shop or the bank, or here again with what went wrong."""
        with self._books.transaction() as ledger:
            session = _current(ledger, session_id)
            if session["status"] != "open":
                return _ended(session, 409)
            try:
                with ledger.undo_on_error():
                    return redirect(hosted.submit(self._call(ledger, session), session, request.form), 303)
            except Refusal as refusal:
                return _shown(ledger, _current(ledger, session_id), str(refusal), refusal.status)

    def come_back(self, session_id: str) -> Answer:
        """After 3-D Secure: on to the shop, or here again with what went wrong."""
        with self._books.transaction() as ledger:
            session = _current(ledger, session_id)
            if session["status"] == "complete":
                return redirect(hosted.success_url(session), 303)
            problem = hosted.problem(ledger, session)
            return _shown(ledger, session, problem, 402 if problem else 200)

    def _call(self, ledger: Ledger, session: Json) -> Call:
        here = address(request, self._settings)
        params = {"return_url": f"{here}/c/pay/{session['id']}/return"}
        return Call(ledger, params, self._settings.bank_seconds, here)


def _current(ledger: Ledger, session_id: str) -> Json:
    sessions.expire_when_due(ledger, session_id)
    return ledger.find(session_id, sessions.KIND)


def _shown(ledger: Ledger, session: Json, problem: str | None = None, status: int = 200) -> Page:
    if session["status"] != "open":
        return _ended(session, 200)
    shown: Json = {
        "session": session,
        "items": listing.line_items(ledger, session["id"], {"limit": listing.MOST})["data"],
        "asks_email": sessions.known_email(ledger, session) is None,
        "problem": problem,
        "cards": cards.TEST_CARDS,
        "accounts": TEST_ACCOUNTS if "us_bank_account" in session["payment_method_types"] else (),
    }
    # The form's own address, so that a payment after coming back from the bank goes to the same place.
    return render_template("checkout.html", action=f"/c/pay/{session['id']}", **shown), status


def _ended(session: Json, status: int) -> Page:
    if session["status"] == "expired":
        text = "Nothing was paid. Go back to the shop to start again."
        return message("This checkout has expired", text, status)
    return message("You are all done here", "This checkout is complete. You can close this page.", status)
