"""Texts in the language that the caller prefers."""

from collections.abc import Iterable
from typing import Any

from app.platform.db import Json
from app.platform.locales import DEFAULT_LANGUAGE

MOST_TAGS = 8


class Texts:
    """Chooses the texts of one answer, and remembers which languages it took.

    `preferred` are language tags like de-AT, the best first; de-AT is served by de too. The columns are in
    the default language; the others are in `translations`.
    """

    def __init__(self, preferred: Iterable[str] = ()) -> None:
        self.wanted = tuple(dict.fromkeys(_locales(preferred)))[:MOST_TAGS]
        self._used: set[str] = set()

    @property
    def languages(self) -> str:
        """What the texts chosen so far are in, for Content-Language."""
        return ", ".join(sorted(self._used or {DEFAULT_LANGUAGE}))

    def choose(self, translations: Json | None, **texts: str) -> dict[str, Any]:
        """`texts` by their names, replaced by those of the best language that there is."""
        for locale in self.wanted:
            if translations and locale in translations:
                self._used.add(locale)
                return texts | {name: translations[locale].get(name) or texts[name] for name in texts}
        self._used.add(DEFAULT_LANGUAGE)
        return dict(texts)


def _locales(preferred: Iterable[str]) -> Iterable[str]:
    for tag in preferred:
        language, _, region = tag.partition("-")
        language = language.lower()
        # `*` takes anything, and so the default; after it nothing else can be better.
        if language in {DEFAULT_LANGUAGE, "*"}:
            return
        if region:
            yield f"{language}-{region.upper()}"
        yield language
