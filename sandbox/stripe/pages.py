"""The stand-in's pages for buyers: plain HTML, which a browser and curl both can use."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from sandbox.stripe import cards, hosted, listing, sessions
from sandbox.stripe.bank_accounts import TEST_ACCOUNTS
from sandbox.stripe.books import Books, Json
from sandbox.stripe.calls import Call
from sandbox.stripe.errors import Refusal
from sandbox.stripe.money import shown_amount
from sandbox.stripe.service import address
from sandbox.stripe.settings import Settings

Page = tuple[str, int]


def pages(books: Books, settings: Settings) -> Blueprint:
    """The routes of the pages; whoever knows a page's address may use it, as at Stripe."""
    views = Pages(books, settings)
    routes = Blueprint("pages", __name__)
    routes.get("/c/pay/<session_id>")(views.show_session)
    routes.post("/c/pay/<session_id>")(views.pay_session)
    routes.register_error_handler(Refusal, _refused)
    routes.app_template_filter("amount")(shown_amount)
    return routes


class Pages:
    """The pages, as views that take forms and answer HTML."""

    def __init__(self, books: Books, settings: Settings) -> None:
        self._books = books
        self._settings = settings

    def show_session(self, session_id: str) -> Page:
        """What the session sells and how to pay it, or that it has ended."""
        with self._books.transaction() as ledger:
            sessions.expire_when_due(ledger, session_id)
        return self._session_page(session_id)

    def pay_session(self, session_id: str) -> Page | Any:
        """Pay with a test card or account; on to the shop, or the page again with what went wrong."""
        with self._books.transaction() as ledger:
            sessions.expire_when_due(ledger, session_id)
            session = ledger.find(session_id, sessions.KIND)
            if session["status"] != "open":
                return _ended(session, 409)
            call = Call(ledger, {}, self._settings.bank_seconds, address(request))
            try:
                with ledger.undo_on_error():
                    return redirect(hosted.submit(call, session, request.form), 303)
            except Refusal as refusal:
                problem = refusal
        return self._session_page(session_id, problem)

    def _session_page(self, session_id: str, problem: Refusal | None = None) -> Page:
        with self._books.transaction() as ledger:
            session = ledger.find(session_id, sessions.KIND)
            items = listing.line_items(ledger, session_id, {"limit": listing.MOST})["data"]
        if session["status"] != "open":
            return _ended(session, 200)
        shown: Json = {
            "session": session,
            "items": items,
            "problem": problem and str(problem),
            "cards": cards.TEST_CARDS,
            "accounts": TEST_ACCOUNTS if "us_bank_account" in session["payment_method_types"] else (),
        }
        return render_template("checkout.html", **shown), problem.status if problem else 200


def _ended(session: Json, status: int) -> Page:
    if session["status"] == "expired":
        return _message(
            "This checkout has expired", "Nothing was paid. Go back to the shop to start again.", status
        )
    return _message("You are all done here", "This checkout is complete. You can close this page.", status)


def _message(title: str, text: str, status: int) -> Page:
    return render_template("message.html", title=title, text=text), status


def _refused(refusal: Refusal) -> Response | Page:
    return _message("There is nothing here", str(refusal), refusal.status)
