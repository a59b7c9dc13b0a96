"""What was bought once comes into the cart again, as far as it is still to be had."""

from flask.testing import FlaskClient

from tests.buyers import lines_of, make_buyer, make_guest, shelf
from tests.database import change
from tests.stand_in import StandIn


def test_what_is_still_sold_is_in_the_cart_and_the_rest_named(client: FlaskClient, stripe: StandIn) -> None:
    buyer = make_buyer(client)
    there, few, gone, many = (shelf() for _ in range(4))
    for thing in (there, few, gone, many):
        buyer.put(thing)
    order = buyer.check_out().get_json()["order"]
    buyer.client.delete("/v1/cart", headers=buyer.headers)
    change("UPDATE stock_levels SET on_hand = reserved + 1 WHERE variant_id = :id", id=few.variant_id)
    change("UPDATE products SET status = 'archived' WHERE id = :id", id=gone.id)
    change("UPDATE stock_levels SET on_hand = reserved + 200 WHERE variant_id = :id", id=many.variant_id)
    buyer.put(many, 98)

    again = buyer.post(f"/v1/orders/{order['number']}/reorder", key="k").get_json()

    lines = {line["sku"]: line for line in order["lines"]}
    said = {
        few: ("sold_out", 1),
        gone: ("not_sold", 2),
        many: ("too_many", 2),
    }
    assert {each["sku"]: each for each in again["left_out"]} == {
        thing.sku: {
            "line_id": lines[thing.sku]["id"],
            "variant_id": str(thing.variant_id),
            "sku": thing.sku,
            "name": lines[thing.sku]["name"],
            "quantity": quantity,
            "reason": reason,
        }
        for thing, (reason, quantity) in said.items()
    }
    assert lines_of(buyer) == {there.variant_id: 2, few.variant_id: 1, many.variant_id: 98}
    assert again["cart"] == buyer.get("/v1/cart").get_json()
    assert buyer.post(f"/v1/orders/{order['number']}/reorder", key="k").get_json() == again
    assert make_buyer(client, "admin").post(f"/v1/orders/{order['id']}/reorder").status_code == 404


def test_a_guest_orders_again_by_their_token(client: FlaskClient, stripe: StandIn) -> None:
    guest, thing = make_guest(client), shelf()
    guest.put(thing)
    order = guest.check_out().get_json()["order"]
    change("DELETE FROM cart_items")

    answer = guest.post(f"/v1/orders/{order['id']}/reorder")

    assert (answer.status_code, "X-Cart-Token" in answer.headers) == (200, False)
    assert lines_of(guest) == {thing.variant_id: 2}
    assert make_guest(client).post(f"/v1/orders/{order['id']}/reorder").status_code == 401
