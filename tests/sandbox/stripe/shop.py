import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.stand_in import SECRET


class Server(ThreadingHTTPServer):
    shop: "Shop"


class Shop:
    """A webhook receiver that checks signatures with the SDK and answers as told.

    `events` are in order of arrival, `signed_at` when each says that it was signed. `answers` are the status
    codes of the next webhooks, 200 after them;
    `gate` holds all answers until set; `secret` is what signatures are checked with.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", 0), Receiver)
        self.server.shop = self
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/webhooks/stripe"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.secret = SECRET
        self.reset()

    def reset(self) -> None:
        self.events: list[stripe.Event] = []
        self.signed_at: list[int] = []
        self.answers: list[int] = []
        self.forged = 0
        self.at_once = self.most_at_once = 0
        self.gate = threading.Event()
        self.gate.set()

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()

    def types(self) -> Counter[str]:
        return Counter(event.type for event in self.events)

    def ids(self) -> Counter[str]:
        return Counter(event.id for event in self.events)

    def take(self, body: bytes, signature: str) -> int:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.gate.wait(10)
        with self.lock:
            self.at_once -= 1
            return self._judge(body, signature)

    def _judge(self, body: bytes, signature: str) -> int:
        try:
            event = stripe.Webhook.construct_event(body, signature, self.secret)
        except stripe.SignatureVerificationError:
            self.forged += 1
            return 400
        self.events.append(event)
        self.signed_at.append(int(signature.split(",")[0].removeprefix("t=")))
        return self.answers.pop(0) if self.answers else 200


class Receiver(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.shop.take(body, self.headers["Stripe-Signature"])
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the test tells what went wrong."""
