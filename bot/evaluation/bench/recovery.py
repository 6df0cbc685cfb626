"""How soon messages are answered again after engines were killed."""

import asyncio
import os
import signal
import time

import httpx

from bot.evaluation.bench.figures import Back, BenchError
from bot.evaluation.bench.processes import START_S, engines
from bot.evaluation.bench.talks import NewTalk, Unanswered

PLAIN_QUESTION = "What is the Victims' Code?"


async def measure_back(http: httpx.AsyncClient, gateway: int, count: int, new: NewTalk) -> Back:
    """Kill one engine, then all, each time with as many messages at once as there are engines."""

    async def kill(pids: list[int]) -> tuple[float, float]:
        talks = [new(place) for place in range(count)]
        await asyncio.gather(*(talk.open() for talk in talks))
        began = time.perf_counter()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        try:
            await asyncio.gather(*(talk.type(PLAIN_QUESTION) for talk in talks))
        except (httpx.HTTPError, Unanswered) as error:
            raise BenchError(f"After {len(pids)} killed engines a message was not answered.") from error
        answered = time.perf_counter() - began
        while time.perf_counter() - began < START_S:
            health = await http.get("/health")
            living = set(engines(gateway)) - set(pids)
            if health.status_code == 200 and health.json()["engines"] >= count and len(living) >= count:
                return answered, time.perf_counter() - began
            await asyncio.sleep(0.05)
        raise BenchError(f"After {len(pids)} killed engines not all came back in {START_S:.0f} s.")

    one = await kill(engines(gateway)[:1])
    everyone = await kill(engines(gateway))
    return Back(
        one_killed_answered_s=round(one[0], 2),
        one_killed_full_s=round(one[1], 2),
        all_killed_answered_s=round(everyone[0], 2),
        all_killed_full_s=round(everyone[1], 2),
    )
