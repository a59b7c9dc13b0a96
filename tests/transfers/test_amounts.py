"""What the amounts in a file must be."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalog.services.importing import RawRow, import_rows
from tests.factories import make_user


@pytest.mark.parametrize(
    ("price", "compare_at", "column"),
    [(1999, None, "price"), (1990, 2999, "compare_at_price"), (1990, 2990, None)],
)
def test_amounts_are_multiples_of_what_the_currency_knows(
    session: Session, price: int, compare_at: int | None, column: str | None
) -> None:
    row = {"sku": "LAMP", "product": "lamp", "name": "Lamp", "price": price, "compare_at_price": compare_at}
    seller_id = make_user(session, role="seller").id

    outcome = import_rows(
        session,
        [RawRow(1, 2, row)],
        currency="KWD",
        seller_id=seller_id,
        reference="import:1",
        note="",
        write=True,
    )

    told = [(each.column, each.problem) for each in outcome.refusals]
    assert told == ([(column, "Must be a multiple of 10 in KWD.")] if column else [])
    amounts = session.execute(text("SELECT price_amount, compare_at_amount FROM variants")).all()
    assert [tuple(each) for each in amounts] == ([] if column else [(price, compare_at)])
