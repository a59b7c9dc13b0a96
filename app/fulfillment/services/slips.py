"""The packing slip of a parcel, to be printed."""

from collections.abc import Mapping
from pathlib import Path

from babel import Locale

from app.fulfillment.queries import Parcel
from app.platform.db import Json
from app.platform.locales import locale_of, long_day, postal_lines
from app.platform.typesetting import directed, families, typeset
from app.platform.working_days import WorkingDays

TEMPLATE = Path(__file__).parents[1] / "templates" / "packing_slip.typ"

Words = Mapping[str, str]
ENGLISH: Words = {
    "title": "Packing slip",
    "deliver_to": "Deliver to",
    "parcel": "Parcel",
    "ordered_on": "Ordered on",
    "shipping": "Shipping",
    "pickup": "Pick-up in store",
    "wished": "Wished for",
    "quantity": "Qty",
    "item": "Item",
    "sku": "SKU",
    "units": "Units: {count}",
    "gift": "A message for you",
}
GERMAN: Words = {
    "title": "Lieferschein",
    "deliver_to": "Lieferung an",
    "parcel": "Paket",
    "ordered_on": "Bestellt am",
    "shipping": "Versand",
    "pickup": "Abholung im Geschäft",
    "wished": "Gewünscht für",
    "quantity": "Menge",
    "item": "Artikel",
    "sku": "Artikelnummer",
    "units": "Stück: {count}",
    "gift": "Eine Nachricht für Sie",
}
WORDS: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN}


def packing_slip(parcel: Parcel, *, sender: str, calendar: WorkingDays, more_fonts: Path | None) -> bytes:
    """What lies with the goods, as PDF, in the order's language: no prices. `sender` stands above all."""
    facts = page(parcel, sender, calendar)
    return typeset(TEMPLATE, facts, moment=parcel.row.created_at, more_fonts=more_fonts)


def page(parcel: Parcel, sender: str, calendar: WorkingDays) -> Json:
    """What stands on it, all in words."""
    locale = locale_of(parcel.order.locale)
    words = WORDS[locale.language]
    address, gift = parcel.shipping_address, parcel.gift_message
    return {
        "words": words,
        "language": locale.language,
        "sender": directed(sender),
        "order": parcel.order.number,
        "fonts": families(parcel.order.shipping_address["country"]),
        "address": [directed(line) for line in postal_lines(address, locale)] if address else [],
        "meta": _meta(parcel, words, locale, calendar),
        "rows": [
            {"quantity": str(each.quantity), "name": directed(each.line.name), "sku": each.line.sku}
            for each in parcel.lines
        ],
        "units": words["units"].format(count=sum(each.quantity for each in parcel.lines)),
        "gift": directed(gift) if gift else None,
    }


def _meta(parcel: Parcel, words: Words, locale: Locale, calendar: WorkingDays) -> list[list[str]]:
    order = parcel.order
    meta = [
        [words["parcel"], str(parcel.row.parcel)],
        [words["ordered_on"], long_day(calendar.local(order.placed_at).date(), locale)],
        [words["shipping"], words["pickup"] if order.pickup_store else order.shipping_method_name],
    ]
    return [*meta, [words["wished"], long_day(order.delivery_date, locale)]] if order.delivery_date else meta
