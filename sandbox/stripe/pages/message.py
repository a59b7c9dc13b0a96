from flask import render_template
from werkzeug.wrappers import Response

from sandbox.stripe.errors import Refusal

Page = tuple[str, int]
Answer = Page | Response


def message(title: str, text: str, status: int) -> Page:
    """A page that only says something."""
    return render_template("message.html", title=title, text=text), status


def refused(refusal: Refusal) -> Page:
    """The page for an address that names nothing."""
    return message("There is nothing here", str(refusal), refusal.status)
