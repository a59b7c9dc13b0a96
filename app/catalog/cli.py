"""`flask --app wsgi listings`: make what lists and search read anew."""

from collections.abc import Sequence
from uuid import UUID

import click
from flask.cli import with_appcontext

from app.catalog.services import listings as services
from app.platform.db import transaction


@click.command("listings")
@with_appcontext
def listings() -> None:
    """Make all listings anew, after a change of SEARCH_LANGUAGE or when the doctor finds some wrong.

    500 products per transaction, while the shop is open. Repeating changes nothing.
    """
    after, count = None, 0
    while step := _step(after):
        after, count = step[-1], count + len(step)
    click.echo(f"{count} products looked at.")


def _step(after: UUID | None) -> Sequence[UUID]:
    with transaction() as session:
        return services.refresh_next(session, after)
