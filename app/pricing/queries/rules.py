"""All rules of prices that a request needs, in one statement."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.platform.db import Json
from app.pricing.queries.shipping import shipping_zones_in_country
from app.pricing.queries.taxes import zones_in_country


@dataclass(frozen=True, slots=True)
class WrittenRules:
    """What the tables say about a country; None of what they say nothing at all about, for any country."""

    tax_zones: list[Json] | None
    shipping_zones: list[Json] | None


def written_rules(session: Session, *, country: str | None) -> WrittenRules:
    """The rules for deliveries to a country, and those for carts of which it is not known yet where to."""
    return WrittenRules(*session.execute(_statement(), {"country": country}).one())


@cache
def _statement() -> Select[Any]:
    """Each kind of rule is one column of the one row."""
    return select(zones_in_country(), shipping_zones_in_country())
