"""Moving stock, and holding it for other channels. Every function is safe to repeat; nothing here commits."""

from app.inventory.queries import availability
from app.inventory.services.reserving import reserve
from app.inventory.services.stock import (
    adjust,
    commit,
    count,
    end_sale,
    open_stock,
    release,
    release_all,
    set_threshold,
    take_back,
)

__all__ = [
    "adjust",
    "availability",
    "commit",
    "count",
    "end_sale",
    "open_stock",
    "release",
    "release_all",
    "reserve",
    "set_threshold",
    "take_back",
]
