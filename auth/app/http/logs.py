"""One JSON line per event; for people in development."""

import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog


def configure_logs(*, level: str, for_people: bool, output: TextIO = sys.stdout) -> None:
    """Set up structlog; the standard library's loggers are kept to warnings.

    Control characters in values are escaped by the renderer, so one event stays one line.
    """
    renderer: Any = structlog.processors.JSONRenderer(serializer=_encode)
    if for_people:
        renderer = structlog.dev.ConsoleRenderer(colors=output.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(output),  # one write for each line: workers share the output
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=output, format="%(levelname)s %(name)s: %(message)s")


def _encode(event: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()
