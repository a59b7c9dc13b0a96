"""One request from its key to its answer, in the order that Stripe documents."""

import base64
import hmac
from dataclasses import dataclass

import stripe
from flask import Request

from sandbox.stripe import idempotency, parameters
from sandbox.stripe.books import Books, Json, Origin
from sandbox.stripe.calls import Call, Endpoint, Reply, encode
from sandbox.stripe.errors import Refusal, malformed, unauthorized
from sandbox.stripe.expansion import expand
from sandbox.stripe.faults import Fault, Faults, suffer
from sandbox.stripe.forms import Tree, decode
from sandbox.stripe.idempotency import KeysAtWork
from sandbox.stripe.settings import Settings


class Service:
    """Answers requests to endpoints from the books."""

    def __init__(self, books: Books, settings: Settings, faults: Faults) -> None:
        self._books = books
        self._settings = settings
        self._faults = faults
        self._keys_at_work = KeysAtWork()

    def answer(self, request: Request, endpoint: Endpoint, path: dict[str, str], request_id: str) -> Reply:
        """The reply to one request. Raises Lost when the reply was ordered to be lost."""
        try:
            given = self._admit(request, endpoint)
            fault = self._faults.take(request.method, request.path)
            suffer(fault, "before")
            params = parameters.check(given, endpoint)
            return self._once(
                request,
                given,
                Work(endpoint, params, path, request_id, address(request, self._settings)),
                fault,
            )
        except Refusal as refusal:
            return _refused(refusal, request_id)

    def check_key(self, request: Request, *, publishable: bool = False) -> None:
        """Let only the secret key pass, or where browsers may call the publishable one; else Refusal 401."""
        key = _key(request)
        if hmac.compare_digest(key.encode(), self._settings.api_key.encode()):
            return
        if key != self._settings.publishable_key:
            raise unauthorized("Invalid API key provided." if key else "You did not provide an API key.")
        if not publishable:
            raise unauthorized("This needs the secret key.", code="secret_key_required")

    def _admit(self, request: Request, endpoint: Endpoint) -> Tree:
        self.check_key(request, publishable=endpoint.publishable)
        version = request.headers.get("Stripe-Version", stripe.api_version)
        if version != stripe.api_version:
            raise malformed(f"The stand-in speaks version {stripe.api_version} only, not {version}.")
        given = decode([*request.args.items(multi=True), *request.form.items(multi=True)])
        from_browser = _key(request) == self._settings.publishable_key
        if from_browser and "client_secret" in endpoint.modelled and "client_secret" not in given:
            message = "Missing required param: client_secret."
            raise malformed(message, code="parameter_missing", param="client_secret")
        return given

    def _once(self, request: Request, given: Tree, work: "Work", fault: Fault) -> Reply:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        with self._keys_at_work.holding(key):
            used_for = idempotency.fingerprint(request.method, request.path, given)
            reply = self._in_books(key, used_for, work, fault)
            suffer(fault, "after")
            return reply

    def _in_books(self, key: str | None, used_for: str, work: "Work", fault: Fault) -> Reply:
        """The effect and the memory of its answer, in one transaction."""
        with self._books.transaction(Origin(work.request_id, key)) as ledger:
            known = idempotency.recall(ledger, key, used_for) if key else None
            if known:
                return known
            call = Call(ledger, work.params, self._settings.bank_seconds, work.address)
            reply, kept = work.run(call, fault)
            if key and kept:
                idempotency.remember(ledger, key, used_for, reply)
            return reply


@dataclass(frozen=True)
class Work:
    """One operation with everything it needs but the books."""

    endpoint: Endpoint
    params: Json
    path: dict[str, str]
    request_id: str
    address: str

    def run(self, call: Call, fault: Fault) -> tuple[Reply, bool]:
        """The reply, and whether an idempotency key keeps it; a refusal undoes what does not last."""
        if fault.refusal and fault.when == "before":  # only one that is kept comes so far
            return _refused(fault.refusal, self.request_id), True
        try:
            with call.ledger.undo_on_error():
                shown = self.endpoint.answer(call, **self.path)
                body = encode(expand(call.ledger, shown, self.params.get("expand", [])))
        except Refusal as refusal:
            return _refused(refusal, self.request_id), refusal.kept
        if fault.refusal:
            return _refused(fault.refusal, self.request_id), True
        return Reply(200, body, self.request_id), True


def address(request: Request, settings: Settings) -> str:
    """Where a browser finds the stand-in, without a trailing slash."""
    return (settings.public_url or request.host_url).rstrip("/")


def _refused(refusal: Refusal, request_id: str) -> Reply:
    return Reply(refusal.status, encode(refusal.body), request_id, headers=refusal.headers)


def _key(request: Request) -> str:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return credentials
    try:
        return base64.b64decode(credentials).decode().partition(":")[0]
    except ValueError:
        return ""
