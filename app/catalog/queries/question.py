"""What somebody wants to see, in the form that statements take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.catalog.queries import words
from app.platform.pagination import Page

TOO_LITTLE = 3
"""With fewer matches than these, words that no listing has are taken for mistyped ones."""


@dataclass(frozen=True, slots=True)
class Question:
    """`wanted` are names of `matching.CONDITIONS` that have to hold, `values` what these compare with.

    `asked` are the words that were typed; a corrected question finds others in their places, too.
    """

    wanted: frozenset[str]
    values: Mapping[str, Any]
    asked: tuple[str, ...] = ()
    translated: bool = False
    is_corrected: bool = False

    def finds_too_little(self, total: int | None) -> bool:
        """Whether so few matches, if it is known how many, mean that a word was mistyped."""
        return bool(self.asked) and total is not None and total < TOO_LITTLE

    def understood(self, session: Session) -> "Question":
        """The question that was meant, this one if nothing is like its words. One statement."""
        meant = words.corrections(session, self.asked)
        if not meant:
            return self
        return replace(self, values={**self.values, **words.values(self.asked, meant)}, is_corrected=True)


class Found(NamedTuple):
    """A page of listings, and the question as it was understood."""

    page: Page[Any]
    question: Question
