"""The pages that links in mails open, in the languages that mails are written in."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.platform.locales import locale_of


@dataclass(frozen=True, slots=True)
class _Words:
    asked: str
    button: str
    done: str
    kinds: Mapping[str | None, tuple[str, str]]
    """Of each kind of mails (None: reminders of carts) the title, and what they are about."""


_WORDS = {
    "en": _Words(
        asked="Do you want no more mails about {about}?",
        button="Send me none",
        done="Done: we send you no more of these mails. Mails about your orders go on.",
        kinds={
            None: ("Reminders of your cart", "what you left in your cart"),
            "back_in_stock": ("Articles that are back", "articles that are back in stock"),
            "low_stock": ("Articles that are low on stock", "articles that are low on stock"),
            "service_alert": ("Alerts of services", "alerts of services"),
        },
    ),
    "de": _Words(
        asked="Möchten Sie keine Mails mehr über {about}?",
        button="Keine mehr senden",
        done="Erledigt: Sie bekommen keine dieser Mails mehr. Mails zu Ihren Bestellungen kommen weiterhin.",
        kinds={
            None: ("Erinnerungen an Ihren Warenkorb", "Artikel in Ihrem Warenkorb"),
            "back_in_stock": ("Wieder lieferbare Artikel", "wieder lieferbare Artikel"),
            "low_stock": ("Knappe Artikel", "knapp werdende Artikel"),
            "service_alert": ("Warnungen von Diensten", "Warnungen von Diensten"),
        },
    ),
}
_PAGE = """\
<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<body style="margin: 0 auto; padding: 48px 16px; max-width: 480px; color: #1f2937; font: 16px/1.5 sans-serif">
<h1 style="font-size: 22px">{title}</h1>
<p>{said}</p>
{form}</html>
"""
_FORM = '<form method="post"><button style="padding: 10px 20px; font: inherit">{}</button></form>\n'


def asks_to_unsubscribe(kind: str | None, *, tag: str) -> str:
    """A page with a button that has no more mails of a kind sent, in the language of a tag like de-AT."""
    words = _WORDS[locale_of(tag).language]
    return _page(kind, tag, words.asked.format(about=words.kinds[kind][1]), _FORM.format(words.button))


def unsubscribed(kind: str | None, *, tag: str) -> str:
    """The page that says that it is done."""
    return _page(kind, tag, _WORDS[locale_of(tag).language].done, "")


def _page(kind: str | None, tag: str, said: str, form: str) -> str:
    language = locale_of(tag).language
    return _PAGE.format(language=language, title=_WORDS[language].kinds[kind][0], said=said, form=form)
