"""The operators' commands, each a group of its own: `flask --app wsgi <group> <command>`."""

from collections.abc import Sequence

import click

COMMANDS: Sequence[click.Command] = ()
"""What the factory gives to the application."""
