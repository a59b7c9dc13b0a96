"""`flask --app wsgi reconcile`: do our books agree with Stripe's?"""

import sys
from datetime import timedelta
from uuid import UUID

import click
from flask.cli import with_appcontext

from app.ops.cli import acting
from app.ops.queries import reconciliation
from app.payments.errors import GatewayUnavailable
from app.payments.gateway.protocol import Provider
from app.payments.gateway.select import worker_gateway
from app.payments.services.asking import gaps_from
from app.platform.db import transaction
from app.platform.settings import settings
from app.settlement.models import ReconciliationFinding
from app.settlement.services import holds_from
from app.settlement.states import CLOSED
from app.settlement.workflows.reconciling import reconcile_now
from app.settlement.workflows.repaying import Repaid, repay_orphans

MOST_DAYS = 3650
PAGE = 100
GIVING_BACK = "Give back the money of every payment found that carries our ids and is not in our books."


@click.command("reconcile")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=1, help="How far back; 1 unless given.")
@click.option("--refund-orphans", is_flag=True, help=GIVING_BACK)
@with_appcontext
def reconcile(*, days: int, refund_orphans: bool) -> None:
    """Compare our books with Stripe's now, settle what differs, and print what was found.

    Ends with 1 when something is left that cannot be healed, or when Stripe stopped answering.
    """
    known = settings()
    gateway = worker_gateway(known)
    run_id = reconcile_now(
        reaching_back=timedelta(days=days), gateway=gateway, holds=holds_from(known), gaps=gaps_from(known)
    )
    _print_report(run_id)
    if refund_orphans:
        _refund_orphans(run_id, gateway)
    sys.exit(0 if _is_well(run_id) else 1)


def _print_report(run_id: UUID) -> None:
    with transaction() as session:
        run, after = reconciliation.run(session, run_id), None
        while True:
            page = reconciliation.findings(session, run_id, kind=None, after=after, limit=PAGE)
            for each in page.items:
                click.echo(_line(each))
            if page.next_cursor is None:
                break
            after = (page.items[-1].found_at, page.items[-1].id)
        known = [each for each in reconciliation.left(session, run_id) if each.run_id != run_id]
        for each in known:
            click.echo(f"{_line(each)}; since {each.found_at:%Y-%m-%d %H:%M}")
    counts = f"{run['healed']} healed, {run['disagreeing']} disagreeing, {run['orphaned']} orphaned"
    end = f"interrupted by {run['interrupted_by']}" if run["interrupted_by"] else "done"
    before = f", {len(known)} known before" if known else ""
    click.echo(f"{run['compared']} of Stripe's objects compared: {counts}{before}; {end}.")


def _line(found: ReconciliationFinding) -> str:
    sides = f"{found.ours} | {found.theirs} -> {found.action}"
    return f"{found.kind:<12}{found.object_id:<31} {sides}; {_about(found)}"


def _about(found: ReconciliationFinding) -> str:
    return f"order {found.order_id}" if found.order_id else "no order"


def _refund_orphans(run_id: UUID, gateway: Provider) -> None:
    acting.begin("flask reconcile --refund-orphans")
    try:
        for orphan, repaid in repay_orphans(run_id, gateway=gateway):
            click.echo(f"{repaid.action:<12}{orphan.object_id:<31} {_told(repaid)}; {_about(orphan)}")
    except GatewayUnavailable as silence:
        click.echo(f"Stripe stopped answering: {silence}. What is left is for the next time.")


def _told(repaid: Repaid) -> str:
    if repaid.why is not None:
        return f"{repaid.money or 'left as it is'}: {repaid.why}"
    if repaid.action == CLOSED:
        return "takes no money any more"
    return f"{repaid.money} given back" if repaid.money else "nothing was left to give back"


def _is_well(run_id: UUID) -> bool:
    with transaction() as session:
        is_whole = reconciliation.run(session, run_id)["interrupted_by"] is None
        return is_whole and not reconciliation.left(session, run_id)
