"""A page costs about as much of 100,000 products as of few; `python -m bench.plans` asks it of a million."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.catalog.queries.pages import FEW
from app.platform.db import SessionFactory, transaction
from bench.listings import make_listings
from bench.plans import DEEP, QUESTIONS, page_cost
from tests.template import empty

LISTINGS = 100_000


@pytest.fixture(scope="module")
def large(app: Flask) -> Iterator[Session]:
    """A session on a large shop, which is gone afterwards."""
    with transaction() as session:  # ended at once: the log of other tests waits for who has written
        make_listings(session.connection(), LISTINGS)
    with SessionFactory() as session:
        yield session
    with transaction() as session:
        empty(session)


@pytest.mark.parametrize(("name", "number"), [*((name, 1) for name in QUESTIONS), *DEEP.items()])
def test_a_page_touches_few_rows_and_sorts_fewer(large: Session, name: str, number: int) -> None:
    cost = page_cost(large, QUESTIONS[name], number=number)

    assert cost.items > 0
    assert cost.statements <= (3 if "mistyped" in name else 2)
    assert cost.rows <= 2 * FEW
    assert cost.sorted <= FEW + 500
