"""Which storage a process speaks to."""

from typing import TYPE_CHECKING

from flask import Flask

from app.media.gateway.protocol import Storage
from app.media.gateway.stores import storage_for

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

EXTENSION = "media_storage"


def storage_from(settings: "Settings") -> Storage:
    """The storage of the settings, opened by its first use."""
    return storage_for(settings.media, ca_file=settings.transport.tls_ca_file)


def storage_of(app: Flask) -> Storage:
    """Where an application keeps files."""
    kept: Storage = app.extensions[EXTENSION]
    return kept
