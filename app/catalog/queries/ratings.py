"""What stars come to."""

from decimal import ROUND_HALF_UP, Decimal

from app.platform.db import Json

PLACES = Decimal("0.01")


def average_of(stars: int, count: int) -> Decimal:
    """The average of so many stars of so many reviews, to two places as PostgreSQL rounds; 0 of none."""
    return (Decimal(stars) / count).quantize(PLACES, ROUND_HALF_UP) if count else Decimal(0)


def rating(stars: int, count: int) -> Json:
    """A product's rating as everybody sees it."""
    return {"average": float(average_of(stars, count)) if count else None, "count": count}
