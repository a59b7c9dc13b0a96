"""The operators' commands: `flask --app wsgi <command>`."""

from collections.abc import Sequence

import click

from app.ops.cli.doctor import doctor

COMMANDS: Sequence[click.Command] = (doctor,)
"""What the factory gives to the application."""
