import argparse
from pathlib import Path

from sandbox.stripe import captures, disputes, refunds, sessions, time_travel
from sandbox.stripe.app import create_app
from sandbox.stripe.appointments import Action
from sandbox.stripe.background import Background
from sandbox.stripe.books import Books
from sandbox.stripe.payments import SETTLE, settle_bank_payment
from sandbox.stripe.server import listen, serve_until_stopped
from sandbox.stripe.settings import Settings

ACTIONS: dict[str, Action] = {
    SETTLE: settle_bank_payment,
    sessions.EXPIRE: sessions.expire_when_due,
    captures.EXPIRE: captures.expire,
    refunds.SETTLE: refunds.settle,
    disputes.OPEN: disputes.open_expected,
}


def main() -> None:
    """Run the stand-in until it is stopped."""
    settings = read_settings()
    books = Books(settings.data)
    time_travel.restore(books)
    background = Background(books, settings, ACTIONS)
    server = listen(create_app(books, settings, background), settings.host, settings.port)
    background.start()
    print(f"Stripe stand-in listening on http://{settings.host}:{server.port}", flush=True)
    serve_until_stopped(server)


def read_settings() -> Settings:
    """The command line as settings; exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.stripe", description="A stand-in for Stripe.")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in")
    parser.add_argument("--port", type=int, default=8420, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="the folder of its books")
    parser.add_argument("--api-key", required=True, help="the secret key, sk_...")
    parser.add_argument("--webhook-secret", required=True)
    parser.add_argument("--webhook-url", required=True)
    parser.add_argument("--first-retry-seconds", type=float, default=1.0, help="doubles with each retry")
    parser.add_argument("--webhook-timeout-seconds", type=float, default=10.0)
    parser.add_argument("--bank-seconds", type=float, default=5.0, help="how long bank debits are processing")
    parser.add_argument("--public-url", help="where browsers reach its pages; else where the caller did")
    return Settings(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
