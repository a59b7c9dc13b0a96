"""One JSON object per line on standard output, the same in API and worker."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

ROW_DATA = re.compile(r"DETAIL:.*?(?=\n\n|\n\[SQL|\Z)", re.DOTALL)
"""How PostgreSQL quotes the row that it refused."""

# Quotes and apostrophes end no address: the name before the @ may have them.
_ADDRESS = re.compile(r"[^\s<>(),;:]+@[^\s<>(),;:]+")

FIRST = ("timestamp", "level", "logger", "event", "request_id", "actor", "task", "delivery_id")


def _leave_out_rows(_: Any, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = ROW_DATA.sub("DETAIL: left out", event["exception"])
    return event


def _in_one_order(_: Any, __: str, event: EventDict) -> EventDict:
    """What every line has comes first, so that lines of all processes read alike."""
    return {name: event.pop(name) for name in FIRST if name in event} | dict(event)


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _leave_out_rows,
]


def first_line(error: BaseException | str) -> str:
    """The first line of an error: the further ones of a database quote the row, personal data and all."""
    return str(error).partition("\n")[0]


def without_addresses(text: str) -> str:
    """A text without the mail addresses that it quotes."""
    return _ADDRESS.sub("(address)", text)


def start_logging(level: str) -> None:
    """Send all that this process logs, our own lines and the libraries', to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _in_one_order,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Their lines at INFO name each URL and each message, and say nothing that ours do not.
    noisy = ("urllib3", "stripe", "_granian", "alembic.runtime.plugins")
    for name in (*noisy, "celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines are a static event name and fields: `log.info("order_paid", order_id=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
