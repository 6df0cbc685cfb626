"""Stand-ins for what a test does not want to start."""

import asyncio

import msgspec

from bot.conversation.messages import Command, Reply, Request, Response
from bot.engine.pool import EngineFailed, EngineLost
from bot.safety.gate import Look


class StandInEngine:
    """Echoes what it was asked, and can be made slow, dead or broken."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.alive = True
        self.lose_next = 0
        self.fail = False
        self.pause = asyncio.Event()
        self.pause.set()

    async def wait_ready(self, timeout: float) -> bool:
        return self.alive

    async def answer(self, request: Request) -> Response:
        await self.pause.wait()
        if self.lose_next:
            self.lose_next -= 1
            raise EngineLost("killed")
        if self.fail:
            raise EngineFailed("ValueError")
        self.asked.append(request)
        said = request.payload or request.text
        return Response(
            events=[{"event": "user", "text": said}],
            carry=[{"event": "slot", "n": len(self.asked)}],
            replies=[Reply(text=f"echo {said}")],
        )


class OrderingEngine(StandInEngine):
    """Answers whatever it is asked with the orders it was given last."""

    def __init__(self, *orders: Command) -> None:
        super().__init__()
        self.orders = list(orders)

    async def answer(self, request: Request) -> Response:
        response = await super().answer(request)
        return msgspec.structs.replace(response, commands=self.orders)


class StandInGate:
    """Sees no danger anywhere; for tests that are about something else and start many processes."""

    def look(self, text: str) -> Look:
        return Look(None)

    def alone(self, first: Look) -> None:
        return None

    def doubts(self, first: Look) -> bool:
        return False

    def with_second(self, first: Look, second: object) -> None:
        return None
