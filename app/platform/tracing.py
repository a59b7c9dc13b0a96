"""Spans of a trace. Off unless `start()` was told where to send them; then this costs next to nothing.

A span says what was done, how long it took and whether it failed. Never who did it: no addresses, no query
strings, no parameters of statements, no texts of errors.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.platform.monitoring import Monitoring

if TYPE_CHECKING:  # OpenTelemetry is imported by those who trace only
    from wsgiref.types import WSGIApplication

    from sqlalchemy import Engine

    from app.platform.otel import Tracer

SERVER, CONSUMER, CLIENT = "server", "consumer", "client"
NONE: Mapping[str, str | int] = MappingProxyType({})
_NOTHING = nullcontext()
_tracers: list["Tracer"] = []


def start(monitoring: Monitoring, *, role: str) -> None:
    """Trace this process, if the settings say where to. Call it after the fork; again changes nothing."""
    if monitoring.traces_endpoint and not _tracers:
        from app.platform.otel import otlp_tracer

        _tracers.append(otlp_tracer(monitoring.traces_endpoint, ratio=monitoring.traces_ratio, role=role))


def stop() -> None:
    """Send what is left, and trace no more."""
    while _tracers:
        _tracers.pop().stop()


def span(
    name: str, kind: str, *, parent: str | None = None, attributes: Mapping[str, str | int] = NONE
) -> AbstractContextManager[Any]:
    """A span around a block, below `parent` (a W3C traceparent) or else below the present span."""
    if not _tracers:
        return _NOTHING
    return _tracers[0].span(name, kind, parent, attributes)


def describe(name: str, attributes: Mapping[str, str | int]) -> None:
    """Name the present span anew and say more about it."""
    if _tracers:
        _tracers[0].describe(name, attributes)


def fail(error: BaseException) -> None:
    """Mark the present span as failed by this kind of error, which goes no further."""
    if _tracers:
        _tracers[0].fail(error)


def current() -> str | None:
    """The present span as a W3C traceparent, for whoever goes on with the work; None without one."""
    return _tracers[0].current() if _tracers else None


def trace_requests(application: "WSGIApplication") -> "WSGIApplication":
    """The WSGI application with a span around each request, below the caller's own span if it names one."""
    if not _tracers:
        return application

    def traced(asked: dict[str, Any], start_response: Any) -> Any:
        with span(asked["REQUEST_METHOD"], SERVER, parent=asked.get("HTTP_TRACEPARENT")):
            return application(asked, start_response)

    return traced


def trace_statements(engine: "Engine") -> None:
    """A span for each SQL statement that is part of something traced: its text, without parameters."""
    if _tracers:
        _tracers[0].trace_statements(engine)
