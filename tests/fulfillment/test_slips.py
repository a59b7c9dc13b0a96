"""The packing slip as it is printed."""

from datetime import timedelta, timezone
from io import BytesIO
from uuid import UUID

from flask.testing import FlaskClient
from pypdf import PdfReader

from app.fulfillment import queries
from app.fulfillment.services import slips
from app.platform.db import transaction
from app.platform.working_days import WorkingDays
from tests.buyers import Purchase, make_buyer
from tests.database import change, rows
from tests.fulfillment.picking_up import to_be_picked_up
from tests.fulfillment.sending import handed, parcels
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

WISHES = "UPDATE orders SET gift_message = 'Happy birthday!', delivery_date = '2026-12-01'"


def test_who_packs_prints_what_goes_where_and_no_prices(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(bought.buyer.client, stripe)
    drain(queues=("critical",))
    change(WISHES)
    ((parcel_id,),) = rows("SELECT id FROM fulfillments")

    somebody = make_buyer(bought.buyer.client, role="admin")
    answer = somebody.get(f"/v1/parcels/{parcel_id}/packing-slip/pdf")
    printed = PdfReader(BytesIO(answer.data)).pages[0].extract_text()

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert [
        word
        for word in (
            "Packing slip",
            "Ada Lovelace",
            bought.product.sku,
            "December 1, 2026",
            "Happy birthday!",
        )
        if word not in printed
    ] == []
    assert "Units: 2" in printed
    assert "10.00" not in printed
    assert "Phone" not in printed


def test_that_a_parcel_is_picked_up_is_said_in_the_language_of_its_order(
    client: FlaskClient, stripe: StandIn
) -> None:
    (seller,) = to_be_picked_up(client).sellers
    (parcel,) = parcels(seller)
    change("UPDATE orders SET locale = 'de'")

    slip = seller.get(f"/v1/parcels/{parcel['id']}/packing-slip/pdf")

    printed = PdfReader(BytesIO(slip.data)).pages[0].extract_text()
    assert "Abholung im Geschäft" in printed
    assert "Pick-up" not in printed


def test_its_day_is_that_of_the_shop_s_clock(client: FlaskClient, stripe: StandIn) -> None:
    (parcel,) = parcels(handed(client).sellers[0])
    change("UPDATE orders SET placed_at = '2026-11-20 21:30+00'")
    kiribati = WorkingDays(zone=timezone(timedelta(hours=14)))

    with transaction() as session:
        page = slips.page(queries.parcel(session, UUID(parcel["id"]), seller_id=None), "Lamps", kiribati)

    assert page["meta"][1] == ["Ordered on", "November 21, 2026"]
