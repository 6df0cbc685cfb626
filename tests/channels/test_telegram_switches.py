"""What is off in Telegram until it is switched on, and what opens the web page instead."""

from datetime import date

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.switches import allows, why_off
from bot.channels.telegram.words import load_telegram_words
from bot.conversation.flows import FLOWS
from bot.conversation.messages import Document, Reply, Response, Understanding
from bot.settings import ROOT, load
from bot.settings_checks import problems
from tests.channels.bot_api import TOKEN
from tests.conftest import DATA
from tests.test_settings import CONTROLLER

FLOW_PAYLOADS = {
    "case_status": "/case_status",
    "referral": "/referral",
    "documents": "/complain",
    "staff_chat": "/speak_to_human",
}
SECRET = "s" * 40


@pytest.fixture
def demo(settings):
    return msgspec.structs.replace(settings, telegram_token=TOKEN)


def test_without_a_token_the_channel_is_off_and_says_so(settings):
    assert "BOT_TELEGRAM_TOKEN" in why_off(settings)


def test_in_demonstration_mode_a_token_is_enough(demo):
    assert why_off(demo) is None


@pytest.mark.parametrize(
    "given", [{}, {"telegram_approved_by": "director"}, {"telegram_approved_on": date(2026, 11, 1)}]
)
def test_elsewhere_the_channel_is_off_until_the_approval_is_recorded(demo, given):
    assert "approval" in why_off(msgspec.structs.replace(demo, demo=False, **given))


def test_with_the_approval_recorded_it_is_on(demo):
    approved = {"telegram_approved_by": "director", "telegram_approved_on": date(2026, 11, 1)}
    assert why_off(msgspec.structs.replace(demo, demo=False, **approved)) is None


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_on_in_demonstration_mode_and_elsewhere_with_a_reason(demo, flow):
    real = msgspec.structs.replace(demo, demo=False)
    assert allows(demo, flow)
    assert not allows(real, flow)
    assert not allows(msgspec.structs.replace(real, **{f"telegram_{flow}": "  "}), flow)
    assert allows(msgspec.structs.replace(real, **{f"telegram_{flow}": "Minute 4 of 1 November"}), flow)


@pytest.mark.parametrize("flow", FLOWS)
async def test_a_flow_that_is_off_opens_the_web_page(open_world, engine, flow):
    person = (await open_world(demo=False, staff_console=True, **on_except(flow))).person()

    async def answer(request):
        engine.asked.append(request)
        intent = FLOW_PAYLOADS[flow].removeprefix("/")
        return Response(events=[], carry=[], replies=[Reply(text="in")], understanding=Understanding(intent=intent))

    engine.answer = answer
    said = await person.says("let me do that here please")
    assert "Telegram can read" in said[-1]
    assert person.sees[-1]["buttons"] == [{"text": "Open the web page", "url": "https://rights.example/"}]


@pytest.mark.parametrize("flow", FLOWS)
async def test_a_flow_that_is_on_is_answered(open_world, engine, flow):
    person = (await open_world(demo=False, staff_console=True, **on_except(None))).person()

    async def answer(request):
        intent = FLOW_PAYLOADS[flow].removeprefix("/")
        return Response(events=[], carry=[], replies=[Reply(text="in")], understanding=Understanding(intent=intent))

    engine.answer = answer
    assert (await person.says("let me do that here please"))[-1] == "in"


async def test_the_command_of_a_flow_that_is_off_opens_the_web_page(open_world, engine):
    person = (await open_world(demo=False)).person()
    assert "look on our web page" in (await person.says("/case"))[-1]
    assert engine.asked == []


async def test_without_staff_in_telegram_there_is_a_number_to_ring(open_world):
    person = (await open_world(demo=False, staff_console=True)).person()
    assert "Victim Support" in (await person.says("/person"))[-1]


async def test_rights_and_safety_are_there_with_every_switch_off(open_world):
    person = (await open_world(demo=False)).person()
    assert (await person.says("when do i get my phone back"))[-1] == "echo when do i get my phone back"
    assert "999" in (await person.says("he is outside with a knife and he is trying to break in"))[0]


# --- documents


class StandInPapers:
    """A paper to download, while there is one."""

    def __init__(self, papers):
        self._papers = papers

    def find(self, memory):
        return self._papers


