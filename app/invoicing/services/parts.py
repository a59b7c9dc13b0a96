"""What an invoice is the sum of, and what is left of it after credit notes. Amounts are minor units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from app.platform.db import Json
from app.platform.money import allocate

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order

SHIPPING = "shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A line of an order, or its shipping, as it is charged; of a credit note, what it takes back of that.

    `key` is the line's id. `gross` is what is paid for it, of which `tax` is tax, at a rate of `basis_points`
    ten-thousandths, or at one that was not kept, which is 0. A credit note knows `quantity` only of units
    that it takes back, `price` and `discount` only where they explain its amount.
    """

    key: str
    name: str
    sku: str | None
    quantity: int | None
    price: int | None
    discount: int
    gross: int
    tax: int
    basis_points: Decimal

    def as_json(self) -> Json:
        """To be frozen."""
        return asdict(self) | {"basis_points": str(self.basis_points)}


def parts_from(frozen: Sequence[Json]) -> list[Part]:
    """What was frozen."""
    return [Part(**each | {"basis_points": Decimal(each["basis_points"])}) for each in frozen]


def parts_of(order: "Order") -> list[Part]:
    """The order's lines in their order, then its shipping, unless that was free from the start."""
    lines = [
        Part(
            key=str(line.id),
            name=line.name,
            sku=line.sku,
            quantity=line.quantity,
            price=line.unit_price_amount,
            discount=line.discount_amount,
            gross=order.charged(line),
            tax=line.tax_amount,
            basis_points=line.tax_basis_points,
        )
        for line in order.lines
    ]
    shipping = Part(
        key=SHIPPING,
        name=order.shipping_method_name,
        sku=None,
        quantity=1,
        price=order.shipping_amount,
        discount=order.shipping_discount_amount,
        gross=order.shipping_charged,
        tax=order.shipping_tax_amount,
        basis_points=order.shipping_tax_basis_points,
    )
    return [*lines, shipping] if order.shipping_amount else lines


def _spread(total: int, weights: Sequence[int], least: int) -> Sequence[int]:
    """In steps of `least`, unless what is there is in none: what was charged before there were steps."""
    in_steps = not any(amount % least for amount in (total, *weights))
    return allocate(total, weights, step=least if in_steps else 1) if any(weights) else [0] * len(weights)


@dataclass(frozen=True, slots=True)
class Rate:
    """What is charged at one rate of tax."""

    basis_points: Decimal
    net: int
    tax: int


def by_rate(parts: Iterable[Part]) -> list[Rate]:
    """The sums of each rate, the highest first."""
    rates: dict[Decimal, tuple[int, int]] = {}
    for part in parts:
        net, tax = rates.get(part.basis_points, (0, 0))
        rates[part.basis_points] = (net + part.gross - part.tax, tax + part.tax)
    return [Rate(rate, *rates[rate]) for rate in sorted(rates, reverse=True)]


def left_of(parts: Sequence[Part], credited: Iterable[Part]) -> list[Part]:
    """The parts of an invoice with what credit notes have not taken back of them."""
    gone: dict[str, tuple[int, int]] = {}
    for part in credited:
        gross, tax = gone.get(part.key, (0, 0))
        gone[part.key] = (gross + part.gross, tax + part.tax)
    return [_less(part, *gone.get(part.key, (0, 0))) for part in parts]


def _less(part: Part, gross: int, tax: int) -> Part:
    return Part(**asdict(part) | {"gross": part.gross - gross, "tax": part.tax - tax})


def credit(
    amount: int, left: Sequence[Part], *, wanted: Mapping[str, int], step: int = 1
) -> list[tuple[int, int]]:
    """How much of each part's gross, and of its tax, goes back when `amount` does; at most what is left.

    `wanted` is the gross of units that the refund is for, by the parts' keys: they come first, the rest is in
    proportion to what is left, in steps of the currency. Several credit notes together take back exactly the
    invoice, its tax included.
    """
    amount = min(amount, sum(part.gross for part in left))
    weights = [min(wanted.get(part.key, 0), part.gross) for part in left]
    first = _spread(min(amount, sum(weights)), weights, step)
    others = [part.gross - one for part, one in zip(left, first, strict=True)]
    rest = _spread(amount - sum(first), others, step)
    shares = [one + other for one, other in zip(first, rest, strict=True)]
    return [(share, _tax_in(share, part, step)) for share, part in zip(shares, left, strict=True)]


def _tax_in(share: int, part: Part, step: int) -> int:
    return _spread(share, [part.gross - part.tax, part.tax], step)[1]


def taken_back(part: Part, gross: int, tax: int, *, units: int | None, includes_tax: bool) -> Part:
    """So much of a part, for so many units of it, as it stands on a credit note."""
    less = replace(part, gross=gross, tax=tax, quantity=units, price=None, discount=0)
    if units is None or part.price is None:
        return less
    discount = part.price * units - (gross if includes_tax else gross - tax)
    explained = 0 <= discount <= part.discount
    return replace(less, price=part.price, discount=discount) if explained else less
