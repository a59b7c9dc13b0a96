"""Where a parcel can be followed."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

PAGES = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "gls": "https://gls-group.com/track/{}",
    "royal mail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}
"""By the carrier's name in small letters: its page about the parcel of a number."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """Who carries a parcel, under which number, where that is seen, and when it is to come."""

    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    estimated_delivery: date | None = None

    @property
    def page(self) -> str | None:
        """The address that was given, else the known carrier's page for the number."""
        known = PAGES.get((self.carrier or "").lower())
        if self.tracking_url or not known or not self.tracking_number:
            return self.tracking_url
        return known.format(quote(self.tracking_number, safe=""))
