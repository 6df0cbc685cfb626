"""The whole assistant as `make run` starts it: real processes, over HTTP."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.serve import CannotStart, bind, check
from bot.settings import ROOT, load

CANARY = "canary-zebra-4711"


class Running:
    """A started assistant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--demo", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, "BOT_VAR_DIR": str(folder / "var"), "BOT_CONSOLE_PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        first = self.process.stdout.readline()
        self.http = httpx.Client(base_url=first.split("http://")[1].split("/")[0].join(["http://", "/"]), timeout=60)
        # Whatever it prints later must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def until(self, ready: bool, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while (self.http.get("/health").status_code == 200) is not ready:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def engines(self) -> list[int]:
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                event = json.loads(line)
                if event.get("event") == "engine.ready":
                    found.append(event["pid"])
                if event.get("event") == "engine.lost":
                    found.remove(event["pid"])
        return found

    def group(self) -> list[int]:
        """Processes of the whole tree that still live."""
        listed = subprocess.run(["ps", "-eo", "pid=,sid="], capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in listed.splitlines())
        return [int(pid) for pid, session in pairs if int(session) == self.process.pid]


class Talk:
    """One conversation over HTTP."""

    def __init__(self, running: Running) -> None:
        self.http = running.http
        started = self.http.post("/api/v1/conversations").json()
        self.headers = {"Authorization": f"Bearer {started['token']}"}
        self.cursor = started["replies"][-1]["number"]

    def send(self, text: str) -> None:
        body = {"client_id": uuid.uuid4().hex, "text": text}
        assert self.http.post("/api/v1/messages", json=body, headers=self.headers).status_code == 202

    def press(self, title: str, among: list[dict]) -> list[dict]:
        """Press a button of these replies, and read what comes."""
        pressed = next(button["id"] for reply in among for button in reply["buttons"] if button["title"] == title)
        body = {"client_id": uuid.uuid4().hex, "button": pressed}
        assert self.http.post("/api/v1/messages", json=body, headers=self.headers).status_code == 202
        return self.read()

    def say(self, text: str) -> list[dict]:
        self.send(text)
        return self.read()

    def read(self, wait: int = 20) -> list[dict]:
        params = {"after": self.cursor, "wait": wait}
        read = self.http.get("/api/v1/replies", params=params, headers=self.headers).json()
        self.cursor = read["cursor"]
        return read["replies"]

    def answer(self, text: str) -> list[dict]:
        self.send(text)
        replies = self.read()
        while not any(reply["topic"] for reply in replies):
            replies += self.read()
        return replies


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("run"))
    yield running
    running.process.kill()


pytestmark = pytest.mark.model
QUESTION = "when will i get my phone back from the police"


def test_the_page_answers_before_the_engines_are_ready(running):
    assert running.http.get("/").status_code == 200
    assert running.http.get("/health").json()["status"] in ("starting", "ready")


def test_a_message_sent_while_engines_start_is_answered(running):
    replies = Talk(running).answer(QUESTION)
    assert replies[-1]["topic"].startswith("right_10/")


def test_danger_is_answered_at_once(running):
    talk = Talk(running)
    talk.send("he is outside with a knife and he is trying to break in")
    assert "999" in talk.read()[0]["text"]


def test_replies_come_as_events_in_order(running):
    talk = Talk(running)
    talk.send(QUESTION)
    numbers = []
    with running.http.stream("GET", "/api/v1/replies/stream", headers=talk.headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("id:"):
                numbers.append(int(line.removeprefix("id:")))
            if len(numbers) == 3:
                break
    assert numbers == [1, 2, 3]


def test_killed_engines_lose_nothing_and_answer_nothing_twice(running):
    running.until(ready=True)
    talks = [Talk(running) for _ in range(6)]
    for talk in talks:
        talk.send(QUESTION)
    for engine in running.engines():
        os.kill(engine, signal.SIGKILL)
    for talk in talks:
        replies = talk.read()
        while not any(reply["source"] for reply in replies):
            replies += talk.read()
        assert sum(reply["source"] is not None for reply in replies) == 1


def test_the_hundredth_turn_is_sent_no_more_than_the_tenth(running):
    talk = Talk(running)
    for _ in range(12):
        talk.answer(QUESTION)
    assert talk.answer("who do i ask about that")[-1]["topic"].startswith("right_10/")


def test_no_word_of_a_message_is_logged_or_lies_in_the_database(running):
    Talk(running).answer(f"when will i get my phone back from the police {CANARY}")
    files = [running.log, *(running.folder / "var").rglob("*")]
    assert len(files) > 2
    assert not any(CANARY.encode() in file.read_bytes() for file in files if file.is_file())


def test_a_referral_is_asked_for_agreed_to_and_acknowledged_and_no_word_of_it_lies_anywhere(running):
    running.until(ready=True)
    talk = Talk(running)
    said = talk.say("please pass my details to Victim Support")
    for title in ("Yes, about me", "18 or over", "Yes", "No, only me", "Skip", "Skip"):
        said = talk.press(title, said)
    said = talk.say(CANARY)
    for title in ("Mine", "A phone call"):
        said = talk.press(title, said)
    said = talk.say("07400 123456")
    said = talk.press("Yes, it is safe", said)
    while said[-1]["display"] != "consent":
        said = talk.press("Skip", said)
    assert any(line["value"] == CANARY for line in said[-1]["lines"])
    said = talk.press("Yes, send this", said)
    assert "This is a demonstration" in said[0]["text"] and "Your reference is" in said[0]["text"]
    sent, deadline = said, time.monotonic() + 60
    while "Victim Support has it." not in said[0]["text"]:
        assert time.monotonic() < deadline
        said = talk.press("What happened to my referral?", sent)
        time.sleep(0.5)
    files = [running.log, *(running.folder / "var").rglob("*")]
    assert not any(CANARY.encode() in file.read_bytes() for file in files if file.is_file())


def test_ctrl_c_stops_everything_and_leaves_no_process_behind(running):
    running.until(ready=True)
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(20) == 0
    deadline = time.monotonic() + 10
    while running.group():
        assert time.monotonic() < deadline, running.group()
        time.sleep(0.1)


def test_a_busy_port_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match=r"is in use.*BOT_PORT"):
            bind(load({}, port=taken.getsockname()[1]))


def test_an_address_that_is_not_ours_is_one_clear_line():
    with pytest.raises(CannotStart, match="BOT_HOST"):
        bind(load({}, host="192.0.2.1"))


def test_a_full_disk_is_one_clear_line(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert any("almost full" in reason for reason in check(load({}, demo=True, var_dir=str(tmp_path))))


def test_a_missing_model_is_one_clear_line(tmp_path):
    settings = load({}, demo=True, var_dir=str(tmp_path), models_dir=str(tmp_path))
    assert any("make train" in reason for reason in check(settings))


def test_outside_demonstration_every_missing_thing_is_listed(tmp_path):
    reasons = " ".join(check(load({}, var_dir=str(tmp_path))))
    for what in ("CONTROLLER_NAME", "DPIA_SIGNED_ON", "BOT_KEYS", "not signed"):
        assert what in reasons


def test_the_check_command_says_so_and_fails():
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", "--no-demo"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "BOT_CONTROLLER_NAME is missing" in done.stderr


def test_no_python_is_one_clear_message(tmp_path):
    done = subprocess.run(
        [ROOT / "scripts" / "find-python"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        assert "3.10" in subprocess.run([done.stdout.strip(), "--version"], capture_output=True, text=True).stdout
    else:
        assert "Python 3.10 was not found" in done.stderr