async def test_a_paper_to_download_comes_as_a_file_that_can_be_saved_and_tells_nothing(open_world, engine, paper):
    person = await asking_for_a_paper(open_world, engine, (None, paper), "download")
    file = person.sees[-1]
    assert file["file"] == "document.docx"
    assert file["bytes"].startswith(b"PK")
    assert file["silent"]
    assert not file["protected"]


async def test_a_paper_for_the_screen_is_no_file(open_world, engine, paper):
    person = await asking_for_a_paper(open_world, engine, (None, paper), "screen")
    assert "file" not in person.sees[-1]


async def test_a_paper_whose_time_is_over_is_said_to_be_gone(open_world, engine):
    person = await asking_for_a_paper(open_world, engine, None, "download")
    assert "no longer works" in person.texts[-1]


async def asking_for_a_paper(open_world, engine, found, way):
    person = (await open_world(papers=StandInPapers(found))).person()
    document = Document(title="Complaint", kind="complaint", ways=[way])

    async def answer(request):
        return Response(events=[], carry=[], replies=[Reply(text="Here it is", documents=[document])])

    engine.answer = answer
    await person.says("make my complaint please")
    return person


@pytest.fixture
def paper():
    from bot.papers.paper import Line, Paper

    return Paper(title=Line(text="A letter"), blocks=[])


# --- the webhook


@pytest.fixture
async def hooked(open_world):
    return await open_world(telegram_mode="webhook", telegram_webhook_secret=SECRET)


async def post(world, update, secret=SECRET):
    app = Starlette(routes=world.telegram.routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        body = {"json": update} if isinstance(update, dict) else {"content": update}
        return (await client.post("/telegram", headers=headers, **body)).status_code


async def test_the_webhook_is_set_with_its_secret(hooked, api):
    assert api.webhook["url"] == "https://rights.example/telegram"
    assert api.webhook["secret_token"] == SECRET


async def test_an_update_sent_to_the_webhook_is_answered_once(hooked):
    person = hooked.person()
    update = {"update_id": 7, **person._put({"text": "when do i get my phone back"})}
    assert [await post(hooked, update) for _ in range(2)] == [200, 200]
    await person.settle()
    assert person.texts[1:] == ["echo when do i get my phone back"]


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ключ"])
async def test_without_the_secret_nothing_is_taken(hooked, secret, engine):
    update = {"update_id": 7, **hooked.person()._put({"text": "hello"})}
    assert await post(hooked, update, secret.encode()) == 403
    assert engine.asked == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"update_id": "x"}'])
async def test_what_is_no_update_is_refused(hooked, body):
    assert await post(hooked, body) == 400


async def test_an_update_that_cannot_be_kept_is_sent_again_by_telegram(hooked, api, monkeypatch):
    from tests.channels.test_telegram import broken

    person = hooked.person()
    monkeypatch.setattr(hooked.store, "accept", broken)
    api.down = True
    assert await post(hooked, {"update_id": 7, **person._put({"text": "hello"})}) == 503


async def test_polling_has_no_route(world):
    assert world.telegram.routes() == []


# --- settings


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"telegram_mode": "webhook"}, "BOT_TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_mode": "webhook", "telegram_webhook_secret": "short"}, "BOT_TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_mode": "webhook", "telegram_webhook_secret": SECRET}, "BOT_WEB_ADDRESS"),
        ({"demo": False, "web_address": "http://rights.example/"}, "BOT_WEB_ADDRESS"),
    ],
)
def test_a_channel_that_could_not_work_keeps_the_service_from_starting(given, named):
    settings = load({}, **{"demo": True, "telegram_token": TOKEN, **CONTROLLER, **given})
    assert [one for one in problems(settings) if named in one]


def test_without_a_token_nothing_of_it_is_needed():
    assert not [one for one in problems(load({}, demo=True)) if "TELEGRAM" in one]


def on_except(flow):
    return {f"telegram_{one}": "a reason" for one in FLOWS if one != flow}


def test_the_commands_for_botfather_are_those_of_the_code():
    document = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    words = load_telegram_words(DATA)
    assert "\n".join(f"{name} - {words.commands[name]}" for name in COMMANDS) in document
    assert set(words.commands) == set(COMMANDS)
