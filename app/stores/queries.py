"""Finding stores: by distance along an index, or by name."""

from dataclasses import dataclass
from math import asin, cos, inf, radians, sin
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Double, Select, cast, func, select, tuple_
from sqlalchemy.orm import Session

from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.stores.models import Cube, Store

GLOBE_RADIUS_KM = 6371.0088
"""The earth's mean radius. It is no globe: distances are true to half a percent."""
LARGEST_RADIUS_KM = 20_016
"""From pole to pole: further away is nothing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on earth, in degrees."""

    latitude: float
    longitude: float

    @property
    def in_space(self) -> list[float]:
        """The same on a globe of radius 1."""
        latitude, longitude = radians(self.latitude), radians(self.longitude)
        return [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)]


@dataclass(frozen=True, slots=True)
class Found:
    """A store, and how far away it is if somebody said from where; `chord` is that through the globe."""

    store: Store
    chord: float | None = None

    @property
    def distance_km(self) -> float | None:
        """Along the ground, to the metre."""
        return None if self.chord is None else round(_ground_km(self.chord), 3)


def nearest(
    session: Session,
    spot: Spot,
    *,
    radius_km: float | None,
    with_pickup: bool,
    after: tuple[float, UUID] | None,
    limit: int,
) -> Page[Found]:
    """Active stores within `radius_km` of a spot, or everywhere, the nearest first.

    `after` is the chord and the id of the last one seen.
    """
    chord = _chord_to(spot)
    statement = _active(with_pickup=with_pickup).add_columns(chord.label("chord"))
    if after is not None:
        statement = statement.where(tuple_(chord, Store.id) > after)
    rows = session.execute(statement.order_by(chord, Store.id).limit(limit + 1)).all()
    # Cut off here: with a condition PostgreSQL would look further for as many, or sort all that meet it.
    reach = inf if radius_km is None else _chord_of(radius_km)
    found = [Found(store, chord=distance) for store, distance in rows if distance <= reach]
    return paged(found, limit, lambda each: ["distance", each.chord, str(each.store.id)])


def by_name(
    session: Session, *, only_active: bool, with_pickup: bool, after: tuple[str, UUID] | None, limit: int
) -> Page[Found]:
    """Stores in the order of their names; `after` is the name and the id of the last one seen."""
    statement = _active(with_pickup=with_pickup) if only_active else select(Store)
    if after is not None:
        statement = statement.where(tuple_(Store.name, Store.id) > after)
    rows = session.scalars(statement.order_by(Store.name, Store.id).limit(limit + 1)).all()
    return paged(
        [Found(row) for row in rows], limit, lambda each: ["name", each.store.name, str(each.store.id)]
    )


def active(session: Session, store_id: UUID) -> Found:
    """A store that is open to everybody. Raises NotFound."""
    store = session.scalars(select(Store).where(Store.id == store_id, Store.is_active)).one_or_none()
    if store is None:
        raise NotFound("There is no such store.")
    return Found(store)


def _active(*, with_pickup: bool) -> Select[Any]:
    shown = select(Store).where(Store.is_active)
    return shown.where(Store.offers_pickup) if with_pickup else shown


def _chord_to(spot: Spot) -> ColumnElement[float]:
    """How far a store is through the globe, in its radii."""
    here = func.cube(cast(spot.in_space, ARRAY(Double)), type_=Cube)
    return Store.place.op("<->", return_type=Double())(here)


def _chord_of(ground_km: float) -> float:
    return 2 * sin(ground_km / (2 * GLOBE_RADIUS_KM))


def _ground_km(chord: float) -> float:
    return 2 * GLOBE_RADIUS_KM * asin(min(1.0, chord / 2))
