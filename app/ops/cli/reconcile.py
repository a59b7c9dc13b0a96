"""`flask --app wsgi reconcile`: do our books agree with Stripe's?"""

import sys
from datetime import timedelta
from uuid import UUID

import click
from flask.cli import with_appcontext

from app.ops.queries import reconciliation
from app.payments.gateway.select import worker_gateway
from app.payments.services.asking import gaps_from
from app.platform.db import transaction
from app.platform.settings import settings
from app.settlement.models import ReconciliationFinding
from app.settlement.services import holds_from
from app.settlement.workflows.reconciling import reconcile_now

MOST_DAYS = 3650
PAGE = 100


@click.command("reconcile")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=1, help="How far back; 1 unless given.")
@with_appcontext
def reconcile(*, days: int) -> None:
    """Compare our books with Stripe's now, settle what differs, and print what was found.

    Ends with 1 when something is left that cannot be healed, or when Stripe stopped answering.
    """
    known = settings()
    run_id = reconcile_now(
        reaching_back=timedelta(days=days),
        gateway=worker_gateway(known),
        holds=holds_from(known),
        gaps=gaps_from(known),
    )
    sys.exit(0 if _printed(run_id) else 1)


def _printed(run_id: UUID) -> bool:
    """Whether all is well by the report that was printed."""
    with transaction() as session:
        run, after = reconciliation.run(session, run_id), None
        while True:
            page = reconciliation.findings(session, run_id, kind=None, after=after, limit=PAGE)
            for each in page.items:
                click.echo(_line(each))
            if page.next_cursor is None:
                break
            after = (page.items[-1].found_at, page.items[-1].id)
        known = reconciliation.standing(session, run_id)
        for each in known:
            click.echo(f"{_line(each)}; since {each.found_at:%Y-%m-%d %H:%M}")
    counts = f"{run['healed']} healed, {run['disagreeing']} disagreeing, {run['orphaned']} orphaned"
    end = f"interrupted by {run['interrupted_by']}" if run["interrupted_by"] else "done"
    before = f", {len(known)} known before" if known else ""
    click.echo(f"{run['compared']} of Stripe's objects compared: {counts}{before}; {end}.")
    return not (known or run["disagreeing"] or run["orphaned"] or run["interrupted_by"])


def _line(found: ReconciliationFinding) -> str:
    about = f"order {found.order_id}" if found.order_id else "no order"
    return f"{found.kind:<12}{found.object_id:<32}{found.ours} | {found.theirs} -> {found.action}; {about}"
