import signal
import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    """Keeps connections open and says nothing about requests."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; without this the second would wait for the client's acknowledgement.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: requests are many, and the books tell what they did."""


def listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """A server bound to host and port, with one thread per connection; raises OSError when it is taken."""
    return make_server(host, port, app, threaded=True, request_handler=Handler)


def serve_until_stopped(server: BaseWSGIServer) -> None:
    """Serve until SIGTERM or SIGINT; requests at work then are cut off, as by a crash."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    stopped.wait()
    server.shutdown()
