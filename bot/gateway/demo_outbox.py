"""The page /demo/outbox: what would have arrived on somebody's phone. It exists only in the demonstration."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.directory import LONDON
from bot.gateway.page import render
from bot.notify.outbox import DemoOutbox
from bot.settings import Settings


def demo_outbox_routes(outbox: DemoOutbox | None, settings: Settings) -> list[BaseRoute]:
    """The route of the page; none outside demonstration mode, so that nothing tells it from any other address.

    Args:
        outbox: the demonstration's outbox, where one is used.
        settings: the mode, and what every page shows.
    """
    if outbox is None or not settings.demo:
        return []

    async def show(_request: Request) -> Response:
        messages = await run_in_threadpool(outbox.messages)
        return HTMLResponse(render("demo_outbox.html", settings, messages=messages, zone=LONDON))

    return [Route("/demo/outbox", show)]
