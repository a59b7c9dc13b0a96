"""All mails can be looked at without anybody being written to; the examples say what real ones say."""

from pathlib import Path

from flask import Flask

from app.notifications.services import examples, letters
from app.notifications.services.mails import Letterhead
from app.notifications.states import MAIL_KINDS, TEXT_KINDS
from app.orders import queries
from app.platform.db import transaction
from app.platform.locales import LANGUAGES
from tests.notifications.orders import place

LETTERHEAD = Letterhead(
    "Backroom <shop@example.com>", "https://shop.example.com", "https://pages.example.com", "-"
)


def test_each_mail_is_written_into_a_folder_per_language(app: Flask, tmp_path: Path) -> None:
    ran = app.test_cli_runner().invoke(args=["mail", "preview", "--into", str(tmp_path)])

    assert (ran.exit_code, len(ran.output.splitlines())) == (0, len(TEXT_KINDS) * len(LANGUAGES))
    assert "de: Backroom: Artikel Ihrer Bestellung ORD-20261121-7KQ2MX liegen bei" in ran.output
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert written == {
        f"{tag}/{kind}.{end}" for tag in LANGUAGES for kind in MAIL_KINDS for end in ("html", "txt")
    }
    assert "Wieder verfügbar\n\nGuten Tag Zoë" in (tmp_path / "de" / "back_in_stock.txt").read_text()
    assert "<h1" in (tmp_path / "en" / "order_paid.html").read_text()


def test_one_mail_is_shown_in_one_language(app: Flask) -> None:
    args = ["mail", "preview", "--kind", "order_shipped", "--locale", "de-AT"]

    ran = app.test_cli_runner().invoke(args=args)

    assert ran.output.startswith(
        "--- order_shipped, de-AT: Artikel Ihrer Bestellung ORD-20261121-7KQ2MX sind"
    )
    assert "DHL bringt die Sendung, voraussichtlich bis zum 26. November 2026." in ran.output
    assert "Sendung verfolgen: https://parcels.example/JD014600003712" in ran.output
    assert "Gesamt: €\u00a01.347,49" in ran.output


def test_an_example_has_the_facts_of_a_real_mail(database: None) -> None:
    order = place()
    with transaction() as session:
        real = letters.facts_of(queries.get(session, order.id), LETTERHEAD)

    shown = examples.facts_of("order_paid", LETTERHEAD)

    assert shown.keys() == real.keys()
    assert shown["shipping"].keys() == real["shipping"].keys()
    assert shown["lines"][0].keys() == real["lines"][0].keys()
