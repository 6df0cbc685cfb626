"""Takes notices from the queue and sends them: at least once, with back-off, until they expire.

A decoy takes the same way through the queue as a notice that is sent; it only goes nowhere.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from tenacity import RetryCallState, Retrying, wait_exponential

from bot.cases.notices import CaseNotices, Notice
from bot.notify.notifier import Notifier
from bot.outgoing import NotSent

log = structlog.get_logger()

AT_ONCE = 8
LOOK_EVERY_S = 1.0
SEND_S = 20.0
LEASE = timedelta(seconds=60)
"""How long a notice is ours. Longer than sending it may take."""
BACK_OFF = wait_exponential(multiplier=5, max=60)

Outcome = Literal["sent", "decoy", "expired", "given_up", "again"]


class NoticeWorker:
    """Sends what waits in the queue; any number of workers may run at once.

    Args:
        notices: the queue.
        notifier: how messages are sent.
        clock: the time now, aware.
        look_every_s: seconds between looks at the queue, where nobody calls `wake`.
        send_s: seconds one message may take.

    Attributes:
        outcomes: how many notices came to what since the start.
    """

    def __init__(
        self,
        notices: CaseNotices,
        notifier: Notifier,
        clock: Callable[[], datetime],
        look_every_s: float = LOOK_EVERY_S,
        send_s: float = SEND_S,
    ) -> None:
        self._notices, self._notifier, self._clock = notices, notifier, clock
        self._look_every_s, self._send_s = look_every_s, send_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self.outcomes: Counter[Outcome] = Counter()

    async def run(self) -> None:
        """Send what is due, now and always, until cancelled. A store that fails is tried again."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                try:
                    await self.work()
                except SQLAlchemyError as error:
                    log.error("store.failed", error=type(error).__name__)
                await self._rest()
        finally:
            self._loop = None

    def wake(self) -> None:
        """Say that a notice was queued, from any thread. Where `run` does not run, nothing happens."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def work(self) -> int:
        """Work off all that is due. Returns how many notices were taken."""
        taken = 0
        while claimed := await self._claim():
            taken += len(claimed)
            ended = await asyncio.gather(*(self._work_one(notice) for notice in claimed), return_exceptions=True)
            for error in filter(lambda end: isinstance(end, BaseException), ended):
                # The notice is due again when our claim has run out; the others have gone their way.
                log.error("notice.failed", error=type(error).__name__)
        return taken

    async def _claim(self) -> list[Notice]:
        now = self._clock()
        return await asyncio.to_thread(self._notices.claim, now, now + LEASE, AT_ONCE)

    async def _work_one(self, notice: Notice) -> None:
        outcome, problem = await self._sent(notice)
        if outcome == "again":
            again_at = self._clock() + timedelta(seconds=back_off(notice.attempts + 1))
            await asyncio.to_thread(self._notices.failed, notice, again_at)
        else:
            await asyncio.to_thread(self._notices.done, notice)
        self.outcomes[outcome] += 1
        say = log.error if outcome == "given_up" else log.info
        say("notice", outcome=outcome, problem=problem, attempt=notice.attempts + 1)

    async def _sent(self, notice: Notice) -> tuple[Outcome, str | None]:
        if notice.channel == "none":
            return "decoy", None
        if notice.expires <= self._clock():
            return "expired", None
        try:
            sending = self._notifier.send(notice.channel, notice.address, notice.text)
            await asyncio.wait_for(sending, self._send_s)
        except asyncio.TimeoutError:
            return "again", "too slow"
        except NotSent as error:
            return ("given_up" if error.for_good else "again"), error.problem
        return "sent", None

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._look_every_s)
        except asyncio.TimeoutError:
            return


def back_off(attempt: int) -> float:
    """Seconds to wait after an attempt, counted from 1: 5, 10, 20, 40, then 60."""
    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return float(BACK_OFF(state))
