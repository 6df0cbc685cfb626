"""A site that embeds the chat: one script tag, and a strict policy of its own."""

from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.served import Served

HOST = """<!doctype html><html lang="en"><head><title>A council</title><style nonce="host">{style}</style></head>
<body><h1>A council's page</h1><a href="#top">A link</a>
<script src="{address}/widget.js" {attributes}></script></body></html>"""


class HostSite:
    """A site of another origin that embeds the chat; `style` is its own."""

    def __init__(self) -> None:
        self.chat, self.attributes, self.style = "", "", ""
        self.served = Served()
        self.served.start(Starlette(routes=[Route("/", self.page)]))

    async def page(self, _request):
        policy = f"default-src 'none'; style-src 'nonce-host'; script-src {self.chat}/widget.js; frame-src {self.chat}"
        html = HOST.format(address=self.chat, attributes=self.attributes, style=self.style)
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @property
    def address(self) -> str:
        # Another host name than the chat's, so that it is another site to the browser.
        return f"http://localhost:{self.served.port}"
