"""Images in the database and the storage, as requests leave them."""

from uuid import UUID

from flask import Flask

from app.catalog import workflows
from app.media.gateway.select import storage_of


def image(app: Flask, product_id: UUID, file: bytes, *, alt: str | None = None) -> UUID:
    """An image that a product was given; no worker has seen it."""
    storage = storage_of(app)
    made = workflows.add_image(product_id, file=file, alt=alt, primary=False, position=None, storage=storage)
    return UUID(made["id"])
