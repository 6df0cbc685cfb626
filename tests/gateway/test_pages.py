"""The chat page, its loader and its words, as they leave the gateway."""

import gzip
import json
import re

import httpx
import msgspec
import pytest

from bot.gateway.app import Gateway
from bot.gateway.page import STATIC
from bot.gateway.page_words import PageTexts
from bot.settings_checks import problems
from tests.conftest import DATA, real_front_door

LARGEST_FIRST_LOAD = 40_000
KEPT = {"alert_days": 730, "backup_days": 30}
FORBIDDEN = re.compile(
    r"deleted everywhere|no trace|nothing is kept|nobody is watching|help is on its way|!", re.IGNORECASE
)


class StandInPool:
    ready = 1


def client_of(conversations, settings) -> httpx.AsyncClient:
    app = Gateway(conversations, StandInPool(), settings).app()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
async def client(conversations, settings):
    async with client_of(conversations, settings) as client:
        yield client


def test_script_and_style_of_the_first_load_are_small():
    loaded = [gzip.compress((STATIC / name).read_bytes()) for name in ("widget.js", "chat.js", "chat.css")]
    assert sum(map(len, loaded)) <= LARGEST_FIRST_LOAD


@pytest.mark.parametrize("name", ["chat.js", "chat.css", "widget.js"])
def test_what_is_built_names_no_other_site(name):
    text = (STATIC / name).read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org"}
    assert addresses == set()


@pytest.mark.parametrize("name", ["chat.js", "widget.js"])
def test_nothing_that_is_built_makes_markup_of_text_or_stores_anything(name):
    text = (STATIC / name).read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage",
                 "sessionStorage", "indexedDB", "document.cookie", "sendBeacon"):  # fmt: skip
        assert word not in text, word


async def test_the_chat_in_a_window_of_its_own_can_be_framed_by_nobody(client):
    for path in ("/", "/chat"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


async def test_text_cannot_become_markup_by_policy(client):
    for path in ("/chat", "/embed"):
        policy = (await client.get(path)).headers["content-security-policy"]
        assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
        assert "unsafe" not in policy


async def test_only_the_sites_of_the_settings_may_frame_the_chat(conversations, settings):
    sites = "https://a.example, https://b.example:8443"
    async with client_of(conversations, msgspec.structs.replace(settings, embed_origins=sites)) as client:
        headers = (await client.get("/embed")).headers
    assert "frame-ancestors https://a.example https://b.example:8443;" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


async def test_without_sites_in_the_settings_nobody_may(client):
    assert "frame-ancestors 'none'" in (await client.get("/embed")).headers["content-security-policy"]


@pytest.mark.parametrize(
    "site", ["https://a.example; script-src *", "a.example", "https://a.example/path", "*", "'self'"]
)
def test_a_site_that_is_none_is_refused_at_the_start(settings, site):
    found = problems(msgspec.structs.replace(settings, embed_origins=site))
    assert any("BOT_EMBED_ORIGINS" in problem for problem in found)


@pytest.mark.parametrize("site", ["https://a.example", "https://*.a.example", "http://localhost:8000"])
def test_a_site_is_taken(settings, site):
    assert problems(msgspec.structs.replace(settings, embed_origins=site)) == []


async def test_the_loader_may_be_taken_by_any_site_and_knows_the_way_out(client, settings):
    loader = await client.get("/widget.js")
    assert loader.headers["cross-origin-resource-policy"] == "cross-origin"
    assert loader.headers["content-type"].startswith("text/javascript")
    assert settings.exit_url in loader.text
    assert "Ask about your rights" in loader.text
    assert '"{given}"' not in loader.text


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("?language=cy", "ur", "cy"),
        ("", "tlh, pl;q=0.9, en;q=0.1", "pl"),
        ("", "en-GB,en", "en"),
        ("?language=tlh", "", "en"),
        ("?language=" + "x" * 5000, "y" * 5000, "en"),
        ("?language=%22%3E%3Cscript%3E", "<script>", "en"),
    ],
)
async def test_the_page_opens_in_the_language_asked_for(client, asked, accepted, language):
    page = (await client.get(f"/chat{asked}", headers={"Accept-Language": accepted})).text
    assert f'<html lang="{language}"' in page
    assert "<script>" not in page


async def test_words_are_given_in_a_language_with_what_stays_english(client):
    words = (await client.get("/api/v1/words", params={"language": "fa"})).json()
    assert (words["language"], words["direction"]) == ("fa", "rtl")
    assert words["words"]["exit"] != "Exit this page"
    assert "pin_help" in words["english"]
    assert "exit" not in words["english"]


@pytest.mark.parametrize("tag", ["cy", "pl", "pa", "ur", "ro", "bn", "gu", "ar", "so", "hi"])
def test_the_languages_of_the_front_door_have_every_word_of_the_pages(tag):
    words, device = PageTexts(DATA, real_front_door(), KEPT).device(tag)
    english = PageTexts(DATA, real_front_door(), KEPT).device("en")[1]
    assert words.english == []
    assert [name for name, text in device.items() if text == english[name] and name != "version"] == []


async def test_the_page_carries_its_words_and_they_are_readable(client):
    page = (await client.get("/chat")).text
    given = re.search(r'data-page="([^"]*)"', page)[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    assert json.loads(given)["words"]["continue"] == "Continue"


def test_every_text_the_page_asks_for_exists():
    known = set(PageTexts(DATA, real_front_door(), KEPT).page("en").words)
    sources = [file.read_text(encoding="utf-8") for file in (STATIC.parents[1] / "web" / "src").glob("*.ts")]
    template = (STATIC.parent / "templates" / "chat.html").read_text(encoding="utf-8")
    asked = {name for source in sources for name in re.findall(r'\bsay\("(\w+)"', source)}
    asked |= set(re.findall(r'data-(?:label-)?words="(\w+)"', template))
    assert asked <= known


def test_no_word_of_the_pages_promises_what_cannot_be_kept():
    texts = PageTexts(DATA, real_front_door(), KEPT)
    page, device = texts.device("en")
    lines = [
        *page.words.values(),
        *(line for value in device.values() for line in (value if isinstance(value, list) else [str(value)])),
    ]
    assert [line for line in lines if FORBIDDEN.search(line)] == []
    assert "{" not in page.words["erase_stays"]


async def test_the_device_page_says_what_exit_cannot_hide(client):
    page = (await client.get("/device")).text
    for word in ("history", "internet connection", "monitoring app", "999"):
        assert word in page


@pytest.mark.parametrize("path", ["/chat", "/static/chat.js", "/static/chat.css", "/widget.js"])
async def test_what_is_the_same_for_everybody_is_compressed(client, path):
    assert (await client.get(path)).headers["content-encoding"] == "gzip"


async def test_no_answer_that_holds_words_is_compressed(client):
    started = await client.post("/api/v1/conversations")
    assert len(started.content) > 500
    assert "content-encoding" not in started.headers
    token = {"Authorization": f"Bearer {started.json()['token']}"}
    assert "content-encoding" not in (await client.get("/api/v1/replies", headers=token)).headers
