"""An application on localhost."""

import threading

import uvicorn
from starlette.applications import Starlette


class Served:
    """An application that answers on localhost, and can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, app: Starlette) -> None:
        config = uvicorn.Config(app, port=self.port, ws="none", log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            threading.Event().wait(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
