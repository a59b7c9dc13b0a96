"""What the last examination of the shop has found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Base


class InvariantCheck(Base):
    """How many things broke an invariant when it was last checked; `invariant` is its id."""

    __tablename__ = "invariant_checks"
    __table_args__ = (CheckConstraint("violations >= 0", name="violations_not_negative"),)

    invariant: Mapped[str] = mapped_column(primary_key=True)
    violations: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())
