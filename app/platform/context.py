"""What is known about the work in hand: request, actor, task, order. It is on every log line and event."""

import structlog.contextvars


def begin(**facts: str | None) -> None:
    """Forget the previous work and remember these facts."""
    structlog.contextvars.clear_contextvars()
    add(**facts)


def add(**facts: str | None) -> None:
    """Remember further facts about the work in hand; None is left out."""
    structlog.contextvars.bind_contextvars(**{name: fact for name, fact in facts.items() if fact is not None})


def current(name: str) -> str | None:
    """One fact about the work in hand, if it is known."""
    fact = structlog.contextvars.get_contextvars().get(name)
    return None if fact is None else str(fact)
