"""The operators' commands: `flask --app wsgi <command>`."""

from collections.abc import Sequence

import click

from app.ops.cli.doctor import doctor
from app.ops.cli.documents import preview_documents
from app.ops.cli.reconcile import reconcile
from app.ops.cli.work import work

COMMANDS: Sequence[click.Command] = (doctor, preview_documents, reconcile, work)
"""What the factory gives to the application."""
