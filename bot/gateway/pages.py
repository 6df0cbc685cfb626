"""The HTML pages: the chat, in a window of its own or in a frame, its loader, the plain rights, and the device page."""

import functools
from urllib.parse import parse_qs

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversation.core import Conversations
from bot.gateway.api import encode
from bot.gateway.guard import page_policy
from bot.gateway.page import COMPRESSED, STATIC, render
from bot.gateway.page_words import PageTexts, Words
from bot.gateway.rights_pages import RightsPages
from bot.settings import Settings
from bot.staff.switches import Off

# Where the loader's bundle takes its words and the neutral page from; see bot/web/src/loader.ts.
GIVEN = '"{given}"'
_FROM_ANYWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}


class Pages:
    """Serves the pages.

    Args:
        conversations: for the safety card of a search, and for the languages.
        settings: what the pages show of them, and which sites may frame the chat.
    """

    def __init__(self, conversations: Conversations, settings: Settings) -> None:
        self._conversations, self._settings = conversations, settings

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            Route("/", self.chat, middleware=[COMPRESSED]),
            Route("/chat", self.chat, middleware=[COMPRESSED]),
            Route("/embed", self.embed, middleware=[COMPRESSED]),
            Route("/widget.js", self.loader, middleware=[COMPRESSED]),
            Route("/device", self.device),
            Route("/rights", self.rights),
            Route("/rights/all", self.all_answers),
            Route("/rights/search", self.search, methods=["POST"]),
            Route("/rights/{name}", self.right),
            Route("/favicon.ico", self.favicon),
            Route("/api/v1/words", self.words),
        ]

    # --- the chat

    async def chat(self, request: Request) -> Response:
        """The chat in a window of its own."""
        headers = {"Content-Security-Policy": page_policy("'none'"), "X-Frame-Options": "DENY"}
        return HTMLResponse(self._chat(request, framed=False), headers=headers)

    async def embed(self, request: Request) -> Response:
        """The chat for a frame, on the sites of `embed_origins` only."""
        policy = page_policy(" ".join(self._settings.embedding_sites) or "'none'")
        return HTMLResponse(
            self._chat(request, framed=True), headers={"Content-Security-Policy": policy, **_FROM_ANYWHERE}
        )

    async def loader(self, _request: Request) -> Response:
        """The script that opens the chat on another site, with its few words in every language."""
        return Response(self._loader, media_type="text/javascript", headers=_FROM_ANYWHERE)

    async def words(self, request: Request) -> Response:
        """The chat page's words in a language."""
        found = self._texts.page(request.query_params.get("language", "en")[:35])
        return Response(encode(found), media_type="application/json")

    async def device(self, request: Request) -> Response:
        """What Exit does, and what no page can hide."""
        page, device = self._texts.device(self._language(request))
        return HTMLResponse(render("device.html", self._settings, page=page, device=device))

    def _chat(self, request: Request, *, framed: bool) -> str:
        page = self._texts.page(self._language(request))
        return render(
            "chat.html",
            self._settings,
            page=page,
            words=page.words,
            framed=framed,
            given=msgspec.json.encode(page).decode(),
            languages=self._texts.languages,
            lock_minutes=self._settings.lock_minutes,
            idle_minutes=self._settings.idle_minutes,
            hand_off_minutes=self._settings.hand_off_idle_minutes,
        )

    @functools.cached_property
    def _texts(self) -> PageTexts:
        settings = self._settings
        kept = {
            "alert_days": settings.alert_retention_days,
            "backup_days": settings.backup_days,
            "away_minutes": settings.away_minutes,
        }
        return PageTexts(settings.data_path, self._conversations.front_door, kept)

    @functools.cached_property
    def _loader(self) -> str:
        words: dict[str, dict[str, str]] = {}
        for language in self._texts.languages:
            page: Words = self._texts.page(language.tag)
            if language.tag == "en" or "open" not in page.english:
                words[language.tag] = {
                    "direction": page.direction,
                    **{name: page.words[name] for name in ("open", "frame")},
                }
        bundle = (STATIC / "widget.js").read_text(encoding="utf-8")
        return bundle.replace(GIVEN, encode({"exit": self._settings.exit_url, "words": words}).decode())

    def _language(self, request: Request) -> str:
        """The language asked for in the address, else the first the browser prefers that has words; else English."""
        accepted = request.headers.get("accept-language", "")[:200]
        wanted = [request.query_params.get("language", "")[:35]]
        wanted += [part.partition(";")[0].strip() for part in accepted.split(",")]
        return self._conversations.language_for(wanted)

    # --- the rights

    @functools.cached_property
    def _rights(self) -> RightsPages:
        """The plain pages, read when the first of them is asked for: the chat must answer from the first second."""
        off = self._conversations.switched_off
        return RightsPages(self._settings, instead=off.page_text if off else "")

    async def _off(self) -> Off:
        off = self._conversations.switched_off
        return await off.current() if off else Off()

    async def rights(self, _request: Request) -> Response:
        """All rights and topics, without script."""
        return HTMLResponse(self._rights.all())

    async def right(self, request: Request) -> Response:
        """The answers of one right."""
        found = self._rights.right(request.path_params["name"], await self._off())
        if found is None:
            raise HTTPException(404)
        return HTMLResponse(found)

    async def all_answers(self, _request: Request) -> Response:
        """All answers on one page, to print."""
        return HTMLResponse(self._rights.printable(await self._off()))

    async def search(self, request: Request) -> Response:
        """Topics that fit the words of the search form."""
        body = (await request.body()).decode("utf-8", "replace")
        words = parse_qs(body).get("words", [""])[0]
        # What is typed here may be a cry for help, too.
        return HTMLResponse(self._rights.found(words, self._conversations.card_for(words), await self._off()))

    async def favicon(self, _request: Request) -> Response:
        """No icon: a tab that does not draw the eye."""
        return Response(status_code=204)
