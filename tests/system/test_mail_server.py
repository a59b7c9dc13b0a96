from tests.system.shop import Shop
from tests.system.shopping import Shopper, place_order, stock_up
from tests.system.waiting import until


def test_a_mail_that_is_refused_for_a_while_comes_once(shop: Shop) -> None:
    shop.order_mail("451", count=3)
    sale = place_order(shop, told=False)

    sale.pay()

    sale.await_sold_once()


def test_a_mail_whose_answer_is_lost_comes_again_under_the_same_message_id(shop: Shop) -> None:
    shopper = Shopper(shop)
    until(lambda: len(shopper.mails("")) == 1, "the mail about the account")
    shop.order_mail("lose-answer", count=1)

    shopper.fill_cart(stock_up(shop, 5))
    sale = shopper.sale(shopper.check_out())

    until(lambda: len(sale.shopper.mails("order")) == 2, "the second copy")
    first, second = sale.shopper.mails("order")
    assert first.message_id == second.message_id
    sale.await_topic("notifications.sent")
    assert sale.topics().count("notifications.sent") == 1
