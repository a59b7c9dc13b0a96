from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from app.invoicing.services import issuing, numbering
from app.invoicing.services.rules import invoice_rules
from app.invoicing.states import CREDIT_NOTE, INVOICE
from app.platform.db import transaction
from app.platform.environment import Environment, SettingError
from app.platform.working_days import WorkingDays
from tests.database import change, rows
from tests.invoicing.making import OFFICE, SELLER
from tests.refunds import make_paid
from tests.sales import make_sale
from tests.threads import at_once, together

THREADS = 64
LIVES, DIES = "SELECT 1", "SELECT 1 / 0"
LAST_YEAR = """
  UPDATE document_numbers SET last = last + 1, given_at = now() + interval '1 hour' WHERE kind = 'invoice'"""


def take_or_crash(turn: int) -> int | None:
    """A number, unless the transaction dies, as every third does."""
    try:
        with transaction() as session:
            taken = numbering.take(session, INVOICE, calendar=WorkingDays())
            session.connection().execute(text(DIES if turn % 3 == 0 else LIVES))
            return taken.sequence
    except DBAPIError:
        return None


def test_64_threads_take_numbers_without_gaps_or_doubles_though_some_die(client: FlaskClient) -> None:
    given = together(*(partial(take_or_crash, turn) for turn in range(THREADS)))

    numbers = sorted(number for number in given if number is not None)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == THREADS - len(range(0, THREADS, 3))
    assert rows("SELECT last FROM document_numbers") == [(len(numbers),)]


def test_an_order_that_many_invoice_at_once_has_one_invoice(client: FlaskClient) -> None:
    with transaction() as session:
        sale = make_paid(session)

    def issue(_: int) -> str:
        with transaction() as session:
            document = issuing.issue_invoice(session, sale.order_id, office=OFFICE)
            assert document is not None
            return document.number

    numbers = at_once(issue)

    assert len(set(numbers)) == 1
    assert rows("SELECT kind, sequence, number FROM documents") == [(INVOICE, 1, numbers[0])]
    assert rows("SELECT last FROM document_numbers") == [(1,)]


def test_each_kind_counts_for_itself_and_no_number_is_older_than_the_one_below(session: Session) -> None:
    first = numbering.take(session, INVOICE, calendar=WorkingDays())
    change(LAST_YEAR, session)

    third = numbering.take(session, INVOICE, calendar=WorkingDays())
    other = numbering.take(session, CREDIT_NOTE, calendar=WorkingDays())

    assert (first.sequence, third.sequence, other.sequence) == (1, 3, 1)
    assert third.issued_at > other.issued_at
    assert third.written("INV") == f"INV-{third.year}-000003"


def test_an_order_that_nobody_paid_has_no_invoice_and_takes_no_number(session: Session) -> None:
    assert issuing.issue_invoice(session, make_sale(session).order_id, office=OFFICE) is None
    assert rows("SELECT last FROM document_numbers", session) == []


def test_no_invoice_has_the_number_of_a_credit_note() -> None:
    with pytest.raises(SettingError, match=r"^INVOICE_PREFIX and CREDIT_NOTE_PREFIX must differ\.$"):
        invoice_rules(Environment(SELLER | {"INVOICE_PREFIX": "CN"}))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET total_amount = total_amount + 1",
        "UPDATE documents SET facts = jsonb_set(facts, '{buyer,name}', '\"Eve\"')",
        "UPDATE documents SET number = 'INV-0'",
        "DELETE FROM documents",
        "UPDATE document_numbers SET last = last + 2",
        "UPDATE document_numbers SET last = 0",
        "DELETE FROM document_numbers",
    ],
)
def test_the_database_refuses_to_change_what_was_issued(session: Session, statement: str) -> None:
    issuing.issue_invoice(session, make_paid(session).order_id, office=OFFICE)

    with pytest.raises(ProgrammingError, match=r"never changes|one by one"), session.begin_nested():
        change(statement, session)
