"""HTML from templates."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.settings import Settings

STATIC = Path(__file__).with_name("static")


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
