"""Calling third parties by HTTP: at a checked address, within a time, without following anybody."""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from prometheus_client import Counter, Histogram

from app.platform import clock, tracing
from app.platform.logging import without_addresses
from app.platform.metrics import SLOW
from app.webhooks.gateway.addresses import Forbidden, Resolver, checked, resolve
from app.webhooks.gateway.protocol import Answer, Call

CALLS = Counter("backroom_webhook_calls", "Calls of third parties' endpoints", ["outcome"])
SECONDS = Histogram("backroom_webhook_call_seconds", "Until its answer", ["outcome"], buckets=SLOW)

MOST_READ = 4_096
"""Bytes of an answer that are looked at; the rest is left unread."""
LONGEST_EXCERPT = 200
USER_AGENT = "Backroom-Webhooks/1"
DEFAULT_PORTS = {"http": 80, "https": 443}

OpenSocket = Callable[[str, int, float], socket.socket]


def open_socket(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to an address that is a number: nothing is looked up."""
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPoster:
    """Calls by HTTPS; by HTTP only with `local_targets`, which also opens this machine to calls.

    `timeout` is for all of a call but the look-up of the name. A receiver's certificate is believed by what
    the machine trusts, and by `ca_file`. Proxies of the environment are not used.
    """

    timeout: timedelta
    local_targets: bool = False
    ca_file: Path | None = None
    resolver: Resolver = resolve
    open_socket: OpenSocket = open_socket
    _contexts: list[ssl.SSLContext] = field(default_factory=list)

    def post(self, call: Call) -> Answer:
        """Make a call, as Poster says. A redirect is an answer like any other, and no success."""
        started = time.perf_counter()
        with tracing.span("webhook", tracing.CLIENT):
            outcome, answer = self._outcome(call, started)
        CALLS.labels(outcome).inc()
        SECONDS.labels(outcome).observe(answer.milliseconds / 1000)
        return answer

    def _outcome(self, call: Call, started: float) -> tuple[str, Answer]:
        def failed(outcome: str, error: str) -> tuple[str, Answer]:
            return outcome, Answer(_milliseconds(started), error=error)

        target = urlsplit(call.url)
        if target.scheme != "https" and not self.local_targets:
            return failed("forbidden", "only https:// is called")
        host, port = target.hostname or "", target.port or DEFAULT_PORTS[target.scheme]
        try:
            addresses = checked(host, port, local_targets=self.local_targets, resolver=self.resolver)
        except Forbidden as error:
            return failed("forbidden", str(error))
        except (OSError, UnicodeError):
            return failed("unreachable", "the name is unknown")
        try:
            answer = self._call(call, target, addresses[0], port, started)
        except ssl.SSLCertVerificationError as error:
            return failed("unreachable", f"certificate: {error.verify_message}")
        except TimeoutError:
            return failed("timeout", "no answer in time")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return failed("unreachable", type(error).__name__)
        return ("taken" if answer.is_success else "refused"), answer

    def _call(self, call: Call, target: SplitResult, address: str, port: int, started: float) -> Answer:
        connection = http.client.HTTPConnection(target.hostname or "", port)
        connection.default_port = DEFAULT_PORTS[target.scheme]  # of which the Host header says nothing
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        with self._connected(target, address, port) as wire:
            connection.sock = wire
            headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close"}
            connection.request("POST", path, body=call.body, headers=headers | dict(call.headers))
            response = connection.getresponse()
            content = response.read(MOST_READ)
            return Answer(
                _milliseconds(started),
                status=response.status,
                error=None if 200 <= response.status < 300 else f"answered {response.status}",
                excerpt=excerpt_of(content) or None,
                retry_after=retry_after(response.headers.get("Retry-After")),
            )

    @contextmanager
    def _connected(self, target: SplitResult, address: str, port: int) -> Iterator[socket.socket]:
        """A connection that is cut when time is up, however busy the other side keeps it."""
        seconds = self.timeout.total_seconds()
        ends_at = time.monotonic() + seconds
        wire = self.open_socket(address, port, seconds)
        if target.scheme == "https":
            # The certificate has to be for the name, not for the address.
            wire = self._context().wrap_socket(
                wire, server_hostname=target.hostname, do_handshake_on_connect=False
            )
        late: list[bool] = []
        watchdog = Timer(ends_at - time.monotonic(), _cut, (wire, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            if isinstance(wire, ssl.SSLSocket):
                wire.do_handshake()
            yield wire
            if late:  # what was cut off looks like an end
                raise TimeoutError
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late:
                raise TimeoutError from error
            raise
        finally:
            watchdog.cancel()
            wire.close()

    def _context(self) -> ssl.SSLContext:
        if not self._contexts:
            context = ssl.create_default_context()
            if self.ca_file is not None:
                context.load_verify_locations(self.ca_file)
            self._contexts.append(context)
        return self._contexts[0]


def _cut(wire: socket.socket, late: list[bool]) -> None:
    late.append(True)
    with suppress(OSError):
        # Not the method of an encrypted one, which takes apart what the other thread is using.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)


def excerpt_of(content: bytes) -> str:
    """How an answer begins, on one line of printable characters, without mail addresses."""
    text = "".join(each if each.isprintable() else " " for each in content.decode(errors="replace"))
    return without_addresses(" ".join(text.split()))[:LONGEST_EXCERPT]


def retry_after(value: str | None) -> timedelta | None:
    """What the header asks for, in seconds or as a date; None for neither."""
    if value is None:
        return None
    try:
        if value.strip().isdecimal():
            return timedelta(seconds=min(int(value), 10**9))
        moment: datetime = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # of numbers that no date has
        return None
    return max(timedelta(0), moment - clock.now()) if moment.tzinfo else None


def _milliseconds(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
