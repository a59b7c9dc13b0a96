"""`flask --app wsgi mail preview`: see what is written to people, without writing to anybody."""

from email.message import EmailMessage
from pathlib import Path

import click
from flask.cli import AppGroup

from app.notifications.services.examples import example, example_text
from app.notifications.services.mails import Letterhead
from app.notifications.states import KINDS, TEXT_KINDS
from app.platform.locales import LANGUAGES
from app.platform.settings import settings

mail = AppGroup("mail", help="What is written to people.")


@mail.command("preview")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this one; may be given again."
)
@click.option("--locale", "locales", multiple=True, help="As de or de-AT; all languages unless given.")
@click.option("--into", type=click.Path(path_type=Path), help="A folder for .html and .txt files.")
def preview(kinds: tuple[str, ...], locales: tuple[str, ...], into: Path | None) -> None:
    """Show each mail with example data, as plain text; or write them into a folder, as HTML, too."""
    letterhead = Letterhead.from_settings(settings())
    for locale in locales or LANGUAGES:
        for kind in kinds or KINDS:
            if kind in TEXT_KINDS:
                click.echo(f"--- {kind}, {locale}: {example_text(kind, letterhead, tag=locale)}")
                continue
            made = example(kind, letterhead, tag=locale)
            if into is None:
                click.echo(f"--- {kind}, {locale}: {made['Subject']}\n\n{_part(made, 'plain')}")
            else:
                _write(made, into / locale, kind)


def _write(made: EmailMessage, folder: Path, kind: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.html").write_text(_part(made, "html"), encoding="utf-8")
    text = f"{made['Subject']}\n\n{_part(made, 'plain')}"
    (folder / f"{kind}.txt").write_text(text, encoding="utf-8")


def _part(made: EmailMessage, form: str) -> str:
    part = made.get_body((form,))
    return str(part.get_content()) if part else ""
