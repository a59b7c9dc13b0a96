"""A third party that listens on this machine and takes whatever it is told: webhooks and text messages."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import orjson

TEXTS = "/2010-04-01/"
"""Below this the shop hands in text messages."""
_ANSWER = orjson.dumps({"sid": "SM1"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where it listens, and the file with a line for each call that it took."""

    url: str
    file: Path

    def webhooks(self) -> list[tuple[str, str]]:
        """Id and type of each webhook that came, in this order."""
        return [(each["id"], each["type"]) for each in self._calls() if not each["path"].startswith(TEXTS)]

    def texts(self) -> int:
        """How many text messages came."""
        return sum(each["path"].startswith(TEXTS) for each in self._calls())

    def forget(self) -> None:
        """As if nobody had called."""
        self.file.write_bytes(b"")

    def _calls(self) -> Iterable[dict[str, str]]:
        return map(orjson.loads, self.file.read_bytes().splitlines())


def listen(port: int, file: Path) -> None:
    """Take calls, and note each in the file before it is answered, until the process ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = {"path": self.path}
            if not self.path.startswith(TEXTS):
                call |= {"id": self.headers["webhook-id"], "type": orjson.loads(body)["type"]}
            with file.open("ab") as lines:
                lines.write(orjson.dumps(call, option=orjson.OPT_APPEND_NEWLINE))
            self.send_response(201)
            self.send_header("Content-Length", str(len(_ANSWER)))
            self.end_headers()
            self.wfile.write(_ANSWER)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    listen(int(sys.argv[1]), Path(sys.argv[2]))
