"""`flask --app wsgi preview-documents`: see how documents look before the first is issued."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.ops.services.samples import MOMENT, pages_of_samples
from app.platform.locales import DEFAULT_LANGUAGE, LANGUAGES
from app.platform.settings import settings
from app.platform.typesetting import pictures, typeset

DOTS = 80


@click.command("preview-documents")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT_LANGUAGE, show_default=True)
@with_appcontext
def preview_documents(*, folder: Path, language: str) -> None:
    """Write an invoice, a credit note and a packing slip as the settings make them, as PDF and PNG.

    They are of an order that nobody placed: no number is taken, and nothing is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rules = settings().invoicing
    for name, (template, facts) in pages_of_samples(rules, language=language).items():
        pdf = typeset(template, facts, moment=MOMENT, more_fonts=rules.more_fonts)
        (first, *_) = pictures(template, facts, dots=DOTS, more_fonts=rules.more_fonts)
        (folder / f"{name}.pdf").write_bytes(pdf)
        (folder / f"{name}.png").write_bytes(first)
        click.echo(f"{folder / name}.pdf and .png")
