import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from bench.errors import BenchFailed

P = ParamSpec("P")
T = TypeVar("T")


class Apart:
    """A process of its own that works for us, one thing after the other; a context manager."""

    def __enter__(self) -> Self:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self._line.close()

    @property
    def pid(self) -> int:
        """Its process id. Raises BenchFailed when it has not been started."""
        if self._process.pid is None:
            raise BenchFailed("The process was not started.")
        return self._process.pid

    def do(self, within: float, work: Callable[P, T], *words: P.args, **named: P.kwargs) -> T:
        """What the work answers there. Raises BenchFailed when it does, dies, or needs over `within` s."""
        try:
            self._line.send((work, words, named))
            if not self._line.poll(within):
                raise BenchFailed(f"{work.__name__} took longer than {within:.0f} s.")
            answer: Any = self._line.recv()
        except (EOFError, ConnectionError):
            raise BenchFailed(f"The process of {work.__name__} has died.") from None
        if isinstance(answer, BenchFailed):
            raise answer
        return answer  # type: ignore[no-any-return]  # a pipe has no types


def _work(line: Connection) -> None:
    # What ends our whole process group is for the process that started us: it ends us, and says why.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            work, words, named = line.recv()
        except EOFError:
            return
        try:
            answer = work(*words, **named)
        except BenchFailed as failure:
            answer = failure
        line.send(answer)
