"""A browser small enough to read: it fetches pages, fills in their forms and tells where it was sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


@dataclass
class Form:
    """One form with its fields as they were filled in by the page, and its buttons by their label."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Page:
    """What a browser shows: `text` without markup, `links` by label, `location` where it was sent on to."""

    url: str
    status: int
    location: str | None = None
    text: str = ""
    links: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)


def open_page(url: str | None) -> Page:
    """Follow a link."""
    assert url is not None
    return _read(requests.get(url, timeout=5, allow_redirects=False))


def submit(page: Page, form_id: str, *, button: str | None = None, **fields: str) -> Page:
    """Fill in fields of a form and press a button; a field that the page lacks is a mistake of the test."""
    form = page.forms[form_id]
    assert fields.keys() <= form.fields.keys()
    pressed = dict([form.buttons[button]]) if button else {}
    url = urljoin(page.url, form.action)
    answer = requests.request(
        form.method, url, data={**form.fields, **fields, **pressed}, timeout=5, allow_redirects=False
    )
    return _read(answer)


def _read(answer: requests.Response) -> Page:
    page = Page(answer.url, answer.status_code, answer.headers.get("Location"))
    assert "text/html" in answer.headers["Content-Type"]
    Reader(page).feed(answer.text)
    return page


class Reader(HTMLParser):
    """Puts what it reads into a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._form = Form("", "get")
        self._open: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get"))
            self._page.forms[given["id"]] = self._form
        elif tag in ("input", "select"):
            self._form.fields[given["name"]] = given.get("value", "")
        self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            """Void elements have no end of their own."""

    def handle_data(self, data: str) -> None:
        tag, given = self._open[-1] if self._open else ("", {})
        if tag in ("style", "title"):
            return
        self._page.text += data
        if tag == "a":
            self._page.links[data.strip()] = given["href"]
        if tag == "button":
            self._form.buttons[data.strip()] = (given.get("name", ""), given.get("value", ""))
