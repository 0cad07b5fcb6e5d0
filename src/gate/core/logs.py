"""Logging, the same in every process: one line an event on standard error, as text or as JSON. Secrets are never given to it."""

import json
import logging
import logging.config
import time
from typing import Any

from gate.settings import Settings


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, and `exception` where there is one."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request = getattr(record, "request_id", None)
        if request is not None:
            line["request_id"] = request
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    """The same for people."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")


def configuration(settings: Settings) -> dict[str, Any]:
    """The whole of it as `logging.config.dictConfig` takes it: the web server hands it to its worker processes."""
    # Libraries that tell of every step are asked for warnings only.
    least = max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level])
    quiet = ("asyncio", "psycopg", "django.server", "procrastinate", "urllib3")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"gate": {"()": JsonFormatter if settings.log_json else TextFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "gate"}},
        "root": {"handlers": ["stderr"], "level": settings.log_level},
        # GATE tells of refused requests itself, with their ids (console/middleware.py).
        "loggers": {"django.request": {"level": "ERROR"}} | {name: {"level": least} for name in quiet},
    }


def set_up(settings: Settings) -> None:
    """Send everything from the set level up to standard error."""
    logging.config.dictConfig(configuration(settings))
