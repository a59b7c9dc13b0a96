"""Generated mutants that no test can tell from the original, each with the reason. They are not counted."""

_AT_THE_MICROSECOND = "Two moments, compared to the microsecond: which of them the very same one counts to."

EQUIVALENT: dict[str, str] = {
    "app/events/claims.py Claim.give_back: 16 => 17": (
        "Only keeps the power from growing without end: long before it the longest backoff is reached."
    ),
    "app/inventory/services/stock.py release_all: if units => if True": (
        "Spares two statements, which would change no row."
    ),
    "app/settlement/services/sending.py Sending.may_be_repeated: self.age < KEY_LIFETIME"
    " => self.age <= KEY_LIFETIME": _AT_THE_MICROSECOND,
    "app/settlement/services/attempts.py _why_not: order.hold_until <= moment"
    " => order.hold_until < moment": _AT_THE_MICROSECOND,
    "app/settlement/services/attempts.py _why_not: order.placed_at + terms.longest <= moment"
    " => order.placed_at + terms.longest < moment": _AT_THE_MICROSECOND,
    "app/settlement/services/attempts.py _why_not: order.hold_until <= moment + terms.hold_of(flow)"
    " => order.hold_until < moment + terms.hold_of(flow)": _AT_THE_MICROSECOND,
}
