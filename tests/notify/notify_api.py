"""GOV.UK Notify on 127.0.0.1, as strict as the real one: path, signature, template, personalisation, address.

What it checks stands in https://docs.notifications.service.gov.uk/rest-api.html.
"""

import json
import re
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

SERVICE = "11111111-1111-4111-8111-111111111111"
SECRET = "22222222-2222-4222-8222-222222222222"
KEY = f"demonstration-{SERVICE}-{SECRET}"
SMS_TEMPLATE = "33333333-3333-4333-8333-333333333333"
EMAIL_TEMPLATE = "44444444-4444-4444-8444-444444444444"

KINDS = {
    "/v2/notifications/sms": ("phone_number", re.compile(r"\+44\d{10}"), SMS_TEMPLATE),
    "/v2/notifications/email": ("email_address", re.compile(r"[^@\s]+@[^@\s]+"), EMAIL_TEMPLATE),
}


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class NotifyApi:
    """`taken` is (path, address, text) of what it has taken; `asked` counts requests; `answers` are given first.

    An answer is a status, or an address to redirect to.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []
        self.asked = 0
        self.answers: list[int | str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = api.receive(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        self.asked += 1
        try:
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, str):
                    return 307, {"Location": answer}, {}
                # The real one repeats parts of what it was sent.
                raise Refused(answer, f"Not taken: {body.decode()}")
            self.taken.append(self._checked(path, headers, body))
        except Refused as refused:
            error = {"error": "BadRequestError", "message": refused.error}
            return refused.status, {}, {"status_code": refused.status, "errors": [error]}
        return 201, {}, {"id": str(uuid.uuid4()), "reference": None, "scheduled_for": None}

    @staticmethod
    def _checked(path: str, headers: dict[str, str], body: bytes) -> tuple[str, str, str]:
        if path not in KINDS:
            raise Refused(404, "no such path")
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["iss", "iat"]})
        except jwt.InvalidTokenError as error:
            raise Refused(403, "Invalid token: signature, api token is not valid") from error
        if scheme != "Bearer" or claims["iss"] != SERVICE or abs(time.time() - claims["iat"]) > 30:
            raise Refused(403, "Invalid token")
        if headers.get("Content-Type", headers.get("Content-type")) != "application/json":
            raise Refused(400, "not JSON")
        name, fits, template = KINDS[path]
        sent = json.loads(body)
        if set(sent) != {name, "template_id", "personalisation"} or set(sent["personalisation"]) != {"text"}:
            raise Refused(400, "Missing or additional properties")
        if sent["template_id"] != template:
            raise Refused(400, "Template not found")
        if not fits.fullmatch(sent[name]):
            raise Refused(400, f"{name} is not valid")
        return path, sent[name], sent["personalisation"]["text"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
