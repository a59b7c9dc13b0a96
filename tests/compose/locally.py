"""What stands in a container's command and environment, said for this machine instead."""

import os
import re
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.binaries import valkey_program
from sandbox.ports import free_port

METRICS = 9100
WORKERS = ("worker-critical", "worker-email", "worker-relay")
PORTS = {
    "api": (8000,),
    "live": (8010,),
    "flower": (5555,),
    "postgres": (5432,),
    "cache": (6379,),
    "broker": (6379,),
    "stripe": (8420,),
    "mail": (2525, 8025),
    **dict.fromkeys(WORKERS, (METRICS,)),
}
IMAGE = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Locally:
    """A network of containers on 127.0.0.1, and their volumes as folders below `folder`."""

    folder: Path
    programs: Mapping[str, Path]
    _ports: dict[tuple[str, int], int] = field(
        default_factory=lambda: {(name, port): free_port() for name, ports in PORTS.items() for port in ports}
    )

    def port(self, name: str, inside: int) -> int:
        """Where a service's port is here."""
        return self._ports[name, inside]

    def url(self, name: str, inside: int) -> str:
        """Where a service's page is here."""
        return f"http://127.0.0.1:{self.port(name, inside)}"

    def argv(self, name: str, words: Iterable[str]) -> list[str]:
        """A command of this service, with the addresses, folders and programs of this machine."""
        program, *rest = (self._said(name, word) for word in words)
        known = {
            "python": [sys.executable],
            "redis-server": [str(valkey_program()), "--port", str(self._ports.get((name, 6379), 0))],
            "redis-cli": [sys.executable, str(Path(__file__).with_name("redis_cli.py"))],
        }
        bin_folder = self.programs.get(program, Path(sys.executable).parent)
        return [*known.get(program, [str(bin_folder / program)]), *rest]

    def environment(self, name: str, service: Mapping[str, Any]) -> dict[str, str]:
        """Exactly what the container is told, and what every container has."""
        told = {key: self._said(name, value) for key, value in service.get("environment", {}).items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        every = {"PATH": path, "HOSTNAME": socket.gethostname(), "HOME": str(self.folder)}
        if told.get("SMTP_HOST") in PORTS:
            told["SMTP_HOST"] = "127.0.0.1"
        # Programs that use a well-known port without saying so.
        unsaid = {
            "PORT_HERE": str(self._ports.get((name, 6379), 0)),
            "PGPORT": str(self.port("postgres", 5432)),
        }
        return IMAGE | every | told | unsaid

    def volume(self, service: str) -> Path:
        """The folder of a service's volume."""
        path = self.folder / service
        path.mkdir(exist_ok=True)
        return path

    def _said(self, service: str, text: str) -> str:
        for (name, inside), here in self._ports.items():
            text = text.replace(f"@{name}:{inside}", f"@127.0.0.1:{here}")
            text = text.replace(f"//{name}:{inside}", f"//127.0.0.1:{here}")
            if name == service:
                text = re.sub(rf"(^|=|127\.0\.0\.1:){inside}\b", rf"\g<1>{here}", text)
        text = str(self._ports["mail", 2525]) if text == "2525" else text
        text = text.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - never here
        return re.sub(r"^(/var/lib/backroom|/etc/backroom|/tmp|/data\b)", str(self.volume(service)), text)
