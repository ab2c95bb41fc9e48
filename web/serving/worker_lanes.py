"""Worker threads in lanes: paired devices never wait behind strangers, and nobody fills a lane alone."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")
Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[object]", Callable[[], object]]


class LaneFullError(RuntimeError):
    """More waits for this lane, or for this asker in it, than can be answered in time."""


class Lane:
    """Some threads that take jobs in order.

    most: jobs that may be in the lane, running ones included; most_of_one: those of one asker.
    The threads are daemons: a job that hangs must not keep the process from ending.
    """

    def __init__(self, name: str, threads: int, most: int, most_of_one: int) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._most, self._most_of_one = most, most_of_one
        self._count = 0
        self._by_asker: Counter[Hashable] = Counter()
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    async def run(self, asker: Hashable, do: Callable[[], T]) -> T:
        """The result of `do`, called in one of the threads.  Raises LaneFullError at once when there is no room."""
        if self._count >= self._most or self._by_asker[asker] >= self._most_of_one:
            raise LaneFullError
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._count += 1
        self._by_asker[asker] += 1
        # Counted until the thread is done with it, also when whoever waits is gone.
        future.add_done_callback(lambda _: self._done(asker))
        self._jobs.put((loop, future, do))  # type: ignore[arg-type]  # the future of a T is only ever given a T
        return await asyncio.shield(future)

    def close(self) -> None:
        """Let the threads end when they are done with what they do now."""
        for _ in self._threads:
            self._jobs.put(None)

    def _done(self, asker: Hashable) -> None:
        self._count -= 1
        self._by_asker[asker] -= 1
        if not self._by_asker[asker]:
            del self._by_asker[asker]

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, future, do = job
            try:
                result = do()
            except BaseException as error:  # handed to whoever asked
                self._answer(loop, future.set_exception, error)
            else:
                self._answer(loop, future.set_result, result)

    def _answer(self, loop: asyncio.AbstractEventLoop, give: Callable[..., None], value: object) -> None:
        # The loop may be closed by now: the server stopped, and nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(give, value)
