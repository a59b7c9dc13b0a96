from tests.system.shop import Shop
from tests.system.shopping import place_order
from tests.system.waiting import until


def test_a_mail_that_is_refused_for_a_while_comes_once(shop: Shop) -> None:
    shop.order_mail("451", count=3)
    sale = place_order(shop, told=False)

    sale.pay()

    sale.await_sold_once()


def test_a_mail_whose_answer_is_lost_comes_again_under_the_same_message_id(shop: Shop) -> None:
    shop.order_mail("lose-answer", count=1)

    sale = place_order(shop)

    until(lambda: len(sale.shopper.mails("order")) == 2, "the second copy")
    first, second = sale.shopper.mails("order")
    assert first.message_id == second.message_id
    assert sale.topics().count("notifications.sent") == 1
