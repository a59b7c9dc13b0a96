"""Orders that are paid, each in another way."""

from proof.crash.people import GUEST, make_goods, user
from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered, passer_by, shopper
from proof.crash.world import World


def _card(world: World) -> None:
    buyer, variant_id = user(world), world.tell(make_goods)
    begin(world)
    buyer.fill_cart(variant_id)
    buyer.check_out()
    world.work()
    buyer.pay()
    world.report()


def _guest(world: World) -> None:
    buyer = passer_by(world)
    begin(world)
    buyer.check_out(email=GUEST)
    buyer.pay()
    world.report()


def _hosted(world: World) -> None:
    buyer = shopper(world)
    begin(world)
    payment = buyer.check_out("checkout_session")
    world.stripe.pay_hosted(payment["redirect_url"])
    world.report()


def _authenticated(world: World) -> None:
    buyer = shopper(world)
    begin(world)
    buyer.check_out()
    intent = buyer.pay("pm_card_threeDSecure2Required")
    world.report()
    world.stripe.authenticate(intent)
    world.report()


def _declined_first(world: World) -> None:
    buyer = shopper(world)
    begin(world)
    buyer.check_out()
    buyer.pay("pm_card_visa_chargeDeclined")
    world.report()
    buyer.pay()
    world.report()


def _confirmed(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    buyer.pay()
    world.lose_events()
    buyer.post(f"/v1/payments/{buyer.payment_id}/confirm")
    world.work()


def _doubled(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    buyer.pay()
    world.report()
    world.stripe.again()
    world.report()


def _bell_lost(world: World) -> None:
    buyer = shopper(world)
    begin(world)
    buyer.check_out()
    world.lose_messages()
    buyer.pay()
    world.report()


def _logs_in(world: World) -> None:
    buyer = passer_by(world)
    user(world)
    begin(world)
    buyer.log_in("customer@example.com")
    world.work()
    buyer.check_out()
    buyer.pay()
    world.report()


SCENARIOS = (
    Scenario("card", "a user pays by card, the webhook tells", _card, PAID),
    Scenario("guest", "a guest pays by card", _guest, PAID),
    Scenario("hosted", "paid on the provider's page", _hosted, PAID),
    Scenario("3d-secure", "the bank asks the buyer first", _authenticated, PAID),
    Scenario("declined-first", "declined, then paid with another card", _declined_first, PAID),
    Scenario("logs-in", "a guest's cart is merged at the login, then paid", _logs_in, PAID),
    Scenario("confirmed", "no webhook comes: the client's confirm finishes it", _confirmed, PAID),
    Scenario("doubled-events", "every webhook comes twice", _doubled, PAID),
    Scenario("bell-lost", "the broker is emptied: the relay rings", _bell_lost, PAID),
)
