"""Rasa neither calls out nor logs what people write."""

import subprocess
import sys

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.model
CANARY = "canary-zebra-4711"


def python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=240)


def test_telemetry_is_off_however_rasa_is_started():
    done = python("import rasa.telemetry; print(rasa.telemetry.is_telemetry_enabled())")
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_no_word_of_a_message_is_printed_or_logged(models):
    done = python(
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from pathlib import Path\n"
        "from bot.engine.agent import Brain\n"
        "from bot.conversation.messages import Request\n"
        f"Brain(Path({str(models)!r})).answer(Request(conversation='c', message='1', text='when is {CANARY} out'))\n"
        "print('answered')\n"
    )
    assert "answered" in done.stdout, done.stderr[-2000:]
    assert CANARY not in done.stdout + done.stderr


def test_serving_makes_no_connection_to_anywhere(models):
    done = python(
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('called out')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from pathlib import Path\n"
        "from bot.engine.agent import Brain\n"
        "from bot.conversation.messages import Request\n"
        f"Brain(Path({str(models)!r})).answer(Request(conversation='c', message='1', text='hello'))\n"
        "print('answered')\n"
    )
    assert "answered" in done.stdout, done.stderr[-2000:]
