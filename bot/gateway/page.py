"""The plain page at `/`: enough to talk to the assistant on a phone. The widget comes beside it later."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.settings import Settings


@functools.cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def page(settings: Settings) -> str:
    """The page as HTML."""
    return (
        _environment()
        .get_template("chat.html")
        .render(demo=settings.demo, controller=settings.controller, exit_url=settings.exit_url)
    )
