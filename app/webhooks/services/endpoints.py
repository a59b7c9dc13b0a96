"""Endpoints: who wants to hear what, and where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events import feed
from app.events.feed import Position
from app.events.services import publish
from app.identity.queries import api_key
from app.platform.db import Json, locked, now
from app.platform.errors import Invalid
from app.platform.ids import new_id
from app.webhooks import events, queries
from app.webhooks.errors import EndpointDisabled, TooManyEndpoints
from app.webhooks.gateway.addresses import may_be_called
from app.webhooks.models import WebhookEndpoint, WebhookFeed, WebhookSecret
from app.webhooks.queries import Owner
from app.webhooks.services import kinds
from app.webhooks.services.rules import WebhookRules
from app.webhooks.services.secrets import name_of, text_of
from app.webhooks.states import DISABLED, ENABLED, OWNER, REMOVED

MOST_ENDPOINTS = 20
MOST_SECRETS = 5
"""Of one endpoint at once: each adds a signature to each call."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint, and the secret that its messages are signed with from now on: nobody is told it again."""

    endpoint: WebhookEndpoint
    secret: str


def make(
    session: Session,
    owner: Owner,
    *,
    url: str,
    types: Collection[str],
    description: str | None,
    notified_user_id: UUID,
    rules: WebhookRules,
) -> NewSecret:
    """Tell somebody of these types from now on, at `url`; each call makes another endpoint.

    `notified_user_id` is told when it is disabled. Raises Invalid for an address that is never called, and
    for types that this owner may not hear; TooManyEndpoints.
    """
    _check(session, owner, url=url, types=types, rules=rules)
    after = _hold_feed(session)
    if queries.count_of(session, owner) >= MOST_ENDPOINTS:
        raise TooManyEndpoints("Remove one that is not used any more.", most=MOST_ENDPOINTS)
    made = WebhookEndpoint(
        id=new_id(),
        client_id=owner.client_id,
        seller_id=owner.seller_id,
        notified_user_id=notified_user_id,
        url=url,
        types=sorted(set(types)),
        description=description,
        after_xid=after.xid,
        after_sequence=after.sequence,
    )
    session.add(made)
    session.flush()
    secret = _new_secret(session, made.id, rules.keys)
    session.refresh(made)
    return NewSecret(made, secret)


def change(
    session: Session,
    endpoint_id: UUID,
    owner: Owner,
    *,
    rules: WebhookRules,
    values: Json,
) -> WebhookEndpoint:
    """Change url, types, description or whether it is `enabled`; what is left out stays.

    An endpoint that is enabled again hears what happens from then on; what was sent while it was disabled is
    not made up for. Locks it. Raises NotFound, and Invalid as `make` does.
    """
    after = _hold_feed(session)
    endpoint = queries.endpoint(session, endpoint_id, owner, lock=True)
    url, types = values.get("url", endpoint.url), values.get("types", endpoint.types)
    own = Owner(endpoint.client_id, endpoint.seller_id)
    _check(session, own, url=url, types=types, rules=rules)
    endpoint.url, endpoint.types = url, sorted(set(types))
    endpoint.description = values.get("description", endpoint.description)
    if "types" in values or values.get("enabled"):
        endpoint.after_xid, endpoint.after_sequence = after
    if values.get("enabled") is True and endpoint.status == DISABLED:
        _enable(endpoint)
    elif values.get("enabled") is False and endpoint.status == ENABLED:
        endpoint.status, endpoint.disabled_reason = DISABLED, OWNER
    session.flush()
    session.refresh(endpoint)
    return endpoint


def remove(session: Session, endpoint_id: UUID, owner: Owner) -> None:
    """Send nothing there any more, and forget its secrets. Locks it. Raises NotFound, also when repeated."""
    endpoint = queries.endpoint(session, endpoint_id, owner, lock=True)
    endpoint.status, endpoint.disabled_reason = REMOVED, OWNER
    session.execute(delete(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id))


