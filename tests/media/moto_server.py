"""A storage that speaks S3, as a process of its own."""

import sys
import urllib.request
from pathlib import Path

from app.media.gateway.rules import Bucket
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import listens


class MotoServer:
    """One with a private bucket; nothing is kept when it stops."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._log = folder / "log"
        self.bucket = Bucket(
            name="pictures",
            prefix="shop",
            endpoint=f"http://127.0.0.1:{self.port}",
            region="us-east-1",
            access_key="key",
            secret_key="secret",
        )

    def start(self) -> None:
        words = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        command = Command(argv=[sys.executable, *words], log=self._log)
        self._child: Child = launch("S3", command, ready=lambda: listens(self.port), within=30)
        wanted = urllib.request.Request(f"{self.bucket.endpoint}/{self.bucket.name}", method="PUT")  # noqa: S310  # our own
        urllib.request.urlopen(wanted, timeout=5).close()  # noqa: S310  # the same

    def stop(self) -> None:
        self._child.stop(within=2)
