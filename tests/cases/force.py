"""A force's own system on 127.0.0.1 that follows the contract, until it is told to misbehave."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema

from bot.cases.contract import FEED, FIND, openapi

TOKEN = "a-token-for-tests"
CONTRACT = openapi()


def fits(name: str, value: Any) -> None:
    """Fails unless a value is what the contract says under `name`."""
    schema = {**CONTRACT, "$ref": f"#/components/schemas/{name}"}
    jsonschema.Draft7Validator(schema).validate(value)


class Force:
    """`answers` are what to do instead of answering, first come first; `asked` are the paths that were asked."""

    def __init__(self, cases: list[dict[str, Any]], worked_at: str | None) -> None:
        self.cases, self.worked_at = cases, worked_at
        self.asked: list[str] = []
        self.answers: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.released = threading.Event()
        force = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fits("Find", question)
                force.respond(self, "Found", lambda: {"case": force.find(question["reference"])})

            def do_GET(self) -> None:
                force.respond(self, "Feed", lambda: {"worked_at": force.worked_at})

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def find(self, reference: str) -> dict[str, Any] | None:
        return next((case for case in self.cases if reference in (case["reference"], *case["other_references"])), None)

    def respond(self, request: BaseHTTPRequestHandler, name: str, answer: Callable[[], Any]) -> None:
        self.asked.append(request.path)
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            send(request, 401)
        elif self.answers:
            self.answers.pop(0)(request)
        else:
            assert request.path == f"/api{FIND if name == 'Found' else FEED}"
            body = answer()
            fits(name, body)
            send(request, 200, json.dumps(body).encode())

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    # --- what it may do instead of answering

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers.append(lambda request: send(request, status, body, **headers))

    def hangs_up(self) -> None:
        self.answers.append(lambda request: request.connection.close())

    def is_silent(self) -> None:
        self.answers.append(lambda _: self.released.wait() and None)

    def trickles(self) -> None:
        """Blanks, which may stand before JSON, one at a time without end."""

        def trickle(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.end_headers()
            try:
                while not self.released.wait(0.05):
                    request.wfile.write(b" ")
            except OSError:
                return

        self.answers.append(trickle)


def send(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
