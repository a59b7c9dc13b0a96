"""What can stand between a buyer and an invoice."""

from app.platform.errors import Conflict


class DocumentNotReady(Conflict):
    """There is no such document yet: the order is not paid, or a worker is about to write it."""

    code = "document-not-ready"
    title = "Document not ready"
