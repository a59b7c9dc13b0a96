"""Deleting what is too old to be of use, a limited number of rows at a time."""

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_
from sqlalchemy.orm import Session

from app.platform.db import Base, locked


def delete_some(session: Session, model: type[Base], *conditions: ColumnElement[bool], limit: int) -> int:
    """Delete up to `limit` rows that meet all conditions; the answer is how many.

    Rows that others hold are left alone, for the next time. What depends on a deleted row goes along with it
    where the database says so.
    """
    key = inspect(model).primary_key
    free = locked(select(*key).where(*conditions).limit(limit), skip_locked=True).cte("free")  # runs once
    gone = delete(model).where(tuple_(*key).in_(select(*free.c)))
    return len(session.execute(gone.returning(*key)).all())
