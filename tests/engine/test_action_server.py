"""`actions/` gives the same result inside an engine and under a stock action server."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.model


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """A stock action server (`rasa run actions`), on localhost."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "BOT_DEMO": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1)
            break
        except OSError:
            assert process.poll() is None, "the action server ended"
            assert time.monotonic() < deadline, "the action server did not come up"
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(10)


def call(action: str, intent: str, last_topic: str | None = None) -> dict:
    return {
        "next_action": action,
        "sender_id": "c",
        "tracker": {
            "sender_id": "c",
            "slots": {"last_topic": last_topic, "enhanced": None},
            "latest_message": {
                "text": "x",
                "intent": {"name": intent, "confidence": 0.9},
                "intent_ranking": [{"name": "right_06__how_long", "confidence": 0.2}],
                "entities": [],
                "metadata": {"today": "2026-11-24", "demo": True, "area": "West Midlands", "gate_passed": True},
            },
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
        },
        "domain": {},
        "version": "3.6.21",
    }


@pytest.mark.parametrize(
    ("action", "intent", "last_topic"),
    [
        ("action_answer", "right_06__suspect_arrested", None),
        ("action_follow_up", "who_followup", "right_10/expenses"),
        ("action_offer_choices", "nlu_fallback", None),
        ("action_say", "greet", None),
        ("action_say", "menu", None),
        ("action_signpost", "oos__housing", None),
    ],
)
async def test_the_result_is_the_same_both_ways(server, action, intent, last_topic):
    from bot.engine.agent import InProcessActions

    body = call(action, intent, last_topic)
    inside = await InProcessActions().request(json=json.loads(json.dumps(body)))
    request = urllib.request.Request(
        f"{server}/webhook", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        outside = json.load(answer)
    assert inside == outside
    assert inside["responses"]
