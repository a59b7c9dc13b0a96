from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import LAST_TIER, TIERS
from app.catalog.services import ranking
from app.platform.db import transaction
from app.reporting import services
from tests.database import change, rows
from tests.factories import make_product, make_user
from tests.refunds import make_paid
from tests.sales import Sale, make_sale
from tests.work import drain, reach

POPULARITY = "SELECT product_id, popularity FROM listings WHERE popularity > 0 ORDER BY popularity"


def _found() -> list[tuple[UUID, int]]:
    return [(product_id, units) for product_id, units in rows(POPULARITY)]


def _change_order(session: Session, sale: Sale, values: str) -> None:
    change(f"UPDATE orders SET {values} WHERE id = :id", session, id=sale.order_id)  # noqa: S608  # our own


@pytest.mark.usefixtures("client")
def test_what_was_paid_lately_makes_a_product_popular() -> None:
    with transaction() as session:
        unpaid, paid, long_ago, cancelled = make_sale(session), *(make_paid(session) for _ in range(3))
        _change_order(session, long_ago, "paid_at = now() - interval '31 days'")
        _change_order(
            session, cancelled, "status = 'cancelled', cancel_reason = 'admin', cancelled_at = now()"
        )
        change("UPDATE listings SET popularity = 9 WHERE product_id = :id", session, id=unpaid.product.id)

    reach("reporting.count_popularity")

    assert _found() == [(paid.product.id, 2)]
    assert rows("SELECT count(*) FROM scheduled_jobs WHERE name = 'reporting.count_popularity'") == [(1,)]


@pytest.mark.usefixtures("client")
def test_it_is_counted_in_steps_and_sets_the_tiers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranking, "STEP", 2)
    monkeypatch.setattr(ranking, "TIERS", (1, 2, 4))
    with transaction() as session:
        sale = make_paid(session)
        seller = make_user(session, role="seller").id
        for number in range(4):
            make_product(session, slug=f"p{number}", seller_id=seller)

    reach("reporting.count_popularity")
    ran = drain(only=["reporting.continue_popularity"])
    with transaction() as session:  # the next day
        services.count_popularity(session)
    drain()

    assert ran == ["reporting.continue_popularity", "reporting.continue_popularity"]
    assert _found() == [(sale.product.id, 2)]
    tiers = dict(rows("SELECT slug, tier FROM listings"))
    assert tiers == {"garden-chair": 0, "p3": 1, "p2": 2, "p1": 2, "p0": LAST_TIER}


@pytest.mark.usefixtures("client")
def test_a_small_shop_has_one_tier() -> None:
    with transaction() as session:
        make_product(session)

    reach("reporting.count_popularity")

    assert rows("SELECT tier, popularity FROM listings") == [(0, 0)]
    assert TIERS[0] > 1
