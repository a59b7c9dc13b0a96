"""Tracing by OpenTelemetry. Imported only where traces are wanted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

from app.platform.version import VERSION

KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "client": SpanKind.CLIENT}
LONGEST_STATEMENT = 2000
_W3C = TraceContextTextMapPropagator()


def otlp_tracer(endpoint: str, *, ratio: float, role: str) -> "Tracer":
    """A tracer that sends to an OTLP/HTTP collector at `endpoint`, in the background."""
    return Tracer(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"), ratio=ratio, role=role)


class Tracer:
    """Makes spans. `ratio` of the traces is kept, by their id: every process decides alike."""

    def __init__(self, exporter: SpanExporter, *, ratio: float, role: str) -> None:
        resource = Resource.create({"service.name": f"backroom-{role}", "service.version": VERSION})
        self._provider = TracerProvider(sampler=TraceIdRatioBased(ratio), resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("backroom")

    def flush(self) -> None:
        """Send what has ended."""
        self._provider.force_flush()

    def stop(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    @contextmanager
    def span(
        self, name: str, kind: str, parent: str | None, attributes: Mapping[str, str | int]
    ) -> Iterator[None]:
        """See `tracing.span`; an exception marks the span by its type, because its text may quote people."""
        above = _W3C.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context=above,
            kind=KINDS[kind],
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as opened:
            try:
                yield
            except Exception as error:
                _mark_failed(opened, error)
                raise

    def describe(self, name: str, attributes: Mapping[str, str | int]) -> None:
        """See `tracing.describe`."""
        present = trace.get_current_span()
        present.update_name(name)
        present.set_attributes(attributes)

    def fail(self, error: BaseException) -> None:
        """See `tracing.fail`."""
        _mark_failed(trace.get_current_span(), error)

    def current(self) -> str | None:
        """See `tracing.current`."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent")

    def trace_statements(self, engine: Engine) -> None:
        """See `tracing.trace_statements`."""
        event.listen(engine, "before_cursor_execute", self.begin_statement)
        event.listen(engine, "after_cursor_execute", end_statement)
        event.listen(engine, "handle_error", fail_statement)

    def begin_statement(
        self, _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any
    ) -> None:
        """Before a statement of a traced piece of work."""
        if trace.get_current_span().is_recording():
            text = statement[:LONGEST_STATEMENT]
            attributes = {"db.system.name": "postgresql", "db.query.text": text}
            verb = statement.split(None, 1)[0].upper()
            context.span = self._tracer.start_span(verb, kind=SpanKind.CLIENT, attributes=attributes)


def end_statement(
    _connection: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any
) -> None:
    """After it."""
    opened: Span | None = vars(context).pop("span", None)
    if opened is not None:
        opened.end()


def fail_statement(failure: Any) -> None:
    """After it was refused."""
    opened: Span | None = vars(failure.execution_context or object).get("span")
    if opened is not None:
        _mark_failed(opened, failure.original_exception)
        opened.end()


def _mark_failed(opened: Span, error: BaseException) -> None:
    opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
    opened.set_attribute("error.type", type(error).__name__)
