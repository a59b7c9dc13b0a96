"""The words of messages: templates in a language, with amounts and days as people there write them."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.platform.db import Json
from app.platform.locales import DEFAULT_LANGUAGE, in_words, locale_of, long_day, short_weekday

Form = Literal["html", "txt"]

_BREAKS = re.compile(r"[ \n]+")


def said(kind: str, form: Form, facts: Json, *, tag: str) -> str:
    """What a message of this kind says of the facts, to people of this language tag."""
    return _templates(tag, form).get_template(f"{kind}.jinja").render(facts)


def subject_of(kind: str, facts: Json, *, tag: str) -> str:
    """What a message of this kind is called, on one line."""
    template = _templates(tag, "txt").get_template(f"{kind}.jinja")
    return one_line("".join(template.blocks["subject"](template.new_context(facts))))


def one_line(text: str) -> str:
    """Without line breaks: a name cannot write lines of its own into the plain text."""
    return " ".join(text.split())


@lru_cache(maxsize=32)
def _templates(tag: str, form: Form) -> Environment:
    locale = locale_of(tag)
    made = Environment(
        loader=PackageLoader("app.notifications"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape((), default=form == "html"),  # plain text has no markup
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(_translations(locale.language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.globals |= {"form": form, "language": locale.language}
    made.filters |= {
        "money": lambda money: in_words(money, locale),
        "day": lambda day: long_day(day, locale),
        "weekday": lambda number: short_weekday(number, locale),
        "country": lambda code: locale.territories.get(code, code),
        "tidy": _tidy,
    }
    return made


@cache
def _translations(language: str) -> Translations:
    """Compiled from the .po file as it is, so that nothing compiled can be forgotten or stale."""
    if language == DEFAULT_LANGUAGE:
        return Translations()
    compiled = BytesIO()
    with (files("app.notifications") / "translations" / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def _tidy(text: str) -> str:
    """On one line, as markup if it was; amounts keep their spaces, at which no line breaks."""
    return type(text)(_BREAKS.sub(" ", text.strip(" \n")))
