"""A provider's own receiver on 127.0.0.1: checks the signature, takes each idempotency key once."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.referrals.signing import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, BadSignature, verify

SECRET = "demonstration-secret-of-at-least-32-characters"


class Receiver:
    """`taken` is what it has taken, in order; `asked` counts requests; `answers` are status codes to give first."""

    def __init__(self, now: float) -> None:
        self.taken: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.asked = 0
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.receive(dict(self.headers), body, now))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/referrals"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def receive(self, headers: dict[str, str], body: bytes, now: float) -> int:
        self.asked += 1
        try:
            verify([SECRET], headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, now)
        except BadSignature:
            return 401
        if self.answers:
            return self.answers.pop(0)
        if headers[IDEMPOTENCY_KEY] not in self.keys:
            self.keys.add(headers[IDEMPOTENCY_KEY])
            self.taken.append(json.loads(body))
        return 200

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
