"""Messages in the reader's language: nothing is missing, nothing stale, and figures are written its way."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from app.notifications.services import wording
from app.notifications.services.wording import subject_of
from app.notifications.states import KINDS, ORDER_KINDS, RETURN_KINDS
from app.platform.db import transaction
from app.platform.locales import DEFAULT_LANGUAGE, LANGUAGES, best_of, in_words, locale_of
from app.platform.money import Money
from tests.buyers import make_guest
from tests.database import rows
from tests.factories import PASSWORD, make_product
from tests.notifications.orders import place
from tests.notifications.post import html_of, text_of
from tests.notifications.test_letters import mail_about

PACKAGE = Path(wording.__file__).parents[1]
TRANSLATIONS = PACKAGE / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)s")

MAIL = """\
Guten Tag Ada Lovelace,

Vielen Dank: Ihre Zahlung von 48,19\u00a0$ ist bestätigt, und die Artikel gehören Ihnen.

Wir machen Ihre Artikel fertig. Versandart: Standard, 3 bis 5 Werktage. Ihre Rechnung als PDF: {invoice}

Bestellung ansehen: {link}

Bestellung {number}

2 x Garden chair (CHAIR-1): 40,00\u00a0$

Artikel: 40,00\u00a0$
Versand: 4,99\u00a0$
Steuer: 3,20\u00a0$
Gesamt: 48,19\u00a0$

Lieferadresse:
Ada Lovelace
12 Analytical Way
NW1 5LS London
Vereinigtes Königreich
"""


def texts() -> set[str]:
    """All that the templates say, in English."""
    with (TRANSLATIONS / "babel.cfg").open() as known:
        methods, options = parse_mapping_cfg(known)  # type: ignore[no-untyped-call]  # babel's tools have no hints
    found = extract_from_dir(PACKAGE, methods, options)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def translated(language: str) -> Catalog:
    with (TRANSLATIONS / f"{language}.po").open("rb") as content:
        return read_po(content, locale=language)


def test_there_is_a_translation_for_each_language_and_no_other() -> None:
    assert {path.stem for path in TRANSLATIONS.glob("*.po")} == set(LANGUAGES) - {DEFAULT_LANGUAGE}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {DEFAULT_LANGUAGE}))
def test_no_text_is_missing_in_a_language_and_none_is_stale(language: str) -> None:
    catalog = translated(language)

    said = {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id}
    assert said == texts()
    assert (len(said) > 100, dict(catalog.obsolete)) == (True, {})
    for message in catalog:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        sources = [message.id] if isinstance(message.id, str) else message.id
        assert (all(forms), message.fuzzy) == (True, False), message.id
        if message.id:
            wanted = {name for source in sources for name in PLACEHOLDER.findall(source)}
            assert [set(PLACEHOLDER.findall(form)) for form in forms] == [wanted] * len(forms), message.id


def test_make_texts_changes_nothing_where_nothing_is_new(tmp_path: Path) -> None:
    # A copy, whose .venv is no link: `make` may clear it.
    shutil.copytree(PACKAGE, tmp_path / "app" / "notifications")
    for needed in ("Makefile", "requirements.lock"):
        shutil.copyfile(PACKAGE.parents[1] / needed, tmp_path / needed)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "pybabel").symlink_to(Path(sys.executable).parent / "pybabel")
    (tmp_path / ".venv" / "installed").touch()

    subprocess.run(["make", "texts"], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607  # of the path

    noted = {path.name: path.read_text() for path in (tmp_path / "app/notifications/translations").iterdir()}
    assert noted == {path.name: path.read_text() for path in TRANSLATIONS.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subjects_of_mails_about_orders_are_ascii_so_that_the_number_can_be_searched(
    language: str,
) -> None:
    kinds = (*ORDER_KINDS, *RETURN_KINDS)

    subjects = [subject_of(kind, {"number": "ORD-1", "store": None}, tag=language) for kind in kinds]

    assert [subject.isascii() and "ORD-1" in subject for subject in subjects] == [True] * len(kinds)
    assert len(KINDS) > len(set(subjects)) == len(kinds)


@pytest.mark.usefixtures("database")
def test_a_mail_is_written_in_the_language_of_its_order() -> None:
    order = place(locale="de-DE")

    mail = mail_about(order)

    link = text_of(mail).partition("Bestellung ansehen: ")[2].partition("\n")[0]
    invoice = link.replace("?", "/invoice?")
    assert text_of(mail) == MAIL.format(number=order.number, link=link, invoice=invoice)
    assert (mail["Subject"], mail["Content-Language"]) == (
        f"Ihre Bestellung {order.number} ist bezahlt",
        "de",
    )
    assert '<html lang="de">' in html_of(mail)
    assert "48,19\u00a0$</td>" in html_of(mail)


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ([("de-AT", 1.0), ("en", 0.8)], "de-AT"),
        ([("fr-FR", 1.0), ("DE-ch", 0.5)], "de-CH"),
        ([("de-XX", 1.0)], "de"),
        ([("de", 0.0), ("*", 1.0)], "en"),
        ([("de-" + "x" * 90, 1.0)], "en"),
        ([("../de", 1.0)], "en"),
        ([], "en"),
    ],
)
def test_the_best_language_that_we_speak_is_taken(accepted: list[tuple[str, float]], tag: str) -> None:
    assert best_of(accepted) == tag


@pytest.mark.parametrize(
    ("amount", "currency", "english", "german"),
    [
        (123450, "EUR", "€1,234.50", "1.234,50\u00a0€"),
        (-1000, "USD", "-$10.00", "-10,00\u00a0$"),
        (1200, "JPY", "¥1,200", "1.200\u00a0¥"),
        (1250, "KWD", "KWD\u00a01.250", "1,250\u00a0KWD"),
        (5, "ISK", "ISK\u00a00.05", "0,05\u00a0ISK"),
    ],
)
def test_amounts_are_written_as_people_there_do_with_the_decimals_that_are_charged(
    amount: int, currency: str, english: str, german: str
) -> None:
    money = Money(amount, currency)

    assert [in_words(money, locale_of(tag)) for tag in ("en", "de", "fr")] == [english, german, english]


def test_a_guests_browser_and_a_users_account_say_which_language_an_order_is_told_in(
    client: FlaskClient,
) -> None:
    with transaction() as session:
        lamp = make_product(session, stock=2)
    guest = make_guest(client)
    guest.headers["Accept-Language"] = "fr, de-AT;q=0.9"
    guest.put(lamp)
    person = {"email": "eve@example.com", "password": PASSWORD, "full_name": "Eve"}
    registered = client.post("/v1/auth/register", json=person, headers={"Accept-Language": "de"})

    placed = guest.check_out()

    assert (placed.status_code, registered.get_json()["user"]["locale"]) == (201, "de")
    assert rows("SELECT locale FROM orders") == [("de-AT",)]
