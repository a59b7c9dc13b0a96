"""Outcomes that those who manage endpoints, and services that tell something, are told."""

from app.platform.errors import Conflict


class EndpointDisabled(Conflict):
    """Nothing is sent to an endpoint that is disabled; `reason` says why it is. Enable it first."""

    code = "webhook-endpoint-disabled"
    title = "Webhook endpoint disabled"


class TooManyEndpoints(Conflict):
    """Its owner has as many endpoints as there may be; `most` says how many."""

    code = "too-many-webhook-endpoints"
    title = "Too many webhook endpoints"


class MessageWaiting(Conflict):
    """The message is still to be sent: there is nothing to repeat."""

    code = "webhook-message-waiting"
    title = "Webhook message waiting"


class NoticeDiffers(Conflict):
    """The same id was told before, with another type or other data."""

    code = "notice-differs"
    title = "Notice differs"
