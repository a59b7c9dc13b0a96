"""Files of rows that come in, and those that go out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base, Json, one_of
from app.platform.ids import new_id
from app.transfers.states import EXPORT_STATES, FORMATS, IMPORT_STATES


class CatalogImport(Base):
    """A file whose rows are made products, variants and stock, a step at a time.

    `bytes_read` and `lines_read` are where the next step begins; with `steps` they are written in the very
    transaction that does a step. `columns` are the header's, none of JSON lines. `actor` is who sent it, as
    in the audit log; `seller_id` is whose new products are, unless their rows say so.
    """

    __tablename__ = "catalog_imports"
    __table_args__ = (
        CheckConstraint(one_of("status", IMPORT_STATES), name="status_known"),
        CheckConstraint(one_of("format", FORMATS), name="format_known"),
        CheckConstraint("bytes_read <= byte_size", name="within_file"),
        CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name="problem_when_failed"),
        CheckConstraint(
            "(finished_at IS NULL) = (status IN ('expected', 'waiting', 'running'))",
            name="finished_at_given",
        ),
        CheckConstraint(
            "rows_read = rows_created + rows_changed + rows_unchanged + rows_refused", name="rows_add_up"
        ),
        Index("ix_catalog_imports_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(server_default="expected")
    format: Mapped[str]
    dry_run: Mapped[bool]
    actor: Mapped[str]
    seller_id: Mapped[UUID | None]
    byte_size: Mapped[int] = mapped_column(BigInteger)
    delimiter: Mapped[str | None]
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    steps: Mapped[int] = mapped_column(server_default="0")
    bytes_read: Mapped[int] = mapped_column(BigInteger)
    lines_read: Mapped[int]
    rows_read: Mapped[int] = mapped_column(server_default="0")
    rows_created: Mapped[int] = mapped_column(server_default="0")
    rows_changed: Mapped[int] = mapped_column(server_default="0")
    rows_unchanged: Mapped[int] = mapped_column(server_default="0")
    rows_refused: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def rows(self) -> dict[str, int]:
        """What became of the rows that were read."""
        return {
            "read": self.rows_read,
            "created": self.rows_created,
            "changed": self.rows_changed,
            "unchanged": self.rows_unchanged,
            "refused": self.rows_refused,
        }


class ImportRefusal(Base):
    """One thing that is wrong with a row of an import; `place` counts them in the order of the file."""

    __tablename__ = "import_refusals"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("catalog_imports.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int]
    line: Mapped[int]
    sku: Mapped[str | None]
    column: Mapped[str | None]
    problem: Mapped[str]
    value: Mapped[str | None]


class CatalogExport(Base):
    """All variants as rows of a file, which is written in `parts`: the names of its objects, in order.

    The next part begins after the variant `last_variant_id` of the product `last_product_id`.
    """

    __tablename__ = "catalog_exports"
    __table_args__ = (
        CheckConstraint(one_of("status", EXPORT_STATES), name="status_known"),
        CheckConstraint(one_of("format", FORMATS), name="format_known"),
        CheckConstraint("(status = 'done') = (finished_at IS NOT NULL)", name="finished_at_given"),
        CheckConstraint("(last_product_id IS NULL) = (last_variant_id IS NULL)", name="last_variant_whole"),
        Index("ix_catalog_exports_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(server_default="running")
    format: Mapped[str]
    actor: Mapped[str]
    parts: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    rows_written: Mapped[int] = mapped_column(server_default="0")
    byte_size: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_product_id: Mapped[UUID | None]
    last_variant_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class OrderExport(Base):
    """The orders that fit some criteria, as rows of a CSV file, newest first; written as `CatalogExport` is.

    The next part begins below the order `last_order_id`: what is placed meanwhile is not in the file.
    """

    __tablename__ = "order_exports"
    __table_args__ = (
        CheckConstraint(one_of("status", EXPORT_STATES), name="status_known"),
        CheckConstraint("(status = 'done') = (finished_at IS NOT NULL)", name="finished_at_given"),
        Index("ix_order_exports_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(server_default="running")
    actor: Mapped[str]
    criteria: Mapped[Json]
    parts: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    rows_written: Mapped[int] = mapped_column(server_default="0")
    byte_size: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_order_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
