"""Keeps Rasa from calling out and from logging what people write. Imported before anything of Rasa.

Rasa 3.6 reports usage by default, and as a library its loggers print message texts; both end here.
"""

import logging
import os
import warnings
from collections.abc import Mapping, MutableMapping
from typing import Any

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# One thread for each engine: two engines on two cores must not fight over them.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

warnings.filterwarnings("ignore", category=DeprecationWarning)
warnings.filterwarnings("ignore", category=FutureWarning)
warnings.filterwarnings("ignore", category=UserWarning, message="pkg_resources is deprecated")
warnings.filterwarnings("ignore", category=UserWarning, module=r"(rasa|sanic|tensorflow|sklearn)\b.*")

import sanic.app  # noqa: E402, F401  (first: it resets the warning filters when imported)
import structlog  # noqa: E402

warnings.filterwarnings("ignore", category=DeprecationWarning)


def silence() -> None:
    """Drop every log line of Rasa and its libraries in this process, whatever its level.

    What an engine has to say goes back with its answer; what goes wrong is an exception the gateway logs by type.
    """
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    logging.disable(logging.CRITICAL)


def _drop(_logger: Any, _method: str, _event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    raise structlog.DropEvent
