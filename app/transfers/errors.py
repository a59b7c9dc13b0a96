"""What can stand against a call about an import or an export."""

from app.platform.errors import Conflict


class TransferOver(Conflict):
    """The import is over: there is nothing to cancel; `import_status` is how it ended."""

    code = "transfer-over"
    title = "Transfer over"


class ExportNotReady(Conflict):
    """The export is still being written."""

    code = "export-not-ready"
    title = "Export not ready"
