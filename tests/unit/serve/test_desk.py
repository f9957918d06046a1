import asyncio
import threading

import pytest

from surefoot.serve.desk import Desk, Done
from surefoot.serve.problems import Refused


class FakeRequest:
    """A request whose client goes away when `left` is set."""

    def __init__(self):
        self.left = asyncio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}


def test_work_is_done_and_errors_come_out():
    async def run():
        desk = Desk(1, 1)
        assert await desk.run(FakeRequest(), lambda gone: 7) == 7
        with pytest.raises(ValueError, match="broken"):
            await desk.run(FakeRequest(), lambda gone: (_ for _ in ()).throw(ValueError("broken")))
        assert desk.taken == 0
        desk.close()

    asyncio.run(run())


def test_what_is_too_much_is_refused_and_the_rest_goes_on():
    async def run():
        desk, go = Desk(1, 1), threading.Event()
        first = asyncio.create_task(desk.run(FakeRequest(), lambda gone: go.wait(5)))
        second = asyncio.create_task(desk.run(FakeRequest(), lambda gone: "second"))
        await asyncio.sleep(0.05)
        with pytest.raises(Refused) as problem:
            await desk.run(FakeRequest(), lambda gone: "third")
        assert problem.value.status == 429
        go.set()
        assert await first
        assert await second == "second"
        desk.close()

    asyncio.run(run())


def test_work_is_told_that_nobody_waits():
    async def run():
        desk, request = Desk(1, 0), FakeRequest()

        def work(gone):
            request_gone = threading.Event()
            for _ in range(500):
                if gone():
                    return "stopped"
                request_gone.wait(0.01)
            return "ran on"

        task = asyncio.create_task(desk.run(request, work))
        await asyncio.sleep(0.03)
        request.left.set()
        assert await task == "stopped"
        desk.close()

    asyncio.run(run())


def test_a_stream_gives_all_and_the_end():
    async def run():
        desk = Desk(1, 0)

        def work(gone, tell):
            for piece in ("退", "款"):
                tell(piece)
            return "done"

        told = [item async for item in desk.stream(work)]
        assert told == ["退", "款", Done("done")]
        desk.close()

    asyncio.run(run())


def test_a_stream_that_nobody_reads_stops_its_work():
    async def run():
        desk, stopped = Desk(1, 0), threading.Event()

        def work(gone, tell):
            for _ in range(500):
                tell("x")
                if gone():
                    stopped.set()
                    return
                threading.Event().wait(0.01)
            return

        stream = desk.stream(work)
        assert await anext(stream) == "x"
        await stream.aclose()
        assert await asyncio.to_thread(stopped.wait, 3)
        desk.close()

    asyncio.run(run())
