"""`flask --app wsgi doctor`: is everything as it must be?"""

import sys
from collections.abc import Sequence

import click
import orjson
from flask.cli import with_appcontext

from app.ops.services import doctor as examination
from app.ops.services.doctor import Finding
from app.platform.settings import settings


@click.command("doctor")
@click.option("--at-rest", is_flag=True, help="Nothing is under way: nothing may be left to do.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@with_appcontext
def doctor(*, at_rest: bool, as_json: bool) -> None:
    """Count what breaks each invariant of the shop: 0 is right. Ends with 1 when anything does.

    It only reads, one moment of the database. In a shop that is open, work under way is no violation.
    """
    with examination.snapshot() as session:
        findings = examination.examine(session, at_rest=at_rest, longest_hold=settings().longest_hold)
    click.echo(_document(findings) if as_json else _table(findings))
    sys.exit(1 if examination.broken(findings) else 0)


def _table(findings: Sequence[Finding]) -> str:
    """A line for each invariant; what breaks it stands below."""
    lines = []
    for each in findings:
        lines.append(f"{each.invariant.id:>4} {each.count:>7}  {each.invariant.sentence}")
        lines += [f"{'':>14}{example}" for example in each.examples]
    number = len(examination.broken(findings))
    return "\n".join([*lines, f"{number} of {len(findings)} invariants are broken."])


def _document(findings: Sequence[Finding]) -> str:
    return orjson.dumps(
        {
            "healthy": not examination.broken(findings),
            "invariants": [
                {
                    "id": each.invariant.id,
                    "sentence": each.invariant.sentence,
                    "always": each.invariant.always,
                    "violations": each.count,
                    "examples": each.examples,
                }
                for each in findings
            ],
        },
        option=orjson.OPT_INDENT_2,
    ).decode()
