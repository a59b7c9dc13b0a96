"""A product's rating is what its published reviews come to, whoever writes, changes or judges at once."""

from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.errors import ReviewExists
from app.ops.services import doctor
from app.platform.db import transaction
from tests.buyers import shelf
from tests.database import rows
from tests.factories import make_product, make_user
from tests.threads import together

RATING = "SELECT rating_sum, rating_count FROM products"
PUBLISHED = "SELECT coalesce(sum(rating), 0), count(*) FROM reviews WHERE status = 'published'"


def write(session: Session, product_id: UUID, user_id: UUID, stars: int, *, moderated: bool = False) -> UUID:
    return services.write_review(
        session, product_id, user_id, rating=stars, title="", comment="", moderated=moderated
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_follows_whatever_happens_to_reviews(session: Session, seed: int) -> None:
    chance = Random(seed)  # noqa: S311  # which reviews there are is no secret
    lamp = make_product(session)
    people = [make_user(session).id for _ in range(4)]
    written: dict[UUID, UUID] = {}
    for _ in range(40):
        author, moderated, stars = chance.choice(people), chance.random() < 0.3, chance.randint(1, 5)
        review_id = written.get(author)
        if review_id is None:
            written[author] = write(session, lamp.id, author, stars, moderated=moderated)
            continue
        acts = [
            partial(
                services.change_review, session, review_id, author, {"rating": stars}, moderated=moderated
            ),
            partial(services.publish_review, session, review_id),
            partial(services.reject_review, session, review_id, reason="so"),
            partial(services.delete_review, session, review_id, author),
        ]
        act = chance.choice(acts)
        act()
        if act is acts[-1]:
            del written[author]

        assert rows(RATING, session) == rows(PUBLISHED, session)


def test_sixty_four_buyers_at_once_are_all_counted(client: FlaskClient) -> None:
    lamp = shelf()
    with transaction() as session:
        people = [make_user(session).id for _ in range(64)]

    def review(number: int) -> None:
        with transaction() as session:
            review_id = write(session, lamp.id, people[number], number % 5 + 1)
        if number % 4 == 0:
            with transaction() as session:
                services.delete_review(session, review_id, people[number])
        if number % 4 == 1:
            with transaction() as session:
                services.change_review(session, review_id, people[number], {"rating": 5}, moderated=False)

    together(*(partial(review, number) for number in range(64)))

    ((stars, count),) = rows(RATING)
    assert [(stars, count)] == rows(PUBLISHED)
    assert count == 48
    with transaction() as session:
        assert doctor.broken(doctor.examine(session)) == []


def test_one_buyer_from_many_sides_has_one_review(client: FlaskClient) -> None:
    lamp = shelf()
    with transaction() as session:
        user_id = make_user(session).id

    def review(_: int) -> str:
        try:
            with transaction() as session:
                return str(write(session, lamp.id, user_id, 4))
        except ReviewExists as error:
            return str(error.extra["review_id"])

    answers = together(*(partial(review, number) for number in range(8)))

    assert len(set(answers)) == 1
    assert rows(RATING) == [(4, 1)]


def test_its_listing_has_it_too_when_it_is_offered_again(session: Session) -> None:
    lamp, listed = make_product(session), "SELECT rating_average, rating_count FROM listings"
    for stars in (5, 5, 4, 4, 4, 4, 4, 3):
        write(session, lamp.id, make_user(session).id, stars)
    assert rows(listed, session) == [(Decimal("4.13"), 8)]

    services.archive_product(session, lamp.id)
    write(session, make_product(session).id, make_user(session).id, 1)
    services.change_product(session, lamp.id, {"status": "active"})

    assert rows(f"{listed} ORDER BY 2", session) == [(Decimal("1.00"), 1), (Decimal("4.13"), 8)]
