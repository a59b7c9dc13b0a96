from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from app.events.models import ScheduledJob
from app.platform import otel, tracing
from app.platform.clock import now
from app.platform.db import SessionFactory, transaction
from tests.buyers import purchase
from tests.database import rows
from tests.notifications.post import Post
from tests.ops.conftest import Told
from tests.platform.test_config import DEVELOPMENT
from tests.platform.test_starting import started
from tests.stand_in import StandIn
from tests.work import WITHOUT_MAIL, drain

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Traces:
    """The spans that ended so far."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer = otel.Tracer(self._exporter, ratio=1, role="tests")

    def spans(self) -> Sequence[ReadableSpan]:
        self.tracer.flush()
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        """The only span of this name."""
        (found,) = (span for span in self.spans() if span.name == name)
        return found

    def names(self, trace_id: int) -> set[str]:
        """What a trace is made of."""
        return {span.name for span in self.spans() if span.context and span.context.trace_id == trace_id}


@pytest.fixture
def traces(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    """The application as it is when traces are wanted."""
    found, engine = Traces(), SessionFactory.kw["bind"]
    monkeypatch.setattr(tracing, "_tracers", [found.tracer])
    monkeypatch.setattr(app, "wsgi_app", tracing.trace_requests(app.wsgi_app))
    tracing.trace_statements(engine)
    yield found
    event.remove(engine, "before_cursor_execute", found.tracer.begin_statement)
    event.remove(engine, "after_cursor_execute", otel.end_statement)
    event.remove(engine, "handle_error", otel.fail_statement)
    found.tracer.stop()


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


def test_a_checkout_is_one_trace_from_request_to_stripe_and_mail(
    client: FlaskClient, stripe: StandIn, post: Post, traces: Traces
) -> None:
    purchase(client)
    drain(queues=(*WITHOUT_MAIL, "email"))

    request = traces.named("POST /v1/checkout")
    assert request.kind is SpanKind.SERVER
    assert request.attributes == {"http.route": "/v1/checkout", "http.response.status_code": 201}
    assert traces.names(trace_of(request)) >= {
        "POST /v1/checkout",
        "SELECT",
        "INSERT",
        "stripe POST /v1/payment_intents",
        "notifications.order_received",
        "smtp send",
    }
    assert len(post.mails()) == 1


def test_a_confirmed_payment_is_one_trace_to_the_last_mail(
    client: FlaskClient, stripe: StandIn, post: Post, traces: Traces
) -> None:
    bought = purchase(client)
    stripe.confirm(bought.provider_id)

    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain(queues=(*WITHOUT_MAIL, "email"))

    confirm = traces.named("POST /v1/payments/<uuid:payment_id>/confirm")
    settle, mail = traces.named("settlement.confirm_payment"), traces.named("notifications.order_paid")
    assert trace_of(confirm) == trace_of(settle) == trace_of(mail)
    assert trace_of(traces.named("stripe GET /v1/payment_intents/{id}")) == trace_of(confirm)
    assert settle.kind is SpanKind.CONSUMER
    assert settle.parent is not None
    assert mail.parent is not None
    assert confirm.context is not None
    assert settle.context is not None
    assert settle.parent.span_id == confirm.context.span_id
    assert mail.parent.span_id == settle.context.span_id
    ((kept,),) = rows("SELECT trace_context FROM events WHERE topic = 'payments.confirm_requested'")
    assert kept.startswith(f"00-{confirm.context.trace_id:032x}-{confirm.context.span_id:016x}-")


def test_a_callers_trace_is_continued(client: FlaskClient, traces: Traces) -> None:
    client.get("/v1/categories", headers={"traceparent": PARENT})
    client.get("/v1/categories", headers={"traceparent": "nonsense"})

    first, second = (span for span in traces.spans() if span.name == "GET /v1/categories")
    assert f"{trace_of(first):032x}" == PARENT.split("-")[1]
    assert second.parent is None


def test_a_span_says_nothing_about_people(
    client: FlaskClient, stripe: StandIn, post: Post, traces: Traces
) -> None:
    bought = purchase(client)
    client.get("/v1/products?q=canary-4711", headers=bought.buyer.headers)
    client.get("/v1/orders/canary-4711", headers=bought.buyer.headers)
    drain(queues=("email",))

    told = "\n".join(span.to_json() for span in traces.spans())
    secrets = rows("SELECT email, client_secret FROM orders JOIN payments ON order_id = orders.id")[0]
    token = bought.buyer.headers["Authorization"].removeprefix("Bearer ")
    for secret in ("canary", "12 St James", bought.provider_id, token, *secrets):
        assert secret not in told


def test_a_refused_statement_marks_its_span_without_its_words(client: FlaskClient, traces: Traces) -> None:
    row = insert(ScheduledJob).values(name="canary-4711", last_success_at=now())

    def refused() -> None:
        with tracing.span("work", tracing.CONSUMER), transaction() as session:
            session.execute(row)
            session.execute(row)

    with pytest.raises(IntegrityError):
        refused()

    failed = [span for span in traces.spans() if span.status.status_code is StatusCode.ERROR]
    assert [(span.name, span.status.description) for span in failed] == [
        ("INSERT", "UniqueViolation"),
        ("work", "IntegrityError"),
    ]
    assert all("canary" not in span.to_json() for span in traces.spans())


def test_spans_reach_a_collector_over_http(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(tracing, "_tracers", [])
    address = f"http://127.0.0.1:{server.server_port}"

    tracing.start(told(traces_endpoint=address).monitoring, role="worker")
    with tracing.span("work", tracing.CONSUMER):
        pass
    tracing.stop()

    server.shutdown()
    server.server_close()
    ((path, body),) = received
    (sent,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert path == "/v1/traces"
    assert [span.name for scope in sent.scope_spans for span in scope.spans] == ["work"]
    named = {each.key: each.value.string_value for each in sent.resource.attributes}
    assert named["service.name"] == "backroom-worker"


def test_without_the_settings_neither_library_is_imported() -> None:
    look = "import wsgi, sys; print({'opentelemetry.sdk.trace', 'sentry_sdk'} & sys.modules.keys())"

    ended = started(look, DEVELOPMENT)

    assert (ended.returncode, ended.stdout) == (0, "set()\n")
