"""What can be read on a document."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.fulfillment.services import slips
from app.invoicing.models import Document
from app.invoicing.services import showing
from app.invoicing.services.parts import Part
from app.invoicing.services.words import WORDS, Words
from app.invoicing.states import CREDIT_NOTE, INVOICE
from app.platform.locales import LANGUAGES

ISSUED_AT = datetime(2026, 11, 21, tzinfo=UTC)
SELLER = {
    "name": "Lamps & Co",
    "address": ["1 Back Street", "London"],
    "tax_number": "GB123456789",
    "register": "Companies House 01234567",
    "contact": None,
    "footer": ["Directors: Ada Lovelace"],
}


def address(name: str, country: str = "GB") -> dict[str, Any]:
    parts = {
        "name": name,
        "line1": "12 Green Street",
        "city": "London",
        "postal_code": "N1",
        "country": country,
    }
    return {"company": None, "line2": None, "region": None} | parts


def part(name: str, gross: int, tax: int, rate: str, **more: Any) -> Part:
    facts: dict[str, Any] = {"quantity": 1, "price": gross - tax, "discount": 0, "sku": name.upper()}
    return Part(key=name, name=name, gross=gross, tax=tax, basis_points=Decimal(rate), **facts | more)


LINES = (part("chair", 1190, 190, "1900"), part("book", 10700, 700, "700"), part("lamp", 595, 95, "1900"))


def document(*parts: Part, kind: str = INVOICE, currency: str = "EUR", **facts: Any) -> Document:
    common = {
        "seller": SELLER,
        "buyer": address("Ada Lovelace"),
        "recipient": address("Ada Lovelace"),
        "tax_number": None,
        "order_number": "ORD-20261121-7K3M9Q",
        "placed_at": "2026-11-20T10:00:00+00:00",
        "paid_at": "2026-11-21T10:00:00+00:00",
        "issued_on": "2026-11-21",
        "locale": "en",
        "currency": currency,
        "prices_include_tax": False,
        "payment": {"kind": "card", "brand": "visa", "last4": "4242"},
        "parts": [each.as_json() for each in parts],
    }
    return Document(
        kind=kind,
        number="INV-2026-000007",
        currency=currency,
        total_amount=sum(each.gross for each in parts),
        tax_amount=sum(each.tax for each in parts),
        facts=common | facts,
        issued_at=ISSUED_AT,
    )


def read(made: Document) -> str:
    """The text of its pages, with one space between words, composed."""
    pages = PdfReader(BytesIO(showing.render(made, more_fonts=None))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    return unicodedata.normalize("NFC", text)


def missing(made: Document, *texts: str) -> list[str]:
    found = read(made)
    return [text for text in texts if text not in found]


def test_an_invoice_says_who_sells_who_buys_what_and_the_sums_of_each_rate() -> None:
    made = document(*LINES)

    assert missing(made, "INV-2026-000007", "Nov 21, 2026", "ORD-20261121-7K3M9Q", "Ada Lovelace") == []
    assert missing(made, "Tax number GB123456789", "Companies House 01234567", "Directors: Ada") == []
    assert missing(made, "CHAIR", "19 %", "7 %", "EUR 115.00", "EUR 2.85", "EUR 7.00", "EUR 124.85") == []
    assert missing(made, "Paid on Nov 21, 2026 by Visa ending in 4242.", "without tax") == []
    assert "DELIVERED TO" not in read(made).upper()


def test_a_credit_note_names_its_invoice_and_what_it_takes_back() -> None:
    of_invoice = {"number": "INV-2026-000003", "issued_on": "2026-11-19"}
    whole = document(LINES[0], kind=CREDIT_NOTE, invoice=of_invoice, is_all=False, prices_include_tax=True)

    said = "This credit note takes back a part of invoice INV-2026-000003 of Nov 19, 2026."
    assert missing(whole, said, "Total credit", "EUR 11.90", "include tax") == []


@pytest.mark.parametrize(
    ("currency", "total"), [("JPY", "JPY 1,190"), ("KWD", "KWD 1.190"), ("USD", "USD 11.90")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, total: str) -> None:
    assert missing(document(LINES[0], currency=currency), total) == []


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("山田 太郎", "JP"),
        ("王小明", "CN"),
        ("박지성", "KR"),
        ("Иван Петров", "RU"),
        ("Đặng Văn Hương", "VN"),
    ],
)
def test_names_are_read_in_their_own_script(name: str, country: str) -> None:
    assert missing(document(LINES[0], buyer=address(name, country)), name) == []


@pytest.mark.parametrize("name", ["محمد", "דוד כהן", "अर्जुन शर्मा"])
def test_names_whose_letters_join_or_run_to_the_left_have_their_letters(name: str) -> None:
    made = document(LINES[0], buyer=address(name), recipient=address(name))

    assert showing.page(made)["addresses"][0]["lines"][0]["dir"] == ("ltr" if name[0] == "अ" else "rtl")
    assert set(name) <= set(read(made))


def test_what_a_customer_typed_stays_text_and_an_unknown_script_stops_nothing() -> None:
    typed = document(LINES[0], buyer=address('#read("/etc/passwd") *bold*'))
    thai = document(LINES[0], buyer=address("สมชาย"))

    assert missing(typed, '#read("/etc/passwd") *bold*') == []
    assert missing(thai, "INV-2026-000007") == []


def test_it_can_be_archived_and_made_again_byte_for_byte() -> None:
    first, again = (showing.render(document(*LINES), more_fonts=None) for _ in range(2))

    assert first == again
    assert b"pdfaid:part" in first


def test_without_tax_by_the_buyers_tax_number_it_says_so() -> None:
    exempt = document(part("chair", 1000, 0, "0"), tax_number="DE136695976")

    assert missing(exempt, "Tax number DE136695976", "No tax is charged", "EUR 10.00") == []


def test_what_is_free_is_not_called_exempt() -> None:
    free = document(part("chair", 0, 0, "1900"), tax_number="DE136695976")

    assert missing(free, "No tax is charged") == ["No tax is charged"]


def test_it_speaks_the_language_and_writes_the_figures_of_its_order() -> None:
    made = document(*LINES, locale="de-AT")

    said = ("RECHNUNG AN", "Steuer 19 %", "EUR 124,85", "Bezahlt am 21.11.2026 mit Visa, endet auf 4242.")
    assert missing(made, *said) == []


@pytest.mark.parametrize("words", [WORDS, slips.WORDS])
def test_documents_speak_the_languages_of_the_mails_each_with_all_words(words: Mapping[str, Words]) -> None:
    assert tuple(words) == LANGUAGES
    assert {frozenset(spoken) for spoken in words.values()} == {frozenset(words["en"])}


def test_a_rate_that_was_not_kept_is_left_out() -> None:
    old = read(document(part("chair", 1080, 80, "0")))

    assert "0 %" not in old
    assert "EUR 0.80" in old
