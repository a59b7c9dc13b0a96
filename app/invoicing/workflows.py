"""From a paid order to a file: the number and the frozen facts are committed first, then the file is made.

A crash in between leaves a document without a file, which the same work makes when it is done again.
"""

from uuid import UUID

from app.events.claims import Claim
from app.invoicing import queries
from app.invoicing.models import Document
from app.invoicing.services import issuing, showing
from app.invoicing.services.issuing import Office
from app.invoicing.services.keys import PRIVATE, file_key, hash_of
from app.media.gateway.protocol import Storage
from app.platform.db import transaction


def issue(claim: Claim, *, order_id: UUID, office: Office, storage: Storage) -> None:
    """Issue the invoice of a paid order and store its file. Repeating changes nothing."""
    with transaction() as session:
        claim.check(session)
        document = issuing.issue_invoice(session, order_id, office=office)
        if document is None or document.is_ready:
            claim.finish(session)
            return
    _file(claim, document, office, storage)


def credit(claim: Claim, *, refund_id: UUID, office: Office, storage: Storage) -> None:
    """The same for the credit note of a refund, if that takes anything of an invoice back."""
    with transaction() as session:
        claim.check(session)
        document = issuing.issue_credit_note(session, refund_id, office=office)
        if document is None or document.is_ready:
            claim.finish(session)
            return
    _file(claim, document, office, storage)


def render(claim: Claim, *, document_id: UUID, office: Office, storage: Storage) -> None:
    """Make the file of a document once more."""
    with transaction() as session:
        claim.check(session)
        document = queries.get(session, document_id)
    _file(claim, document, office, storage)


def _file(claim: Claim, document: Document, office: Office, storage: Storage) -> None:
    content = showing.render(document, more_fonts=office.rules.more_fonts)
    sha256 = hash_of(content)
    storage.put(file_key(document.id, sha256), content, headers=PRIVATE)
    with transaction() as session:
        claim.check(session)
        issuing.record_rendered(session, document.id, sha256=sha256, byte_size=len(content))
        claim.finish(session)
