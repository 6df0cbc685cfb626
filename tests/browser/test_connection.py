"""A lost link, a sleeping phone, a restarted gateway: nothing is lost, nothing comes twice, and it is said in words."""

import pytest
from playwright.sync_api import expect

from bot.gateway.app import Gateway
from bot.store.conversations import ConversationStore
from tests.browser.conftest import StandInPool, ask
from tests.browser.recorded_replies import RecordedEngine
from tests.conftest import make_conversations

pytestmark = pytest.mark.browser


@pytest.fixture
def restart(sqlite, vault, settings, served):
    """Starts another gateway on the same port and store, as after a crash or an update."""

    def restart() -> None:
        store = ConversationStore(sqlite, vault)
        served.start(Gateway(make_conversations(store, RecordedEngine(), settings), StandInPool(), settings).app())

    return restart


def said(page) -> list[str]:
    return [text.removeprefix("Assistant: ") for text in page.locator(".bubble:not(.mine)").all_inner_texts()][1:]


def test_the_chat_goes_on_after_the_gateway_was_restarted(phone, address, served, restart):
    phone.goto(address)
    ask(phone, "first")
    expect(phone.get_by_text("echo first")).to_be_visible()
    served.stop()
    ask(phone, "second")
    expect(phone.locator("#state")).to_contain_text("No connection")
    expect(phone.locator(".unsent")).to_have_count(1)
    restart()
    expect(phone.get_by_text("echo second")).to_be_visible(timeout=30_000)
    ask(phone, "third")
    expect(phone.get_by_text("echo third")).to_be_visible()
    assert [text.split("\n")[-1] for text in said(phone)] == ["echo first", "echo second", "echo third"]
    expect(phone.locator(".unsent")).to_have_count(0)
    expect(phone.locator("#state")).to_have_text("")


def test_the_stream_goes_on_after_the_last_event_that_was_seen(phone, address, served, restart):
    last_seen = []
    phone.on("request", lambda request: last_seen.append(request.headers.get("last-event-id")))
    phone.goto(address)
    ask(phone, "first")
    expect(phone.get_by_text("echo first")).to_be_visible()
    served.stop()
    with phone.expect_request(lambda request: request.headers.get("last-event-id") == "2", timeout=30_000):
        restart()
    ask(phone, "second")
    expect(phone.get_by_text("echo second")).to_be_visible(timeout=30_000)
    assert len(said(phone)) == 2


def test_what_was_said_while_the_phone_slept_is_there_once_when_it_wakes(phone, address):
    with phone.expect_response("**/api/v1/conversations") as started:
        phone.goto(address)
    token = started.value.json()["token"]
    ask(phone, "before")
    expect(phone.get_by_text("echo before")).to_be_visible()
    session = phone.context.new_cdp_session(phone)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in range(3):
        sent = phone.request.post(
            f"{address}/api/v1/messages",
            headers={"Authorization": f"Bearer {token}"},
            data={"client_id": str(number), "text": f"asleep {number}"},
        )
        assert sent.ok
    session.send("Page.setWebLifecycleState", {"state": "active"})
    expect(phone.get_by_text("echo asleep 2")).to_be_visible(timeout=30_000)
    heard = [text.split("\n")[-1] for text in said(phone)]
    assert heard == ["echo before", *(f"echo asleep {number}" for number in range(3))]


def test_messages_typed_without_a_link_are_sent_in_their_order(phone, address, engine):
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    phone.context.set_offline(True)
    for words in ("one", "two", "three"):
        ask(phone, words)
    expect(phone.locator(".unsent")).to_have_count(3)
    phone.context.set_offline(False)
    expect(phone.get_by_text("echo three")).to_be_visible(timeout=30_000)
    assert [request.text for request in engine.asked] == ["one", "two", "three"]


def test_a_message_whose_answer_was_lost_on_the_way_is_taken_once(phone, address, engine):
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    lost = []

    def lose_the_first_answer(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    phone.route("**/api/v1/messages", lose_the_first_answer)
    ask(phone, "only once")
    expect(phone.get_by_text("echo only once")).to_be_visible()
    expect(phone.locator(".unsent")).to_have_count(0, timeout=15_000)
    assert [request.text for request in engine.asked] == ["only once"]


def test_an_ended_chat_says_so_and_offers_a_new_one(phone, address, conversations, sqlite):
    # The chat ends once the page listens, so that it is told.
    with phone.expect_response("**/api/v1/replies/stream*"):
        phone.goto(address)
    phone.locator("#text").fill("are you there")
    with sqlite.begin() as database:
        database.exec_driver_sql("UPDATE conversations SET state = 'ended'")
    phone.locator("#send").click()
    expect(phone.locator("#state")).to_contain_text("This chat has ended")
    expect(phone.locator("#text")).to_be_hidden()
    phone.get_by_role("button", name="Start a new chat").click()
    expect(phone.locator(".bubble")).to_have_count(1)
    expect(phone.locator("#text")).to_be_visible()


def test_two_hundred_messages_leave_nothing_behind_but_themselves(phone, address):
    """Heap per message stays the same: between the 100th and the 200th no more is kept than before it."""
    phone.goto(address)
    expect(phone.locator(".bubble")).to_have_count(1)
    session = phone.context.new_cdp_session(phone)
    session.send("HeapProfiler.enable")
    phone.route("**/api/v1/messages", lambda route: route.fulfill(status=202, body='{"accepted":true}'))

    def heap() -> int:
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"]

    def say(many: int) -> int:
        phone.evaluate(
            """async (many) => {
                const [box, form] = [document.getElementById("text"), document.getElementById("form")];
                for (let n = 0; n < many; n += 1) { box.value = "a message of some words"; form.requestSubmit(); }
            }""",
            many,
        )
        expect(phone.locator(".unsent")).to_have_count(0, timeout=60_000)
        return heap()

    say(50)
    hundred, two_hundred, three_hundred = say(50), say(100), say(100)
    assert three_hundred - two_hundred <= 2 * max(two_hundred - hundred, 50_000)
