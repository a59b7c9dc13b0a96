"""The tables of docs/states.md are true, cell by cell: each state against everything that may be reported."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.payments.gateway.protocol import INTENT, SESSION
from app.platform.db import transaction
from tests.provider import Provider
from tests.reports import report
from tests.sales import Sale, State, state, topics
from tests.settlement.happenings import HAPPENINGS, ON_THE_PAGE, Happening, in_words, known_there
from tests.settlement.states import MADE

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def table_of_page() -> dict[str, dict[str, str]]:
    """What the page says: by state, then by what is reported."""
    found: dict[str, dict[str, str]] = {}
    heads: list[str] = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| ") else []
        if cells and cells[0] == "the order is":
            heads = cells[1:]
        elif cells and heads and cells[0] in MADE:
            found.setdefault(cells[0], {}).update(zip(heads, cells[1:], strict=True))
        elif not line.startswith("|"):
            heads = []
    return found


def cell(chapter: Connection, sale: Sale, before: State, happening: Happening) -> str:
    """What comes of a report, in words; reported once more it changes nothing. All of it is undone."""
    undo = chapter.begin_nested()
    provider = known_there(sale)
    topic, told = happening(sale, provider)
    outcome = report(provider, told, topic)
    after, facts = state(sale), topics(sale)
    report(provider, told, topic)
    assert (state(sale), topics(sale)) == (after, facts), topic
    said = in_words(before, after, _seen_there(provider, sale, told, outcome))
    undo.rollback()
    return said


def _seen_there(provider: Provider, sale: Sale, told: dict[str, object], outcome: str) -> str:
    """The outcome, unless all that was done is to close the object at the provider."""
    is_closed = provider.payments[sale.provider_id].status == "canceled"
    return "closed there" if is_closed and str(told.get("status")).startswith("requires") else outcome


@pytest.mark.parametrize("name", MADE)
def test_a_report_does_what_the_page_says(undone: Connection, name: str) -> None:
    make, looks = MADE[name]
    with transaction() as session:
        sale = make(session, INTENT)
    assert state(sale) == looks

    found = {
        report_name: cell(undone, sale, looks, happening) for report_name, happening in HAPPENINGS.items()
    }

    assert found == table_of_page().get(name)


@pytest.mark.parametrize("name", MADE)
def test_a_hosted_page_reports_as_an_intent_does(undone: Connection, name: str) -> None:
    make, looks = MADE[name]
    with transaction() as session:
        sale = make(session, SESSION)
    assert state(sale) == looks

    found = {event: cell(undone, sale, looks, happening) for event, (_, happening) in ON_THE_PAGE.items()}

    says = table_of_page()[name]
    assert found == {event: says[counts_as] for event, (counts_as, _) in ON_THE_PAGE.items()}


def test_every_state_stands_on_the_page() -> None:
    assert list(table_of_page()) == list(MADE)
