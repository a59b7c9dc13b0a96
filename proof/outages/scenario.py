"""What an outage is, and what is measured of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from proof.outages.shop import RunningShop


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, and whether it is as promised."""

    what: str
    measured: str
    promised: str
    kept: bool
    late: bool = False
    """It came to pass, only later than promised: by no more than a busy machine alone can bring about."""


class Scenario(Protocol):
    """Something that the shop needs is away for a while, and buyers go on."""

    @property
    def name(self) -> str:
        """How the command is told to do it."""

    @property
    def usual_seconds(self) -> float:
        """How long it lasts unless somebody says otherwise."""

    def measure(self, shop: RunningShop, *, seconds: float, buyers: int) -> Sequence[Figure]:
        """Let it be away for so long while so many buy; the shop is well again when this returns."""
