"""The stand-in's pages for buyers: plain HTML, which a browser and curl both can use."""

from flask import Blueprint

from sandbox.stripe import authentication
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Refusal
from sandbox.stripe.money import shown_amount
from sandbox.stripe.pages.authentication import AuthenticationPage
from sandbox.stripe.pages.checkout import CheckoutPage
from sandbox.stripe.pages.message import refused
from sandbox.stripe.settings import Settings


def pages(books: Books, settings: Settings) -> Blueprint:
    """The routes of the pages; whoever knows a page's address may use it, as at Stripe."""
    checkout = CheckoutPage(books, settings)
    bank = AuthenticationPage(books)
    routes = Blueprint("pages", __name__)
    routes.get("/c/pay/<session_id>", endpoint="checkout")(checkout.show)
    routes.post("/c/pay/<session_id>", endpoint="pay")(checkout.pay)
    routes.get("/c/pay/<session_id>/return", endpoint="come_back")(checkout.come_back)
    routes.get(authentication.PATH, endpoint="authentication")(bank.show)
    routes.post(authentication.PATH, endpoint="answer")(bank.answer)
    routes.register_error_handler(Refusal, refused)
    routes.app_template_filter("amount")(shown_amount)
    return routes
