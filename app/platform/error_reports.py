"""Unexpected errors, told to Sentry. Off unless the settings name a DSN.

A report holds the trace with lines of our own code, and ids. Never values of variables, bodies, headers,
addresses, or what a database says about a row.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.platform import context
from app.platform.errors import AppError, Expected
from app.platform.logging import first_line, without_addresses
from app.platform.version import VERSION

if TYPE_CHECKING:  # Sentry is imported by those who report only
    from config import Settings

EXPECTED = (AppError, Expected, OperationalError, PoolTimeout)
"""Outcomes, and a database that is away: they are counted and logged, and no change of code would help."""
TAGS = ("request_id", "task", "delivery_id", "event_id", "order_id")
_on: list[bool] = []


def start(settings: "Settings", *, role: str) -> None:
    """Report errors of this process, if the settings say where to. Call it after the fork."""
    if settings.monitoring.sentry_dsn is None or _on:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.monitoring.sentry_dsn,
        environment=settings.app_env,
        release=VERSION,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=_scrubbed,
    )
    sentry_sdk.set_tag("role", role)
    _on.append(True)


def stop() -> None:
    """Send what is left, and report no more."""
    if _on:
        import sentry_sdk

        sentry_sdk.get_client().close(timeout=2)
        sentry_sdk.get_global_scope().set_client(None)
        _on.clear()


def report(error: BaseException) -> None:
    """Tell about an error that nobody expected, with the ids of the work in hand."""
    if not _on or isinstance(error, EXPECTED):
        return
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        scope.set_tags({name: fact for name in TAGS if (fact := context.current(name))})
        scope.capture_exception(error)


def _scrubbed(report: Any, _hint: Any) -> Any:
    for each in report.get("exception", {}).get("values", ()):
        each["value"] = without_addresses(first_line(each.get("value") or ""))
    report.pop("request", None)
    return report
