"""Where log lines go and what they look like."""

import logging
import sys

import structlog


def log_to_stderr(level: str) -> None:
    """One JSON object a line; no message text, address or token is ever passed to a logger."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
