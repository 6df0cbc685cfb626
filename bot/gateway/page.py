"""HTML from templates."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from bot.settings import Settings

STATIC = Path(__file__).with_name("static")
COMPRESSED = Middleware(GZipMiddleware)
"""For what is the same for everybody. What holds somebody's words is not compressed: its length would tell."""


@functools.cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def render(template: str, settings: Settings, **values: object) -> str:
    """A page as HTML.

    Args:
        template: its file under templates/.
        settings: what every page shows of them: the mode, the controller and where Exit goes.
        values: what else the template needs.
    """
    known = {"demo": settings.demo, "controller": settings.controller, "exit_url": settings.exit_url}
    return _environment().get_template(template).render(**known, **values)
