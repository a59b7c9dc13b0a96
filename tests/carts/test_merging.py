"""A guest's cart goes into a user's."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.carts import services
from app.carts.queries import cart_of
from app.carts.services import merging
from app.platform.ids import new_id
from app.platform.party import Party
from tests.carts.rules import RULES
from tests.database import change, rows
from tests.factories import make_product, make_user

GUEST = Party(token_hash="the hash of a guest's token")
HASH = str(GUEST.token_hash)


def fill(session: Session, owner: Party, units: dict[UUID, int]) -> None:
    for variant_id, quantity in units.items():
        services.add(session, owner, rules=RULES, variant_id=variant_id, quantity=quantity)


def lines(session: Session, owner: Party) -> dict[UUID, int]:
    return {line.variant_id: line.quantity for line in cart_of(session, owner, RULES).items}


@pytest.fixture
def user(session: Session) -> Party:
    return Party(make_user(session).id)


@pytest.fixture
def lamp(session: Session) -> UUID:
    return make_product(session).variant_id


@pytest.fixture
def chair(session: Session) -> UUID:
    return make_product(session).variant_id


def merge(session: Session, user: Party) -> None:
    assert user.user_id is not None
    services.merge(session, user_id=user.user_id, token_hash=HASH)


def test_units_of_one_article_are_summed_and_the_others_stand_beside(
    session: Session, user: Party, lamp: UUID, chair: UUID
) -> None:
    fill(session, user, {lamp: 2})
    fill(session, GUEST, {lamp: 3, chair: 1})

    merge(session, user)

    assert lines(session, user) == {lamp: 5, chair: 1}
    assert rows("SELECT user_id, token_hash FROM carts", session) == [(user.user_id, None)]
    assert rows("SELECT count(*) FROM cart_items", session) == [(2,)]


def test_a_user_without_a_cart_gets_one_as_old_as_the_guests(
    session: Session, user: Party, lamp: UUID
) -> None:
    fill(session, GUEST, {lamp: 3})
    change("UPDATE carts SET updated_at = '2026-01-02 03:04:05Z'", session)

    merge(session, user)

    assert lines(session, user) == {lamp: 3}
    assert rows("SELECT updated_at::date::text, token_hash FROM carts", session) == [("2026-01-02", None)]


def test_a_merged_line_stops_at_the_limit(session: Session, user: Party, lamp: UUID) -> None:
    fill(session, user, {lamp: 60})
    fill(session, GUEST, {lamp: 60})

    merge(session, user)

    assert lines(session, user) == {lamp: 99}


def test_of_too_many_articles_the_guests_latest_are_left_out(
    session: Session, user: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = (make_product(session).variant_id for _ in range(4))
    fill(session, GUEST, {second: 2, first: 5, third: 3})
    fill(session, user, {first: 1, fourth: 4})
    moments = "UPDATE cart_items SET added_at = now() + make_interval(secs => quantity)"
    change(moments, session)
    monkeypatch.setattr(merging, "CART_LIMIT", 3)

    merge(session, user)

    assert lines(session, user) == {first: 6, fourth: 4, second: 2}


def test_merging_again_or_without_a_guests_cart_changes_nothing(
    session: Session, user: Party, lamp: UUID
) -> None:
    fill(session, user, {lamp: 2})
    before = rows("SELECT id, updated_at FROM carts", session)

    merge(session, user)
    merge(session, user)

    assert (lines(session, user), rows("SELECT id, updated_at FROM carts", session)) == ({lamp: 2}, before)


def test_a_guest_without_a_cart_gives_the_user_none(session: Session, user: Party) -> None:
    merge(session, user)

    assert rows("SELECT count(*) FROM carts", session) == [(0,)]


def test_a_cart_of_another_currency_takes_that_of_its_latest_lines(
    session: Session, user: Party, lamp: UUID, chair: UUID
) -> None:
    fill(session, user, {chair: 1})
    change("UPDATE carts SET currency = 'EUR', updated_at = now() - interval '1 day'", session)
    fill(session, GUEST, {lamp: 1})

    merge(session, user)

    assert cart_of(session, user, RULES).currency == "USD"


def test_who_is_only_one_of_both_stays_who_they_are(session: Session, user: Party, lamp: UUID) -> None:
    fill(session, GUEST, {lamp: 1})
    nobody = Party()

    assert services.merged(session, user) == user
    assert services.merged(session, GUEST) == GUEST
    assert services.merged(session, nobody) == nobody
    assert services.merged(session, Party(user.user_id, HASH)) == user
    assert lines(session, user) == {lamp: 1}


def test_nobody_has_no_cart_even_beside_those_of_users_and_guests(
    session: Session, user: Party, lamp: UUID
) -> None:
    fill(session, user, {lamp: 1})
    fill(session, GUEST, {lamp: 2})

    assert cart_of(session, Party(), RULES).id is None
    services.clear(session, Party())
    services.clear(session, Party(new_id()))
    assert (lines(session, user), lines(session, GUEST)) == ({lamp: 1}, {lamp: 2})
