"""A paper over HTTP: made on the fly, neutral, never cached, gone when its time is over."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

import docx
import httpx
import pytest
import structlog
from sqlalchemy.engine import Engine

from bot.gateway import guard
from bot.gateway.app import Gateway
from bot.papers.render import FILE_NAME, MEDIA_TYPE
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from tests.action_engine import ActionEngine
from tests.talking import Talk, core_with

CHARGED = "he was charged on Monday 2 November and nobody told me"
OWN_WORDS = "canary words about my letter"


class StandInPool:
    ready = 1


class Client:
    """A page with its conversation."""

    def __init__(self, http: httpx.AsyncClient, talk: Talk) -> None:
        self.http, self.talk = http, talk

    async def paper(self, name: str = "complaint", **headers: str) -> httpx.Response:
        return await self.http.get(f"/api/v1/papers/{name}", headers=headers)


@pytest.fixture
async def page(sqlite: Engine, vault: Vault, settings: Settings) -> AsyncIterator[Client]:
    engine = ActionEngine({CHARGED: "right_06__charge_decision", "menu": "menu"})
    core, papers = core_with(ConversationStore(sqlite, vault), engine, settings)
    app = Gateway(core, StandInPool(), settings, papers=papers).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        token = (await http.post("/api/v1/conversations")).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        conversation = await core.find(token)
        assert conversation is not None
        yield Client(http, Talk(core, papers, token, conversation))


async def complaint(page: Client, way: str) -> None:
    """Make a complaint, to be shown or downloaded."""
    for step in (CHARGED, "+Yes, that is right", "+Write a complaint", f"+{way}", "+Yes, keep it", "+Yes, keep it"):
        await (page.talk.press(step[1:]) if step.startswith("+") else page.talk.say(step))
    await page.talk.say(OWN_WORDS)
    for step in ("Yes, keep it", "Skip"):
        await page.talk.press(step)


async def test_the_paper_is_given_as_text_html_and_docx(page: Client) -> None:
    await complaint(page, "Download")
    for name, media in ((".txt", "text/plain"), (".html", "text/html"), (".docx", MEDIA_TYPE)):
        for made in (await page.paper(f"complaint{name}"), await page.paper(Accept=f"{media}, */*;q=0.1")):
            assert made.status_code == 200
            assert made.headers["content-type"].startswith(media)
    assert OWN_WORDS in (await page.paper()).text
    assert "<p" in (await page.paper("complaint.html")).text


async def test_nothing_of_it_is_cached_and_its_name_tells_nothing(page: Client) -> None:
    await complaint(page, "Download")
    made = await page.paper("complaint.docx")
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["content-disposition"] == f'attachment; filename="{FILE_NAME}"'


async def test_the_docx_says_nothing_about_who_made_it_when_or_what_it_is(page: Client) -> None:
    await complaint(page, "Download")
    body = (await page.paper("complaint.docx")).content
    known = docx.Document(io.BytesIO(body)).core_properties
    assert not any((known.author, known.title, known.subject, known.comments, known.last_modified_by, known.keywords))
    assert known.created == known.modified == datetime(2000, 1, 1, tzinfo=timezone.utc)
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        around = "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist() if "docProps/" in name)
    assert OWN_WORDS not in around
    assert "omplaint" not in around


@pytest.mark.parametrize("way", ["Show on screen only", "Copy the text"])
async def test_a_file_is_given_only_to_who_chose_to_download_it(page: Client, way: str) -> None:
    await complaint(page, way)
    assert (await page.paper("complaint.html")).status_code == 200
    refused = await page.paper("complaint.docx")
    assert refused.status_code == 404
    assert "999" in refused.json()["text"]


@pytest.mark.parametrize("name", ["statement", "sheet", "complaint.pdf", "complaint.", "letter", "complaint.docx.exe"])
async def test_what_was_not_made_is_not_found(page: Client, name: str) -> None:
    await complaint(page, "Download")
    assert (await page.paper(name)).status_code == 404


async def test_before_a_paper_is_made_there_is_none(page: Client) -> None:
    refused = await page.paper()
    assert refused.status_code == 404
    assert refused.json()["error"] == "no_paper"


async def test_without_the_conversations_token_nothing_is_given(page: Client) -> None:
    await complaint(page, "Download")
    assert (await page.paper(Authorization="Bearer another")).status_code == 401


async def test_an_ended_conversation_gives_no_paper(page: Client) -> None:
    await complaint(page, "Download")
    await page.http.post("/api/v1/end")
    assert (await page.paper()).status_code == 401


async def test_the_words_of_a_paper_stand_in_no_file(page: Client, settings: Settings, tmp_path: Any) -> None:
    await complaint(page, "Download")
    await page.paper("complaint.docx")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(OWN_WORDS.encode() in file.read_bytes() for file in files)


async def test_the_log_does_not_say_which_paper(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await complaint(page, "Download")
    logged = structlog.testing.CapturingLogger()
    monkeypatch.setattr(guard, "log", structlog.wrap_logger(logged, processors=[], wrapper_class=structlog.BoundLogger))
    await page.paper("complaint.docx")
    ((_, _, said),) = logged.calls
    assert said["path"] == "/api/v1/papers/{kind}"
