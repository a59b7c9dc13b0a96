"""What fits a question best, by relevance: a page costs the same however much matches.

Relevance has to be reckoned for each match, of which there may be a million. So the most popular listings
are looked through first, tier by tier (`models.TIERS`, an index for each), until `ENOUGH` match; what was
found then stands in the order of relevance, and behind it, as a group of its own, what the next tiers have.
"""

from collections.abc import Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, ScalarSelect

from app.catalog.models import LAST_TIER
from app.catalog.queries.matching import LISTINGS, conditions, tiers
from app.catalog.queries.pages import SHAPES, Statement, showing
from app.catalog.queries.question import Found, Question
from app.catalog.queries.sorts import RELEVANCE
from app.catalog.queries.words import QUESTION
from app.platform.pagination import Page, exactly, flag, paged, read_cursor, small, whole

ENOUGH = 120
"""More than a page has at most, so that a page lies in two groups at most."""
AS_FAR_AS_NEEDED = -1


class Place(NamedTuple):
    """Where a match stands: in the group of these tiers, behind the better ones."""

    first_tier: int = 0
    last_tier: int = AS_FAR_AS_NEEDED
    score: int | None = None
    product_id: UUID | None = None


class Match(NamedTuple):
    """A listing as a list shows it, and its place."""

    row: Any
    place: Place


def search(session: Session, question: Question, *, cursor: str | None, limit: int) -> Found:
    """The page of what has all the words; when that is too little, mistyped ones are understood."""
    seen = read_cursor(cursor, exactly(RELEVANCE), flag, _tier, _tier, small, UUID)
    start = Place(*seen[2:]) if seen else Place()
    if seen and seen[1]:
        question = question.understood(session)
    matches, total = _matches(session, question, start, limit + 1)
    if not seen and question.finds_too_little(total):
        question = question.understood(session)
    if not seen and question.is_corrected:
        matches, _ = _matches(session, question, start, limit + 1)
    page = paged(matches, limit, lambda match: (RELEVANCE, question.is_corrected, *match.place))
    return Found(Page([match.row for match in page.items], page.next_cursor), question)


def _tier(value: Any) -> int:
    """A tier as cursors have it. Raises ValueError."""
    if not 0 <= whole(value) <= LAST_TIER:
        raise ValueError
    return int(value)


def _matches(session: Session, question: Question, start: Place, most: int) -> tuple[list[Match], int | None]:
    """So many matches from a place on, and how many there are in all, if all tiers were looked through."""
    found, counts, last = _group(session, question, start, most)
    if len(found) < most and last < LAST_TIER:
        more, _, _ = _group(session, question, Place(last + 1), most - len(found))
        found += more
    everything = start == Place() and last == LAST_TIER
    return found, sum(counts) if everything else None


def _group(
    session: Session, question: Question, start: Place, most: int
) -> tuple[list[Match], Sequence[int], int]:
    """The next matches of one group, how many each tier has, and the group's last tier."""
    seen = start.score is not None
    values = {**question.values, **start._asdict(), "most": most}
    rows = session.connection().execute(_best(question.wanted, seen, question.translated), values).all()
    counts = rows[0].counts
    last = start.last_tier if start.last_tier >= 0 else _last_tier(start.first_tier, counts)
    places = ((row, Place(start.first_tier, last, row.score, row.product_id)) for row in rows)
    return [Match(row, place) for row, place in places if row.product_id], counts, last


def _last_tier(first: int, counts: Sequence[int]) -> int:
    """Where the statement stopped to look."""
    found = 0
    for tier in range(first, LAST_TIER):
        found += counts[tier]
        if found >= ENOUGH:
            return tier
    return LAST_TIER


@lru_cache(SHAPES)
def _best(wanted: frozenset[str], seen: bool, translated: bool) -> Statement:  # noqa: FBT001  # a key of the cache
    """The best of a group; without any, one row without a product."""
    parts: list[CTE] = []
    for tier, condition in enumerate(tiers()):
        part = select(LISTINGS.c.product_id, _SCORE.label("score"))
        part = part.where(condition, *conditions(wanted, LISTINGS), _is_looked_into(tier, parts))
        parts.append(part.cte(f"tier_{tier}"))
    group = union_all(*(select(part) for part in parts)).subquery("found")
    best = select(group).order_by(group.c.score.desc(), group.c.product_id).limit(bindparam("most"))
    if seen:
        best = best.where(_is_behind(group.c.score, group.c.product_id))
    page, counted = best.subquery("page"), select(array(_counts(parts)).label("counts")).subquery("counted")
    rows = page.join(LISTINGS, LISTINGS.c.product_id == page.c.product_id)
    statement = showing(LISTINGS, page.c.score, counted.c.counts, translated=translated)
    found = statement.select_from(counted.outerjoin(rows, true()))
    return found.order_by(page.c.score.desc(), page.c.product_id)


_RANK = func.ts_rank(LISTINGS.c.document, QUESTION)
# Among words that fit as well, what sells a hundred times as often counts half as much again.
_SCORE = cast(_RANK * (1 + func.ln(1 + LISTINGS.c.popularity) / 10) * 1_000_000, Integer)


def _is_looked_into(tier: int, before: Sequence[CTE]) -> ColumnElement[bool]:
    """Whether the tier is in the group; PostgreSQL asks this once, and before it looks."""
    first, last = bindparam("first_tier", type_=Integer), bindparam("last_tier", type_=Integer)
    lacking = [reduce(add, _counts(before)) < ENOUGH] if before else []
    return and_(first <= tier, or_(last >= tier, and_(last == AS_FAR_AS_NEEDED, *lacking)))


def _is_behind(score: ColumnElement[int], product_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    seen = bindparam("score", type_=Integer)
    return or_(score < seen, and_(score == seen, product_id > bindparam("product_id", type_=product_id.type)))


def _counts(parts: Sequence[CTE]) -> list[ScalarSelect[int]]:
    return [select(func.count()).select_from(part).scalar_subquery() for part in parts]
