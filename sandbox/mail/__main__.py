import argparse
import signal
from pathlib import Path

from aiosmtpd.controller import Controller
from werkzeug.serving import make_server

from sandbox.mail.faults import Faults
from sandbox.mail.inbox import Inbox
from sandbox.mail.page import create_page
from sandbox.mail.receiver import Receiver


def main() -> None:
    """Catch mail on --smtp-port into --dir and show it on --http-port until SIGTERM."""
    wanted = _arguments()
    inbox, faults = Inbox(wanted.dir), Faults()
    # Named, because finding out its own name takes seconds on a machine without a network.
    receiver = Controller(
        Receiver(inbox, faults),
        hostname=wanted.host,
        port=wanted.smtp_port,
        server_hostname="sandbox.localhost",
    )
    page = make_server(wanted.host, wanted.http_port, create_page(inbox, faults), threaded=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    receiver.start()
    try:
        page.serve_forever()
    except KeyboardInterrupt:
        page.server_close()
    finally:
        receiver.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.mail", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--dir", type=Path, default=Path("var/mail"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
