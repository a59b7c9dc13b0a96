"""What somebody types, as PostgreSQL searches for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, ScalarSelect, Text, bindparam, column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Session

MOST_WORDS = 8
_WORD = re.compile(r"\w+(?:[.-]\w+)*")

_LISTS = bindparam("words", type_=ARRAY(Text)), bindparam("places", type_=ARRAY(Integer))
# Each word as it stands, or its stem in the shop's language; the last one may go on. A word that the language
# has in every sentence has no stem and is left out, unless there are no others.
_QUERY = text("""
    SELECT string_agg('(' || alternatives || ')', ' & ')::tsquery AS words FROM (
      SELECT string_agg(concat_ws(' | ', written, nullif(nullif(stem, ''), quoted)), ' | ') AS alternatives
      FROM (
        SELECT place, quoted, quoted || CASE WHEN place = :last THEN ':*' ELSE '' END AS written, stem,
          bool_and(stem = '') OVER () AS only_frequent
        FROM unnest(:words, :places) AS asked (word, place)
        CROSS JOIN LATERAL (
          SELECT websearch_to_tsquery(word)::text AS stem, quote_literal(word) AS quoted
        ) AS reduced
      ) AS known WHERE stem <> '' OR only_frequent GROUP BY place
    ) AS each_word
""")
_CLOSEST = text("""
    SELECT asked.place, near.word
    FROM unnest(:words, :places) AS asked (word, place)
    CROSS JOIN LATERAL (
      SELECT word FROM search_words WHERE word % asked.word
      ORDER BY similarity(word, asked.word) DESC, word LIMIT 3
    ) AS near
    WHERE length(asked.word) > 3 AND NOT EXISTS (
      SELECT FROM search_words WHERE word = asked.word OR asked.place = :last AND word LIKE asked.word || '%')
""").bindparams(*_LISTS)


def asked_for(q: str) -> list[str]:
    """The words of a question: small letters, digits, and dots and dashes between them."""
    return _WORD.findall(q.lower())[:MOST_WORDS]


_QUESTION = _QUERY.bindparams(*_LISTS).columns(column("words", TSQUERY)).cte("question")
QUESTION: ScalarSelect[Any] = select(_QUESTION.c.words).scalar_subquery()
"""What is compared with documents; a statement that has it needs `values(...)`, and builds it once."""


def values(words: Sequence[str], alternatives: Iterable[tuple[int, str]] = ()) -> Mapping[str, Any]:
    """The parameters of `QUESTION`: all of the words, or what stands for them at their places."""
    pairs = [*enumerate(words), *alternatives]
    return {
        "words": [word for _, word in pairs],
        "places": [place for place, _ in pairs],
        "last": len(words) - 1,
    }


def corrections(session: Session, words: Sequence[str]) -> list[tuple[int, str]]:
    """What words that no listing has may have meant: up to three for each, by place."""
    rows = session.connection().execute(_CLOSEST, values(words))
    return [(place, word) for place, word in rows]
