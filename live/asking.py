"""A request to the live process, as far as it matters here."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from app.events.feed import Position
from app.platform.errors import BadRequest, NotPermitted
from app.platform.ids import new_id
from app.platform.transport import HttpsRequired
from app.platform.web import REQUEST_ID
from live.channels import Headers, Scope

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from app.platform.transport_rules import Transport

LAST_EVENT_ID = "last-event-id"
TAKEN = "Last-Event-ID, Cache-Control, X-Request-Id"
"""The request headers that other origins' pages may send."""
PREFLIGHT_SECONDS = 7200
MOST_FIELDS = 10


class Asking:
    """One request: its path, what it brings, and the headers of every answer to it."""

    def __init__(self, scope: Scope, rules: "Transport") -> None:
        self._scope = scope
        self._rules = rules
        self._headers: dict[str, str] = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        self._query = _fields(scope["query_string"].decode("latin-1"))
        given = self._headers.get("x-request-id", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
        self.path: str = scope["path"]
        self.method: str = scope.get("method", "GET")

    def header(self, name: str) -> str:
        """A header by its name in small letters; empty without one."""
        return self._headers.get(name, "")

    def field(self, name: str) -> str:
        """A field of the query; empty without one."""
        return self._query.get(name, [""])[0]

    @property
    def headers(self) -> Headers:
        """What every answer has."""
        found = [
            (b"x-request-id", self.request_id.encode()),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),  # the address has a ticket in it
            (b"x-content-type-options", b"nosniff"),
            (b"x-accel-buffering", b"no"),  # a proxy that collects answers would hold the news back
        ]
        if self._rules.hsts_seconds and self._is_secure:
            found.append(
                (
                    b"strict-transport-security",
                    f"max-age={self._rules.hsts_seconds}; includeSubDomains".encode(),
                )
            )
        if self._rules.cors_origins:
            found.append((b"vary", b"Origin"))
        if self.header("origin") in self._rules.cors_origins:
            found.append((b"access-control-allow-origin", self.header("origin").encode("latin-1")))
            found.append((b"access-control-expose-headers", b"X-Request-Id, Retry-After"))
        return found

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks if a page of another origin may ask."""
        return self.method == "OPTIONS" and "access-control-request-method" in self._headers

    @property
    def preflight(self) -> Headers:
        """What it is told."""
        if self.header("origin") not in self._rules.cors_origins:
            return []
        allowed = {"allow-methods": "GET", "allow-headers": TAKEN, "max-age": str(PREFLIGHT_SECONDS)}
        return [(f"access-control-{name}".encode(), text.encode()) for name, text in allowed.items()]

    def insist_on_https(self) -> None:
        """Raises HttpsRequired for what came unencrypted, where it must not."""
        if self._rules.https_only and not self._is_secure:
            raise HttpsRequired("Ask by https://, and get another ticket: this one could be read on its way.")

    def insist_on_origin(self) -> None:
        """Raises NotPermitted for a page of another origin: browsers let any page open any WebSocket."""
        origin = self.header("origin")
        ours = [f"{scheme}://{self.header('host')}" for scheme in ("http", "https")]
        if origin and origin not in (*ours, *self._rules.cors_origins):
            raise NotPermitted("Pages of this origin may not listen here: see CORS_ORIGINS.")

    def position(self, default: Position) -> Position:
        """Behind which place to begin: the last id that the client got. Raises BadRequest."""
        given = self.header(LAST_EVENT_ID) or self.field("last_event_id")
        try:
            return Position.read(given) if given else default
        except ValueError:
            raise BadRequest(
                "Last-Event-ID is none of ours: send the id of the last event that came."
            ) from None

    @property
    def _is_secure(self) -> bool:
        """As the API sees it: told by the outermost proxy that is believed."""
        hops, scheme = self._rules.trusted_proxies, self._scope["scheme"]
        told = [each.strip() for each in self.header("x-forwarded-proto").split(",") if each.strip()]
        believed = told[-hops] if hops and len(told) >= hops else scheme
        return believed in ("https", "wss")


def _fields(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, max_num_fields=MOST_FIELDS)
    except ValueError:  # nobody of ours asks so
        return {}