def rotate(
    session: Session, endpoint_id: UUID, owner: Owner, *, overlap: timedelta, keys: Sequence[str]
) -> NewSecret:
    """Sign with another secret, and for `overlap` with those before it, too. Each call makes another one.

    The newest `MOST_SECRETS` sign, the others are forgotten. Locks the endpoint. Raises NotFound.
    """
    endpoint = queries.endpoint(session, endpoint_id, owner, lock=True)
    former = queries.secrets(session, endpoint_id)[: MOST_SECRETS - 1]
    mine = delete(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)
    session.execute(mine.where(WebhookSecret.id.not_in([each.id for each in former])))
    end = now(session) + overlap
    for each in former:
        each.expires_at = min(each.expires_at or end, end)
    return NewSecret(endpoint, _new_secret(session, endpoint_id, keys))


def ping(session: Session, endpoint_id: UUID, owner: Owner) -> None:
    """Owe an endpoint a message of the type PING. Raises NotFound and EndpointDisabled."""
    endpoint = queries.endpoint(session, endpoint_id, owner)
    if endpoint.status != ENABLED:
        raise EndpointDisabled("Enable the endpoint first.", reason=endpoint.disabled_reason)
    publish(session, events.EndpointPinged(endpoint_id=endpoint_id))


def disable(session: Session, endpoint: WebhookEndpoint, reason: str) -> None:
    """Send nothing there until its owner wants it again, and have somebody told; hold its lock.

    One that is disabled or removed already stays as it is.
    """
    if endpoint.status != ENABLED:
        return
    endpoint.status, endpoint.disabled_reason = DISABLED, reason
    publish(
        session,
        events.EndpointDisabled(
            disabling_id=new_id(),
            endpoint_id=endpoint.id,
            user_id=endpoint.notified_user_id,
            host=urlsplit(endpoint.url).hostname or "",
            reason=reason,
        ),
    )


def _enable(endpoint: WebhookEndpoint) -> None:
    endpoint.status, endpoint.disabled_reason = ENABLED, None
    endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None


def _hold_feed(session: Session) -> Position:
    """Keep the feed from being read until the end, and say how far it is: what comes later is heard.

    While nobody listens it is not read at all: then it goes on from the present.
    """
    session.execute(insert(WebhookFeed).values(id=1, xid=0, sequence=0).on_conflict_do_nothing())
    state = session.scalars(locked(select(WebhookFeed))).one()
    if not queries.enabled(session):
        state.xid, state.sequence = feed.end(session)
    return Position(state.xid, state.sequence)


def _new_secret(session: Session, endpoint_id: UUID, keys: Sequence[str]) -> str:
    row = WebhookSecret(id=new_id(), endpoint_id=endpoint_id, made_by=name_of(keys[0]))
    session.add(row)
    session.flush()
    return text_of(row, keys) or ""


def _check(session: Session, owner: Owner, *, url: str, types: Collection[str], rules: WebhookRules) -> None:
    errors: Json = {}
    scopes = api_key(session, owner.client_id).scopes if owner.client_id else None
    if problem := _wrong_with(url, local_targets=rules.local_targets):
        errors["url"] = [problem]
    if strange := kinds.unknown(types):
        errors["types"] = [f"There is no such type: {', '.join(strange)}."]
    elif closed := kinds.out_of_reach(types, scopes=scopes, of_seller=owner.seller_id is not None):
        errors["types"] = [f"You may not hear of {', '.join(closed)}."]
    if errors:
        raise Invalid("The endpoint cannot be as you want it.", errors=errors)


def _wrong_with(url: str, *, local_targets: bool) -> str | None:
    """Why an address is never called, as far as can be told without looking up its name."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return "Must be an address with a host and a port."
    if parts.scheme != "https" and not local_targets:
        return "Must start with https://."
    if parts.username is not None or parts.fragment:
        return "Must have neither a user nor a fragment."
    try:
        is_public = may_be_called(parts.hostname or "", local_targets=local_targets)
    except ValueError:
        return None  # a name
    return None if is_public else "Must be an address that is public."
