import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sandbox.code import CODE
from sandbox.process import Child, Command
from sandbox.ready import last_lines, wait_until
from tests.compose.composition import Composition
from tests.compose.locally import Locally
from tests.compose.postgres_image import PostgresImage
from tests.servers import temporary_folder

# As the image says.
STOP_SIGNALS = {"postgres": signal.SIGINT}
# Some checks start a program that is as heavy as what they look after.
_PAUSE, _PATIENCE = 1.0, 60.0


class Engine:
    """Runs the services of a composition as processes of this machine, by their own commands."""

    def __init__(self, folder: Path, composition: Composition, *profiles: str) -> None:
        self._folder = folder
        self._services = composition.services(*profiles)
        self._configs = composition.content["configs"]
        self._postgres = PostgresImage(folder / "postgres")
        programs = dict.fromkeys(("postgres", "pg_isready"), self._postgres.programs)
        self.here = Locally(folder, programs)
        self.running: dict[str, Child] = {}

    def start(self, *names: str) -> None:
        """Start services together, and wait until the health check of each succeeds."""
        for name in names:
            self.running[name] = Child(self.command(name))
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self._await, names))

    def complete(self, name: str) -> str:
        """Run a service that ends by itself, successfully; answers what it said."""
        child = Child(self.command(name))
        try:
            wait_until(lambda: not child.alive, within=60, failure=f"{name} does not end")
        finally:
            child.kill()
        said = (self._folder / f"{name}.log").read_text()
        assert child.exit_code == 0, said
        return said

    def command(self, name: str) -> Command:
        """The service's very command and environment."""
        service = self._services[name]
        environment = self.here.environment(name, service)
        for config in service.get("configs", []):
            place = self.here.volume(name) / Path(config["target"]).name
            place.write_text(self._configs[config["source"]]["content"])
        argv = self.here.argv(name, service["command"])
        if name == "postgres":
            self._postgres.prepare(environment)
            argv += self._postgres.words()
        return Command(
            argv=argv,
            env=environment,
            cwd=CODE,
            log=self._folder / f"{name}.log",
            stop_signal=STOP_SIGNALS.get(name, signal.SIGTERM),
            account=self._postgres.account if name == "postgres" else None,
        )

    def healthy(self, name: str) -> bool:
        """Whether the service's own health check succeeds now."""
        kind, *words = self._services[name]["healthcheck"]["test"]
        argv = ["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else self.here.argv(name, words)
        environment = self.here.environment(name, self._services[name])
        done = subprocess.run(argv, env=environment, cwd=CODE, capture_output=True, check=False)  # noqa: S603 - the file's
        return done.returncode == 0

    def stop(self, *names: str) -> dict[str, int | None]:
        """Ask these to stop, and wait for each as long as the file grants; answers how they ended."""
        for name in names:
            self.running[name].ask_to_stop()
        for name in names:
            grace = self._services[name].get("stop_grace_period", "10s")
            self.running[name].finish(within=int(grace.removesuffix("s")))
        return {name: self.running.pop(name).exit_code for name in names}

    def close(self) -> None:
        """Kill what still runs, and forget everything."""
        for child in self.running.values():
            child.kill()
        self._postgres.remove()

    def _await(self, name: str) -> None:
        child, deadline = self.running[name], time.monotonic() + _PATIENCE
        while not self.healthy(name):
            end = last_lines(child.command.log)
            assert child.alive, f"{name} ended: {end}"
            assert time.monotonic() < deadline, f"{name} is not healthy: {end}"
            time.sleep(_PAUSE)


@contextmanager
def engine(composition: Composition, *profiles: str) -> Iterator[Engine]:
    """An engine with nothing running; at the end all of it is stopped, and its files are deleted."""
    with temporary_folder() as folder, ExitStack() as until_the_end:
        made = Engine(folder, composition, *profiles)
        until_the_end.callback(made.close)
        yield made
