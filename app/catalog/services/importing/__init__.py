"""Making and changing many products at once, from rows that somebody sent. Nothing here commits."""

from app.catalog.services.importing.applying import Outcome, import_rows
from app.catalog.services.importing.columns import COLUMNS
from app.catalog.services.importing.rows import RawRow, Refusal

__all__ = ["COLUMNS", "Outcome", "RawRow", "Refusal", "import_rows"]
